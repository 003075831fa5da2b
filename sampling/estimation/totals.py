"""Totals, means and ratios, for the whole population or a domain, under any design."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from sampling.arrays import BoolArray, FloatArray, confidence_level, mask, vector
from sampling.estimation.designs import Design
from sampling.estimation.rates import estimate_rate
from sampling.estimation.results import Estimate, Interval
from sampling.refusals import EmptyClass, NegativeValues, ZeroDenominator

FEW_NONZERO = 30  # below it a sum of rare amounts is too skew for a t interval (Cochran 1977, sec. 2.15)


def t_interval(value: float, variance: float, degrees: float, confidence: float) -> Interval:
    """Return value ± t·√variance.

    Examples
    --------
    >>> round(t_interval(0.0, 1.0, 10, 0.95).upper, 3)
    2.228
    """
    level = confidence_level(confidence)
    half = float(stats.t.ppf((1 + level) / 2, degrees) * np.sqrt(max(variance, 0.0)))
    return Interval(value - half, value + half, level, f"t with {degrees:g} degrees of freedom")


def _domain(design: Design, within: ArrayLike | None) -> tuple[FloatArray, BoolArray]:
    weights = design.weights
    # units that did not answer carry no weight and are nobody's evidence
    inside = mask("within", within, len(weights)) & (weights > 0)
    if not inside.any():
        raise EmptyClass("within", "holds no sampled unit", "choose a domain that was visited")
    return weights, inside


def _skew_note(y: FloatArray, inside: BoolArray, variance: float) -> str:
    some = int(np.count_nonzero(y[inside]))
    if variance == 0 and not (y[inside] != y[inside][0]).any():
        return "every unit seen had the same value: the interval has no width, which proves nothing"
    if some < FEW_NONZERO and some < len(y[inside]):
        return f"only {some} values differ from zero: the interval covers too little; see stringer_bound"
    return ""


def estimate_total(
    design: Design,
    values: ArrayLike,
    *,
    within: ArrayLike | None = None,
    confidence: float = 0.95,
    largest: float | None = None,
) -> Estimate:
    """Horvitz and Thompson's total Σ w·y, in the population or in a domain.

    Parameters
    ----------
    design : Design
        How the n units were drawn.
    values : array_like, shape (n,)
        What was measured, for example yuan per year wrongly paid.
    within : array_like of bool, shape (n,), optional
        The domain.
    confidence : float
        Two-sided confidence of the t interval.
    largest : float, optional
        The largest value one unit can have (values then must lie in 0 … largest). When none of the units
        differs from zero, the interval becomes the rate's bound times N times this.

    Returns
    -------
    Estimate
        The note warns where fewer than 30 values differ from zero. When all are zero and ``largest`` is not
        given the upper end is infinite: zero found is not zero.

    Raises
    ------
    NonFiniteValues, WrongLength, EmptyClass, LonelyStratum, NegativeValues

    Notes
    -----
    Horvitz & Thompson (1952); Särndal, Swensson & Wretman (1992), sec. 2.8 and 10.3 (domains).

    Examples
    --------
    >>> from sampling.estimation import stratified
    >>> answer = estimate_total(stratified(["a"] * 4, {"a": 10}), [0, 100, 0, 60])
    >>> answer.value
    400.0
    """
    weights, inside = _domain(design, within)
    y = vector("values", values, len(weights))
    if largest is not None and ((y < 0) | (y > largest)).any():
        raise NegativeValues("values", f"leave 0 … {largest:g}", "give the true largest value, or none")
    value = float((weights * y * inside).sum())
    variance = max(0.0, design.variance(y * inside))
    ends = t_interval(value, variance, design.degrees_of_freedom, confidence)
    note = _skew_note(y, inside, variance)
    size = design.population if within is None else float(weights[inside].sum())
    if not y[inside].any() and not _seen_whole(weights, inside):
        ends, note = _zero_found(design, within, confidence, largest, size)
    return Estimate(
        "total",
        value,
        float(np.sqrt(variance)),
        ends,
        f"Horvitz–Thompson total, {design.name}",
        int(inside.sum()),
        size,
        weights[inside],
        note=note,
    )


def _seen_whole(weights: FloatArray, inside: BoolArray) -> bool:
    return bool((weights[inside] == 1).all())


def _zero_found(
    design: Design, within: ArrayLike | None, confidence: float, largest: float | None, size: float
) -> tuple[Interval, str]:
    if largest is None:
        ends = Interval(0.0, np.inf, confidence, "none")
        return ends, "no amount was found: give `largest` to turn this into a bound"
    rate = estimate_rate(design, np.zeros(len(design.weights)), within=within, confidence=confidence)
    upper = rate.upper * size * largest
    ends = Interval(0.0, upper, confidence, f"rate bound × N × largest ({rate.interval.method})")
    return ends, f"no amount was found: the total is at most {upper:.6g}, it is not shown to be zero"


def estimate_mean(
    design: Design, values: ArrayLike, *, within: ArrayLike | None = None, confidence: float = 0.95
) -> Estimate:
    """Hájek's mean Σ w·y / Σ w, in the population or in a domain.

    Parameters
    ----------
    design : Design
        How the n units were drawn.
    values : array_like, shape (n,)
        What was measured.
    within : array_like of bool, shape (n,), optional
        The domain.
    confidence : float
        Two-sided confidence of the t interval.

    Returns
    -------
    Estimate
        The note warns where few values differ from zero, or none differs from another.

    Raises
    ------
    NonFiniteValues, WrongLength, EmptyClass, LonelyStratum

    Notes
    -----
    Hájek (1971); variance by linearisation with residuals (y − ȳ) / N̂, Särndal, Swensson & Wretman (1992),
    result 5.7.1. In a stratified sample with known sizes this is the usual stratified mean.

    Examples
    --------
    >>> from sampling.estimation import stratified
    >>> estimate_mean(stratified(["a", "a", "b"], {"a": 6, "b": 1}), [1, 3, 9]).value
    3.0
    """
    weights, inside = _domain(design, within)
    y = vector("values", values, len(weights))
    counted = weights * inside
    size = float(counted.sum())
    value = float((counted * y).sum() / size)
    variance = max(0.0, design.variance(inside * (y - value) / size))
    return Estimate(
        "mean",
        value,
        float(np.sqrt(variance)),
        t_interval(value, variance, design.degrees_of_freedom, confidence),
        f"Hájek mean, {design.name}",
        int(inside.sum()),
        design.population if within is None else size,
        counted[inside],
        note=_skew_note(y, inside, variance),
    )


def estimate_ratio(
    design: Design,
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    within: ArrayLike | None = None,
    confidence: float = 0.95,
    known_denominator: float | None = None,
) -> Estimate:
    """Estimate the ratio of two totals, or the numerator's total where the denominator's is known.

    Parameters
    ----------
    design : Design
        How the n units were drawn.
    numerator, denominator : array_like, shape (n,)
        What is divided by what, for example yuan wrongly paid by yuan paid.
    within : array_like of bool, shape (n,), optional
        The domain.
    confidence : float
        Two-sided confidence of the t interval.
    known_denominator : float, optional
        The denominator's total in the population; the result is then the numerator's total R·X.

    Returns
    -------
    Estimate
        ``quantity`` is ``"ratio"``, or ``"total"`` with a known denominator.

    Raises
    ------
    ZeroDenominator
        When the denominator sums to zero in the sample.

    Notes
    -----
    Cochran (1977), ch. 6; variance with residuals (y − R·x) / X̂, Särndal, Swensson & Wretman (1992),
    result 5.6.2. Biased by a term of order 1/n.

    Examples
    --------
    >>> from sampling.estimation import stratified
    >>> design = stratified(["a"] * 3, {"a": 30})
    >>> estimate_ratio(design, [1, 2, 3], [2, 4, 6]).value
    0.5
    """
    weights, inside = _domain(design, within)
    y = vector("numerator", numerator, len(weights)) * inside
    x = vector("denominator", denominator, len(weights)) * inside
    below = float((weights * x).sum())
    if below == 0:
        raise ZeroDenominator("denominator", "sums to zero", "choose a denominator that varies from zero")
    ratio = float((weights * y).sum()) / below
    variance = max(0.0, design.variance((y - ratio * x) / below))
    factor = 1.0 if known_denominator is None else float(known_denominator)
    ends = t_interval(ratio * factor, variance * factor**2, design.degrees_of_freedom, confidence)
    return Estimate(
        "ratio" if known_denominator is None else "total",
        ratio * factor,
        float(np.sqrt(variance)) * abs(factor),
        ends,
        f"ratio estimator, {design.name}",
        int(inside.sum()),
        design.population if within is None else float(weights[inside].sum()),
        weights[inside],
    )


Effect = Literal["without replacement", "with replacement"]


def design_effect(design: Design, values: ArrayLike, against: Effect = "without replacement") -> float:
    """Compare a mean's variance under the design with a simple sample's of the same size.

    Parameters
    ----------
    design, values : Design, array_like
        As in :func:`estimate_mean`.
    against : {"without replacement", "with replacement"}
        Which simple sample.

    Returns
    -------
    float
        Below 1 where the design helps; NaN where nothing varied.

    Notes
    -----
    Kish (1965), Survey Sampling, sec. 8.2.

    Examples
    --------
    >>> from sampling.estimation import stratified
    >>> round(design_effect(stratified(["a"] * 3, {"a": 30}), [1, 2, 4]), 9)
    1.0
    """
    weights = design.weights
    y = vector("values", values, len(weights))
    n, size = len(y), float(weights.sum())
    mean = float((weights * y).sum() / size)
    spread = float((weights * (y - mean) ** 2).sum() / size) * n / max(n - 1, 1)
    free = 1 - n / size if against == "without replacement" else 1.0
    simple = spread / n * free
    return float(design.variance((y - mean) / size) / simple) if simple > 0 else float("nan")

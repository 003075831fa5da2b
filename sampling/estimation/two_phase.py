"""The township visited everybody, the county a sample: the cheap answers help the true ones."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sampling.arrays import FloatArray, IntArray, codes, mask, sums, vector
from sampling.estimation.designs import stratified
from sampling.estimation.results import Estimate
from sampling.estimation.totals import t_interval
from sampling.refusals import (
    CollinearAuxiliaries,
    SampleAboveStratum,
    UnknownStratum,
    UnsampledStratum,
    WrongLength,
)

Slope = Literal["difference", "combined", "separate"]
SLOPES: tuple[Slope, ...] = ("difference", "combined", "separate")


@dataclass(frozen=True, eq=False)
class TwoPhase:
    """What two-phase estimates need, per stratum. Made by the estimators from the caller's arrays."""

    sizes: FloatArray
    first: FloatArray
    second: FloatArray
    code: IntArray
    seen: IntArray
    labels: tuple[Hashable, ...]


def _phases(strata: Iterable[Hashable], sizes: Mapping[Hashable, int] | None, checked: ArrayLike, n: int) -> TwoPhase:
    labels, code = codes("strata", strata)
    if len(code) != n:
        raise WrongLength("strata", f"has {len(code)} values for {n} units", "give one per unit")
    inside = mask("checked", checked, n)
    first = np.bincount(code, minlength=len(labels)).astype(np.float64)
    second = np.bincount(code[inside], minlength=len(labels)).astype(np.float64)
    held = first
    if sizes is not None:
        absent = [label for label in labels if label not in sizes]
        if absent:
            raise UnknownStratum("sizes", f"has no size for {absent[0]!r}", "give every stratum its size")
        held = vector("sizes", [sizes[label] for label in labels])
        unseen = [label for label, size in sizes.items() if size > 0 and label not in set(labels)]
        if unseen:
            raise UnsampledStratum("sizes", f"{unseen[0]!r} has no first visit", "merge or leave it out")
    if (first > held).any():
        raise SampleAboveStratum("sizes", "are below the number of first visits", "check the sizes")
    if (second == 0).any():
        bad = labels[int(np.flatnonzero(second == 0)[0])]
        raise UnsampledStratum("checked", f"stratum {bad!r} has no second visit", "merge it with a like one")
    return TwoPhase(held, first, second, code, code[inside], tuple(labels))


def _slopes(phase: TwoPhase, x: FloatArray, y: FloatArray, slope: Slope) -> FloatArray:
    strata = len(phase.labels)
    if slope == "difference":
        return np.ones(strata)
    mean_x = sums(phase.seen, x, strata) / phase.second
    mean_y = sums(phase.seen, y, strata) / phase.second
    dx, dy = x - mean_x[phase.seen], y - mean_y[phase.seen]
    if slope == "separate":
        across, along = sums(phase.seen, dx * dy, strata), sums(phase.seen, dx * dx, strata)
        # where the first answers did not vary in the sample they cannot help: slope 0
        return np.where(along > 0, across / np.where(along > 0, along, 1.0), 0.0)
    # Cochran (1977), eq. 7.51: the slope that makes the combined variance smallest
    lean = phase.sizes**2 * (1 - phase.second / phase.first) / phase.second
    lean = (lean / np.maximum(phase.second - 1, 1))[phase.seen]
    squares = float((lean * dx * dx).sum())
    if squares == 0:
        raise CollinearAuxiliaries("first", "does not vary among the checked units", "use slope='difference'")
    return np.full(strata, float((lean * dx * dy).sum()) / squares)


def estimate_two_phase(
    first: ArrayLike,
    checked: ArrayLike,
    truth: ArrayLike,
    *,
    strata: Iterable[Hashable] | None = None,
    sizes: Mapping[Hashable, int] | None = None,
    slope: Slope = "difference",
    quantity: Literal["total", "mean"] = "total",
    confidence: float = 0.95,
) -> Estimate:
    """Estimate a total or mean from first visits to all (or many) and second visits to a sample.

    Parameters
    ----------
    first : array_like, shape (n1,)
        The township's answer for every unit it visited (the auxiliary).
    checked : array_like of bool, shape (n1,)
        Which of these units the county visited again.
    truth : array_like, shape (n2,)
        The county's answers for the checked units, in the order of ``first``.
    strata : iterable of Hashable, length n1, optional
        Stratum of each unit, the same for both phases; none means one.
    sizes : mapping, optional
        Units in the population per stratum, where the first phase was itself a simple sample within strata.
        None means the township visited everybody.
    slope : {"difference", "combined", "separate"}
        Difference: y − x. Regression: y − b·x with one slope, or one per stratum (asks for about twenty second
        visits in each).
    quantity : {"total", "mean"}
        A rate is the mean of 0/1 answers.
    confidence : float
        Two-sided confidence of the t interval.

    Returns
    -------
    Estimate
        ``weights`` are those of the second phase.

    Raises
    ------
    WrongLength, NotYesOrNo, NonFiniteValues, UnknownStratum, UnsampledStratum, SampleAboveStratum,
    CollinearAuxiliaries, LonelyStratum

    Notes
    -----
    t̂ = Σ_h N_h (b_h x̄₁ + ē₂), v = Σ_h N_h² [(1/n₁ − 1/N) s²_y + (1/n₂ − 1/n₁) s²_e], e = y − b·x.
    Särndal, Swensson & Wretman (1992), sec. 9.3 to 9.7; Cochran (1977), sec. 12.6 and 12.7. Slopes are fitted on
    the sample, so regression is biased by a term of order 1/n₂ and its variance divides by n₂ − 2 per fitted
    stratum. With few disagreements the interval covers too little: the note says so.

    Examples
    --------
    >>> reported = [10, 12, 9, 11, 10, 8]
    >>> answer = estimate_two_phase(reported, [1, 0, 1, 0, 1, 0], [10, 10, 10])
    >>> round(answer.value, 9)
    62.0
    """
    x_all = vector("first", first)
    n1 = len(x_all)
    inside = mask("checked", checked, n1)
    phase = _phases(["all"] * n1 if strata is None else strata, sizes, checked, n1)
    y = vector("truth", truth, int(inside.sum()))
    x, groups = x_all[inside], len(phase.labels)
    b = _slopes(phase, x, y, slope)
    error = y - b[phase.seen] * x
    mean_first = sums(phase.code, x_all, groups) / phase.first
    mean_error = sums(phase.seen, error, groups) / phase.second
    total = float((phase.sizes * (b * mean_first + mean_error)).sum())
    variance = _second(phase, error, slope) + _first(phase, y)
    degrees = max(1.0, float(phase.second.sum() - groups - (0 if slope == "difference" else 1)))
    divisor = float(phase.sizes.sum()) if quantity == "mean" else 1.0
    ends = t_interval(total / divisor, variance / divisor**2, degrees, confidence)
    varied = int(np.count_nonzero(y - x))
    few = 30  # below it the sampling distribution of rare differences is too skew for t
    return Estimate(
        quantity,
        total / divisor,
        float(np.sqrt(variance)) / divisor,
        ends,
        f"two-phase {slope if slope == 'difference' else slope + ' regression'} estimator, {groups} strata",
        len(y),
        float(phase.sizes.sum()),
        (phase.sizes / phase.second)[phase.seen],
        note=f"only {varied} second visits differ from the first: the interval covers too little"
        if varied < few
        else "",
    )


def _second(phase: TwoPhase, error: FloatArray, slope: Slope) -> float:
    """Variance of checking only n2 of n1, blown up to the population."""
    taken = {label: int(size) for label, size in zip(phase.labels, phase.first, strict=True)}
    design = stratified([phase.labels[h] for h in phase.seen], taken)
    scale = (phase.sizes / phase.first)[phase.seen]
    if slope == "separate":
        # one more degree of freedom went into each stratum's slope
        lost = (phase.second - 1) / np.maximum(phase.second - 2, 1)
        scale = scale * np.sqrt(np.where(phase.second > 2, lost, 1.0))[phase.seen]  # noqa: PLR2004 - n − 2
    return design.variance(scale * error)


def _first(phase: TwoPhase, y: FloatArray) -> float:
    """Variance of the first phase; none when everybody was visited."""
    if (phase.first == phase.sizes).all():
        return 0.0
    groups = len(phase.labels)
    gap = y - (sums(phase.seen, y, groups) / phase.second)[phase.seen]
    spread = sums(phase.seen, gap**2, groups) / np.maximum(phase.second - 1, 1)
    return float((phase.sizes**2 * (1 / phase.first - 1 / phase.sizes) * spread).sum())

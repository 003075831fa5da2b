"""Shares of households with a mark, with intervals that hold in small samples."""

import numpy as np
from numpy.typing import ArrayLike

from sampling.arrays import BoolArray, FloatArray, confidence_level, flags, mask, sums
from sampling.estimation.cautious import Shown, moved_out
from sampling.estimation.designs import Design, StratifiedDesign
from sampling.estimation.rate_limits import (
    RATE_INTERVALS,
    RateInterval,
    base_size,
    degrees_factor,
    effective_size,
    ends_of,
    stratified_rate_limits,
)
from sampling.estimation.results import Estimate, Interval
from sampling.refusals import EmptyClass, UnknownMethod

WALD_NEEDS = 30  # expected marks before it covers (Brown, Cai & DasGupta 2001)
FEW = 8  # marks, or degrees of freedom, below which another design's variance says little


def estimate_rate(
    design: Design,
    marked: ArrayLike,
    *,
    within: ArrayLike | None = None,
    confidence: float = 0.95,
    interval: RateInterval = "korn-graubard",
) -> Estimate:
    """Estimate the share of units with a mark, in the population or in a domain.

    Parameters
    ----------
    design : Design
        How the n units were drawn.
    marked : array_like of bool, shape (n,)
        Whether each unit has the mark.
    within : array_like of bool, shape (n,), optional
        The domain: only these units count, the whole design still bears the variance. For whole strata
        (a township) prefer :func:`estimate_groups`, which uses their known sizes.
    confidence : float
        Two-sided confidence of the interval.
    interval : {"korn-graubard", "korn-graubard-plain", "wilson", "logit", "wald", "guaranteed"}
        ``"korn-graubard"`` holds its promise in small samples; the others must be asked for by name.
        ``"guaranteed"`` is for whole stratified samples only.

    Returns
    -------
    Estimate
        ``found`` counts the marked units, ``effective_n`` is the size the interval was made on. None found is
        reported as an upper bound, never as "no error". ``interval.warning`` says where the interval may hold
        less often than it says.

    Raises
    ------
    NotYesOrNo, WrongLength, EmptyClass, LonelyStratum, UnknownMethod, ImpossibleConfidence
        When flags are not flags; arrays disagree; the domain is empty; a stratum cannot show its spread.

    Notes
    -----
    Hájek's ratio Σ w·y / Σ w; variance by linearisation (Särndal, Swensson & Wretman 1992, sec. 5.7 and 10.3).
    The interval is described at :func:`stratified_rate_limits`; for other designs it is Korn & Graubard's with
    the design's degrees of freedom.

    Examples
    --------
    >>> from sampling.estimation import stratified
    >>> design = stratified(["a"] * 20, {"a": 200})
    >>> answer = estimate_rate(design, [0] * 20, confidence=0.90)
    >>> answer.upper, answer.note
    (0.13, 'none found among 20: the rate is at most 0.13, it is not shown to be zero')
    """
    level = confidence_level(confidence)
    if interval not in RATE_INTERVALS:
        raise UnknownMethod("interval", f"is {interval!r}", f"choose one of {', '.join(RATE_INTERVALS)}")
    weights = design.weights
    y = flags("marked", marked, len(weights))
    # units that did not answer carry no weight and are nobody's evidence
    inside = mask("within", within, len(weights)) & (weights > 0)
    if not inside.any():
        raise EmptyClass("within", "holds no sampled unit", "choose a domain that was visited")
    counted = weights * inside
    size = counted.sum()
    p = float((counted * y).sum() / size)
    # rounding of weighted sums must not make an all-marked sample look uncertain
    p = 1.0 if y[inside].all() else p
    variance = max(0.0, design.variance(inside * (y - p) / size))
    n, found = int(inside.sum()), int(y[inside].sum())
    ends, effective = _rate_interval(design, y, inside, p, variance, level=level, method=interval, whole=within is None)
    speaks_for = design.population if within is None else float(size)
    return Estimate(
        "rate",
        p,
        float(np.sqrt(variance)),
        ends,
        f"Hájek share, {design.name}" + ("" if within is None else ", domain"),
        n,
        speaks_for,
        counted[inside],
        found=found,
        effective_n=effective,
        note=_note(n, found, ends),
    )


def _note(n: int, found: int, ends: Interval) -> str:
    if found == 0:
        return f"none found among {n}: the rate is at most {ends.upper:.3g}, it is not shown to be zero"
    if found == n:
        return f"all {n} had the mark: the rate is at least {ends.lower:.3g}, it is not shown to be one"
    return ends.warning


def _warning(method: RateInterval, shown: Shown | None, found: int, n: int, degrees: float) -> str:
    """Say where an interval was seen to cover less than it says (the table of the method page)."""
    if method in {"wald", "logit"} and min(found, n - found) < WALD_NEEDS:
        return f"{method} covers too little with {found} found; prefer korn-graubard"
    if shown is None:
        if min(found, n - found) < FEW or degrees < FEW:
            return (
                f"with {found} found and {degrees:g} degrees of freedom this design's interval may cover less than "
                "it says: that it does not was measured for stratified simple samples only"
            )
        return ""
    agree = (shown.free > 0) & ((shown.found == 0) | (shown.found == shown.counts))
    if method != "korn-graubard" and agree.any() and not agree.all():
        return f"{method} takes a stratum whose visits all agree as known exactly; prefer korn-graubard"
    return ""


def _rate_interval(
    design: Design,
    y: FloatArray,
    inside: BoolArray,
    p: float,
    variance: float,
    *,
    level: float,
    method: RateInterval,
    whole: bool,
) -> tuple[Interval, float]:
    n = float(inside.sum())
    degrees = design.degrees_of_freedom
    shown: Shown | None = None
    if isinstance(design, StratifiedDesign):
        k = sums(design.code, y * inside, len(design.labels))
        seen = sums(design.code, inside.astype(np.float64), len(design.labels))
        visited = seen > 0
        part = design.sizes * seen / design.counts
        part, free = (part / part.sum())[visited], design.open_share()[visited]
        base = base_size(part, free, seen[visited])
        effective = effective_size(np.array(p), np.array(variance), base)
        shown = Shown(part, free, seen[visited], k[visited])
        if whole and design.finite and method in {"korn-graubard", "guaranteed"}:
            lower, upper = stratified_rate_limits(design.sizes, design.counts, k, level, method)
            usual = "korn-graubard on effective size" if method == "korn-graubard" else "guaranteed (Bonferroni)"
            name = "exact hypergeometric" if int((~design.whole).sum()) == 1 else usual
            return Interval(float(lower), float(upper), level, name), float(effective)
    else:
        # nothing varied: fall back on Kish's size, the only thing the weights alone can tell
        w = design.weights[inside]
        effective = effective_size(np.array(p), np.array(variance), float(w.sum() ** 2 / (w**2).sum()))
    if method == "guaranteed":
        raise UnknownMethod(
            "interval", "'guaranteed' needs whole strata with known sizes", "use korn-graubard, or estimate_groups"
        )
    if not np.isfinite(effective):
        return Interval(p, p, level, "seen entirely"), float(effective)
    # a domain has the design's degrees of freedom but its own size; never let the factor exceed 1
    factor = 1.0 if method == "wilson" else min(1.0, degrees_factor(max(n, degrees + 1), degrees, level))
    warning = _warning(method, shown, int(y[inside].sum()), int(n), degrees)
    lower, upper = ends_of(
        np.array(p), np.array(variance), effective * factor, confidence=level, method=method, degrees=degrees
    )
    if shown is not None and method == "korn-graubard":
        lower, upper = moved_out((lower, upper), shown, effective, factor, level)
    return Interval(float(lower), float(upper), level, f"{method} on effective size", warning), float(effective)

"""How many for a wanted half-width, and what half-width a given number will give."""

# ruff: noqa: N803, N806 - N, S and W are the letters every book of this field uses

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from sampling.arrays import non_negative, vector
from sampling.estimation.proportions import korn_graubard
from sampling.estimation.rate_limits import RateInterval, stratified_rate_limits
from sampling.refusals import ImpossibleCount
from sampling.size.refusals import OutOfReach
from sampling.size.targets import population, positive, sample, share, up, z_value

RatePlan = Literal["korn-graubard", "wald"]


@dataclass(frozen=True)
class Size:
    """An answer to "how many".

    Attributes
    ----------
    n : int
        Units to visit.
    N : float
        Units there are; infinite when not given.
    half_width : float
        Half-width expected at this n, at most the one asked for.
    confidence : float
        Two-sided confidence.
    method : str
        The formula.
    """

    n: int
    N: float
    half_width: float
    confidence: float
    method: str


def expected_half_width_of_rate(
    n: int, rate: float, N: int | None = None, confidence: float = 0.95, method: RatePlan = "korn-graubard"
) -> float:
    """Half-width of a rate's interval if the sample shows the expected rate.

    Parameters
    ----------
    n : int
        Units visited.
    rate : float
        Expected rate, 0 to 1. At 0 this is half of the upper bound that none found will give.
    N : int, optional
        Units there are; none means without limit.
    confidence : float
        Two-sided confidence.
    method : {"korn-graubard", "wald"}
        Beta limits on the effective size n (N − 1) / (N − n), or the textbook formula.

    Returns
    -------
    float
        0 when n = N.

    Raises
    ------
    ImpossibleTarget, ImpossibleCount, SampleAbovePopulation, ImpossibleConfidence

    Notes
    -----
    Cochran (1977), sec. 3.6; Korn & Graubard (1998) for the limits. For strata see
    :func:`precision_of_allocation`.

    Examples
    --------
    >>> round(expected_half_width_of_rate(100, 0.5, 1000, method="wald"), 4)
    0.093
    >>> expected_half_width_of_rate(10, 0.5, 10)
    0.0
    """
    held = population(N)
    size, p = sample(n, held), share("rate", rate)
    if size == held:
        return 0.0
    free = 1.0 if math.isinf(held) else (held - size) / (held - 1)
    if method == "wald":
        return z_value(confidence) * math.sqrt(p * (1 - p) / size * free)
    lower, upper = korn_graubard(p, size / free, confidence)
    return float(upper - lower) / 2


def size_for_rate(
    half_width: float,
    rate: float = 0.5,
    N: int | None = None,
    confidence: float = 0.95,
    method: RatePlan = "korn-graubard",
) -> Size:
    """How many units to visit so that a rate is known to within a half-width.

    Parameters
    ----------
    half_width : float
        Wanted half-width of the interval, as a share (0.02 for two points).
    rate : float
        Expected rate; 0.5 is the worst.
    N, confidence, method : int, float, str
        As in :func:`expected_half_width_of_rate`.

    Returns
    -------
    Size
        The smallest n whose expected half-width is at most the wanted one; N at the latest.

    Raises
    ------
    ImpossibleTarget, ImpossibleCount, ImpossibleConfidence

    Notes
    -----
    Wald: n₀ = z² p(1 − p) / e², n = n₀ / (1 + (n₀ − 1) / N) (Cochran 1977, eq. 4.1 and 4.2).
    The default is larger for rare errors: the interval that will be reported is wider than Wald's.

    Examples
    --------
    >>> size_for_rate(0.05, 0.5, method="wald").n
    385
    >>> size_for_rate(0.05, 0.5, 1000, method="wald").n
    278
    >>> size_for_rate(0.03, 0.05, 2000).n
    213
    """
    wanted = positive("half_width", half_width)
    p, held = share("rate", rate), population(N)

    def short(n: int) -> bool:
        return expected_half_width_of_rate(n, p, N, confidence, method) > wanted

    high = 1
    while high < held and short(high):
        high = int(min(2 * high, held))
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if short(middle) else (low, middle)
    reached = expected_half_width_of_rate(high, p, N, confidence, method)
    return Size(high, held, reached, confidence, f"rate, {method}")


def size_for_mean(half_width: float, sd: float, N: int | None = None, confidence: float = 0.95) -> Size:
    """How many units to visit so that a mean is known to within a half-width.

    Parameters
    ----------
    half_width : float
        Wanted half-width, in the unit of the mean.
    sd : float
        Standard deviation in the population (a guess, or from the last round).
    N : int, optional
        Units there are.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    Size

    Raises
    ------
    ImpossibleTarget, ImpossibleCount, ImpossibleConfidence

    Notes
    -----
    n₀ = (t·S / d)², n = n₀ / (1 + n₀ / N) (Cochran 1977, eq. 4.5); t with n − 1 degrees of freedom is used, so a few
    more than with z, at least two, and N at the latest.

    Examples
    --------
    >>> size_for_mean(10, 50).n
    99
    >>> size_for_mean(10, 50, 200).n
    67
    """
    wanted, spread, held = positive("half_width", half_width), positive("sd", sd), population(N)
    z = z_value(confidence)

    def width(n: int) -> float:
        if n >= held:
            return 0.0
        t = float(stats.t.ppf((1 + confidence) / 2, n - 1))
        return t * spread * math.sqrt(1 / n - 1 / held)

    start = (z * spread / wanted) ** 2
    n = int(min(max(2, up(start / (1 + start / held))), held))
    # t is wider than z, but by so little at these sizes that a few steps do
    while n < held and width(n) > wanted:
        n += max(1, int(n * 0.001))
    return Size(n, held, width(n), confidence, "mean, t")


def size_for_total(half_width: float, sd: float, N: int, confidence: float = 0.95) -> Size:
    """How many units to visit so that a total is known to within a half-width.

    Parameters
    ----------
    half_width : float
        Wanted half-width, in the unit of the total (yuan per year).
    sd : float
        Standard deviation per unit.
    N : int
        Units there are; a total needs it.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    Size
        ``half_width`` is in the unit of the total.

    Examples
    --------
    >>> size_for_total(2000, 50, 200).n
    67
    """
    answer = size_for_mean(positive("half_width", half_width) / population(N), sd, N, confidence)
    return Size(answer.n, answer.N, answer.half_width * answer.N, confidence, "total, t")


def precision_of_mean(n: int, sd: float, N: int | None = None, confidence: float = 0.95) -> float:
    """Half-width of a mean's t interval that n units will give.

    Parameters
    ----------
    n : int
        Units visited, at least 2.
    sd, N, confidence : float
        As in :func:`size_for_mean`.

    Returns
    -------
    float
        0 when n = N.

    Raises
    ------
    ImpossibleCount, ImpossibleTarget, SampleAbovePopulation

    Examples
    --------
    >>> round(precision_of_mean(100, 50, 1000), 3)
    9.412
    """
    held = population(N)
    size = sample(n, held)
    spread = positive("sd", sd)
    if size == held:
        return 0.0
    if size < 2:  # noqa: PLR2004 - a spread needs two
        raise ImpossibleCount("n", "is 1", "visit at least two units")
    return float(stats.t.ppf((1 + confidence) / 2, size - 1)) * spread * math.sqrt(1 / size - 1 / held)


@dataclass(frozen=True)
class Precision:
    """What an allocation will tell about a rate, and about a total if spreads are given.

    Attributes
    ----------
    rate : float
        The expected overall rate.
    standard_error : float
        Standard error of the estimated rate.
    half_width : float
        Expected half-width of the default interval.
    upper_if_none : float
        The upper bound that a sample without any finding would give.
    """

    rate: float
    standard_error: float
    half_width: float
    upper_if_none: float


def precision_of_allocation(
    sizes: ArrayLike,
    counts: ArrayLike,
    rates: ArrayLike,
    confidence: float = 0.95,
    method: RateInterval = "korn-graubard",
) -> Precision:
    """What a stratified plan will tell about the overall rate.

    Parameters
    ----------
    sizes, counts : array_like of int, shape (H,)
        Units and units to visit per stratum.
    rates : array_like, shape (H,)
        Expected rates per stratum, 0 to 1.
    confidence : float
        Two-sided confidence.
    method : str
        The interval that will be reported.

    Returns
    -------
    Precision
        ``half_width`` is at the expected counts n_h·p_h (need not be whole), which is close to the average.

    Raises
    ------
    WrongLength, NonFiniteValues, NegativeValues, ImpossibleTarget, ImpossibleCount

    Notes
    -----
    v = Σ W_h² (1 − f_h) N_h / (N_h − 1) · p_h (1 − p_h) / n_h (Cochran 1977, eq. 5.52).

    Examples
    --------
    >>> plan = precision_of_allocation([12, 60, 230], [4, 18, 69], [0.12, 0.04, 0.01])
    >>> round(plan.standard_error, 4), round(plan.half_width, 3), round(plan.upper_if_none, 3)
    (0.0122, 0.028, 0.03)
    """
    N = non_negative("sizes", sizes)
    n = non_negative("counts", counts, len(N))
    p = np.array([share("rates", one) for one in vector("rates", rates, len(N))])
    part = N / N.sum()
    free = np.where(N > 1, (N - n) / np.maximum(N - 1, 1), 0.0)
    lower, upper = stratified_rate_limits(N, n, n * p, confidence, method)
    none = stratified_rate_limits(N, n, np.zeros(len(N)), confidence, method)[1]
    return Precision(
        float((part * p).sum()),
        float(np.sqrt((part**2 * free * p * (1 - p) / n).sum())),
        float(upper - lower) / 2,
        float(none),
    )


def size_for_stratified_rate(
    half_width: float, sizes: ArrayLike, rates: ArrayLike, confidence: float = 0.95
) -> tuple[int, ...]:
    """How many units of each stratum, proportionally, so that the overall rate has a half-width.

    Parameters
    ----------
    half_width : float
        Wanted half-width of the default interval.
    sizes : array_like of int, shape (H,)
        Units per stratum.
    rates : array_like, shape (H,)
        Expected rates.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    tuple of int
        Units per stratum: one fraction of all, rounded up, at least two where there are two. The allocation room
        does better than proportional; this says how much is needed at all.

    Raises
    ------
    OutOfReach
        Never for a positive half-width: visiting everybody reaches it.

    Examples
    --------
    >>> size_for_stratified_rate(0.03, [12, 60, 230], [0.12, 0.04, 0.01])
    (4, 18, 67)
    """
    wanted = positive("half_width", half_width)
    N = non_negative("sizes", sizes)

    def plan(fraction: float) -> tuple[int, ...]:
        return tuple(int(min(max(up(fraction * size), min(2, size)), size)) for size in N)

    def excess(fraction: float) -> float:
        return precision_of_allocation(N, plan(fraction), rates, confidence).half_width - wanted

    if excess(1.0) > 0:
        raise OutOfReach("half_width", f"{wanted} is not reached by visiting everybody", "ask for a wider one")
    if excess(0.0) <= 0:
        return plan(0.0)
    fraction = optimize.brentq(excess, 0.0, 1.0, xtol=1e-6)
    # the plan is a step function: stay on the side that reaches the target
    while excess(fraction) > 0:
        fraction = min(1.0, fraction + 0.5 / N.max())
    return plan(fraction)

"""Intervals for a share: the exact ones for a single list, the usual ones, and two on an effective sample size."""

# ruff: noqa: N803, N806 - N and K are the letters every book of this field uses

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from sampling.arrays import FloatArray, confidence_level, whole
from sampling.estimation.results import Interval
from sampling.refusals import ImpossibleCount

Sides = Literal["two", "lower", "upper"]


def _counts(k: float, n: float) -> tuple[int, int]:
    size = whole("n", n, low=1)
    return whole("k", k, high=size), size


def clopper_pearson(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Exact binomial interval, for draws with replacement or an unlimited list.

    Parameters
    ----------
    k : int
        Units with the mark.
    n : int
        Units seen, at least 1.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    Interval
        The lower end is 0 at k = 0, the upper end 1 at k = n.

    Raises
    ------
    ImpossibleCount, ImpossibleConfidence
        When 0 ≤ k ≤ n fails, or the level is not between 0 and 1.

    Notes
    -----
    Clopper and Pearson (1934), Biometrika 26:404; Johnson, Kemp & Kotz (2005) sec. 3.8.3.

    Examples
    --------
    >>> ends = clopper_pearson(0, 20, 0.90)
    >>> round(ends.upper, 12)
    0.139108340668
    """
    k, n = _counts(k, n)
    lower, upper = korn_graubard(k / n, n, confidence)
    return Interval(float(lower), float(upper), confidence, "clopper-pearson")


def jeffreys(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Equal-tailed interval of a Beta(k + 1/2, n − k + 1/2), closed at 0 and 1.

    Parameters
    ----------
    k : int
        Units with the mark.
    n : int
        Units seen, at least 1.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    Interval
        0 and 1 are ends where none, or all, had the mark.

    Notes
    -----
    Brown, Cai & DasGupta (2001), Statistical Science 16:108, sec. 3.1.2 and 4.1.1 (the closed ends).

    Examples
    --------
    >>> round(jeffreys(0, 20, 0.90).upper, 10)
    0.0904764265
    """
    k, n = _counts(k, n)
    tail = (1 - confidence_level(confidence)) / 2
    lower = 0.0 if k == 0 else float(special.betaincinv(k + 0.5, n - k + 0.5, tail))
    upper = 1.0 if k == n else float(special.betaincinv(k + 0.5, n - k + 0.5, 1 - tail))
    return Interval(lower, upper, confidence, "jeffreys")


def wilson(k: int, n: int, confidence: float = 0.95, *, continuity: bool = False) -> Interval:
    """Wilson's score interval.

    Parameters
    ----------
    k, n, confidence : int, int, float
        As in :func:`clopper_pearson`.
    continuity : bool
        With the continuity correction of Newcombe (1998), Statistics in Medicine 17:857, method 4.

    Returns
    -------
    Interval
        Within 0 to 1.

    Notes
    -----
    Wilson (1927), JASA 22:209.

    Examples
    --------
    >>> round(wilson(0, 20, 0.90).upper, 10)
    0.1191578374
    """
    k, n = _counts(k, n)
    if not continuity:
        low, high = wilson_effective(k / n, n, confidence)
        return Interval(float(low), float(high), confidence, "wilson")
    z = float(stats.norm.ppf((1 + confidence_level(confidence)) / 2))
    p, scale = k / n, 2 * (n + z * z)
    below = z * math.sqrt(z * z - 2 - 1 / n + 4 * p * (n * (1 - p) + 1)) if k > 0 else 0.0
    above = z * math.sqrt(z * z + 2 - 1 / n + 4 * p * (n * (1 - p) - 1)) if k < n else 0.0
    lower = 0.0 if k == 0 else max(0.0, (2 * k + z * z - 1 - below) / scale)
    upper = 1.0 if k == n else min(1.0, (2 * k + z * z + 1 + above) / scale)
    return Interval(lower, upper, confidence, "wilson with continuity correction")


def agresti_coull(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Wald's formula around Wilson's centre; its ends may leave 0 to 1.

    Parameters
    ----------
    k : int
        Units with the mark.
    n : int
        Units seen, at least 1.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    Interval
        Not cut at 0 and 1.

    Notes
    -----
    Agresti & Coull (1998), The American Statistician 52:119.

    Examples
    --------
    >>> round(agresti_coull(0, 20, 0.90).upper, 10)
    0.1412877112
    """
    k, n = _counts(k, n)
    z = float(stats.norm.ppf((1 + confidence_level(confidence)) / 2))
    size = n + z * z
    centre = (k + z * z / 2) / size
    half = z * np.sqrt(centre * (1 - centre) / size)
    return Interval(float(centre - half), float(centre + half), confidence, "agresti-coull")


def wald(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Compute the textbook interval p ± z·√(p(1−p)/n), which covers badly below some thirty expected marks.

    Parameters
    ----------
    k : int
        Units with the mark.
    n : int
        Units seen, at least 1.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    Interval
        Not cut at 0 and 1; without width at k = 0 and k = n: never report that.

    Notes
    -----
    Brown, Cai & DasGupta (2001), Statistical Science 16:101, show how badly.

    Examples
    --------
    >>> round(wald(50, 100).lower, 4)
    0.402
    """
    k, n = _counts(k, n)
    z = float(stats.norm.ppf((1 + confidence_level(confidence)) / 2))
    half = z * float(np.sqrt(k / n * (1 - k / n) / n))
    return Interval(k / n - half, k / n + half, confidence, "wald")


def hypergeometric(k: int, n: int, N: int, confidence: float = 0.95, sides: Sides = "two") -> tuple[int, int]:
    """Exact limits for the number of marked units in a list of N, from a simple sample of n with k marks.

    Parameters
    ----------
    k : int
        Marked units in the sample.
    n : int
        Units sampled, at least 1.
    N : int
        Units in the list, at least n.
    confidence : float
        Confidence of the interval, or of the one limit asked for.
    sides : {"two", "lower", "upper"}
        Both limits, or one with the whole risk on its side.

    Returns
    -------
    tuple of int
        Smallest and largest number M not rejected: P(X ≥ k | M) and P(X ≤ k | M) above the risk.
        The limit not asked for is the logical one, k or N − (n − k). When n = N both are k.

    Raises
    ------
    ImpossibleCount, ImpossibleConfidence
        When 0 ≤ k ≤ n ≤ N fails, or the level is not between 0 and 1.

    Notes
    -----
    Buonaccorsi (1987), The American Statistician 41:215; Cochran (1977) sec. 3.6.
    Cost: two bisections of log2(N) evaluations.

    Examples
    --------
    >>> hypergeometric(0, 20, 200, 0.90)
    (0, 26)
    >>> hypergeometric(0, 20, 200, 0.90, sides="upper")
    (0, 20)
    """
    k, n = _counts(k, n)
    N = whole("N", N, low=1)
    if n > N:
        raise ImpossibleCount("n", f"is {n} but the list has {N}", f"give at most {N}")
    risk = 1 - confidence_level(confidence)
    # a probability equal to the risk rejects; the margin only absorbs rounding
    risk = (risk / 2 if sides == "two" else risk) * (1 + 1e-10)
    first, last = k, N - (n - k)
    lower, upper = first, last
    if sides != "lower" and k < n:
        low, high = first, last  # P(X ≤ k | M) falls as M grows; M = k is never rejected
        while low < high:
            middle = (low + high + 1) // 2
            kept = stats.hypergeom.cdf(k, N, middle, n) > risk
            low, high = (middle, high) if kept else (low, middle - 1)
        upper = low
    if sides != "upper" and k > 0:
        low, high = first, last
        while low < high:
            middle = (low + high) // 2
            kept = stats.hypergeom.sf(k - 1, N, middle, n) > risk
            low, high = (low, middle) if kept else (middle + 1, high)
        lower = low
    return lower, upper


def exact_hypergeometric(k: int, n: int, N: int, confidence: float = 0.95) -> Interval:
    """Exact interval for a share in a list of N units, from :func:`hypergeometric`.

    Guaranteed: it covers at least as often as it says, whatever the truth.

    Parameters
    ----------
    k, n, N : int
        Units with the mark, units seen, units in the list; 0 ≤ k ≤ n ≤ N.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    Interval
        Multiples of 1 / N; without width when n = N.

    Examples
    --------
    >>> exact_hypergeometric(0, 20, 200, 0.90).upper
    0.13
    """
    lower, upper = hypergeometric(k, n, N, confidence)
    return Interval(lower / N, upper / N, confidence, "exact hypergeometric")


def korn_graubard(p: ArrayLike, effective_n: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Clopper–Pearson's limits on an effective sample size, which need not be whole.

    Parameters
    ----------
    p : array_like
        Estimated shares, 0 to 1.
    effective_n : array_like
        Effective sizes, above 0, broadcast against ``p``.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    tuple of ndarray of float
        Lower and upper limits, in the common shape. The lower is 0 at p = 0, the upper 1 at p = 1.

    Notes
    -----
    Korn & Graubard (1998), Survey Methodology 24:193; Beta quantiles of (p·n, n − p·n + 1) and (p·n + 1, n − p·n).

    Examples
    --------
    >>> lower, upper = korn_graubard(0.0, 59)
    >>> float(lower), round(float(upper), 4)
    (0.0, 0.0606)
    """
    tail = (1 - confidence_level(confidence)) / 2
    p, n = np.broadcast_arrays(np.asarray(p, np.float64), np.asarray(effective_n, np.float64))
    marked, unmarked = p * n, (1 - p) * n
    floor = 1e-12  # a share within rounding of 0 or 1 has its logical end
    some, rest = np.maximum(marked, floor), np.maximum(unmarked, floor)
    lower = np.where(marked > floor, special.betaincinv(some, unmarked + 1, tail), 0.0)
    upper = np.where(unmarked > floor, special.betaincinv(marked + 1, rest, 1 - tail), 1.0)
    return lower, upper


def wilson_effective(
    p: ArrayLike, effective_n: ArrayLike, confidence: float = 0.95, degrees: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Wilson's limits on an effective sample size.

    Parameters
    ----------
    p, effective_n, confidence : array_like, array_like, float
        As in :func:`korn_graubard`.
    degrees : float, optional
        Degrees of freedom of the variance behind ``effective_n``: t instead of normal quantiles.

    Returns
    -------
    tuple of ndarray of float
        Lower and upper limits, within 0 to 1, in the common shape.

    Examples
    --------
    >>> lower, upper = wilson_effective(0.5, 100)
    >>> round(float(lower), 4)
    0.4038
    """
    tail = (1 + confidence_level(confidence)) / 2
    z = float(stats.norm.ppf(tail) if degrees is None else stats.t.ppf(tail, degrees))
    p, n = np.broadcast_arrays(np.asarray(p, np.float64), np.asarray(effective_n, np.float64))
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)

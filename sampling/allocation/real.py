"""Classical allocations in real numbers: baselines, textbook formulas and the exact optimum within bounds."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from sampling.allocation.refusals import (
    BudgetBelowFloors,
    MalformedStrata,
    PrecisionOutOfReach,
    TotalAboveSize,
    TotalBelowFloors,
)
from sampling.allocation.strata import Floats, checked_reals


def equal(size: ArrayLike, total: float) -> Floats:
    """Give every stratum the same, n/H, as far as it has as many; the rest is shared by the others.

    Parameters
    ----------
    size : array_like of float, shape (H,)
        N_h.
    total : float
        n, at most Σ N.

    Returns
    -------
    ndarray of float, shape (H,)
        Sums to `total`.

    Raises
    ------
    MalformedStrata, TotalAboveSize

    Notes
    -----
    Cochran (1977), section 5.8: best for comparing strata, poor for the whole.

    Examples
    --------
    >>> equal([100, 100, 4], 64)
    array([30., 30.,  4.])
    """
    sizes = checked_reals(size, "size")
    return _share(np.where(sizes > 0, 1.0, 0.0), total, np.zeros(sizes.size), sizes)


def proportional(size: ArrayLike, total: float) -> Floats:
    """Give every stratum the same fraction, n N_h / N.

    Parameters
    ----------
    size : array_like of float, shape (H,)
        N_h.
    total : float
        n, at most Σ N.

    Returns
    -------
    ndarray of float, shape (H,)

    Raises
    ------
    MalformedStrata, TotalAboveSize

    Notes
    -----
    Cochran (1977), section 5.5: self-weighting, never worse than simple random sampling but for 1/N terms.

    Examples
    --------
    >>> proportional([100, 300], 40)
    array([10., 30.])
    """
    sizes = checked_reals(size, "size")
    return _share(sizes, total, np.zeros(sizes.size), sizes)


def power(size: ArrayLike, variation: ArrayLike, total: float, *, exponent: float = 0.5) -> Floats:
    """Compromise between good numbers for each stratum and for the whole: n_h ∝ C_h X_h**exponent.

    Parameters
    ----------
    size : array_like of float, shape (H,)
        N_h, also the measure of importance X_h.
    variation : array_like of float, shape (H,)
        C_h, the coefficient of variation expected in each stratum.
    total : float
    exponent : float
        0 aims at equal precision of strata, 1 (with C_h = S_h / mean) at Neyman.

    Returns
    -------
    ndarray of float, shape (H,)
        At most N_h each, sums to `total`.

    Raises
    ------
    MalformedStrata, TotalAboveSize

    Notes
    -----
    Bankier (1988), The American Statistician 42, 174-177.

    Examples
    --------
    >>> power([100, 400], [1, 1], 30)
    array([10., 20.])
    """
    sizes = checked_reals(size, "size")
    variations = checked_reals(variation, "variation", sizes.shape)
    return _share(variations * sizes**exponent, total, np.zeros(sizes.size), sizes)


def neyman(
    size: ArrayLike,
    spread: ArrayLike,
    *,
    total: float | None = None,
    budget: float | None = None,
    cost: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
) -> Floats:
    """Give where it tells most: n_h ∝ N_h S_h / √c_h within bounds, for a fixed total or a fixed budget.

    Minimises Σ N_h² S_h² / n_h exactly, subject to lower ≤ n_h ≤ upper.

    Parameters
    ----------
    size, spread : array_like of float, shape (H,)
        N_h and S_h.
    total, budget : float
        One of them: Σ n_h, or Σ c_h n_h.
    cost : array_like of float, shape (H,), optional
        c_h, 1 by default; with `total` it sets only the shares.
    lower, upper : array_like of float, shape (H,), optional
        No bounds by default (so that a share above N_h is seen, as in the textbooks).

    Returns
    -------
    ndarray of float, shape (H,)

    Raises
    ------
    MalformedStrata
    TotalBelowFloors, TotalAboveSize, BudgetBelowFloors
        What the bounds do not allow.

    Notes
    -----
    Neyman (1934); Cochran (1977), eq. 5.26 and 5.23; with bounds the optimum is t·N_h S_h/√c_h cut to the bounds,
    t found among the 2H points where a bound begins to bind (Stenger & Gabler 2005; Friedrich et al. 2015).

    Examples
    --------
    >>> neyman([3000, 4000, 5000, 2000], [48, 79, 76, 16], total=190).round(2)
    array([31.38, 68.85, 82.8 ,  6.97])
    >>> neyman([3000, 4000, 5000, 2000], [48, 79, 76, 16], total=190, upper=[100, 90, 70, 80]).round(2)
    array([35.12, 77.07, 70.  ,  7.8 ])
    """
    sizes = checked_reals(size, "size")
    share, costs, low, high = _bounded(sizes, spread, cost, lower, upper)
    if (total is None) == (budget is None):
        raise MalformedStrata("neyman", "needs one aim", "give either total or budget")
    if total is not None:
        return _share(share, total, low, high)
    if budget is None or budget < float(np.sum(costs * low)):
        needed = float(np.sum(costs * low))
        raise BudgetBelowFloors("budget", f"{budget} is below {needed}", f"allow {needed} or more", needed)
    t = _scale(share, low, high, lambda n: float(np.sum(costs * n)), budget)
    free = (share * t > low) & (share * t < high)
    n = np.clip(share * t, low, high)
    if np.any(free):
        n[free] = share[free] * (budget - np.sum((costs * n)[~free])) / np.sum((costs * share)[free])
    return n


def least_cost(
    size: ArrayLike,
    spread: ArrayLike,
    variance: float,
    *,
    cost: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    finite_part: float | None = None,
) -> Floats:
    """Reach a wanted variance of the estimated total for the least cost, in real numbers.

    Minimises Σ c_h n_h subject to Σ N_h² S_h² / n_h - Σ N_h S_h² ≤ variance and the bounds.

    Parameters
    ----------
    size, spread : array_like of float, shape (H,)
    variance : float
        Of the estimated total; for a coefficient of variation cv, (cv · total)².
    cost : array_like of float, shape (H,), optional
        1 by default.
    lower, upper : array_like of float, shape (H,), optional
        No bounds by default.
    finite_part : float, optional
        What stands in for Σ N_h S_h².

    Returns
    -------
    ndarray of float, shape (H,)

    Raises
    ------
    MalformedStrata
    PrecisionOutOfReach
        When the upper bounds do not give it; ``smallest`` is what they give.

    Notes
    -----
    Cochran (1977), eq. 5.24; bounds as in `neyman`.

    Examples
    --------
    >>> least_cost([100, 100], [1.0, 3.0], 1400.0).round(3)
    array([16.667, 50.   ])
    """
    sizes = checked_reals(size, "size")
    share, _, low, high = _bounded(sizes, spread, cost, lower, upper)
    spreads = checked_reals(spread, "spread", sizes.shape)
    weight = (sizes * spreads) ** 2
    off = float(np.sum(sizes * spreads**2)) if finite_part is None else finite_part
    best = float(np.sum(weight[weight > 0] / high[weight > 0])) - off
    if not variance >= best or variance + off <= 0:
        raise PrecisionOutOfReach("variance", f"{variance} is below {best}", f"ask for {best} or more", best)

    def minus_variance(n: Floats) -> float:
        with np.errstate(divide="ignore"):
            return -float(np.sum(weight[weight > 0] / n[weight > 0]))

    t = _scale(share, low, high, minus_variance, -(variance + off))
    free = (share * t > low) & (share * t < high) & (share > 0)
    n = np.clip(share * t, low, high)
    fixed = ~free & (weight > 0)
    left = variance + off - float(np.sum(weight[fixed] / n[fixed]))
    if np.any(free):
        n[free] = share[free] * float(np.sum(weight[free] / share[free])) / left
    return n


def _bounded(
    sizes: Floats, spread: ArrayLike, cost: ArrayLike | None, lower: ArrayLike | None, upper: ArrayLike | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return shares N S / √c, costs and bounds, checked."""
    spreads = checked_reals(spread, "spread", sizes.shape)
    costs = np.ones(sizes.shape) if cost is None else checked_reals(cost, "cost", sizes.shape)
    low = np.zeros(sizes.shape) if lower is None else checked_reals(lower, "lower", sizes.shape)
    high = np.full(sizes.shape, np.inf) if upper is None else checked_reals(upper, "upper", sizes.shape)
    if np.any(costs <= 0) or np.any(low > high):
        raise MalformedStrata("bounds", "cross, or a cost is 0", "keep lower ≤ upper and costs positive")
    return sizes * spreads / np.sqrt(costs), costs, low, high


def _share(share: Floats, total: float, low: Floats, high: Floats) -> Floats:
    """Return t·share cut to the bounds, with t such that it sums to the total."""
    least, most = float(low.sum()), float(np.where(share > 0, high, low).sum())
    if not total >= least:
        raise TotalBelowFloors("total", f"is {total}, the bounds ask for {least}", f"allow {least} or more", least)
    if total > most * (1 + 1e-15):
        raise TotalAboveSize("total", f"is {total}, the bounds hold {most}", f"ask for at most {most}")
    t = _scale(share, low, high, lambda n: float(np.sum(n)), total)
    n = np.clip(share * t, low, high)
    free = (share * t > low) & (share * t < high)
    if np.any(free):
        n[free] = share[free] * (total - np.sum(n[~free])) / np.sum(share[free])
    return n


def _scale(share: Floats, low: Floats, high: Floats, rising: Callable[[Floats], float], target: float) -> float:
    """Return a t between the same two break points as the t with rising(clip(t·share)) = target."""
    some = share > 0
    points = np.concatenate([low[some] / share[some], high[some] / share[some]])
    points = np.unique(points[np.isfinite(points) & (points > 0)])
    first, last = 0, points.size  # the answer lies before points[last], at or after points[first - 1]
    while first < last:
        middle = (first + last) // 2
        if rising(np.clip(share * points[middle], low, high)) < target:
            first = middle + 1
        else:
            last = middle
    below = float(points[first - 1]) if first > 0 else 0.0
    if first == points.size:
        return below * 2 + 1
    return (below + float(points[first])) / 2

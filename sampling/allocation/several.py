"""Several aims at once: domains of equal standing, or several variables that each want their precision."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.allocation.real import least_cost
from sampling.allocation.refusals import MalformedStrata, PrecisionOutOfReach, TotalAboveSize
from sampling.allocation.strata import Floats, checked_reals

_ROUNDS = 20_000  # Chromy's steps; a hundred usually do


@dataclass(frozen=True, eq=False)
class BalancedDomains:
    """An allocation that makes all domains equally precise, by their standing.

    Parameters
    ----------
    n : ndarray of float, shape (H,)
    level : float
        T: the variance of domain d's total is ``priority[d] * T``.
    """

    n: Floats
    level: float


def balance_domains(
    size: ArrayLike, spread: ArrayLike, domain: ArrayLike, priority: ArrayLike, total: float
) -> BalancedDomains:
    """Share a total among domains so that their variances stand in given proportions, each domain optimal within.

    Parameters
    ----------
    size, spread : array_like of float, shape (H,)
        N_h, S_h.
    domain : array_like of int, shape (H,)
        Domain of each stratum, 0 to D - 1.
    priority : array_like of float, shape (D,)
        What the variance of each domain's total is a multiple of: total² for equal coefficients of variation,
        times κ for unequal standing. Above 0.
    total : float
        n, at most Σ N.

    Returns
    -------
    BalancedDomains
        n at most N each.

    Raises
    ------
    MalformedStrata, TotalAboveSize

    Notes
    -----
    Wesołowski & Wieczorkowski (2017), Survey Methodology 43, *controlled precision*; the level is found by
    bisection, each domain by `least_cost`.

    Examples
    --------
    >>> even = balance_domains([100, 100], [1.0, 2.0], [0, 1], [1.0, 1.0], 60)
    >>> even.n.round(2).tolist()
    [16.27, 43.73]
    """
    sizes = checked_reals(size, "size")
    spreads = checked_reals(spread, "spread", sizes.shape)
    domains = np.asarray(domain)
    priorities = checked_reals(priority, "priority")
    if domains.shape != sizes.shape or set(domains.tolist()) != set(range(priorities.size)):
        raise MalformedStrata("domain", "does not name every domain", "number domains from 0 to D - 1")
    if np.any(priorities <= 0):
        raise MalformedStrata("priority", "is 0", "give positive priorities")
    if not 0 < total <= float(sizes.sum()):
        raise TotalAboveSize("total", f"is {total} of {sizes.sum()}", "ask for more than 0 and at most all")
    parts = [np.flatnonzero(domains == d) for d in range(priorities.size)]

    def at(level: float) -> Floats:
        n = np.empty(sizes.size)
        for part, priority_d in zip(parts, priorities.tolist(), strict=True):
            n[part] = least_cost(sizes[part], spreads[part], priority_d * level, upper=sizes[part])
        return n

    low, high = 0.0, 1.0
    while float(at(high).sum()) > total:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if float(at(middle).sum()) > total else (low, middle)
    return BalancedDomains(at(high), high)


def satisfy_all(
    size: ArrayLike,
    spreads: ArrayLike,
    variances: ArrayLike,
    *,
    cost: ArrayLike | None = None,
    lower: ArrayLike | None = None,
) -> Floats:
    """Reach a wanted variance of every variable's total for the least cost.

    Parameters
    ----------
    size : array_like of float, shape (H,)
        N_h.
    spreads : array_like of float, shape (J, H)
        S_jh, 0 outside the variable's domain.
    variances : array_like of float, shape (J,)
        Of each estimated total, above 0; for a coefficient of variation cv, (cv · total)².
    cost, lower : array_like of float, shape (H,), optional
        1 by default.

    Returns
    -------
    ndarray of float, shape (H,)
        Real; rounding up keeps every precision.

    Raises
    ------
    MalformedStrata
    PrecisionOutOfReach
        When a variance is not positive.

    Notes
    -----
    Bethel (1989), Survey Methodology 15, 47-57, solved by Chromy's (1987) multiplicative steps on the weights of
    the variables, the shares cut to the bounds at every step.

    Examples
    --------
    >>> satisfy_all([100, 100], [[1.0, 3.0], [2.0, 0.0]], [1400.0, 400.0]).round(2).tolist()
    [50.0, 40.91]
    """
    sizes = checked_reals(size, "size")
    table = np.asarray(spreads, dtype=np.float64)
    wanted = checked_reals(variances, "variances")
    if table.ndim != 2 or table.shape != (wanted.size, sizes.size) or not np.all(np.isfinite(table) & (table >= 0)):  # noqa: PLR2004 - a table
        raise MalformedStrata(
            "spreads", f"has the shape {table.shape}", "give one row per variable, finite, at least 0"
        )
    if np.any(wanted <= 0):
        raise PrecisionOutOfReach("variances", "hold a 0", "ask for positive variances", 0.0)
    costs = np.ones(sizes.size) if cost is None else checked_reals(cost, "cost", sizes.shape)
    low = np.ones(sizes.size) if lower is None else checked_reals(lower, "lower", sizes.shape)
    # share of each stratum in what variable j may vary, per 1/n: Σ_h share / n_h ≤ 1
    bound = wanted + np.sum(sizes * table**2, axis=1)
    shares = (sizes * table) ** 2 / bound[:, np.newaxis]
    return _chromy(shares, costs, np.minimum(low, sizes), sizes)


def _chromy(shares: NDArray[np.float64], costs: Floats, low: Floats, high: Floats) -> Floats:
    """Minimise Σ c n subject to Σ share_j/n ≤ 1 for every j, within bounds."""

    def allocation(multiplier: Floats) -> Floats:
        return np.clip(np.sqrt(multiplier @ shares / costs), low, high)

    multiplier = np.full(shares.shape[0], 1.0)
    for _ in range(_ROUNDS):
        ratio = np.sum(shares / allocation(multiplier), axis=1)
        following = multiplier * ratio**2
        if np.all(np.abs(following - multiplier) <= 1e-12 * (multiplier + following.max() * 1e-9)):
            break
        multiplier = following
    n = allocation(multiplier)
    worst = float(np.max(np.sum(shares / n, axis=1)))
    # the last hair: scale what may grow until every variable has its precision
    while worst > 1:
        n = np.minimum(n * worst * (1 + 1e-15), high)
        again = float(np.max(np.sum(shares / n, axis=1)))
        if again >= worst:
            break
        worst = again
    return n

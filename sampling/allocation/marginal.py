"""Exact integer allocation: give the next visit where it lowers the variance most, many groups at once."""

import heapq
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sampling.allocation.strata import Floats, Integers

_HANDFUL = 300  # visits
_BISECTIONS = 200  # a threshold is pinned between neighbouring doubles long before


def gain(weight: Floats, n: Integers) -> Floats:
    """Return what one more visit takes off Σ weight/n: weight / (n (n + 1)), for n at least 1."""
    return weight / (n * (n + 1.0))


def loss(weight: Floats, n: Integers) -> Floats:
    """Return what one visit fewer adds: weight / ((n - 1) n), infinite at n = 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 1, weight / ((n - 1.0) * n), np.inf)


def positive_weights(weight: Floats) -> Floats:
    """Give strata without spread a weight so small that they come last, proportional among themselves.

    Strata whose spread is 0 gain nothing from a visit; when a total must be placed all the same, this fills
    them evenly instead of one after the other.
    """
    if np.all(weight > 0):
        return weight
    # below every gain of the others: theirs is at least weight / N², and N stays below 10**10
    least = float(np.min(weight[weight > 0])) if np.any(weight > 0) else 1.0
    return np.where(weight > 0, weight, least * 1e-24)


def raise_groups(
    n: Integers,
    upper: Integers,
    weight: Floats,
    group: NDArray[np.intp],
    target: Floats,
    *,
    unit: Floats | None = None,
) -> Integers:
    """Raise every group's sum of n to its target by the visits that lower Σ weight/n most.

    Parameters
    ----------
    n, upper : ndarray of int64, shape (H,)
        Where to start (at least 1 where upper is) and where to stop.
    weight : ndarray of float, shape (H,)
        Above 0.
    group : ndarray of intp, shape (H,)
        Position of each stratum's group in `target`, or -1.
    target : ndarray of float, shape (G,)
        Sums wanted, at most the group's sum of `upper`. A group above its target stays as it is.
    unit : ndarray of float, shape (H,), optional
        What one visit counts towards the target: 1, or its cost (then the sum stays at or below the target).

    Returns
    -------
    ndarray of int64, shape (H,)

    Notes
    -----
    Gains of a stratum fall with n, so taking the largest gains first is optimal, and a threshold on the gain
    finds almost all of them at once (Friedrich, Münnich, de Vries, Wagner 2015). The threshold is bisected on a
    logarithmic scale, the few visits left at it are given one by one from a heap.
    """
    unit = np.ones(n.size) if unit is None else unit
    have = _sums(n * unit, group, target.size)
    needy = (have < target) & (target > 0)
    active = np.flatnonzero((group >= 0) & needy[group] & (n < upper))
    if active.size == 0:
        return n
    n = n.copy()
    start, ceiling, w, g, u = n[active], upper[active], weight[active], group[active], unit[active]
    fixed = have - _sums(start * u, g, target.size)

    def at(threshold: Floats) -> Integers:
        # the largest k with w / ((k - 1) k) >= threshold
        with np.errstate(over="ignore", divide="ignore"):
            k = np.floor(0.5 + np.sqrt(0.25 + w / threshold[g]))
        return np.clip(np.minimum(k, ceiling.astype(np.float64)).astype(np.int64), start, ceiling)

    few, many = np.zeros(target.size), np.full(target.size, np.inf)
    np.maximum.at(few, g, gain(w, start) * 2)
    np.minimum.at(many, g, gain(w, ceiling) / 2)
    few, many = np.where(needy, few, 1.0), np.where(needy, many, 1.0)
    # a handful of visits is given faster one by one than by a threshold
    handful = float(np.sum((target - have)[needy] / np.min(u))) <= _HANDFUL
    for _ in range(0 if handful else _BISECTIONS):
        middle = np.sqrt(few) * np.sqrt(many)
        reached = fixed + _sums(at(middle) * u, g, target.size) > target
        many, few = np.where(reached, middle, many), np.where(reached, few, middle)
        if np.all(few <= many * (1 + 1e-15)):
            break
    placed = at(few)
    left = target - fixed - _sums(placed * u, g, target.size)
    _one_by_one(placed, ceiling, w, g, u, left)
    n[active] = placed
    return n


def raise_until(
    n: Integers, upper: Integers, weight: Floats, enough: Callable[[Integers], bool], *, order: Floats | None = None
) -> Integers:
    """Raise n by the largest gains until `enough` says so; all the way to `upper` when it never does.

    Parameters
    ----------
    n, upper : ndarray of int64, shape (H,)
    weight : ndarray of float, shape (H,)
    enough : callable
        Takes n, returns bool; once true, true for more.
    order : ndarray of float, shape (H,), optional
        Weights that set the order of giving (e.g. weight/cost); `weight` by default.
    """
    w = weight if order is None else order
    everywhere = np.zeros(n.size, dtype=np.intp)
    few, many = int(n.sum()), int(upper.sum())
    best = n
    if enough(n):
        return n
    while many - few > 1:
        middle = (few + many) // 2
        tried = raise_groups(n, upper, w, everywhere, np.array([float(middle)]))
        if enough(tried):
            many = middle
        else:
            few, best = middle, tried
    return raise_groups(best, upper, w, everywhere, np.array([float(many)]))


def _sums(values: NDArray[np.float64] | Integers, group: NDArray[np.intp], groups: int) -> Floats:
    inside = group >= 0
    return np.bincount(group[inside], weights=values[inside], minlength=groups).astype(np.float64)


def _one_by_one(  # noqa: PLR0917 - columns of the same strata
    n: Integers, ceiling: Integers, w: Floats, g: NDArray[np.intp], u: Floats, left: Floats
) -> None:
    """Give what is left at the threshold, largest gain first, ties by position; changes n."""
    waiting: dict[int, list[tuple[float, int]]] = {}
    open_groups = left >= np.where(left > 0, 1e-9, np.inf)
    gains = gain(w, n)
    for h in np.flatnonzero(open_groups[g] & (n < ceiling)).tolist():
        waiting.setdefault(int(g[h]), []).append((-float(gains[h]), h))
    for which, queue in waiting.items():
        heapq.heapify(queue)
        rest = float(left[which])
        while queue and rest > 1e-9:  # noqa: PLR2004 - costs are real numbers
            _, h = heapq.heappop(queue)
            if u[h] > rest + 1e-9:
                continue  # cannot be paid any more
            n[h] += 1
            rest -= float(u[h])
            if n[h] < ceiling[h]:
                heapq.heappush(queue, (-float(w[h]) / (float(n[h]) * (float(n[h]) + 1.0)), h))

"""Allocation under floors in a nest of groups: exact in whole visits, and saying which bound binds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.allocation.marginal import gain, loss, positive_weights, raise_groups, raise_until
from sampling.allocation.refusals import (
    BudgetBelowFloors,
    FloorAboveSize,
    GroupsNotNested,
    MalformedStrata,
    PrecisionOutOfReach,
    TotalAboveSize,
    TotalBelowFloors,
)
from sampling.allocation.strata import Floats, Integers, Strata, checked_strata


@dataclass(frozen=True)
class Group:
    """Strata that together have a floor, or a wanted precision.

    Parameters
    ----------
    name : str
    members : sequence of int
        Positions of its strata.
    floor : int
        At least so many visits.
    variance : float, optional
        The variance of the group's total must not be above this.
    """

    name: str
    members: Sequence[int] | NDArray[np.intp]
    floor: int = 0
    variance: float | None = None


@dataclass(frozen=True)
class Binding:
    """A bound that holds the allocation back.

    Parameters
    ----------
    kind : {'lower', 'upper', 'floor'}
        A stratum's bounds, or a group's floor.
    name : str
        The group; for a stratum its position.
    bound : int
    price : float
        What the variance of the total would lose if the bound were one visit looser at the same total;
        0 for a bound that is met but costs nothing.
    """

    kind: str
    name: str
    bound: int
    price: float


@dataclass(frozen=True, eq=False)
class Allocation:
    """How many visits each stratum gets.

    Parameters
    ----------
    n : ndarray of int64, shape (H,)
    variance : float
        Of the estimated total, Σ N² S²/n - Σ N S².
    bindings : tuple of Binding
        Bounds that bind, the dearest first.
    floor_cost : float
        What all group floors together add to `variance` at the same total.
    smallest : int
        The fewest visits that keep every bound.
    """

    n: Integers
    variance: float
    bindings: tuple[Binding, ...]
    floor_cost: float
    smallest: int

    @property
    def total(self) -> int:
        """All visits."""
        return int(self.n.sum())


@dataclass(eq=False)
class _Nest:
    """Groups by depth, innermost first; at one depth no two share a stratum."""

    groups: list[Group]
    levels: list[list[int]] = field(default_factory=list)

    def of_strata(self, level: list[int], strata: int) -> NDArray[np.intp]:
        place = np.full(strata, -1, dtype=np.intp)
        for position, which in enumerate(level):
            place[np.asarray(self.groups[which].members, dtype=np.intp)] = position
        return place


def allocate(
    size: ArrayLike,
    spread: ArrayLike | None = None,
    *,
    total: int | None = None,
    variance: float | None = None,
    budget: float | None = None,
    groups: Sequence[Group] = (),
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    cost: ArrayLike | None = None,
) -> Allocation:
    """Place visits so that the estimated total varies least, and every floor is kept.

    Minimises Σ N_h² S_h² / n_h over whole n_h with lower ≤ n ≤ upper and Σ_{h in g} n_h at least each group's
    floor; for a fixed `total`, for as few visits as reach a wanted `variance`, or for a `budget`. With none of
    the three, as few visits as the bounds allow.

    Parameters
    ----------
    size : array_like of int, shape (H,)
        N_h.
    spread : array_like of float, shape (H,), optional
        S_h; 1 by default (proportional).
    total : int, optional
    variance : float, optional
        Of the estimated total, finite population correction included.
    budget : float, optional
        In the unit of `cost`.
    groups : sequence of Group
        Nested or apart, never overlapping otherwise.
    lower, upper : array_like of int, shape (H,), optional
        1 and N by default; equal to N for strata taken whole.
    cost : array_like of float, shape (H,), optional
        Of one visit; used with `budget`, or with `variance` to save money instead of visits.

    Returns
    -------
    Allocation

    Raises
    ------
    MalformedStrata, FloorAboveSize, GroupsNotNested
        Bad input, named by position.
    TotalBelowFloors, BudgetBelowFloors, PrecisionOutOfReach
        The refusal's ``smallest`` is the smallest feasible answer.
    TotalAboveSize
        More than the upper bounds hold.

    Notes
    -----
    Separable convex minimisation on a laminar family: greedy marginal allocation from the innermost groups
    outwards is optimal (Ibaraki & Katoh 1988, ch. 9; Hochbaum 1994; for strata Wright 2012 and Friedrich,
    Münnich, de Vries, Wagner 2015). A group's wanted variance becomes the smallest count that reaches it, which
    keeps the family laminar and the answer exact. With unequal costs the problem is a knapsack: the answer is
    then greedy, within one visit of the optimum's budget.

    Examples
    --------
    >>> townships = [Group("A", [0, 1], 5), Group("B", [2], 3)]
    >>> found = allocate([10, 5, 10], [3.0, 1.0, 0.5], total=10, groups=townships, lower=[2, 2, 2])
    >>> found.n.tolist()
    [5, 2, 3]
    >>> [(b.kind, b.name, b.bound) for b in found.bindings]
    [('floor', 'B', 3), ('lower', '1', 2)]
    """
    strata = checked_strata(size, spread, lower=lower, upper=upper, cost=cost)
    if sum(aim is not None for aim in (total, variance, budget)) > 1:
        raise MalformedStrata("allocate", "has several aims", "give one of total, variance and budget")
    nest = _nest(groups, strata)
    order = positive_weights(strata.weight) / strata.cost
    floored = _keep_floors(strata, nest, order)
    n = _aim(strata, floored, order, total=total, variance=variance, budget=budget)
    bindings = _bindings(strata, nest, n)
    alone = raise_groups(strata.lower, strata.upper, order, np.zeros(n.size, dtype=np.intp), np.array([float(n.sum())]))
    return Allocation(
        n=n,
        variance=_variance(strata, n),
        bindings=bindings,
        floor_cost=max(0.0, _objective(strata, n) - _objective(strata, alone)),
        smallest=int(floored.sum()),
    )


def _aim(
    strata: Strata,
    floored: Integers,
    order: Floats,
    *,
    total: int | None,
    variance: float | None,
    budget: float | None,
) -> Integers:
    everywhere = np.zeros(floored.size, dtype=np.intp)
    if total is not None:
        smallest, largest = int(floored.sum()), int(strata.upper.sum())
        if total < smallest:
            raise TotalBelowFloors(
                "total", f"is {total}, the floors ask for {smallest}", f"allow {smallest} or more", smallest
            )
        if total > largest:
            raise TotalAboveSize("total", f"is {total}, there are {largest}", f"ask for at most {largest}")
        return raise_groups(floored, strata.upper, order, everywhere, np.array([float(total)]))
    if budget is not None:
        needed = float(np.sum(floored * strata.cost))
        if budget < needed:
            raise BudgetBelowFloors(
                "budget", f"is {budget}, the floors cost {needed}", f"allow {needed} or more", needed
            )
        most = float(np.sum(strata.upper * strata.cost))
        target = np.array([min(float(budget), most)])
        return raise_groups(floored, strata.upper, order, everywhere, target, unit=strata.cost)
    if variance is not None:
        _check_reachable("variance", variance, _variance(strata, strata.upper))
        return raise_until(
            floored, strata.upper, strata.weight, lambda n: _variance(strata, n) <= variance, order=order
        )
    return floored


def _keep_floors(strata: Strata, nest: _Nest, order: Floats) -> Integers:
    """Return the cheapest n that keeps every floor and group precision, from the innermost groups outwards."""
    n = strata.lower
    for level in nest.levels:
        place = nest.of_strata(level, n.size)
        floors = np.array([float(nest.groups[which].floor) for which in level])
        n = raise_groups(n, strata.upper, order, place, floors)
        for which in level:
            n = _reach(strata, nest.groups[which], order, n)
    return n


def _reach(strata: Strata, group: Group, order: Floats, n: Integers) -> Integers:
    wanted = group.variance
    if wanted is None:
        return n
    members = np.asarray(group.members, dtype=np.intp)
    part = strata.part(members)
    _check_reachable(f"variance of {group.name}", wanted, _variance(part, part.upper))
    n = n.copy()
    n[members] = raise_until(
        n[members], part.upper, part.weight, lambda m: _variance(part, m) <= wanted, order=order[members]
    )
    return n


def _check_reachable(where: str, wanted: float, best: float) -> None:
    if not np.isfinite(wanted) or wanted < best:
        raise PrecisionOutOfReach(where, f"{wanted} is below {best}", f"ask for {best} or more", best)


def _objective(strata: Strata, n: Integers) -> float:
    here = n > 0
    return float(np.sum(strata.weight[here] / n[here]))


def _variance(strata: Strata, n: Integers) -> float:
    # by stratum, so that a stratum taken whole adds exactly nothing
    here = n > 0
    spread, size, m = strata.spread[here], strata.size[here], n[here]
    return float(np.sum(size * spread**2 * ((size - m) / m)))


def _nest(groups: Sequence[Group], strata: Strata) -> _Nest:
    """Check that groups nest and sort them by depth."""
    top = np.full(strata.size.size, -1, dtype=np.intp)  # outermost group so far
    depth = [0] * len(groups)
    counted = [0] * len(groups)
    levels: dict[int, list[int]] = {}
    for which in sorted(range(len(groups)), key=lambda i: len(groups[i].members)):
        group = groups[which]
        members = _members(group, strata)
        inside = np.unique(top[members])
        inside = inside[inside >= 0]
        covered = int(np.count_nonzero(top[members] >= 0))
        if sum(counted[i] for i in inside) != covered:
            partly = next(groups[i].name for i in inside if np.count_nonzero(top[members] == i) != counted[i])
            raise GroupsNotNested(
                f"groups {group.name} and {partly}", "overlap, neither holds the other", "nest them or part them"
            )
        counted[which] = members.size
        depth[which] = 1 + max((depth[i] for i in inside), default=0)
        levels.setdefault(depth[which], []).append(which)
        top[members] = which
    return _Nest(list(groups), [levels[d] for d in sorted(levels)])


def _members(group: Group, strata: Strata) -> NDArray[np.intp]:
    members = np.asarray(group.members, dtype=np.intp)
    if members.ndim != 1 or members.size == 0 or np.unique(members).size != members.size:
        raise MalformedStrata(f"group {group.name}", "is empty or names a stratum twice", "name each member once")
    if members.min() < 0 or members.max() >= strata.size.size:
        raise MalformedStrata(f"group {group.name}", "names a stratum that is not there", "count from 0")
    most = int(strata.upper[members].sum())
    if group.floor > most:
        raise FloorAboveSize(
            f"floor of group {group.name}", f"is {group.floor}, it can give {most}", f"ask for at most {most}", most
        )
    return members


def _bindings(strata: Strata, nest: _Nest, n: Integers) -> tuple[Binding, ...]:
    """Name the bounds that are met, and what one visit less would save at the same total."""
    weight = strata.weight
    take = np.where(n > strata.lower, loss(weight, n), np.inf)  # what giving one visit back would add
    give = np.where(n < strata.upper, gain(weight, np.maximum(n, 1)), 0.0)  # what one more takes off
    ceiling_of_gain = np.full(n.size, float(give.max(initial=0.0)))  # best use of a visit where it may go
    found = []
    cheapest: dict[int, float] = {}
    bound_groups = []
    for level in nest.levels:
        for which in level:
            group = nest.groups[which]
            members = np.asarray(group.members, dtype=np.intp)
            cheapest[which] = float(take[members].min())
            if group.floor and int(n[members].sum()) == group.floor:
                bound_groups.append(which)
                take[members] = np.inf  # an outer group cannot take from here
    for which in reversed(bound_groups):  # outermost first: a bound group keeps its visits for itself
        members = np.asarray(nest.groups[which].members, dtype=np.intp)
        price = ceiling_of_gain[members[0]] - cheapest[which]
        found.append(Binding("floor", nest.groups[which].name, nest.groups[which].floor, max(0.0, float(price))))
        ceiling_of_gain[members] = float(give[members].max(initial=0.0))
    lost = loss(weight, n)
    found += [
        Binding("lower", str(h), int(n[h]), max(0.0, float(ceiling_of_gain[h] - lost[h])))
        for h in np.flatnonzero((n == strata.lower) & (strata.lower < strata.upper)).tolist()
    ]
    spare = float(np.min(take, initial=np.inf))
    beyond = gain(weight, np.maximum(n, 1))
    for h in np.flatnonzero((n == strata.upper) & (strata.upper < strata.size)).tolist():
        saved = float(beyond[h]) - spare if np.isfinite(spare) else 0.0
        found.append(Binding("upper", str(h), int(n[h]), max(0.0, saved)))
    return tuple(sorted(found, key=lambda b: -b.price))

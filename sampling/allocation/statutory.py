"""The plan of a county: how many households of each township, scheme and band the law and the campaign ask for."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from sampling.allocation.floors import LEAST_PERCENT, floor_of, statutory_percent, stratum_minimum
from sampling.allocation.nested import Allocation, Group, allocate
from sampling.allocation.refusals import MalformedStrata

_LEVELS = {"county": "全县", "scheme": "类别", "township": "乡镇"}


@dataclass(frozen=True)
class Bound:
    """A bound that binds in a county's plan, and what it costs.

    Parameters
    ----------
    level : {'county', 'scheme', 'township', 'stratum'}
    cell : str
        The scheme, ``<township code>|<scheme>`` or stratum; empty for the county.
    size, n, bound : int
        N, n and the bound that n meets.
    reason : {'floor', 'two', 'band', 'certain'}
        A floor in percent, the two a variance needs, a band's own floor, or a stratum taken whole.
    price : float
        What one visit less would take off the variance of the estimated total, at the same total.
    """

    level: str
    cell: str
    size: int
    n: int
    bound: int
    reason: str
    price: float

    @property
    def sentence(self) -> str:
        """The bound in words, for people."""
        why = {
            "floor": f"按比例至少 {self.bound} 户",
            "two": f"为估计误差至少 {self.bound} 户",
            "band": f"该风险段至少 {self.bound} 户",
            "certain": "必查户全部入户",
        }[self.reason]
        where = f"{_LEVELS.get(self.level, '层')} {self.cell}".strip()
        return f"{where}：共 {self.size} 户，{why}，抽 {self.n} 户"


@dataclass(frozen=True)
class StatutoryAllocation:
    """How many households of each stratum are visited.

    Parameters
    ----------
    n : dict of str to int
        By stratum, ready for `sampling.Plan.of`.
    bounds : tuple of Bound
        Those that bind, the dearest first.
    smallest : int
        The fewest visits that keep every floor.
    variance : float
        Of the estimated total, with the spreads given.
    floor_cost : float
        What the floors of county, schemes and townships add to it.
    """

    n: dict[str, int]
    bounds: tuple[Bound, ...]
    smallest: int
    variance: float
    floor_cost: float

    @property
    def total(self) -> int:
        """All visits."""
        return sum(self.n.values())


def allocate_statutory(
    sizes: Mapping[str, int],
    *,
    county: int = LEAST_PERCENT,
    scheme: int = LEAST_PERCENT,
    township: int = LEAST_PERCENT,
    bands: Mapping[str, int] | None = None,
    certain: Collection[str] = (),
    spread: Mapping[str, float] | None = None,
    total: int | None = None,
) -> StatutoryAllocation:
    """Place a county's visits: every floor kept, then where they tell most.

    Parameters
    ----------
    sizes : mapping of str to int
        N by stratum ``<township code>|<scheme>|<band>``, at least 1 each.
    county, scheme, township : int
        Floors in whole percent, 30 to 100: of the county, of each scheme, of each township × scheme (and so of
        each whole township: rounding up parts never gives less than rounding up the whole).
    bands : mapping of str to int, optional
        Floors in whole percent of every stratum of a band.
    certain : collection of str
        Strata taken whole.
    spread : mapping of str to float, optional
        S_h by stratum; 1 by default. For a rate p expected in a stratum, sqrt(p (1 - p)).
    total : int, optional
        All visits; as few as keep the floors by default.

    Returns
    -------
    StatutoryAllocation

    Raises
    ------
    FloorBelowLaw
        A floor below 30 % or above 100 %.
    MalformedStrata
        Names that are no strata, sizes below 1, certain strata or spreads of strata that are not there.
    TotalBelowFloors
        With the smallest total that keeps every floor, also as its ``smallest``.
    TotalAboveSize
        More visits than households.

    Notes
    -----
    ruhu-draw/1, *Nest of floors*; exact by marginal allocation, see `sampling.allocation.allocate`.

    Examples
    --------
    >>> found = allocate_statutory({"540222100|rural|1": 40, "540222100|rural|2": 3, "540222101|rural|1": 1})
    >>> found.n
    {'540222100|rural|1': 11, '540222100|rural|2': 2, '540222101|rural|1': 1}
    >>> print(next(b for b in found.bounds if b.level == "county").sentence)
    全县：共 44 户，按比例至少 14 户，抽 14 户
    """
    percent = {
        "county": statutory_percent(county, "county"),
        "scheme": statutory_percent(scheme, "scheme"),
        "township": statutory_percent(township, "township"),
    }
    names = _names(sizes, certain, spread)
    size = np.array([sizes[name] for name in names], dtype=np.int64)
    lower = _lower(names, sizes, bands or {}, certain)
    groups, cells = _groups(names, sizes, percent)
    spreads = None if spread is None else [spread[name] for name in names]
    found = allocate(size, spreads, total=total, groups=groups, lower=lower)
    n = dict(zip(names, found.n.tolist(), strict=True))
    return StatutoryAllocation(
        n=n,
        bounds=_bounds(found, names, sizes, cells, bands or {}, set(certain)),
        smallest=found.smallest,
        variance=found.variance,
        floor_cost=found.floor_cost,
    )


def _names(sizes: Mapping[str, int], certain: Collection[str], spread: Mapping[str, float] | None) -> list[str]:
    names = sorted(sizes)
    odd = [name for name in names if not re.fullmatch(r"[^|]+\|[^|]+\|[^|]+", name)]
    if odd or not names:
        raise MalformedStrata("sizes", f"stratum {odd[:1] or 'missing'}", "name it <township code>|<scheme>|<band>")
    small = [name for name in names if isinstance(sizes[name], bool) or not sizes[name] >= 1]
    if small:
        raise MalformedStrata("sizes", f"stratum {small[0]} has N = {sizes[small[0]]}", "leave empty strata out")
    unknown = sorted(set(certain) - set(sizes))
    if unknown:
        raise MalformedStrata("certain", f"names {unknown[0]}, which is not there", "name strata of sizes")
    if spread is not None and set(names) - set(spread):
        missing = sorted(set(names) - set(spread))
        raise MalformedStrata("spread", f"lacks {missing[0]}", "give one for every stratum")
    return names


def _lower(names: list[str], sizes: Mapping[str, int], bands: Mapping[str, int], certain: Collection[str]) -> list[int]:
    unknown = sorted(set(bands) - {name.split("|")[2] for name in names})
    if unknown:
        raise MalformedStrata("bands", f"names {unknown[0]}, which is not there", "name bands of the strata")
    lower = []
    for name in names:
        size, band = sizes[name], name.split("|")[2]
        if name in certain:
            lower.append(size)
        else:
            lower.append(max(stratum_minimum(size), floor_of(bands.get(band, 0), size)))
    return lower


def _groups(
    names: list[str], sizes: Mapping[str, int], percent: Mapping[str, int]
) -> tuple[list[Group], dict[str, tuple[str, str, int]]]:
    """Return the nest, and what each group's name stands for: level, cell, N."""
    members: dict[tuple[str, str], list[int]] = {}
    for place, name in enumerate(names):
        township, scheme, _ = name.split("|")
        for key in (("county", ""), ("scheme", scheme), ("township", f"{township}|{scheme}")):
            members.setdefault(key, []).append(place)
    groups: list[Group] = []
    cells: dict[str, tuple[str, str, int]] = {}
    for (level, cell), places in members.items():
        size = sum(sizes[names[place]] for place in places)
        label = f"{level} {cell}".strip()
        groups.append(Group(label, places, floor_of(percent[level], size)))
        cells[label] = (level, cell, size)
    return groups, cells


def _bounds(  # noqa: PLR0917 - the columns of one plan
    found: Allocation,
    names: list[str],
    sizes: Mapping[str, int],
    cells: Mapping[str, tuple[str, str, int]],
    bands: Mapping[str, int],
    certain: set[str],
) -> tuple[Bound, ...]:
    bounds = []
    for binding in found.bindings:
        if binding.kind == "floor":
            level, cell, size = cells[binding.name]
            bounds.append(Bound(level, cell, size, binding.bound, binding.bound, "floor", binding.price))
        else:
            name = names[int(binding.name)]
            band = name.split("|")[2]
            two = binding.bound == stratum_minimum(sizes[name])
            reason = "two" if two or band not in bands else "band"
            bounds.append(Bound("stratum", name, sizes[name], binding.bound, binding.bound, reason, binding.price))
    bounds += [Bound("stratum", s, sizes[s], sizes[s], sizes[s], "certain", 0.0) for s in sorted(certain)]
    return tuple(bounds)

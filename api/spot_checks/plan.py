"""A plan as people read it: stratum by stratum with the bound that decides, township by township, and its sums."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api.spot_checks.planning.make import LEVELS, make_plan, plan_frame
from api.spot_checks.risk import CERTAIN
from sampling.allocation import floor_of, stratum_minimum
from sampling.certificate import Plan

__all__ = ["PlanRow", "TownshipRow", "explain", "make_plan", "plan_frame", "totals", "townships"]


@dataclass(frozen=True)
class PlanRow:
    """One stratum of a plan, as people read it.

    Attributes
    ----------
    size, floor, n, reserve : int
        Households, the least the stratum itself must give, drawn, in reserve.
    binds : str
        Which bound decides: ``certain``, ``two`` (a variance needs two), ``least``, ``band`` or ``width`` (what was
        asked of the stratum), ``township``, ``scheme``, ``county``, or empty where the plan takes more than any
        bound asks.
    """

    township_code: str
    scheme: str
    band: str
    size: int
    floor: int
    n: int
    reserve: int
    binds: str

    @property
    def stratum(self) -> str:
        """The stratum's public name."""
        return f"{self.township_code}|{self.scheme}|{self.band}"


@dataclass(frozen=True)
class TownshipRow:
    """A township in a plan: what the floor asks and what is drawn.

    Attributes
    ----------
    floor : int
        ceil(percent · N / 100) of the whole township.
    """

    township_code: str
    size: int
    floor: int
    n: int

    @property
    def percent(self) -> float:
        """Drawn of its households, in percent."""
        return 100 * self.n / self.size


def explain(plan: Plan, lower: Mapping[str, tuple[int, str]] | None = None) -> Iterator[PlanRow]:
    """Yield each stratum with the bound that decides, township by township.

    Parameters
    ----------
    lower : mapping of str to (int, str), optional
        What each stratum itself had to give and why (`MadePlan.lower`), while the plan is being made. A published
        plan speaks for itself: certain strata whole, and the two that a variance needs.
    """
    exact = _exact_cells(plan)
    for name, planned in sorted(plan.strata.items()):
        township, scheme, band = name.split("|")
        if lower is not None:
            least, why = lower[name]
        elif band == CERTAIN:
            least, why = planned.size, "certain"
        else:
            least, why = stratum_minimum(planned.size), "two"
        if why == "certain" or planned.n == least:
            binds = why
        elif f"{township}|{scheme}" in exact:
            binds = "township"
        else:
            binds = "scheme" if scheme in exact else "county" if "" in exact else ""
        yield PlanRow(township, scheme, band, planned.size, least, planned.n, planned.reserve, binds)


def townships(plan: Plan) -> list[TownshipRow]:
    """Return each whole township with what its floor asks and what is drawn, by code."""
    sums: dict[str, list[int]] = {}
    for name, planned in sorted(plan.strata.items()):
        size_n = sums.setdefault(name.split("|")[0], [0, 0])
        size_n[0] += planned.size
        size_n[1] += planned.n
    percent = plan.floors["township"]
    return [TownshipRow(code, size, floor_of(percent, size), n) for code, (size, n) in sums.items()]


def totals(plan: Plan) -> Mapping[str, int]:
    """Return N, the floor, n and the reserves of the whole county."""
    size = sum(planned.size for planned in plan.strata.values())
    return {
        "size": size,
        "floor": floor_of(plan.floors["county"], size),
        "n": sum(planned.n for planned in plan.strata.values()),
        "reserve": sum(planned.reserve for planned in plan.strata.values()),
    }


def _exact_cells(plan: Plan) -> set[str]:
    """Return the cells whose floor is met without one to spare: the county is "", a scheme its name."""
    exact = set()
    for cell, _size, n, least in plan.cells():
        level, _, name = cell.partition(" ")
        if level in LEVELS and n == least:
            exact.add(name)
    return exact

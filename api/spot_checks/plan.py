"""Plan a draw: how many households of every stratum, under floors nobody can lower, and which floor binds where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt

from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.spot_checks.frame import stored_frame
from api.spot_checks.refusals import in_our_words
from api.spot_checks.risk import CERTAIN, EXPECTED_WRONG
from api.spot_checks.tables import Frame
from sampling.allocation import allocate_statutory, floor_of, stratum_minimum
from sampling.certificate import Plan
from sampling.frame import Frame as PublicFrame

LEVELS = ("county", "scheme", "township")
RESERVE_SHARE = 10  # one household in reserve for ten drawn, rounded up


@dataclass(frozen=True)
class PlanRow:
    """One stratum of a plan, as people read it.

    Attributes
    ----------
    size, floor, n, reserve : int
        Households, the least the stratum itself must give, drawn, in reserve.
    binds : str
        Which bound decides: ``certain``, ``two`` (a variance needs two), ``township``, ``scheme``, ``county``, or
        empty where the plan takes more than any bound asks.
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


def make_plan(session: Session, frame: Frame, campaign: Campaign, *, total: int | None = None) -> Plan:
    """Plan a draw from a stored frame.

    Parameters
    ----------
    campaign : Campaign
        Gives the floor, never below 30 %, of county, schemes and townships × schemes.
    total : int, optional
        Visits the county can make; as few as keep every floor by default.

    Raises
    ------
    Invalid
        When the total is below what the floors need (with that number), or above the roll.
    """
    return plan_frame(stored_frame(session, frame), percent=campaign.spot_check_floor_percent, total=total)


def plan_frame(public: PublicFrame, *, percent: int, total: int | None = None) -> Plan:
    """Plan a draw from a public frame.

    Certain strata are taken whole; each other stratum gives at least two where it can; what remains goes where
    wrong households are expected most. Reserves: one for ten drawn, at least one where the stratum has more.

    Examples
    --------
    >>> frame = PublicFrame.build(
    ...     [f"{i:064x}" for i in range(24)], ["540222100|rural|certain"] * 3 + ["540222100|rural|low"] * 21)
    >>> plan = plan_frame(frame, percent=30)
    >>> [(row.band, row.size, row.n, row.reserve, row.binds) for row in explain(plan)]
    [('certain', 3, 3, 0, 'certain'), ('low', 21, 5, 1, 'township')]
    """
    sizes = public.counts
    with in_our_words():
        found = allocate_statutory(
            sizes,
            county=percent,
            scheme=percent,
            township=percent,
            certain=[name for name in sizes if _band(name) == CERTAIN],
            spread={name: _spread(_band(name)) for name in sizes},
            total=total,
        )
        reserve = {name: min(-(-n // RESERVE_SHARE), sizes[name] - n) for name, n in found.n.items()}
        return Plan.of(public, found.n, reserve=reserve, floors=dict.fromkeys(LEVELS, percent))


def explain(plan: Plan) -> Iterator[PlanRow]:
    """Yield each stratum with the bound that decides, township by township; everything is in the plan itself."""
    exact = _exact_cells(plan)
    for name, planned in sorted(plan.strata.items()):
        township, scheme, band = name.split("|")
        least = planned.size if band == CERTAIN else stratum_minimum(planned.size)
        if band == CERTAIN:
            binds = "certain"
        elif planned.n == least:
            binds = "two"
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


def _band(stratum: str) -> str:
    return stratum.rpartition("|")[2]


def _spread(band: str) -> float:
    """Return the standard deviation of "wrong or not" expected in a band; taken whole, it does not matter."""
    share = EXPECTED_WRONG.get(band, 0.5)
    return sqrt(share * (1 - share))

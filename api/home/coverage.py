"""How far the campaign is: households visited and checked, by the divisions below one."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.collection.assignments.interviews import neighbours_were_asked
from api.evidence.tables import Evidence
from api.people.access import inside
from api.registry.tables import Division, Household
from api.spot_checks.rounds import Round
from api.spot_checks.tables import Draw, DrawResult, Frame, Selection

LENGTH_BELOW = {2: 4, 4: 6, 6: 9, 9: 12}  # a division code's length → that of the divisions below


@dataclass(frozen=True)
class Coverage:
    """The state of one division.

    Attributes
    ----------
    households, visited
        On the roll, and of these visited by the township.
    interviewed
        On the roll, and as many neighbours asked about it as the campaign wants.
    drawn, checked
        Drawn for the county's spot check (base list), and of these checked.
    must_check
        What the floor asks: ceil(floor · households).
    """

    code: str
    name: str
    households: int
    visited: int
    interviewed: int
    drawn: int
    checked: int
    must_check: int

    @property
    def visited_percent(self) -> float:
        """Visited of the households on the roll, in percent."""
        return 100 * self.visited / self.households if self.households else 0.0

    @property
    def checked_percent(self) -> float:
        """Spot-checked of the households on the roll, in percent: what the floor speaks of."""
        return 100 * self.checked / self.households if self.households else 0.0


def coverage_below(
    session: Session, area: str, *, floor_percent: int, areas: Iterable[str], campaign: Campaign | None = None
) -> list[Coverage]:
    """Return the coverage of each division directly below an area that has households, by code.

    Parameters
    ----------
    area : str
        A division code shorter than a village's.
    floor_percent : int
        The campaign's spot-check floor in whole percent.
    areas
        What the asker may see; divisions outside are left out.
    campaign : Campaign, optional
        Whose neighbour interviews are counted; without one, none are.
    """
    length = LENGTH_BELOW[len(area)]
    may_see = list(areas)
    households = _count(session, Household.village_code, length, area, may_see, Household.on_roll.is_(True))
    drawn_units = _drawn_units(session, area)
    on_roll = Household.on_roll.is_(True)
    asked = neighbours_were_asked(campaign) if campaign else sa.false()
    interviewed = _count(session, Household.village_code, length, area, may_see, on_roll, asked)
    visited = _households_with(session, "township_visit", length, area, may_see)
    drawn, checked = _checks(session, drawn_units, length, area, may_see)
    below = sa.and_(inside(Division.code, [area]), sa.func.length(Division.code) == length)
    names = dict(session.execute(sa.select(Division.code, Division.name).where(below)).all())
    return [
        Coverage(
            code=code,
            name=names.get(code, code),
            households=number,
            visited=visited.get(code, 0),
            interviewed=interviewed.get(code, 0),
            drawn=drawn.get(code, 0),
            checked=checked.get(code, 0),
            must_check=-(-floor_percent * number // 100),
        )
        for code, number in sorted(households.items())
    ]


def total(name: str, rows: list[Coverage]) -> Coverage:
    """Return the sum of several divisions."""
    return Coverage(
        "",
        name,
        *(
            sum(getattr(row, part) for row in rows)
            for part in ("households", "visited", "interviewed", "drawn", "checked", "must_check")
        ),
    )


def _count(
    session: Session,
    column: sa.SQLColumnExpression[str],
    length: int,
    area: str,
    may_see: list[str],
    *conditions: sa.ColumnElement[bool],
) -> dict[str, int]:
    code = sa.func.substr(column, 1, length)
    statement = (
        sa.select(code, sa.func.count())
        .where(inside(column, [area]), inside(column, may_see), *conditions)
        .group_by(code)
    )
    return dict(session.execute(statement).all())


def _households_with(session: Session, purpose: str, length: int, area: str, may_see: list[str]) -> dict[str, int]:
    """Count the households on the roll that have a visit of a kind: each once, however often visited."""
    has_visit = (
        sa.select(Evidence.id)
        .where(
            Evidence.county_code == Household.county_code,
            Evidence.household_code == Household.code,
            Evidence.kind == "visit",
            Evidence.purpose == purpose,
        )
        .exists()
    )
    return _count(session, Household.village_code, length, area, may_see, Household.on_roll.is_(True), has_visit)


def _drawn_units(session: Session, area: str) -> list[tuple[str, UUID]]:
    """Return the newest completed draw of its roll in each county that the area touches.

    The missed and a city's sub-round are rounds of their own: the 30 % is of the roll.
    """
    statement = (
        sa.select(Draw.county_code, Draw.id, Draw.number)
        .join(DrawResult, sa.and_(DrawResult.county_code == Draw.county_code, DrawResult.draw_id == Draw.id))
        .join(Frame, sa.and_(Frame.county_code == Draw.county_code, Frame.id == Draw.frame_id))
        .where(inside(Draw.county_code, [area[:6]]), Round("on_roll").frames())
        .order_by(Draw.county_code, Draw.number)
    )
    return list({county: (county, draw) for county, draw, _ in session.execute(statement)}.values())


def _checks(
    session: Session, draws: list[tuple[str, UUID]], length: int, area: str, may_see: list[str]
) -> tuple[dict[str, int], dict[str, int]]:
    if not draws:
        return {}, {}
    drawn = sa.and_(
        Selection.role == "base",
        sa.or_(*(sa.and_(Selection.county_code == county, Selection.draw_id == draw) for county, draw in draws)),
    )
    has_check = (
        sa.select(Evidence.id)
        .where(
            Evidence.county_code == Selection.county_code,
            Evidence.household_code == Selection.household_code,
            Evidence.kind == "visit",
            Evidence.purpose == "spot_check",
        )
        .exists()
    )
    column = Selection.village_code
    return (
        _count(session, column, length, area, may_see, drawn),
        _count(session, column, length, area, may_see, drawn, has_check),
    )

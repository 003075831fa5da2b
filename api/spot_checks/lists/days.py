"""Read the days of a list as teams go them: stop after stop, with what a checker may know of each household."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.spot_checks.lists.read import checkers_of
from api.spot_checks.lists.tables import CheckTeam, Tour, TourStop
from api.spot_checks.tables import Draw, FrameUnit


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One household on a day's way.

    Attributes
    ----------
    placed : str
        Whose coordinates these are: a key of `api.spot_checks.lists.places.PLACED`.
    leg_m : int or None
        From the stop before, along the road as it is reckoned.
    checker : str
        Who has it on his phone; empty while nobody has.
    """

    household_code: str
    head_name: str
    village_code: str
    placed: str
    leg_m: int | None
    checker: str


@dataclass(frozen=True, kw_only=True)
class DayOut:
    """One day of one team; without a team, what no team may go to."""

    tour_id: UUID | None
    team_id: UUID | None
    team: str
    day: int
    distance_m: int
    stops: list[Stop] = field(default_factory=list)


def days_of(session: Session, draw: Draw, *, team: str = "", day: str = "") -> list[DayOut]:
    """Return the days of a draw's list as they were last worked out, team by team.

    Parameters
    ----------
    team, day : str
        A team's id and the number of one of its days; empty for all. What is no such thing finds nothing.
    """
    given = checkers_of(session, draw)
    rows = session.execute(_stops(draw)).mappings()
    days: dict[tuple[Any, int], DayOut] = {}
    for row in rows:
        if (team and str(row["team_id"]) != team) or (day and str(row["day"]) != day):
            continue
        key = (row["team_id"], row["day"] or 0)
        if key not in days:
            days[key] = DayOut(
                tour_id=row["tour_id"], team_id=row["team_id"], team=row["team"] or "", day=row["day"] or 0,
                distance_m=row["distance_m"] or 0,
            )  # fmt: skip
        days[key].stops.append(
            Stop(
                household_code=row["household_code"], head_name=row["head_name"], village_code=row["village_code"],
                placed=row["placed"], leg_m=row["leg_m"], checker=given.get(row["household_id"], ""),
            )
        )  # fmt: skip
    return list(days.values())


def _stops(draw: Draw) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            TourStop.tour_id, TourStop.household_id, TourStop.placed, TourStop.leg_m, Tour.team_id, Tour.day,
            Tour.distance_m, CheckTeam.name.label("team"), FrameUnit.household_code, FrameUnit.head_name,
            FrameUnit.village_code,
        )
        .join(
            FrameUnit,
            sa.and_(
                FrameUnit.county_code == TourStop.county_code, FrameUnit.frame_id == draw.frame_id,
                FrameUnit.leaf == TourStop.leaf,
            ),
        )
        .outerjoin(Tour, sa.and_(Tour.county_code == TourStop.county_code, Tour.id == TourStop.tour_id))
        .outerjoin(CheckTeam, sa.and_(CheckTeam.county_code == Tour.county_code, CheckTeam.id == Tour.team_id))
        .where(TourStop.county_code == draw.county_code, TourStop.draw_id == draw.id)
        .order_by(CheckTeam.name, Tour.day, TourStop.position, FrameUnit.household_code)
    )  # fmt: skip

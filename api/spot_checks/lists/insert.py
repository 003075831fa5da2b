"""Put a reserve that was released onto its team's way at once, where the detour is least; the rest stays as it is."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import new_id
from api.spot_checks.lists.conflict import conflicting
from api.spot_checks.lists.places import Point, centres_of, place_of
from api.spot_checks.lists.route import distances
from api.spot_checks.lists.tables import CheckTeam, Tour, TourPlan, TourStop
from api.spot_checks.lists.team import members_of
from api.spot_checks.outcomes import Outcome
from api.spot_checks.tables import Draw, FrameUnit

NOWHERE = Point(0.0, 0.0)


class Inserted(NamedTuple):
    """Where a household was put."""

    team: str
    day: int


def insert_stop(
    session: Session, draw: Draw, replaced: Outcome, released: Outcome, listed: Sequence[Outcome]
) -> Inserted | None:
    """Put a released household onto a day of the team that had the replaced one.

    Only days with somebody still to visit and with room for one more are looked at; without such a day the team gets
    one more day. Whoever is on the way already stays on his day and in his order.

    Parameters
    ----------
    listed : sequence of Outcome
        The draw's whole list.

    Returns
    -------
    Inserted or None
        None when the replaced household stood on no team's days, or one of the team must stay away.
    """
    of_draw = sa.and_(TourStop.county_code == draw.county_code, TourStop.draw_id == draw.id)
    had = session.scalar(sa.select(TourStop).where(of_draw, TourStop.leaf == replaced.leaf))
    if had is None or had.tour_id is None:
        return None
    team = session.get_one(
        CheckTeam, (draw.county_code, session.get_one(Tour, (draw.county_code, had.tour_id)).team_id)
    )
    members = [one.id for one in members_of(session, draw.county_code, draw.campaign_id, every=True)[team.id]]
    if any(household == released.household_id for _, household in conflicting(session, draw.county_code, members)):
        return None
    stop = _stop(session, draw, released)
    days = _days(session, draw, team)
    waiting = {one.leaf for one in listed if one.state == "waiting"}
    open_days = [
        (tour, stops)
        for tour, stops in days
        if len(stops) < team.capacity_per_day and any(one.leaf in waiting for one in stops)
    ]
    ways = [(*_detour(tour, stops, stop), tour, stops) for tour, stops in open_days]
    if ways:
        extra, at, tour, stops = min(ways, key=lambda way: (way[0], way[2].day))
    else:
        first = days[-1][0]
        tour = Tour(
            county_code=draw.county_code, id=new_id(), draw_id=draw.id, team_id=team.id, day=first.day + 1,
            start_longitude=first.start_longitude, start_latitude=first.start_latitude, distance_m=0,
        )  # fmt: skip
        session.add(tour)
        session.flush()
        stops = []
        extra, at = _detour(tour, stops, stop)
    _renumber(tour, [*stops[:at], stop, *stops[at:]])
    tour.distance_m += extra
    plan = session.get_one(TourPlan, (draw.county_code, draw.id))
    plan.distance_m += extra
    plan.plain_distance_m += extra
    session.add(stop)
    session.flush()
    return Inserted(team.name, tour.day)


def unplanned(session: Session, draw: Draw, listed: Sequence[Outcome]) -> list[Outcome]:
    """Return the households of a list that stand on no plan of days; empty as long as none was worked out."""
    if session.get(TourPlan, (draw.county_code, draw.id)) is None:
        return []
    of_draw = sa.and_(TourStop.county_code == draw.county_code, TourStop.draw_id == draw.id)
    planned = set(session.scalars(sa.select(TourStop.leaf).where(of_draw)))
    return [one for one in listed if one.leaf not in planned]


def teams_on_the_way(session: Session, draw: Draw) -> Mapping[str, UUID]:
    """Return which team goes to each household of a list, by leaf."""
    same = sa.and_(Tour.county_code == TourStop.county_code, Tour.id == TourStop.tour_id)
    rows = session.execute(
        sa.select(TourStop.leaf, Tour.team_id)
        .join(Tour, same)
        .where(TourStop.county_code == draw.county_code, TourStop.draw_id == draw.id)
    )
    return dict(rows.all())


def _days(session: Session, draw: Draw, team: CheckTeam) -> list[tuple[Tour, list[TourStop]]]:
    of_team = sa.and_(Tour.county_code == draw.county_code, Tour.draw_id == draw.id, Tour.team_id == team.id)
    tours = session.scalars(sa.select(Tour).where(of_team).order_by(Tour.day)).all()
    stops: dict[UUID | None, list[TourStop]] = {}
    for one in session.scalars(
        sa.select(TourStop)
        .where(TourStop.county_code == draw.county_code, TourStop.tour_id.in_([tour.id for tour in tours]))
        .order_by(TourStop.position)
    ):
        stops.setdefault(one.tour_id, []).append(one)
    return [(tour, stops.get(tour.id, [])) for tour in tours]


def _stop(session: Session, draw: Draw, released: Outcome) -> TourStop:
    unit = session.get_one(FrameUnit, (draw.county_code, draw.frame_id, released.leaf))
    where = place_of(unit.longitude, unit.latitude, unit.village_code, centres_of(session, draw))
    return TourStop(
        county_code=draw.county_code, draw_id=draw.id, leaf=released.leaf, household_id=released.household_id,
        placed=where.whose, longitude=where.point.longitude if where.point else None,
        latitude=where.point.latitude if where.point else None,
    )  # fmt: skip


def _detour(tour: Tour, stops: Sequence[TourStop], stop: TourStop) -> tuple[int, int]:
    """Return the metres that a stop adds to a day where it adds least, and the place before which that is."""
    start = _point(tour.start_longitude, tour.start_latitude)
    way = [start, *(_point(one.longitude, one.latitude) for one in stops), start]
    metres = distances([*way, _point(stop.longitude, stop.latitude)])
    extra = [int(metres[at, -1] + metres[-1, at + 1] - metres[at, at + 1]) for at in range(len(way) - 1)]
    least = min(range(len(extra)), key=extra.__getitem__)
    return extra[least], least


def _renumber(tour: Tour, stops: Sequence[TourStop]) -> None:
    way = [_point(tour.start_longitude, tour.start_latitude), *(_point(one.longitude, one.latitude) for one in stops)]
    metres = distances(way)
    for at, one in enumerate(stops):
        one.tour_id, one.position, one.leg_m = tour.id, at + 1, int(metres[at, at + 1])


def _point(longitude: float | None, latitude: float | None) -> Point:
    return NOWHERE if longitude is None or latitude is None else Point(longitude, latitude)

"""Work out the days of a draw's list: which team goes where, when and in which order. Who is drawn stays as it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import insert_at_once, new_id, now
from api.jobs.tables import Job
from api.jobs.work import Task, ask_for
from api.people.access import Viewer
from api.people.accounts import viewer_of
from api.people.audit import record
from api.people.tables import Account
from api.problems import Conflict
from api.spot_checks.commit import frame_of, result_of
from api.spot_checks.lists.conflict import conflicting
from api.spot_checks.lists.places import Point, centres_of, place_of
from api.spot_checks.lists.read import on_list
from api.spot_checks.lists.route import SECONDS, Going, route_teams
from api.spot_checks.lists.tables import CheckTeam, Tour, TourPlan, TourStop
from api.spot_checks.lists.team import members_of, teams_of
from api.spot_checks.rounds import demand_county
from api.spot_checks.tables import Draw, FrameUnit, Selection

JOB: Final = "lists.tours"
NOWHERE: Final = Point(0.0, 0.0)  # for reckoning, where a whole county has no coordinates


@dataclass(frozen=True)
class ReadyTours:
    """Tours worked out and not yet stored."""

    draw: Draw
    plan: TourPlan
    tours: list[dict[str, Any]]
    stops: list[dict[str, Any]]


class ListMoved(Conflict):
    """The list or the teams changed while the days were worked out."""


def ask_for_tours(session: Session, viewer: Viewer, draw: Draw) -> Job:
    """Ask for the days to be worked out, in the background.

    Raises
    ------
    Conflict
        There is no list yet, or no team.
    """
    demand_county(viewer, frame_of(session, draw))
    _refuse_unready(session, draw)
    arguments = {"draw_id": str(draw.id)}
    last = last_asked(session, draw)
    if last is not None and last.state in {"waiting", "running"}:
        return last
    return ask_for(session, JOB, county_code=draw.county_code, arguments=arguments, asked_by=viewer.account_id)


def last_asked(session: Session, draw: Draw) -> Job | None:
    """Return the job that was last asked to work out the days of a draw."""
    asked = sa.select(Job).where(Job.county_code == draw.county_code, Job.kind == JOB).order_by(Job.id.desc())
    return next((job for job in session.scalars(asked) if job.arguments == {"draw_id": str(draw.id)}), None)


def plan_tours(session: Session, viewer: Viewer, draw: Draw, *, seconds: float = SECONDS) -> TourPlan:
    """Work out the days and store them in place of the earlier ones.

    Takes and raises what `work_out_tours` and `store_tours` do.
    """
    return store_tours(session, viewer, work_out_tours(session, viewer, draw, seconds=seconds))


def work_out_tours(
    session: Session,
    viewer: Viewer,
    draw: Draw,
    *,
    seconds: float = SECONDS,
    on_step: Callable[[int, int], None] = lambda _done, _total: None,
) -> ReadyTours:
    """Work out the days; writes nothing.

    A team stays away from a household as soon as one of its checkers must: they go to the door together.

    Parameters
    ----------
    seconds : float
        At most for each part of the list (`api.spot_checks.lists.route.route_teams`).

    Raises
    ------
    Conflict
        There is no list yet, or no team.
    """
    demand_county(viewer, frame_of(session, draw))
    _refuse_unready(session, draw)
    units = session.execute(_listed(draw)).all()
    centres = centres_of(session, draw)
    placed = [place_of(unit.longitude, unit.latitude, unit.village_code, centres) for unit in units]
    teams = teams_of(session, draw.county_code, draw.campaign_id)
    starts = [start_of(team, centres) for team in teams]
    barred = _barred(session, draw, teams, [unit.household_id for unit in units])
    going = [
        Going(start or NOWHERE, team.capacity_per_day, away)
        for team, start, away in zip(teams, starts, barred, strict=True)
    ]
    routed = route_teams([one.point or NOWHERE for one in placed], going, seconds=seconds, on_step=on_step)
    tours: list[dict[str, Any]] = []
    stops: dict[int, dict[str, Any]] = {
        at: {
            "county_code": draw.county_code, "draw_id": draw.id, "leaf": unit.leaf, "household_id": unit.household_id,
            "tour_id": None, "position": None, "leg_m": None, "placed": where.whose,
            "longitude": where.point.longitude if where.point else None,
            "latitude": where.point.latitude if where.point else None,
        }
        for at, (unit, where) in enumerate(zip(units, placed, strict=True))
    }  # fmt: skip
    days = dict.fromkeys(range(len(teams)), 0)
    for day in routed.days:
        days[day.team] += 1
        start = starts[day.team]
        tour = {
            "county_code": draw.county_code, "id": new_id(), "draw_id": draw.id, "team_id": teams[day.team].id,
            "day": days[day.team], "distance_m": day.distance_m,
            "start_longitude": start.longitude if start else None, "start_latitude": start.latitude if start else None,
        }  # fmt: skip
        tours.append(tour)
        for position, (stop, leg) in enumerate(zip(day.stops, day.legs_m, strict=True), 1):
            stops[stop] |= {"tour_id": tour["id"], "position": position, "leg_m": leg}
    plan = TourPlan(
        county_code=draw.county_code, draw_id=draw.id, method=routed.method, distance_m=routed.distance_m,
        plain_distance_m=routed.plain_distance_m, planned_by=viewer.account_id, planned_at=now(),
    )  # fmt: skip
    return ReadyTours(draw, plan, tours, list(stops.values()))


def store_tours(session: Session, viewer: Viewer, ready: ReadyTours) -> TourPlan:
    """Store tours in place of the earlier ones: exactly the households on the list, neither more nor fewer.

    Raises
    ------
    ListMoved
        A reserve was released, or a team changed, since they were worked out.
    """
    draw = ready.draw
    listed = set(session.scalars(sa.select(Selection.leaf).where(on_list(draw))))
    teams = {team.id for team in teams_of(session, draw.county_code, draw.campaign_id)}
    if listed != {stop["leaf"] for stop in ready.stops} or not {tour["team_id"] for tour in ready.tours} <= teams:
        raise ListMoved("编排过程中名单或小组有变化，没有保存，请重新编排", where="draw_id")
    for table in (TourStop, Tour):
        session.execute(sa.delete(table).where(table.county_code == draw.county_code, table.draw_id == draw.id))
    insert_at_once(session, Tour, ready.tours)
    insert_at_once(session, TourStop, ready.stops)
    plan = session.merge(ready.plan)
    session.flush()
    record(
        session, viewer, "tours.plan", "draw", draw.id, division_code=draw.county_code, method=plan.method,
        tours=len(ready.tours), stops=len(ready.stops), distance_m=plan.distance_m,
        left=sum(stop["tour_id"] is None for stop in ready.stops),
    )  # fmt: skip
    return plan


def tours_asked(task: Task) -> dict[str, Any]:
    """Work out the days that were asked for; phones go on sending meanwhile."""
    key = (task.county_code, UUID(task.arguments["draw_id"]))
    with task.database.snapshot() as session:
        viewer = viewer_of(session.get_one(Account, task.asked_by))
        ready = work_out_tours(session, viewer, session.get_one(Draw, key), on_step=task.progress)
    with task.database.transaction() as session:
        store_tours(session, viewer, ready)
    return {"tours": len(ready.tours)}


def start_of(team: CheckTeam, centres: dict[str, Point]) -> Point | None:
    """Return where a team sets out; None where nothing in the county has a place."""
    if team.start_longitude is not None and team.start_latitude is not None:
        return Point(team.start_longitude, team.start_latitude)
    return centres.get(team.start_code) or centres.get(team.county_code)


def _listed(draw: Draw) -> sa.Select[*tuple[Any, ...]]:
    unit = sa.and_(
        FrameUnit.county_code == Selection.county_code,
        FrameUnit.frame_id == draw.frame_id,
        FrameUnit.leaf == Selection.leaf,
    )
    return (
        sa.select(
            Selection.leaf, Selection.household_id, Selection.village_code, FrameUnit.longitude, FrameUnit.latitude
        )
        .join(FrameUnit, unit)
        .where(on_list(draw))
        .order_by(Selection.village_code, Selection.household_code)
    )


def _barred(
    session: Session, draw: Draw, teams: Any, households: list[UUID]
) -> list[frozenset[int]]:  # fmt: skip
    members = members_of(session, draw.county_code, draw.campaign_id)
    everybody = [one.id for team in teams for one in members[team.id]]
    pairs = conflicting(session, draw.county_code, everybody)
    return [
        frozenset(
            at
            for at, household in enumerate(households)
            if any((one.id, household) in pairs for one in members[team.id])
        )
        for team in teams
    ]


def _refuse_unready(session: Session, draw: Draw) -> None:
    if result_of(session, draw) is None:
        raise Conflict("第 {number} 次抽取还没有掷骰，没有名单可编排", where="draw_id", number=draw.number)
    if not teams_of(session, draw.county_code, draw.campaign_id):
        raise Conflict("还没有抽查小组，请先建立小组", where="draw_id")

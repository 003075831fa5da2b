"""Read what the paper of one day holds: who is to be found and where. Nothing by which a checker knows what to find."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.people.access import Viewer
from api.people.roles import Permission
from api.problems import Conflict, NotFound
from api.spot_checks.commit import find_draw, result_of
from api.spot_checks.lists.places import Point
from api.spot_checks.lists.read import place_names
from api.spot_checks.lists.tables import CheckTeam, Tour, TourStop
from api.spot_checks.lists.team import members_of
from api.spot_checks.tables import Draw, FrameUnit, Selection

TOWNSHIP_LENGTH = 9


@dataclass(frozen=True)
class PaperStop:
    """One door: no score, no reason, no amount, and nothing of what the township found there."""

    number: int
    household_code: str
    head_name: str
    township: str
    village_code: str
    village: str
    point: Point | None
    placed: str  # a key of `places.PLACED`: whose place it is
    role: str  # base, or reserve: released in the order of the tickets


@dataclass(frozen=True)
class Paper:
    """One day of one team as it is taken along, and the draw it comes from."""

    tour_id: UUID
    county_code: str
    county: str
    team: str
    members: list[str]
    day: int
    distance_m: int
    start: Point | None
    draw_id: UUID
    draw_number: int
    seed_hex: str
    manifest_sha256: str
    stops: list[PaperStop]


def paper_of(session: Session, viewer: Viewer, tour_id: UUID) -> Paper:
    """Return the paper of one tour.

    Raises
    ------
    NotFound
        There is no such tour, or it is out of the viewer's reach.
    """
    within = viewer.within(Tour.county_code, Permission.SPOT_CHECK_READ)
    tour = session.scalar(sa.select(Tour).where(Tour.id == tour_id, within))
    if tour is None:
        raise NotFound("找不到这条路线，可能已重新编排，或不在您的管辖范围内", where="tour_id")
    return _papers(session, session.get_one(Draw, (tour.county_code, tour.draw_id)), [tour])[0]


def papers_of(
    session: Session, viewer: Viewer, draw_id: UUID, *, team_id: UUID | None = None, day: int | None = None
) -> list[Paper]:
    """Return the papers of a draw, day by day of each team; with `team_id` and `day` only these.

    Raises
    ------
    NotFound
        There is no such draw in the viewer's reach, or no such day.
    Conflict
        No days have been worked out.
    """
    draw = find_draw(session, viewer, draw_id, Permission.SPOT_CHECK_READ)
    tours = session.scalars(
        sa.select(Tour)
        .join(CheckTeam, sa.and_(CheckTeam.county_code == Tour.county_code, CheckTeam.id == Tour.team_id))
        .where(Tour.county_code == draw.county_code, Tour.draw_id == draw.id)
        .order_by(CheckTeam.name, Tour.day)
    ).all()
    if not tours:
        raise Conflict("还没有编排好的路线，请先编排", where="draw_id")
    chosen = [one for one in tours if team_id in {None, one.team_id} and day in {None, one.day}]
    if not chosen:
        raise NotFound("这个小组在这一天没有路线", where="day")
    return _papers(session, draw, chosen)


def _papers(session: Session, draw: Draw, tours: Sequence[Tour]) -> list[Paper]:
    result = result_of(session, draw)
    names = place_names(session, draw.county_code)
    members = members_of(session, draw.county_code, draw.campaign_id, every=True)
    teams = dict(
        session.execute(
            sa.select(CheckTeam.id, CheckTeam.name).where(CheckTeam.county_code == draw.county_code)
        ).all()
    )  # fmt: skip
    stops: dict[UUID, list[PaperStop]] = defaultdict(list)
    for row in session.execute(_stops(draw, [tour.id for tour in tours])):
        township = row.village_code[:TOWNSHIP_LENGTH]
        stop = PaperStop(
            number=row.position, household_code=row.household_code, head_name=row.head_name,
            township=names.get(township, township), village_code=row.village_code,
            village=names.get(row.village_code, row.village_code), point=_point(row.longitude, row.latitude),
            placed=row.placed, role=row.role,
        )  # fmt: skip
        stops[row.tour_id].append(stop)
    return [
        Paper(
            tour_id=tour.id, county_code=draw.county_code, county=names.get(draw.county_code, draw.county_code),
            team=teams[tour.team_id], members=[one.display_name for one in members.get(tour.team_id, [])],
            day=tour.day, distance_m=tour.distance_m, start=_point(tour.start_longitude, tour.start_latitude),
            draw_id=draw.id, draw_number=draw.number, seed_hex=result.seed_hex if result else "",
            manifest_sha256=draw.manifest_sha256, stops=stops[tour.id],
        )
        for tour in tours
    ]  # fmt: skip


def _stops(draw: Draw, tours: Sequence[UUID]) -> sa.Select[*tuple[Any, ...]]:
    chosen = sa.and_(
        Selection.county_code == TourStop.county_code,
        Selection.draw_id == TourStop.draw_id,
        Selection.leaf == TourStop.leaf,
    )
    unit = sa.and_(
        FrameUnit.county_code == TourStop.county_code,
        FrameUnit.frame_id == draw.frame_id,
        FrameUnit.leaf == TourStop.leaf,
    )
    return (
        sa.select(
            TourStop.tour_id, TourStop.position, TourStop.placed, TourStop.longitude, TourStop.latitude,
            Selection.household_code, Selection.village_code, Selection.role, FrameUnit.head_name,
        )
        .join(Selection, chosen)
        .join(FrameUnit, unit)
        .where(TourStop.county_code == draw.county_code, TourStop.tour_id.in_(tours))
        .order_by(TourStop.tour_id, TourStop.position)
    )  # fmt: skip


def _point(longitude: float | None, latitude: float | None) -> Point | None:
    return Point(longitude, latitude) if longitude is not None and latitude is not None else None

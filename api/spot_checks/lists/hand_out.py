"""Give the tours to the phones: each household of a team's day to one of its checkers, as an assignment."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.assignments.acts import Changes, write_act
from api.collection.assignments.fit import kept_away, refuse_unfit
from api.collection.assignments.share import share_out
from api.collection.assignments.tables import AssignmentAct
from api.collection.tables import Assignment
from api.people.access import Viewer
from api.problems import Conflict
from api.spot_checks.commit import frame_of
from api.spot_checks.lists.tables import Tour, TourStop
from api.spot_checks.lists.team import members_of
from api.spot_checks.recheck import assigned_in
from api.spot_checks.rounds import demand_county
from api.spot_checks.tables import Draw, Selection


@dataclass(frozen=True)
class HandedOut:
    """What became of the tours: the act (None when nothing was new), who had one already, and who may have none."""

    act: AssignmentAct | None
    given: int
    kept: int
    left: list[str]


def hand_out_tours(
    session: Session, viewer: Viewer, draw: Draw, *, team_id: UUID | None = None, day: int | None = None
) -> HandedOut:
    """Give the households of tours to the teams' checkers, a stretch of each day to each; called again, nothing twice.

    Parameters
    ----------
    team_id, day
        Only this team's, only this day's; all by default.

    Raises
    ------
    Conflict
        No days have been worked out.
    Invalid
        A checker does not work in one of the villages any more.
    """
    demand_county(viewer, frame_of(session, draw))
    tours = sa.select(Tour).where(Tour.county_code == draw.county_code, Tour.draw_id == draw.id)
    if team_id is not None:
        tours = tours.where(Tour.team_id == team_id)
    if day is not None:
        tours = tours.where(Tour.day == day)
    chosen = session.scalars(tours.order_by(Tour.team_id, Tour.day)).all()
    if not chosen:
        raise Conflict("还没有编排好的路线，请先编排", where="draw_id")
    members = members_of(session, draw.county_code, draw.campaign_id, every=True)
    given = set(
        session.scalars(
            sa.select(Assignment.household_id).where(
                Assignment.county_code == draw.county_code, Assignment.campaign_id == draw.campaign_id,
                Assignment.purpose == "spot_check", Assignment.withdrawn_at.is_(None), assigned_in(draw),
            )
        )
    )  # fmt: skip
    changes, kept, left = Changes(), 0, []
    for tour in chosen:
        stops = session.execute(
            sa.select(TourStop.household_id, Selection.household_code, Selection.village_code)
            .join(
                Selection,
                sa.and_(
                    Selection.county_code == TourStop.county_code, Selection.draw_id == TourStop.draw_id,
                    Selection.leaf == TourStop.leaf,
                ),
            )
            .where(TourStop.county_code == tour.county_code, TourStop.tour_id == tour.id)
            .order_by(TourStop.position)
        ).all()  # fmt: skip
        free = [stop for stop in stops if stop.household_id not in given]
        kept += len(stops) - len(free)
        if not free:
            continue
        refuse_unfit(members[tour.team_id], [stop.village_code for stop in free], "spot_check")
        ids = [one.id for one in members[tour.team_id]]
        barred = kept_away(session, draw.county_code, ids, "spot_check")
        shares = share_out([stop.household_id for stop in free], ids, barred)
        for stop in free:
            if (account_id := shares[stop.household_id]) is None:
                left.append(stop.household_code)
                continue
            changes.begun.append(
                Assignment(
                    county_code=draw.county_code, campaign_id=draw.campaign_id, household_id=stop.household_id,
                    account_id=account_id, purpose="spot_check",
                )
            )  # fmt: skip
    act = write_act(session, viewer, "give", changes, kept=kept, left=left) if changes.begun else None
    return HandedOut(act, len(changes.begun), kept, left)

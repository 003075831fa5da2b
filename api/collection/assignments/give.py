"""Give households to workers of the township: those that nobody has, an even stretch of the road each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.collection.assignments.acts import Changes, write_act
from api.collection.assignments.fit import OTHER, involved, refuse_unfit
from api.collection.assignments.reach import IS_OPEN, in_parts
from api.collection.assignments.share import share_out
from api.collection.assignments.tables import AssignmentAct
from api.collection.tables import Assignment, FormVersion, Submission
from api.people.access import Viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Conflict, Invalid
from api.registry.tables import Household

PURPOSE = "township_visit"
CHINA = ZoneInfo("Asia/Shanghai")  # a campaign begins at midnight in the county


@dataclass(frozen=True)
class Given:
    """What became of a choice of households.

    Attributes
    ----------
    act : AssignmentAct
        With the numbers given to each worker in its details.
    kept : int
        Households that had a worker already; they stay with him.
    visited : int
        Households visited already, and so not given again.
    left : list of str
        Codes of households that none of the workers may survey, for he is to check them.
    """

    act: AssignmentAct
    kept: int
    visited: int
    left: list[str]


def give_households(
    session: Session,
    viewer: Viewer,
    campaign: Campaign,
    households: Sequence[Household],
    workers: Sequence[Account],
    *,
    again: bool = False,
) -> Given:
    """Give households to one or several workers, for the township's visit.

    Several workers get stretches of the road of equal length. What somebody has already stays with him (to take it
    from him, move it), so that the same order given twice gives nothing twice.

    Parameters
    ----------
    households
        Of one county, as one walks.
    again
        Also those visited already: somebody is to go there a second time.

    Raises
    ------
    Forbidden
        A household lies out of the viewer's area.
    Invalid
        The campaign does not oblige the county, or a worker may not be given one of the villages.
    Conflict
        Nothing is left to be given.
    """
    for village in sorted({one.village_code for one in households}):
        viewer.demand(Permission.ASSIGNMENT_MANAGE, village)
    county = households[0].county_code
    if not county.startswith(campaign.area_code) and not campaign.area_code.startswith(county):
        raise Invalid("这项专项工作不含这些家庭所在的县", where="campaign_id")
    workers = sorted(set(workers), key=lambda worker: worker.name)
    refuse_unfit(workers, {one.village_code for one in households}, PURPOSE)
    taken, visited = _state(session, campaign, county, [one.id for one in households])
    if again:
        visited = set()
    free = [one for one in households if one.id not in taken and one.id not in visited]
    kept, done = len(taken), len(visited - taken)
    if not free:
        raise Conflict(
            "没有可分配的家庭：所选 {total} 户中 {kept} 户已分配给人，{visited} 户已走访",
            where="households", total=len(households), kept=kept, visited=done,
        )  # fmt: skip
    barred = involved(session, county, [worker.id for worker in workers], OTHER[PURPOSE])
    shares = share_out([one.id for one in free], [worker.id for worker in workers], barred)
    left = [one.code for one in free if shares[one.id] is None]
    begun = [
        Assignment(
            county_code=county,
            campaign_id=campaign.id,
            household_id=household_id,
            account_id=account_id,
            purpose=PURPOSE,
        )
        for household_id, account_id in shares.items()
        if account_id is not None
    ]
    if not begun:
        raise Conflict("这 {n} 户已由所选的人抽查，不能再由他入户调查，请另选一人", where="workers", n=len(left))
    act = write_act(session, viewer, "give", Changes(begun), kept=kept, visited=done, left=left)
    return Given(act, kept, done, left)


def began(campaign: Campaign) -> datetime:
    """Return the moment from which visits count for a campaign."""
    first = min((stage.starts_on for stage in campaign.stages), default=None)
    return campaign.created_at if first is None else datetime.combine(first, time(), tzinfo=CHINA)


def was_visited(campaign: Campaign) -> sa.ColumnElement[bool]:
    """Return the condition that a `Household` was visited by the township in a campaign, by order or without one."""
    by_order = sa.exists().where(
        Assignment.county_code == Household.county_code,
        Assignment.household_id == Household.id,
        Assignment.campaign_id == campaign.id,
        Assignment.purpose == PURPOSE,
        Assignment.withdrawn_at.is_(None),
        Assignment.completed_at.is_not(None),
    )
    return sa.or_(by_order, sa.exists().where(visits_of(campaign)))


def visits_of(campaign: Campaign) -> sa.ColumnElement[bool]:
    """Return the condition on `Submission` that it is the township's visit to a `Household` in a campaign."""
    visit_forms = sa.select(FormVersion.form_id).where(FormVersion.evidence_kind == "visit")
    return sa.and_(
        Submission.county_code == Household.county_code,
        Submission.household_code == Household.code,
        Submission.purpose == PURPOSE,
        Submission.received_at >= began(campaign),
        Submission.form_id.in_(visit_forms),
    )


def _state(
    session: Session, campaign: Campaign, county: str, households: list[UUID]
) -> tuple[set[UUID], set[UUID]]:  # fmt: skip
    """Return which of the households somebody has, and which were visited; held until the end of the transaction."""
    taken: set[UUID] = set()
    visited: set[UUID] = set()
    for some in in_parts(sorted(households)):
        these = sa.and_(Household.county_code == county, Household.id.in_(some))
        # two who give the same village at once: the second waits here and then finds it given
        session.execute(sa.select(Household.id).where(these).order_by(Household.id).with_for_update(key_share=True))
        given = sa.select(Assignment.household_id).where(
            Assignment.county_code == county, Assignment.household_id.in_(some), IS_OPEN,
            Assignment.campaign_id == campaign.id, Assignment.purpose == PURPOSE,
        )  # fmt: skip
        taken.update(session.scalars(given))
        visited.update(session.scalars(sa.select(Household.id).where(these, was_visited(campaign))))
    return taken, visited

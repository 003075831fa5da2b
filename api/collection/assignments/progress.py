"""How far the assignments of a place are: division by division, and household by household in a village."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.collection.assignments.give import PURPOSE, visits_of, was_visited
from api.collection.assignments.interviews import interviews_by_household, neighbours_were_asked
from api.collection.assignments.reach import IS_OPEN, OF_HOUSEHOLD, READERS, reachable
from api.collection.tables import Assignment, Submission
from api.people.access import COUNTY_LENGTH, Viewer, inside
from api.people.roles import Permission
from api.people.tables import Account
from api.registry.tables import Division, Household

LENGTH_BELOW = {COUNTY_LENGTH: 9, 9: 12}  # a division code's length → that of the divisions below


@dataclass(frozen=True)
class Place:
    """The assignments of one division.

    Attributes
    ----------
    households, visited, given, free
        On the roll; of these visited by the township; not visited and given to somebody; neither.
    interviewed
        On the roll, and as many neighbours asked about it as the campaign wants.
    workers
        Who has an open assignment here.
    """

    code: str
    name: str
    households: int
    visited: int
    given: int
    free: int
    interviewed: int
    workers: int

    @property
    def visited_percent(self) -> float:
        """Visited of the households on the roll, in percent."""
        return 100 * self.visited / self.households if self.households else 0.0


@dataclass(frozen=True)
class Doorstep:
    """One household of a village with who has it and who has been there.

    Attributes
    ----------
    assignment, worker
        The newest assignment that was not withdrawn, and whose it is; None when there is none.
    visitors
        Who sent a visit of the household, whoever it was given to.
    interviews
        Neighbours asked about it; None to who is to check it and has not yet.
    """

    household: Household
    assignment: Assignment | None
    worker: Account | None
    visitors: tuple[str, ...]
    interviews: int | None = 0


def places_below(session: Session, viewer: Viewer, campaign: Campaign, area: str) -> list[Place]:
    """Return the state of each division below a county or a township that has households, by code."""
    length = LENGTH_BELOW[len(area)]
    code = sa.func.substr(Household.village_code, 1, length)
    given, visited = _is_given(campaign), was_visited(campaign)
    statement = (
        sa.select(
            code,
            sa.func.count(),
            sa.func.count(sa.case((visited, 1))),
            sa.func.count(sa.case((sa.and_(given, ~visited), 1))),
            sa.func.count(sa.case((neighbours_were_asked(campaign), 1))),
        )
        .where(Household.on_roll.is_(True), *_here(viewer, area))
        .group_by(code)
        .order_by(code)
    )
    workers = _workers_by(session, viewer, campaign, area, length)
    below = sa.select(Division.code, Division.name).where(
        inside(Division.code, [area]), sa.func.length(Division.code) == length
    )
    names = dict(session.execute(below).all())
    return [
        Place(
            place, names.get(place, place), total, seen, waiting, total - seen - waiting, asked, workers.get(place, 0)
        )
        for place, total, seen, waiting, asked in session.execute(statement)
    ]


def unassigned(session: Session, viewer: Viewer, campaign: Campaign, area: str) -> int:
    """Return how many households on the roll of an area nobody has visited or is to visit."""
    statement = sa.select(sa.func.count()).select_from(Household)
    free = sa.and_(Household.on_roll.is_(True), ~_is_given(campaign), ~was_visited(campaign))
    return session.scalars(statement.where(free, *_here(viewer, area))).one()


def doorsteps(session: Session, viewer: Viewer, campaign: Campaign, village: str) -> list[Doorstep]:
    """Return the households of a village as one walks: on the roll, or given to somebody."""
    households = session.scalars(
        sa.select(Household)
        .where(*_here(viewer, village), sa.or_(Household.on_roll.is_(True), _is_given(campaign)))
        .order_by(Household.code)
    ).all()
    rows = session.execute(
        sa.select(Assignment, Account)
        .join(Household, OF_HOUSEHOLD)
        .join(Account, Account.id == Assignment.account_id)
        .where(
            Assignment.campaign_id == campaign.id, Assignment.purpose == PURPOSE, Assignment.withdrawn_at.is_(None),
            *_here(viewer, village),
        )
        .order_by(Assignment.assigned_at)
    )  # fmt: skip
    given = {assignment.household_id: (assignment, account) for assignment, account in rows}
    sent = session.execute(
        sa.select(Household.id, Account.display_name)
        .select_from(Household)
        .join(Submission, visits_of(campaign))
        .join(Account, Account.id == Submission.account_id)
        .where(*_here(viewer, village))
        .distinct()
        .order_by(Household.id, Account.display_name)
    )
    visitors: dict[UUID, list[str]] = {}
    for household_id, name in sent:
        visitors.setdefault(household_id, []).append(name)
    asked = interviews_by_household(session, viewer, campaign, *_here(viewer, village))
    steps = []
    for one in households:
        assignment, account = given.get(one.id, (None, None))
        steps.append(Doorstep(one, assignment, account, tuple(visitors.get(one.id, ())), asked.get(one.id, 0)))
    return steps


def checks_in(
    session: Session, viewer: Viewer, campaign: Campaign, area: str
) -> Sequence[sa.Row[Assignment, Household, Account]]:
    """Return the spot checks given out in an area, as one walks; none to who may not know which are drawn."""
    return session.execute(
        sa.select(Assignment, Household, Account)
        .join(Household, OF_HOUSEHOLD)
        .join(Account, Account.id == Assignment.account_id)
        .where(
            Assignment.campaign_id == campaign.id, Assignment.purpose == "spot_check",
            Assignment.withdrawn_at.is_(None), reachable(viewer, READERS), inside(Household.village_code, [area]),
        )
        .order_by(Household.code)
    ).all()  # fmt: skip


def assignments_for(
    viewer: Viewer, *, area: str = "", purpose: str = "", state: str = "", worker_id: UUID | None = None
) -> sa.Select[Assignment, str, str]:
    """Return the statement for assignments with their household's code and village, by household code.

    Parameters
    ----------
    state : str
        ``open``, ``done`` or ``withdrawn``; empty for all.
    """
    statement = (
        sa.select(Assignment, Household.code, Household.village_code)
        .join(Household, OF_HOUSEHOLD)
        .where(reachable(viewer, READERS))
        .order_by(Household.code, Assignment.id)
    )
    if area:
        statement = statement.where(inside(Household.village_code, [area]))
    if purpose:
        statement = statement.where(Assignment.purpose == purpose)
    if worker_id is not None:
        statement = statement.where(Assignment.account_id == worker_id)
    states = {
        "open": IS_OPEN,
        "done": sa.and_(Assignment.withdrawn_at.is_(None), Assignment.completed_at.is_not(None)),
        "withdrawn": Assignment.withdrawn_at.is_not(None),
    }
    return statement.where(states[state]) if state else statement


def last_sent_in(session: Session, viewer: Viewer, area: str) -> datetime | None:
    """Return when the last record of the township's surveyors arrived from an area."""
    column = Submission.received_at
    return session.scalar(
        sa.select(sa.func.max(column, type_=column.type)).where(
            Submission.purpose == PURPOSE,
            inside(Submission.village_code, [area]),
            viewer.within(Submission.village_code, Permission.ASSIGNMENT_READ),
        )
    )


def _here(viewer: Viewer, area: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        inside(Household.village_code, [area]),
        viewer.within(Household.village_code, Permission.ASSIGNMENT_READ),
    )  # fmt: skip


def _is_given(campaign: Campaign) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        OF_HOUSEHOLD, IS_OPEN, Assignment.campaign_id == campaign.id, Assignment.purpose == PURPOSE
    )


def _workers_by(session: Session, viewer: Viewer, campaign: Campaign, area: str, length: int) -> dict[str, int]:
    code = sa.func.substr(Household.village_code, 1, length)
    statement = (
        sa.select(code, sa.func.count(sa.distinct(Assignment.account_id)))
        .join(Household, OF_HOUSEHOLD)
        .where(IS_OPEN, Assignment.campaign_id == campaign.id, Assignment.purpose == PURPOSE, *_here(viewer, area))
        .group_by(code)
    )
    return dict(session.execute(statement).all())

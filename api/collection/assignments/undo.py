"""Undo an act as far as it is safe: never over a visit that was made, or over what somebody decided since."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.assignments.acts import by_worker, codes_of, village_of
from api.collection.assignments.fit import is_fit, kept_away
from api.collection.assignments.reach import IS_OPEN, MANAGERS, READERS, in_parts
from api.collection.assignments.tables import ActItem, AssignmentAct
from api.collection.tables import Assignment
from api.database import now
from api.people.access import Viewer
from api.people.audit import record
from api.people.tables import Account
from api.problems import Conflict, NotFound

VISITED, DECIDED, UNFIT = "已走访", "之后已另行分配或收回", "原来的人已停用或不再负责该村"
BARRED = "原来的人须回避"


@dataclass(frozen=True)
class Undone:
    """What became of an undoing.

    Attributes
    ----------
    ended, reopened : int
        Assignments that were taken back, and those given back.
    left : dict of str to int
        Why others stay as they are, and how many.
    """

    ended: int
    reopened: int
    left: dict[str, int]


def find_act(session: Session, viewer: Viewer, act_id: UUID, *, manage: bool = False) -> AssignmentAct:
    """Return an act of the viewer's area.

    Raises
    ------
    NotFound
        There is none, or it is out of his reach.
    """
    act = session.scalar(acts_for(viewer, manage=manage).where(AssignmentAct.id == act_id))
    if act is None:
        raise NotFound("找不到这次分配记录，或不在您的管辖范围内", where="act_id")
    return act


def acts_for(viewer: Viewer, *, manage: bool = False) -> sa.Select[AssignmentAct]:
    """Return the statement for the acts that a viewer may see (or change), the latest first."""
    permissions = MANAGERS if manage else READERS
    return (
        sa.select(AssignmentAct)
        .where(
            viewer.within(AssignmentAct.area_code, permissions["township_visit"]),
            sa.or_(
                AssignmentAct.checks.is_(False), viewer.within(AssignmentAct.area_code, permissions["spot_check"])
            ),
        )
        .order_by(AssignmentAct.at.desc(), AssignmentAct.id.desc())
    )  # fmt: skip


def undo_act(session: Session, viewer: Viewer, act: AssignmentAct) -> Undone:
    """Take back what an act gave and is still open; give back what it took and nobody has since.

    A household that was visited, or decided about again, stays as it is.

    Raises
    ------
    Conflict
        It was undone before.
    """
    session.refresh(act, with_for_update=True)
    if act.undone_at is not None:
        raise Conflict("这次操作已经撤销过", where="act_id")
    effects = _effects(session, act)
    codes = codes_of(session, act.county_code, {one.household_id for one in (*effects["begun"], *effects["ended"])})
    left: Counter[str] = Counter()
    moment = now()
    ended = []
    for one in effects["begun"]:
        if one.completed_at is not None or one.withdrawn_at is not None:
            left[VISITED if one.completed_at is not None else DECIDED] += 1
            continue
        one.withdrawn_at = moment
        ended.append(one)
    session.flush()
    # what an act moved has a successor; where that one stays, so does this, and it is counted once
    stays = {one.household_id for one in effects["begun"]} - {one.household_id for one in ended}
    reopened = _reopened(session, [one for one in effects["ended"] if one.household_id not in stays], codes, left)
    act.undone_at = moment
    act.details = {**act.details, "undone": {"ended": len(ended), "reopened": len(reopened), "left": dict(left)}}
    for effect, ones in (("ended", ended), ("begun", reopened)):
        for account_id, households in by_worker(ones, codes).items():
            record(
                session, viewer, f"assignment.{effect}", "assignment_act", act.id, division_code=act.county_code,
                act="undo", worker=str(account_id), households=households,
            )  # fmt: skip
    record(
        session, viewer, "assignment.undo", "assignment_act", act.id, division_code=act.county_code,
        ended=len(ended), reopened=len(reopened), left=sum(left.values()),
    )  # fmt: skip
    session.flush()
    return Undone(len(ended), len(reopened), dict(left))


def _effects(session: Session, act: AssignmentAct) -> dict[str, list[Assignment]]:
    """Return the assignments that an act began and ended, held until the end of the transaction."""
    found: dict[str, list[Assignment]] = {"begun": [], "ended": []}
    statement = (
        sa.select(ActItem.effect, Assignment)
        .join(
            Assignment,
            sa.and_(Assignment.county_code == ActItem.county_code, Assignment.id == ActItem.assignment_id),
        )
        .where(ActItem.county_code == act.county_code, ActItem.act_id == act.id)
        .order_by(Assignment.id)
        .with_for_update(of=Assignment)
        .execution_options(populate_existing=True)
    )
    for effect, assignment in session.execute(statement):
        found[effect].append(assignment)
    return found


def _reopened(
    session: Session, ones: list[Assignment], codes: dict[UUID, str], left: Counter[str]
) -> list[Assignment]:  # fmt: skip
    """Open again what is safe to open, and count why the rest is not."""
    taken: set[tuple[UUID, UUID, str]] = set()
    for some in in_parts(sorted({one.household_id for one in ones})):
        rows = session.execute(
            sa.select(Assignment.campaign_id, Assignment.household_id, Assignment.purpose).where(
                Assignment.county_code == ones[0].county_code, Assignment.household_id.in_(some), IS_OPEN
            )
        )
        taken.update((campaign, household, purpose) for campaign, household, purpose in rows)
    ids = {one.account_id for one in ones}
    workers = {one.id: one for one in session.scalars(sa.select(Account).where(Account.id.in_(ids)))}
    barred = {
        (purpose, *pair)
        for purpose in {one.purpose for one in ones}
        for pair in kept_away(session, ones[0].county_code, sorted(ids), purpose)
    }
    reopened = []
    for one in ones:
        if one.withdrawn_at is None or (one.campaign_id, one.household_id, one.purpose) in taken:
            left[DECIDED] += 1
        elif not is_fit(workers[one.account_id], village_of(codes[one.household_id]), one.purpose):
            left[UNFIT] += 1
        elif (one.purpose, one.account_id, one.household_id) in barred:
            left[BARRED] += 1
        else:
            one.withdrawn_at = None
            taken.add((one.campaign_id, one.household_id, one.purpose))
            reopened.append(one)
    session.flush()
    return reopened

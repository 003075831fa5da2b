"""Move households to another worker, or take them back from one; what is done stays where it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.assignments.acts import Changes, codes_of, village_of, write_act
from api.collection.assignments.fit import kept_away, refuse_unfit
from api.collection.assignments.reach import MANAGERS, in_parts
from api.collection.assignments.share import share_out
from api.collection.assignments.tables import AssignmentAct
from api.collection.tables import Assignment
from api.people.access import Viewer
from api.people.tables import Account
from api.problems import Conflict, Invalid


@dataclass(frozen=True)
class Moved:
    """What became of a choice of assignments.

    Attributes
    ----------
    act : AssignmentAct
        With the numbers each worker got and lost in its details.
    done : int
        Assignments that were no longer open: visited, or taken back meanwhile.
    kept : int
        Those that the worker had already.
    left : list of str
        Codes of households that none of the workers may have, for he surveyed them and would check himself, or the
        other way round.
    """

    act: AssignmentAct
    done: int
    kept: int
    left: list[str]


def move_assignments(
    session: Session, viewer: Viewer, assignments: Sequence[Assignment], workers: Sequence[Account]
) -> Moved:
    """Move open assignments to one or several other workers; several get stretches of the road of equal length.

    The old assignment ends and a new one begins, so that the phone of the one loses the household and that of the
    other gets it.

    Parameters
    ----------
    assignments
        Of one county and one purpose, as `api.collection.assignments.reach.find_assignments` returns them.

    Raises
    ------
    Forbidden
        One of them is out of the viewer's reach.
    Invalid
        They are of several purposes, or a worker may not be given one of the villages.
    Conflict
        None of them can be moved.
    """
    codes, still, purpose = _held(session, viewer, assignments)
    workers = sorted(set(workers), key=lambda worker: worker.name)
    refuse_unfit(workers, {village_of(codes[one.household_id]) for one in still}, purpose)
    names = [worker.id for worker in workers]
    barred = kept_away(session, still[0].county_code, names, purpose)
    moving = [one for one in still if one.account_id not in names]
    shares = share_out([one.household_id for one in moving], names, barred)
    changes, left = Changes(), []
    for one in moving:
        if (account_id := shares[one.household_id]) is None:
            left.append(codes[one.household_id])
            continue
        changes.ended.append(one)
        changes.begun.append(
            Assignment(
                county_code=one.county_code, campaign_id=one.campaign_id, household_id=one.household_id,
                account_id=account_id, purpose=one.purpose,
            )
        )  # fmt: skip
    kept = len(still) - len(moving)
    if not changes.begun:
        raise Conflict(
            "没有可转交的家庭：{kept} 户本来就在他名下，{left} 户他须回避 (自己调查过或抽查过、亲属、本村)，须另选一人",
            where="workers", kept=kept, left=len(left),
        )  # fmt: skip
    done = len(assignments) - len(still)
    act = write_act(session, viewer, "move", changes, done=done, kept=kept, left=left)
    return Moved(act, done, kept, left)


def withdraw_assignments(session: Session, viewer: Viewer, assignments: Sequence[Assignment]) -> Moved:
    """Take open assignments back; the households have no worker then.

    Raises
    ------
    Forbidden, Invalid, Conflict
        As `move_assignments`.
    """
    _, still, _ = _held(session, viewer, assignments)
    done = len(assignments) - len(still)
    return Moved(write_act(session, viewer, "withdraw", Changes(ended=still), done=done), done, 0, [])


def hold(session: Session, assignments: Sequence[Assignment]) -> list[Assignment]:
    """Return those that are open still, held until the end of the transaction, in their order."""
    held: dict[UUID, Assignment] = {}
    for some in in_parts(sorted(one.id for one in assignments)):
        statement = sa.select(Assignment).where(Assignment.id.in_(some)).order_by(Assignment.id).with_for_update()
        held.update((one.id, one) for one in session.scalars(statement.execution_options(populate_existing=True)))
    found = [held[one.id] for one in assignments if one.id in held]
    return [one for one in found if one.withdrawn_at is None and one.completed_at is None]


def _held(
    session: Session, viewer: Viewer, assignments: Sequence[Assignment]
) -> tuple[dict[UUID, str], list[Assignment], str]:
    """Return the households' codes, the assignments that are open still as one walks, and their purpose."""
    if len({(one.county_code, one.purpose) for one in assignments}) > 1:
        raise Invalid("一次只能处理同一个县、同一类任务 (入户调查或入户抽查)", where="assignments")
    if not assignments:
        raise Invalid("没有选中任何任务，请先勾选家庭", where="assignments")
    county, purpose = assignments[0].county_code, assignments[0].purpose
    codes = codes_of(session, county, {one.household_id for one in assignments})
    for village in sorted({village_of(code) for code in codes.values()}):
        viewer.demand(MANAGERS[purpose], village)
    still = sorted(hold(session, assignments), key=lambda one: codes[one.household_id])
    if not still:
        raise Conflict("所选的任务都已完成或已收回，没有改动", where="assignments")
    return codes, still, purpose

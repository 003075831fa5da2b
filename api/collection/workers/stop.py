"""Stop a worker: his keys end, his open households go back; and take him back as he was, when that was a mistake."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.assignments.acts import Changes, write_act
from api.collection.assignments.move import hold
from api.collection.assignments.reach import IS_OPEN
from api.collection.assignments.tables import AssignmentAct
from api.collection.assignments.undo import undo_act
from api.collection.tables import Assignment
from api.collection.workers.find import refuse_unmanaged
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.audit import record
from api.people.tables import Account, Token
from api.people.tokens import end_keys, live_keys
from api.problems import Conflict


@dataclass(frozen=True)
class Reinstated:
    """What a worker who was taken back has again: households, keys, and households that stay with others."""

    households: int
    keys: int
    left: int


def stop_worker(session: Session, viewer: Viewer, account: Account) -> list[AssignmentAct]:
    """Stop a worker, now; one act for each county in which he had households, at least one.

    Raises
    ------
    Forbidden
        The account is not the viewer's to look after.
    Conflict
        It is stopped already.
    """
    refuse_unmanaged(viewer, account)
    session.refresh(account, with_for_update=True)
    if not account.active:
        raise Conflict("{name} 的账号已经停用", name=account.display_name)
    account.active = False
    keys = live_keys(session, [account.id])
    end_keys(session, keys, by=viewer)
    area = account.grants[0].area_code
    opened = session.scalars(
        sa.select(Assignment).where(Assignment.account_id == account.id, IS_OPEN).order_by(Assignment.id)
    )
    by_county: dict[str, list[Assignment]] = defaultdict(list)
    for one in hold(session, opened.all()):
        by_county[one.county_code].append(one)
    acts: list[AssignmentAct] = []
    for ended in by_county.values() or [[]]:
        ids = [str(key.id) for key in keys] if not acts else []
        padded = area.ljust(COUNTY_LENGTH, "0")
        acts.append(
            write_act(session, viewer, "deactivate", Changes(ended=ended), area=padded, worker=account, keys=ids)
        )  # fmt: skip
    record(
        session, viewer, "account.deactivate", "account", account.id, division_code=area, keys=len(keys),
        households=sum(map(len, by_county.values())),
    )  # fmt: skip
    session.flush()
    return acts


def reinstate_worker(session: Session, viewer: Viewer, account: Account) -> Reinstated:
    """Take a stopped worker back: his account, the keys that ended with it, and the households nobody has since.

    Raises
    ------
    Forbidden
        The account is not the viewer's to look after.
    Conflict
        He is not stopped.
    """
    refuse_unmanaged(viewer, account)
    session.refresh(account, with_for_update=True)
    if account.active:
        raise Conflict("{name} 的账号没有停用", name=account.display_name)
    account.active = True
    acts = session.scalars(
        sa.select(AssignmentAct)
        .where(AssignmentAct.worker_id == account.id, AssignmentAct.undone_at.is_(None))
        .order_by(AssignmentAct.at)
    ).all()
    session.flush()
    households = left = 0
    for act in acts:
        undone = undo_act(session, viewer, act)
        households += undone.reopened
        left += sum(undone.left.values())
    keys = [key for act in acts for key in act.details.get("keys", [])]
    restored = _restored(session, viewer, account, [UUID(key) for key in keys])
    area = account.grants[0].area_code
    record(
        session, viewer, "account.reactivate", "account", account.id, division_code=area, keys=restored,
        households=households,
    )  # fmt: skip
    session.flush()
    return Reinstated(households, restored, left)


def _restored(session: Session, viewer: Viewer, account: Account, ids: list[UUID]) -> int:
    keys = session.scalars(sa.select(Token).where(Token.id.in_(ids), Token.account_id == account.id)).all()
    for key in keys:
        key.revoked_at = None
        area = account.grants[0].area_code
        record(session, viewer, "token.restore", "token", key.id, division_code=area, account=str(account.id))
    return len(keys)

"""Which workers a person may see, and whose accounts he may look after."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.assignments.fit import ROLE_FOR
from api.people.access import Viewer, inside
from api.people.roles import Permission, Role
from api.people.tables import Account, RoleGrant
from api.problems import Forbidden, NotFound


def workers_for(viewer: Viewer, *, area: str = "", active: bool | None = None, text: str = "") -> sa.Select[Account]:
    """Return the statement for the workers that a viewer may see, by account name.

    A township sees its surveyors; spot checkers are seen by who may see the draw, and by who keeps all accounts.

    Parameters
    ----------
    area : str
        A division code; only who works inside it.
    text : str
        Part of a name or of an account name.
    """
    grant = sa.and_(RoleGrant.account_id == Account.id, _seen(viewer))
    if area:
        grant = sa.and_(grant, inside(RoleGrant.area_code, [area]))
    statement = sa.select(Account).where(sa.exists().where(grant)).order_by(Account.name)
    if active is not None:
        statement = statement.where(Account.active.is_(active))
    if text:
        found = [column.contains(text, autoescape=True) for column in (Account.display_name, Account.name)]
        statement = statement.where(sa.or_(*found))
    return statement


def find_worker(session: Session, viewer: Viewer, worker_id: UUID) -> Account:
    """Return one worker.

    Raises
    ------
    NotFound
        There is none, or none that the viewer may see: he learns no difference.
    """
    found = session.scalar(workers_for(viewer).where(Account.id == worker_id))
    if found is None:
        raise NotFound("找不到这名调查员，或不在您的管辖范围内", where="worker_id")
    return found


def find_workers(session: Session, viewer: Viewer, ids: Iterable[UUID]) -> list[Account]:
    """Return several workers, by account name.

    Raises
    ------
    NotFound
        One of them does not exist, or may not be seen.
    """
    wanted = set(ids)
    found = list(session.scalars(workers_for(viewer).where(Account.id.in_(wanted))))
    if len(found) != len(wanted):
        raise NotFound("所选的人中有的找不到，或不在您的管辖范围内，请刷新页面后重试", where="workers")
    return found


def candidates(session: Session, viewer: Viewer, area: str, purpose: str) -> list[Account]:
    """Return the active workers to whom households of an area might be given: their own area holds some of it."""
    role = ROLE_FOR[purpose]
    return [
        worker
        for worker in session.scalars(workers_for(viewer, active=True))
        if any(
            grant.role == role and (area.startswith(grant.area_code) or grant.area_code.startswith(area))
            for grant in worker.grants
        )
    ]


def may_grant(viewer: Viewer, role: str, area_code: str) -> bool:
    """Tell whether a viewer may look after workers of a role in an area: checkers are not a township's business."""
    if role == Role.SPOT_CHECKER:
        keeps = viewer.may(Permission.SPOT_CHECK_DRAW, area_code) or viewer.may(Permission.PEOPLE_MANAGE, area_code)
        return keeps and viewer.may(Permission.WORKER_MANAGE, area_code)
    return role == Role.SURVEYOR and viewer.may(Permission.WORKER_MANAGE, area_code)


def may_manage(viewer: Viewer, account: Account) -> bool:
    """Tell whether a viewer may look after an account: every role it holds must be one he may grant."""
    return bool(account.grants) and all(may_grant(viewer, grant.role, grant.area_code) for grant in account.grants)


def refuse_unmanaged(viewer: Viewer, account: Account) -> None:
    """Refuse an account that the viewer may see but not look after.

    Raises
    ------
    Forbidden
        It holds another role, or works in another area as well.
    """
    if not may_manage(viewer, account):
        raise Forbidden("{name} 还有其他职责或管辖范围，其账号请由系统管理员处理", name=account.display_name)


def _seen(viewer: Viewer) -> sa.ColumnElement[bool]:
    checkers = sa.or_(
        viewer.within(RoleGrant.area_code, Permission.SPOT_CHECK_READ),
        viewer.within(RoleGrant.area_code, Permission.PEOPLE_MANAGE),
    )
    return sa.or_(
        sa.and_(RoleGrant.role == Role.SURVEYOR, viewer.within(RoleGrant.area_code, Permission.ASSIGNMENT_READ)),
        sa.and_(RoleGrant.role == Role.SPOT_CHECKER, checkers),
    )

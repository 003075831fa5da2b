"""Enrol field workers in bulk: pasted names become accounts that work with a phone's key and have no password."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.workers.find import may_grant
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.accounts import create_account
from api.people.audit import record
from api.people.roles import Role
from api.people.tables import Account, RoleGrant
from api.problems import Conflict, Forbidden, Invalid, NotFound
from api.registry.tables import Division

MOST_NAMES = 200  # at once
LONGEST_NAME = 64
WORKER_ROLES = (Role.SURVEYOR, Role.SPOT_CHECKER)
_BETWEEN_NAMES = re.compile(r"[\r\n\t,;、，；]+")  # not a blank: many names have one inside
_MARK = {Role.SURVEYOR: "", Role.SPOT_CHECKER: "c"}  # of the account's name


@dataclass(frozen=True)
class Enrolled:
    """What became of a list of names.

    Attributes
    ----------
    made : list of Account
        New accounts, in the order of the list.
    present : list of str
        Names of who was there before; nothing was changed for them.
    """

    made: list[Account]
    present: list[str]


def names_in(text: str) -> list[str]:
    r"""Return the names of a pasted text, each once, in their order.

    Examples
    --------
    >>> names_in("虚构巴桑\n虚构次仁 卓玛，虚构巴桑\n")
    ['虚构巴桑', '虚构次仁 卓玛']
    """
    return list(dict.fromkeys(filter(None, (" ".join(name.split()) for name in _BETWEEN_NAMES.split(text)))))


def enrol_workers(
    session: Session, viewer: Viewer, names: Sequence[str], *, role: Role, area_code: str, language: str = "zh"
) -> Enrolled:
    """Make an account for each name that is not yet a worker of the role in the area.

    The same list twice makes nobody twice. Account names are made of the area and a number, ``540222100-01``.

    Raises
    ------
    Forbidden
        The viewer may not enrol this role in this area.
    NotFound
        There is no such division.
    Invalid
        No name, too many, one that cannot be a name, or an area of the wrong level.
    """
    if role not in WORKER_ROLES or not may_grant(viewer, role, area_code):
        raise Forbidden("您的账号不能在区划 {code} 建立这类人员，请向上级管理员申请", code=area_code)
    _refuse_area(session, role, area_code)
    names = names_in("\n".join(names))
    _refuse_names(names)
    present = _present(session, role, area_code, names)
    free = _account_names(session, role, area_code)
    made = []
    for name in names:
        if name in present:
            continue
        try:
            made.append(
                create_account(
                    session, name=next(free), display_name=name, password=None, grants=[(role, area_code)],
                    cost_kib=0, by=viewer, language=language,
                )
            )  # fmt: skip
        except sa.exc.IntegrityError:
            raise Conflict("有人正在为同一区划建立账号，请稍候再试") from None
    return Enrolled(made, [name for name in names if name in present])


def change_worker(
    session: Session, viewer: Viewer, account: Account, *, display_name: str = "", language: str = ""
) -> None:
    """Correct a worker's name, or choose the language in which the server answers his phone; empty leaves it."""
    changes: dict[str, list[str]] = {}
    if display_name:
        _refuse_names([display_name])
    for attribute, value in (("display_name", display_name), ("language", language)):
        if value and value != getattr(account, attribute):
            changes[attribute] = [getattr(account, attribute), value]
            setattr(account, attribute, value)
    if changes:
        area = account.grants[0].area_code
        record(session, viewer, "account.change", "account", account.id, division_code=area, **changes)
    session.flush()


def _refuse_area(session: Session, role: Role, area_code: str) -> None:
    division = session.get(Division, area_code)
    if division is None:
        raise NotFound("没有编码为 {code} 的区划", where="area_code", code=area_code)
    if len(area_code) < COUNTY_LENGTH or (role == Role.SPOT_CHECKER and len(area_code) > COUNTY_LENGTH):
        raise Invalid("调查员属于县、乡镇或村，抽查员属于整个县，请另选区划", where="area_code")


def _refuse_names(names: Sequence[str]) -> None:
    if not names:
        raise Invalid("请填写姓名，每行一个", where="names")
    if len(names) > MOST_NAMES:
        raise Invalid("一次最多 {most} 人，请分几次建立", where="names", most=MOST_NAMES)
    for name in names:
        if len(name) > LONGEST_NAME or not name.isprintable():
            printable = "".join(filter(str.isprintable, name[:20]))
            raise Invalid("姓名“{name}”过长或含有不可见字符，请改正", where="names", name=printable)


def _present(session: Session, role: Role, area_code: str, names: Iterable[str]) -> set[str]:
    grant = sa.exists().where(
        RoleGrant.account_id == Account.id, RoleGrant.role == role, RoleGrant.area_code == area_code
    )
    return set(session.scalars(sa.select(Account.display_name).where(Account.display_name.in_(list(names)), grant)))


def _account_names(session: Session, role: Role, area_code: str) -> Iterator[str]:
    start = f"{area_code}-{_MARK[role]}"
    taken = set(session.scalars(sa.select(Account.name).where(Account.name.startswith(start, autoescape=True))))
    return (name for number in range(1, 100_000) if (name := f"{start}{number:02d}") not in taken)

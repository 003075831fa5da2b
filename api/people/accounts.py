"""Make accounts, give them roles, change passwords."""

import secrets
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Role
from api.people.tables import Account, RoleGrant
from api.problems import Conflict, Invalid

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256  # more is no safer and costs time
NO_PASSWORD = ""  # in place of a hash: no password matches it


def hasher(cost_kib: int) -> PasswordHasher:
    """Return the hasher; ``cost_kib`` is the memory one check takes (argon2id, RFC 9106)."""
    return PasswordHasher(memory_cost=cost_kib, time_cost=3, parallelism=1)


def create_account(
    session: Session,
    *,
    name: str,
    display_name: str,
    password: str | None,
    grants: Iterable[tuple[Role, str]],
    cost_kib: int,
    by: Viewer | None = None,
    language: str = "zh",
) -> Account:
    """Make an account with its roles.

    Parameters
    ----------
    password : str or None
        None for who works with a phone's key only: nobody can sign in under the name.

    Raises
    ------
    Conflict
        If the name is taken.
    Invalid
        If the password is too short or too long.
    """
    name = name.strip().lower()
    if password is not None:
        check_password(password)
    if session.scalar(sa.select(Account.id).where(Account.name == name)) is not None:
        raise Conflict("账号 {name} 已存在，请换一个名称", where="name", name=name)
    account = Account(
        name=name,
        display_name=display_name.strip(),
        password_hash=NO_PASSWORD if password is None else hasher(cost_kib).hash(password),
        language=language,
        session_stamp=secrets.token_hex(16),
        grants=[RoleGrant(role=role, area_code=area) for role, area in grants],
    )
    session.add(account)
    session.flush()
    for grant in account.grants:
        record(
            session, by, "account.create", "account", account.id, division_code=grant.area_code, name=name,
            role=grant.role, area_code=grant.area_code,
        )  # fmt: skip
    return account


def check_password(password: str) -> None:
    """Refuse a password that is too short, or so long that checking it is an attack."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(
            "密码须为 {least} 至 {most} 个字符",
            where="password",
            least=SHORTEST_PASSWORD,
            most=LONGEST_PASSWORD,
        )


def viewer_of(account: Account, *, token_id: UUID | None = None) -> Viewer:
    """Return the account as whoever is asking."""
    return Viewer(
        account_id=account.id,
        name=account.name,
        display_name=account.display_name,
        grants=tuple((Role(grant.role), grant.area_code) for grant in account.grants),
        language=account.language,
        token_id=token_id,
    )

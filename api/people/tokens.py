"""Tokens: secrets with which programs and phones act as an account; kept only as hashes, revocable at once."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import UtcDateTime, now
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Role
from api.people.tables import Account, RoleGrant, Token
from api.problems import NotFound

PREFIX = {
    "program": "ruhu_",
    "phone": "",
}  # a prefix lets secret scanners find a leaked one; phones' stand in an address


_TOKEN, _ACCOUNT, _GRANT = (table.__table__ for table in (Token, Account, RoleGrant))
# Asked at every request of every phone and program, so it is written once, and reads no more than it must.
_LIVE = (
    sa.select(
        _TOKEN.c.id.label("token_id"), _ACCOUNT.c.id.label("account_id"), _ACCOUNT.c.name, _ACCOUNT.c.display_name,
        _ACCOUNT.c.language, _GRANT.c.role, _GRANT.c.area_code,
    )
    .select_from(
        sa.join(_TOKEN, _ACCOUNT, _ACCOUNT.c.id == _TOKEN.c.account_id).outerjoin(
            _GRANT, _GRANT.c.account_id == _ACCOUNT.c.id
        )
    )
    .where(
        _TOKEN.c.token_hash == sa.bindparam("hash"),
        _TOKEN.c.kind == sa.bindparam("kind"),
        _TOKEN.c.only_for.is_not_distinct_from(sa.bindparam("only_for", type_=sa.String())),
        _TOKEN.c.revoked_at.is_(None),
        sa.or_(_TOKEN.c.expires_at.is_(None), _TOKEN.c.expires_at > sa.bindparam("now", type_=UtcDateTime())),
        _ACCOUNT.c.active,
    )
    .order_by(_GRANT.c.id)
)  # fmt: skip


def token_hash(text: str) -> str:
    """Return what is kept of a token. The token has 256 random bits: a plain hash cannot be guessed back."""
    return hashlib.sha256(text.encode()).hexdigest()


def issue_token(
    session: Session,
    account: Account,
    *,
    kind: str,
    label: str,
    by: Viewer | None,
    expires_at: datetime | None = None,
    only_for: str | None = None,
) -> tuple[Token, str]:
    """Make a token; return its row and its text, which is shown once and kept nowhere."""
    text = PREFIX[kind] + secrets.token_urlsafe(32)
    token = Token(
        account_id=account.id, kind=kind, label=label, token_hash=token_hash(text), expires_at=expires_at,
        only_for=only_for,
    )  # fmt: skip
    session.add(token)
    session.flush()
    area = account.grants[0].area_code if account.grants else ""
    record(session, by, "token.issue", "token", token.id, division_code=area, kind=kind, label=label)
    return token, text


def find_token(session: Session, text: str, *, kind: str, only_for: str | None = None) -> Viewer | None:
    """Return whoever a live token speaks for, or None; one that opens a single thing opens nothing else."""
    # a look-up of a hash by its index leaks nothing about the token
    given = {"hash": token_hash(text), "kind": kind, "only_for": only_for, "now": now()}
    rows = session.execute(_LIVE, given).all()
    if not rows:
        return None
    first = rows[0]
    return Viewer(
        account_id=first.account_id,
        name=first.name,
        display_name=first.display_name,
        grants=tuple((Role(row.role), row.area_code) for row in rows if row.role is not None),
        language=first.language,
        token_id=first.token_id,
    )


def was_issued(session: Session, text: str) -> bool:
    """Tell whether a token ever existed, alive or not: a revoked one is a mistake, an invented one a guess."""
    return session.scalar(sa.select(Token.id).where(Token.token_hash == token_hash(text))) is not None


def revoke_token(session: Session, token_id: UUID, *, by: Viewer) -> Token:
    """End a token of one's own, now.

    Raises
    ------
    NotFound
        If there is none, or it belongs to somebody else.
    """
    token = session.scalar(sa.select(Token).where(Token.id == token_id, Token.account_id == by.account_id))
    if token is None:
        raise NotFound("找不到这个凭证，它可能已被删除", where="token_id")
    if token.revoked_at is None:
        token.revoked_at = now()
        area = by.grants[0][1] if by.grants else ""
        record(session, by, "token.revoke", "token", token.id, division_code=area)
    session.flush()
    return token


def live_keys(session: Session, accounts: Iterable[UUID]) -> list[Token]:
    """Return the phone keys of some accounts that open the door today, the oldest first."""
    statement = sa.select(Token).where(
        Token.account_id.in_(list(accounts)),
        Token.kind == "phone",
        Token.revoked_at.is_(None),
        sa.or_(Token.expires_at.is_(None), Token.expires_at > now()),
    )
    return list(session.scalars(statement.order_by(Token.created_at, Token.id)))


def end_keys(session: Session, keys: Iterable[Token], *, by: Viewer) -> None:
    """End phone keys of workers, now; the caller has looked whether he may."""
    for key in keys:
        key.revoked_at = now()
        area = key.account.grants[0].area_code if key.account.grants else ""
        record(session, by, "token.revoke", "token", key.id, division_code=area, account=str(key.account_id))
    session.flush()

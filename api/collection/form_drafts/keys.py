"""Keys with which chosen people's phones try a draft, and the code that sets a phone up for it."""

import base64
import json
import zlib
from datetime import timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.form_drafts.tables import OPEN_STATES, FormDraft, FormDraftKey, demand_open
from api.database import now
from api.people.access import Viewer, inside
from api.people.audit import record
from api.people.roles import GRANTED, Permission
from api.people.tables import Account, RoleGrant, Token
from api.people.tokens import issue_token
from api.problems import Conflict, Invalid, NotFound

ONLY_FOR: Final = "draft"
DAYS: Final = 30  # a trial that takes longer asks for another key
MOST_KEYS: Final = 100


def testers(session: Session, county_code: str) -> list[Account]:
    """Return who may try a county's draft on a phone, by name: whoever gets forms there."""
    roles = [role for role, permissions in GRANTED.items() if Permission.FORM_READ in permissions]
    above = [county_code[:length] for length in (2, 4)]
    there = sa.or_(inside(RoleGrant.area_code, [county_code]), RoleGrant.area_code.in_(above))
    statement = (
        sa.select(Account)
        .where(Account.active, Account.grants.any(sa.and_(RoleGrant.role.in_(roles), there)))
        .order_by(Account.display_name)
    )
    return list(session.scalars(statement))


def issue_key(session: Session, draft: FormDraft, account_id: UUID, *, by: Viewer) -> tuple[Token, str]:
    """Make a key for one person to try a draft; return its row and its text, which is shown once.

    Raises
    ------
    Conflict
        There is nothing to try yet, or it is over, or there are too many keys.
    Invalid
        The person gets no forms in this county.
    """
    demand_open(draft)
    if draft.xform_sha256 is None:
        raise Conflict("草稿还没有编译成功，改正并重新上传后再测试")
    account = session.get(Account, account_id)
    if account is None or account.id not in {tester.id for tester in testers(session, draft.county_code)}:
        raise Invalid("请选择本县使用表格的人员", where="account_id")
    if len(keys_of(session, draft)) >= MOST_KEYS:
        raise Conflict("测试凭证已有 {most} 个，请先停用不用的", most=MOST_KEYS)
    label = f"draft {draft.form_id} {draft.version}"[:120]
    token, text = issue_token(
        session, account, kind="phone", label=label, by=by, expires_at=now() + timedelta(days=DAYS), only_for=ONLY_FOR
    )
    session.add(FormDraftKey(token_id=token.id, county_code=draft.county_code, draft_id=draft.id))
    session.flush()
    return token, text


def keys_of(session: Session, draft: FormDraft) -> list[Token]:
    """Return the live keys of a draft, the latest first."""
    statement = (
        sa.select(Token)
        .join(FormDraftKey, FormDraftKey.token_id == Token.id)
        .where(
            FormDraftKey.county_code == draft.county_code,
            FormDraftKey.draft_id == draft.id,
            Token.revoked_at.is_(None),
            Token.expires_at > now(),
        )
        .order_by(Token.created_at.desc(), Token.id)
    )
    return list(session.scalars(statement))


def end_key(session: Session, draft: FormDraft, token_id: UUID, *, by: Viewer) -> None:
    """End one key of a draft, now.

    Raises
    ------
    NotFound
        The draft has no such live key.
    """
    token = next((token for token in keys_of(session, draft) if token.id == token_id), None)
    if token is None:
        raise NotFound("找不到这个测试凭证，它可能已停用", where="token_id")
    token.revoked_at = now()
    session.flush()
    record(session, by, "token.revoke", "token", token.id, division_code=draft.county_code)


def end_keys(session: Session, draft: FormDraft) -> None:
    """End all keys of a draft, now."""
    for token in keys_of(session, draft):
        token.revoked_at = now()
    session.flush()


def draft_behind(session: Session, tester: Viewer, *, locked: bool = False) -> FormDraft:
    """Return the draft that a tester's key opens.

    Parameters
    ----------
    locked
        Hold it until the end of the transaction, so that nobody publishes it meanwhile.

    Raises
    ------
    NotFound
        It is no draft any more, or nothing in it compiled yet.
    """
    statement = (
        sa.select(FormDraft)
        .join(
            FormDraftKey,
            sa.and_(FormDraftKey.county_code == FormDraft.county_code, FormDraftKey.draft_id == FormDraft.id),
        )
        .where(FormDraftKey.token_id == tester.token_id)
    )
    draft = session.scalar(statement.with_for_update(of=FormDraft) if locked else statement)
    if draft is None or draft.state not in OPEN_STATES or draft.xform_sha256 is None:
        raise NotFound("这份草稿已发布或删除，请在手机上删除这个测试项目")
    return draft


def settings_code(address: str, name: str) -> str:
    """Return what a code says that sets up ODK Collect for trying a draft, in a project of its own colour.

    Examples
    --------
    >>> told = json.loads(zlib.decompress(base64.b64decode(settings_code("https://a.example/key/x/draft", "测"))))
    >>> told["general"]["server_url"], told["admin"], told["project"]["name"]
    ('https://a.example/key/x/draft', {}, '测')
    """
    settings = {
        "general": {"server_url": address, "form_update_mode": "match_exactly", "app_language": "zh"},
        "admin": {},
        "project": {"name": name, "icon": "✎", "color": "#c2410c"},
    }
    return base64.b64encode(zlib.compress(json.dumps(settings, ensure_ascii=False).encode())).decode()

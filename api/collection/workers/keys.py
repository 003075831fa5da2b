"""Issue, reissue and revoke the keys with which workers' phones reach the server."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from api.collection.workers.find import refuse_unmanaged
from api.people.access import Viewer
from api.people.tables import Account, Token
from api.people.tokens import end_keys, issue_token, live_keys
from api.problems import Conflict, NotFound

LABEL = "手机"


@dataclass(frozen=True)
class NewKey:
    """A key at the moment it is issued; its text is nowhere afterwards."""

    worker: Account
    token: Token
    text: str = field(repr=False)


def issue_key(
    session: Session, viewer: Viewer, worker: Account, *, end_old: bool, as_of: datetime | None = None
) -> NewKey:
    """Issue a key for a worker's phone.

    Parameters
    ----------
    end_old : bool
        Whether the keys he has end now (a lost phone or card); else this is for one phone more.
    as_of
        When the viewer looked: a key issued since is a surprise to him, such as his own second click.

    Raises
    ------
    Forbidden
        The account is not the viewer's to look after.
    Conflict
        The account is stopped, or somebody has issued a key since the viewer looked.
    """
    refuse_unmanaged(viewer, worker)
    session.refresh(worker, with_for_update=True)  # two clicks at once: the second waits and then sees the first
    if not worker.active:
        raise Conflict("{name} 的账号已停用，请先恢复账号再发卡", name=worker.display_name)
    old = live_keys(session, [worker.id])
    if as_of is not None and any(key.created_at > as_of for key in old):
        raise Conflict(
            "刚才已为 {name} 发过卡，没有再发。二维码只显示一次；若没有打印下来，请回到调查员页面重新发卡",
            name=worker.display_name,
        )
    if end_old:
        end_keys(session, old, by=viewer)
    token, text = issue_token(session, worker, kind="phone", label=LABEL, by=viewer)
    return NewKey(worker, token, text)


def issue_cards(
    session: Session, viewer: Viewer, workers: Sequence[Account], *, end_old: bool, as_of: datetime | None = None
) -> list[NewKey]:
    """Issue keys for several workers at once: for those without one, or anew for all of them.

    Parameters
    ----------
    end_old : bool
        False: only who has no key gets one, and nobody's phone stops. True: everybody's old keys end now.

    Raises
    ------
    Conflict
        Nobody gets one.
    """
    chosen = sorted(workers, key=lambda worker: worker.name)
    if not end_old:
        have = {key.account_id for key in live_keys(session, [worker.id for worker in chosen])}
        chosen = [worker for worker in chosen if worker.id not in have]
    if not chosen:
        raise Conflict("所选的人都已有手机密钥，没有再发。旧卡遗失的，请选择重新发卡", where="workers")
    return [issue_key(session, viewer, worker, end_old=end_old, as_of=as_of) for worker in chosen]


def revoke_key(session: Session, viewer: Viewer, worker: Account, key_id: UUID) -> None:
    """End one key of a worker, now; a phone that uses it is told so at its next contact.

    Raises
    ------
    Forbidden
        The account is not the viewer's to look after.
    NotFound
        The worker has no such live key.
    """
    refuse_unmanaged(viewer, worker)
    keys = [key for key in live_keys(session, [worker.id]) if key.id == key_id]
    if not keys:
        raise NotFound("找不到这个手机密钥，它可能已经停用", where="key_id")
    end_keys(session, keys, by=viewer)


def card_number(token_id: UUID) -> str:
    """Return the short number that a card and the worker's page both show, so that a lost card can be told.

    Examples
    --------
    >>> card_number(UUID("018f2d3a-0000-7000-8000-0000003f9a1c"))
    '3F9A1C'
    """
    return token_id.hex[-6:].upper()

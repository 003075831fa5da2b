"""Keep aside what was refused: once per content with a count, within a quota per phone, for an operator to judge."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.households import county_of
from api.collection.posting import Part
from api.collection.refusals import KeptAside
from api.collection.tables import Quarantined
from api.database import now
from api.people.access import Viewer
from api.people.roles import Permission
from api.problems import NotFound

QUOTA = "quota"  # the one row of a phone that says: more came than is kept
NOTHING = hashlib.sha256(b"").hexdigest()


def has_room(session: Session, sender: Viewer, parts: Sequence[Part], quota_bytes: int) -> bool:
    """Tell whether a refused posting still fits into what is kept aside for one phone.

    Asked before its bytes are made durable. A posting that is already kept takes no room.
    """
    mine = Quarantined.token_id == sender.token_id
    again = sa.select(Quarantined.id).where(mine, Quarantined.content_sha256 == content_sha256(parts)).limit(1)
    if session.scalar(again) is not None:
        return True
    kept = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Quarantined.bytes), 0)).where(mine, Quarantined.state == "open")
    )
    return (kept or 0) + sum(part.draft.size for part in parts) <= quota_bytes


def content_sha256(parts: Sequence[Part]) -> str:
    """Return one hash over all parts of a posting, in whatever order they came."""
    digest = hashlib.sha256()
    for line in sorted(f"{part.name}\0{part.draft.sha256}\n" for part in parts):
        digest.update(line.encode())
    return digest.hexdigest()


def keep_aside(session: Session, sender: Viewer, parts: Sequence[Part], refusal: KeptAside, *, room: bool) -> None:
    """Write down a refused posting whose bytes are kept; the same again is only counted.

    Without room a single row per phone counts what was not kept. Two at once: the later flush raises
    ``IntegrityError``; roll back and call again.
    """
    area = next(iter(sender.areas(Permission.SUBMISSION_SEND)), "")
    county = county_of(sender, None)
    reason = refusal.reason if room else QUOTA
    content = content_sha256(parts) if room else NOTHING
    counted = session.scalar(
        sa.select(Quarantined)
        .where(
            Quarantined.county_code == county,
            Quarantined.token_id == sender.token_id,
            Quarantined.reason == reason,
            Quarantined.content_sha256 == content,
        )
        .with_for_update()
    )
    if counted is not None:
        counted.times += 1
        counted.last_at = now()
        session.flush()
        return
    if sender.token_id is None:
        raise ValueError("only what a phone sent with its token is kept aside")
    files = [
        {
            "name": part.name,
            "sha256": part.draft.sha256,
            "bytes": part.draft.size,
            "media_type": part.media_type,
        }
        for part in parts
    ]
    session.add(
        Quarantined(
            county_code=county,
            token_id=sender.token_id,
            account_id=sender.account_id,
            area_code=area,
            reason=reason,
            message=str(refusal),
            content_sha256=content,
            files=files if room else [],
            bytes=sum(part.draft.size for part in parts) if room else 0,
        )
    )
    session.flush()


def kept_aside(viewer: Viewer, *, state: str = "open") -> sa.Select[Quarantined]:
    """Return the statement of what an operator may see of it, the latest first."""
    return (
        sa.select(Quarantined)
        .where(viewer.within(Quarantined.area_code, Permission.QUARANTINE), Quarantined.state == state)
        .order_by(Quarantined.last_at.desc(), Quarantined.id)
    )


def find_kept_aside(session: Session, viewer: Viewer, quarantined_id: UUID) -> Quarantined:
    """Return one refused posting of the operator's area.

    Raises
    ------
    NotFound
        There is none, or it is of another area.
    """
    found = session.scalar(
        sa.select(Quarantined).where(
            viewer.within(Quarantined.area_code, Permission.QUARANTINE), Quarantined.id == quarantined_id
        )
    )
    if found is None:
        raise NotFound("找不到这条留存记录", where="quarantined_id")
    return found


def how_many(session: Session, viewer: Viewer, *, state: str = "open") -> int:
    """Return how many an operator may see."""
    rows = kept_aside(viewer, state=state).order_by(None).subquery()
    return session.scalars(sa.select(sa.func.count()).select_from(rows)).one()

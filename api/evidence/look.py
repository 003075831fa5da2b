"""Look at photos after they have arrived: what they say of themselves, and a small copy for lists."""

import logging
import time
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.blobs import Blobs
from api.database import Database, now
from api.evidence.pictures import PictureUnreadable, likeness_of, read_facts
from api.evidence.tables import Photo, PhotoMetadata
from api.evidence.thumbnails import SIZES, Thumbnails
from api.problems import Unavailable

log = logging.getLogger(__name__)

AT_A_TIME: Final = 100
SWEEP_SECONDS: Final = 30  # then other work has its turn


def look_at_photos(database: Database, blobs: Blobs, thumbnails: Thumbnails, *, seconds: float = SWEEP_SECONDS) -> int:
    """Look at the photos that nobody has looked at yet, for so long; return how many that were.

    Each is marked before it is opened: a file that brings the whole process down is not opened again and again.
    """
    until, done = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        with database.read() as session:
            unseen = session.execute(
                sa.select(Photo.county_code, Photo.id)
                .where(Photo.looked_at.is_(None), Photo.sha256.is_not(None))
                .order_by(Photo.county_code, Photo.id)
                .limit(AT_A_TIME)
            ).all()
        if not unseen:
            break
        for county_code, key in unseen:
            if time.monotonic() >= until:
                break
            done += _look(database, blobs, thumbnails, county_code, key)
    return done


def sweep(database: Database, blobs: Blobs, thumbnails: Thumbnails) -> None:
    """Look at what has arrived since the last time."""
    look_at_photos(database, blobs, thumbnails)


def look_again(session: Session) -> int:
    """Have every photo looked at once more; return how many."""
    changed = session.execute(sa.update(Photo).where(Photo.looked_at.is_not(None)).values(looked_at=None))
    return int(changed.rowcount)  # type: ignore[attr-defined]


def _look(database: Database, blobs: Blobs, thumbnails: Thumbnails, county_code: str, key: UUID) -> bool:
    with database.transaction() as session:
        sha256 = _claim(session, county_code, key)
    if sha256 is None:
        return False  # somebody else has it
    try:
        found = _read(blobs, sha256)
    except Unavailable:
        with database.transaction() as session:  # the store is down: it stays unseen
            session.execute(sa.update(Photo).where(*_is(county_code, key)).values(looked_at=None))
        raise
    with database.transaction() as session:
        session.execute(
            sa.update(PhotoMetadata)
            .where(PhotoMetadata.county_code == county_code, PhotoMetadata.photo_id == key)
            .values(**found)
        )
    if found["state"] == "read":
        try:
            thumbnails.open(sha256, SIZES[0]).close()
        except (PictureUnreadable, OSError) as error:
            log.info("no small copy of photo %s: %s", key, error)
    return True


def _claim(session: Session, county_code: str, key: UUID) -> str | None:
    """Mark a photo as looked at, with nothing found yet; None when it is already, or gone."""
    photo = session.scalar(sa.select(Photo).where(*_is(county_code, key), Photo.looked_at.is_(None)).with_for_update())
    if photo is None:
        return None
    photo.looked_at = now()
    session.execute(
        sa.delete(PhotoMetadata).where(PhotoMetadata.county_code == county_code, PhotoMetadata.photo_id == key)
    )
    session.add(PhotoMetadata(county_code=county_code, photo_id=key))
    return photo.sha256


def _is(county_code: str, key: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return (Photo.county_code == county_code, Photo.id == key)


def _read(blobs: Blobs, sha256: str) -> dict[str, Any]:
    try:
        with blobs.open(sha256) as file:
            facts = read_facts(file)
    except PictureUnreadable as fault:
        return {"state": "unreadable", "note": str(fault)}
    except FileNotFoundError:
        return {"state": "unreadable", "note": "missing"}
    columns = {name: value for name, value in vars(facts).items() if name != "notes"}
    return {"state": "read", "note": " ".join(facts.notes), **columns, "likeness": _likeness(blobs, sha256)}


def _likeness(blobs: Blobs, sha256: str) -> str | None:
    try:
        with blobs.open(sha256) as file:
            return likeness_of(file)
    except (PictureUnreadable, FileNotFoundError):
        return None

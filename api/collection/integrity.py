"""Read again every byte that the tables name and say what is missing or changed; move bytes from folder to store."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.blobs import Blobs
from api.collection.object_store import ObjectStore, hash_of
from api.collection.tables import Attachment, QuarantineAct, Quarantined, Submission, SubmissionVersion
from api.database import Database

AT_A_TIME = 1_000
# photos of dice are named in a higher room: only their fingerprints are asked
DRAW_PHOTO = sa.table("draw_photo", sa.column("draw_id", sa.Uuid()), sa.column("sha256", sa.String()))


@dataclass(frozen=True)
class Looked:
    """One file that was looked at: ``good``, ``missing`` or ``changed``."""

    sha256: str
    found: str
    named_by: tuple[tuple[str, str], ...] = ()  # answers, file, mended, dice or posting, and which


def how_many_named(session: Session) -> int:
    """Return how many different files the tables name, those of refused postings counted once per posting."""
    counted = sum(
        session.scalars(sa.select(sa.func.count(sa.distinct(column)))).one() for column in _columns()
    )  # fmt: skip
    return counted + session.scalars(sa.select(sa.func.count()).select_from(Quarantined)).one()


def verify_blobs(database: Database, blobs: Blobs) -> Iterator[Looked]:
    """Hash every file again that a table names, each once per table; yield what became of it.

    Memory: some thousand names at a time. Reads only.
    """
    with database.read() as session:
        for sha256 in _named(session):
            found = _look(blobs, sha256)
            yield Looked(sha256, found, () if found == "good" else tuple(_named_by(session, sha256)))


def move_blobs(folder: Blobs, store: ObjectStore, *, keep_local: bool = False) -> Iterator[Looked]:
    """Bring every file of a folder into the store, confirmed there before it is taken away here.

    May be broken off and begun again, and run while the server, which has the store set, is working: what is still
    in the folder is found there. ``good`` means it is in the store; ``changed`` that the folder's file is not what
    its name says: it is left where it is.
    """
    for sha256 in folder.names():
        path = folder.path(sha256)
        if keep_local and store.holds(sha256):
            yield Looked(sha256, "good")
            continue
        with path.open("rb") as file:
            whole = hash_of(file) == sha256
        if whole:
            store.upload(path, sha256)
            if not keep_local:
                path.unlink()
        yield Looked(sha256, "good" if whole else "changed")


def _columns() -> tuple[sa.ColumnElement[Any], ...]:
    return (
        SubmissionVersion.xml_sha256.expression,
        SubmissionVersion.sent_sha256.expression,
        Attachment.sha256.expression,
        QuarantineAct.xml_sha256.expression,
        DRAW_PHOTO.c.sha256,
    )


def _named(session: Session) -> Iterator[str]:
    for column in _columns():
        last = ""
        while page := session.scalars(
            sa.select(column).where(column > last).distinct().order_by(column).limit(AT_A_TIME)
        ).all():
            yield from (str(sha256) for sha256 in page)
            last = str(page[-1])
    for files in session.scalars(sa.select(Quarantined.files).execution_options(yield_per=AT_A_TIME)):
        yield from (file["sha256"] for file in files)


def _look(blobs: Blobs, sha256: str) -> str:
    try:
        with blobs.open(sha256) as file:
            return "good" if hash_of(file) == sha256 else "changed"
    except FileNotFoundError:
        return "missing"


def _named_by(session: Session, sha256: str) -> Iterator[tuple[str, str]]:
    """Yield what would be lost, for whoever looks for a copy."""
    answers = sa.or_(SubmissionVersion.xml_sha256 == sha256, SubmissionVersion.sent_sha256 == sha256)
    for instance_id in session.scalars(sa.select(SubmissionVersion.instance_id).where(answers)):
        yield "answers", instance_id
    owned = sa.and_(Submission.county_code == Attachment.county_code, Submission.id == Attachment.submission_id)
    for name, instance_id in session.execute(
        sa.select(Attachment.name, Submission.instance_id).join(Submission, owned).where(Attachment.sha256 == sha256)
    ):
        yield "file", f"{name} of {instance_id}"
    acts = sa.select(QuarantineAct.quarantined_id).where(QuarantineAct.xml_sha256 == sha256)
    for key in session.scalars(acts):
        yield "mended", str(key)
    for draw in session.scalars(sa.select(DRAW_PHOTO.c.draw_id).where(DRAW_PHOTO.c.sha256 == sha256)):
        yield "dice", str(draw)
    for row in session.scalars(sa.select(Quarantined).execution_options(yield_per=AT_A_TIME)):
        for file in row.files:
            if file["sha256"] == sha256:
                yield "posting", f"{row.id} {file['name']}"

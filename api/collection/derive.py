"""Derive what submissions show, now or again: derivers are offered by higher features and can never refuse a phone."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.blobs import Blobs
from api.collection.forms import find_form, schema_of
from api.collection.households import Flag, locate
from api.collection.tables import Attachment, Submission, SubmissionVersion
from api.database import Database, now
from api.people.access import inside
from api.people.accounts import viewer_of
from api.people.tables import Account
from survey_forms.errors import SubmissionRefused
from survey_forms.submission import Submission as Answers
from survey_forms.submission import read_submission

log = logging.getLogger(__name__)

MOST_FLAGS = 100  # of one version; junk could bring thousands
LONGEST_FLAG = 200
SWEPT_FOR = timedelta(days=1)
FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Derivable:
    """One submission as it stands, with everything a deriver may look at.

    Attributes
    ----------
    submission, version
        The rows; the version is the current one.
    answers
        Its XML, read with its form's schema.
    files
        SHA-256 by name, of the files that have arrived.
    fresh
        It arrives just now: nothing was made of it before, and nobody needs to look for that.
    """

    submission: Submission
    version: SubmissionVersion
    answers: Answers
    files: Mapping[str, str]
    fresh: bool = False


# Makes its rows from a submission, replacing those it made before; returns what it could not make sense of.
Deriver = Callable[[Session, Derivable], list[Flag]]


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Where bytes are kept and what is made of a submission as it comes in."""

    blobs: Blobs
    derivers: Sequence[Deriver]


def derive(session: Session, derivers: Sequence[Deriver], found: Derivable, located: Sequence[Flag] = ()) -> bool:
    """Run the derivers on a submission inside a savepoint; a failure flags the version and is tried again later.

    Returns
    -------
    bool
        Whether all came to an end.
    """
    version = found.version
    reception = [flag for flag in version.flags if flag["from"] == "reception"]
    flags = [*reception, *reading_flags(found.answers, located)]
    try:
        with session.begin_nested():
            for deriver in derivers:
                flags += deriver(session, found)
            session.flush()
    except sa.exc.OperationalError:
        raise  # the database itself is in trouble: nothing may be acknowledged
    except Exception as error:
        log.exception("submission %s cannot be derived", found.submission.instance_id)
        flags.append(_failed(error))
        version.derived_at = None
        done = False
    else:
        if not found.fresh:  # what arrives is stored as derived already: most often nothing is left to write
            version.derived_at = now()
        done = True
    if version.flags != flags[:MOST_FLAGS]:
        version.flags = flags[:MOST_FLAGS]
    session.flush()
    return done


def reading_flags(answers: Answers, located: Sequence[Flag]) -> list[Flag]:
    """Return what was doubtful before any deriver looked: where it belongs, and answers that cannot be read."""
    unreadable = [
        {
            "from": "reading",
            "kind": "unreadable-answer",
            "where": problem.path,
            "text": problem.text[:LONGEST_FLAG],
            "why": problem.why[:LONGEST_FLAG],
        }
        for problem in answers.problems
    ]
    return [*located, *unreadable][:MOST_FLAGS]


def files_of(session: Session, submission: Submission) -> dict[str, str]:
    """Return the SHA-256 of each file that has arrived, by name."""
    rows = session.execute(
        sa.select(Attachment.name, Attachment.sha256).where(
            Attachment.county_code == submission.county_code, Attachment.submission_id == submission.id
        )
    )
    return {row.name: row.sha256 for row in rows}


def reprocess(
    database: Database,
    blobs: Blobs,
    derivers: Sequence[Deriver],
    *,
    form_id: str | None = None,
    submission_id: UUID | None = None,
    areas: Sequence[str] | None = None,
    flagged: bool = False,
    everything: bool = False,
    since: datetime | None = None,
) -> Iterator[bool]:
    """Derive again from raw bytes, one short transaction each; yield for each whether it came to an end.

    Parameters
    ----------
    form_id, submission_id, areas
        Only this form's, only this one, only of households in these areas.
    flagged
        Also what was derived with something doubtful about it.
    everything
        Also what was derived before; else only what was left undone.
    since
        Only versions received since then.
    """
    for county_code, key in to_reprocess(
        database, form_id=form_id, submission_id=submission_id, areas=areas, flagged=flagged, everything=everything,
        since=since,
    ):  # fmt: skip
        with database.transaction() as session:
            done = _again(session, blobs, derivers, county_code, key)
        yield done  # committed: whoever is told may write in his turn


def to_reprocess(
    database: Database,
    *,
    form_id: str | None = None,
    submission_id: UUID | None = None,
    areas: Sequence[str] | None = None,
    flagged: bool = False,
    everything: bool = False,
    since: datetime | None = None,
) -> list[tuple[str, UUID]]:
    """Return the keys of the submissions that `reprocess` would derive again."""
    statement = (
        sa.select(Submission.county_code, Submission.id)
        .join(
            SubmissionVersion,
            sa.and_(
                SubmissionVersion.county_code == Submission.county_code,
                SubmissionVersion.instance_id == Submission.instance_id,
            ),
        )
        .order_by(Submission.county_code, Submission.id)
    )
    if form_id is not None:
        statement = statement.where(Submission.form_id == form_id)
    if submission_id is not None:
        statement = statement.where(Submission.id == submission_id)
    if areas is not None:
        statement = statement.where(inside(Submission.village_code, areas))
    if not everything:
        undone = SubmissionVersion.derived_at.is_(None)
        statement = statement.where(sa.or_(undone, SubmissionVersion.flag_kinds > "") if flagged else undone)
    if since is not None:
        statement = statement.where(SubmissionVersion.received_at >= since)
    with database.read() as session:
        return [(county_code, key) for county_code, key in session.execute(statement)]


def sweep(database: Database, blobs: Blobs, derivers: Sequence[Deriver]) -> None:
    """Derive what was left undone lately; what still fails after a day waits for a person and ``ruhu reprocess``."""
    for _ in reprocess(database, blobs, derivers, since=now() - SWEPT_FOR):
        pass


def _again(session: Session, blobs: Blobs, derivers: Sequence[Deriver], county_code: str, key: UUID) -> bool:
    submission = session.get_one(Submission, (county_code, key), with_for_update=True)
    version = current_version(session, submission)
    try:
        answers = _read_again(session, blobs, submission, version)
    except (LookupError, FileNotFoundError, SubmissionRefused) as error:
        # one whose bytes or form are lost must not stop the others
        log.exception("submission %s cannot be read again", submission.instance_id)
        version.flags = [flag for flag in version.flags if flag.get("kind") != FAILED] + [_failed(error)]
        version.derived_at = None
        session.flush()
        return False
    sender = viewer_of(session.get_one(Account, version.account_id))
    located = locate(session, submission, answers, sender, again=True)
    found = Derivable(
        submission=submission, version=version, answers=answers, files=files_of(session, submission)
    )  # fmt: skip
    return derive(session, derivers, found, located)


def _read_again(session: Session, blobs: Blobs, submission: Submission, version: SubmissionVersion) -> Answers:
    form = find_form(session, submission.form_id, version.form_version, [submission.county_code])
    if form is None:
        raise LookupError(f"{submission.form_id} {version.form_version} was published once and is gone")
    return read_submission(blobs.read(version.xml_sha256), schema_of(session, form))


def _failed(error: Exception) -> Flag:
    return {"from": "deriving", "kind": FAILED, "why": f"{type(error).__name__}: {error}"[:LONGEST_FLAG]}


def current_version(session: Session, submission: Submission) -> SubmissionVersion:
    """Return the version that counts: the last edit."""
    return session.scalars(
        sa.select(SubmissionVersion).where(
            SubmissionVersion.county_code == submission.county_code,
            SubmissionVersion.instance_id == submission.instance_id,
        )
    ).one()

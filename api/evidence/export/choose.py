"""Choose which submissions an export holds: what the person may see, of what he wants."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Attachment, Submission, SubmissionVersion
from api.evidence.export.wanted import Wanted
from api.evidence.reading import CHINA
from api.evidence.visible import visible_submissions
from api.people.access import Viewer, inside
from api.people.roles import Permission
from api.registry.tables import Household

CHUNK = 500  # submissions in memory at once

PRESENT = sa.and_(
    SubmissionVersion.county_code == Submission.county_code,
    SubmissionVersion.instance_id == Submission.instance_id,
)
OF_HOUSEHOLD = sa.and_(
    Household.county_code == Submission.county_code, Household.id == Submission.household_id
)  # fmt: skip


def chosen(viewer: Viewer, wanted: Wanted) -> sa.ColumnElement[bool]:
    """Return the condition on `Submission` joined with its present `SubmissionVersion`."""
    conditions: list[sa.ColumnElement[bool]] = [
        visible_submissions(viewer, Permission.EVIDENCE_EXPORT),
        Submission.form_id == wanted.form_id,
    ]
    if wanted.area:
        conditions.append(inside(Submission.village_code, [wanted.area]))
    if wanted.purpose:
        conditions.append(Submission.purpose == wanted.purpose)
    if wanted.since is not None:
        conditions.append(Submission.received_at >= _midnight(wanted.since))
    if wanted.until is not None:
        conditions.append(Submission.received_at < _midnight(wanted.until + timedelta(days=1)))
    if wanted.state == "edited":
        conditions.append(Submission.edited.is_(True))
    if wanted.state == "doubtful":
        conditions.append(sa.cast(SubmissionVersion.flags, sa.Text) != "[]")
    return sa.and_(*conditions)


def how_many(session: Session, viewer: Viewer, wanted: Wanted) -> int:
    """Return how many submissions an export would hold."""
    statement = (
        sa.select(sa.func.count())
        .select_from(Submission)
        .join(SubmissionVersion, PRESENT)
        .where(chosen(viewer, wanted))
    )  # fmt: skip
    return session.scalars(statement).one()


def submissions(session: Session, viewer: Viewer, wanted: Wanted) -> Iterator[Sequence[Any]]:
    """Yield the chosen submissions some hundred at a time, in the order they came; one statement, read as it is used.

    Parameters
    ----------
    session
        A snapshot, held until the last of them.
    """
    statement = (
        sa.select(
            Submission.county_code,
            Submission.id,
            Submission.instance_id,
            Submission.purpose,
            Submission.account_id,
            Submission.device_id,
            Submission.household_code,
            Submission.village_code,
            Submission.received_at,
            Submission.edited,
            SubmissionVersion.form_version,
            SubmissionVersion.xml_sha256,
            SubmissionVersion.named_files,
            SubmissionVersion.flags,
            Household.head_name,
        )
        .join(SubmissionVersion, PRESENT)
        .outerjoin(Household, OF_HOUSEHOLD)
        .where(chosen(viewer, wanted))
        .order_by(Submission.county_code, Submission.id)
        .execution_options(yield_per=CHUNK)
    )
    yield from session.execute(statement).partitions()


def files_of(session: Session, rows: Sequence[Any]) -> dict[UUID, dict[str, Any]]:
    """Return the files that have arrived of some submissions, by submission and name."""
    found: dict[UUID, dict[str, Any]] = {row.id: {} for row in rows}
    statement = sa.select(
        Attachment.submission_id, Attachment.name, Attachment.sha256, Attachment.bytes, Attachment.media_type
    ).where(Attachment.county_code.in_({row.county_code for row in rows}), Attachment.submission_id.in_(list(found)))
    for file in session.execute(statement.order_by(Attachment.id)):
        found[file.submission_id][file.name] = file
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CHINA)

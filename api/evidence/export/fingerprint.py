"""Fingerprint an export before it is made: the same fingerprint is the same file, for the same eyes."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Attachment, Submission, SubmissionVersion
from api.evidence.export.choose import OF_HOUSEHOLD, PRESENT, chosen
from api.evidence.export.forms import versions_of
from api.evidence.export.wanted import Wanted
from api.evidence.visible import open_checks
from api.people.access import Viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.registry.tables import Division, Household

LAYOUT = 1  # of the files; raised when the same data is written in another way


def visibility(session: Session, viewer: Viewer) -> str:
    """Return a digest of everything that decides what a person sees in an export.

    Two people of one office share it, and so a file; whoever has an open spot check shares it with nobody.
    """
    blind = sorted(str(household) for household, _ in session.execute(open_checks(viewer)))
    areas = {
        permission: viewer.areas(permission)
        for permission in (Permission.EVIDENCE_EXPORT, Permission.REGISTRY_READ, Permission.REGISTRY_UNMASK)
    }
    return _digest([areas, blind, str(viewer.account_id) if blind else ""])


def fingerprint(session: Session, viewer: Viewer, wanted: Wanted) -> str:
    """Return a digest of the data, the wish and the visibility: all that shapes the file.

    It reads sums and latest moments, not the submissions, so that asking again for what has not changed is quick. A
    submission that arrives, is edited or is derived again changes one of them; so do a file that comes late, and a
    household, a worker or a division that is renamed.
    """
    return _digest([LAYOUT, visibility(session, viewer), wanted.kept(), _state(session, viewer, wanted)])


def _state(session: Session, viewer: Viewer, wanted: Wanted) -> list[Any]:
    count, latest = sa.func.count, sa.func.max
    condition = chosen(viewer, wanted)
    submissions = (
        sa.select(
            count(),
            latest(SubmissionVersion.received_at),
            latest(SubmissionVersion.derived_at),
            count(SubmissionVersion.derived_at),
            sa.func.sum(SubmissionVersion.number),
            sa.func.sum(SubmissionVersion.xml_bytes),
            count(Household.id),
            latest(Household.updated_at),
        )
        .select_from(Submission)
        .join(SubmissionVersion, PRESENT)
        .outerjoin(Household, OF_HOUSEHOLD)
        .where(condition)
    )
    files = (
        sa.select(count(), latest(Attachment.received_at), sa.func.sum(Attachment.bytes))
        .select_from(Submission)
        .join(SubmissionVersion, PRESENT)
        .join(
            Attachment,
            sa.and_(Attachment.county_code == Submission.county_code, Attachment.submission_id == Submission.id),
        )
        .where(condition)
    )
    versions = [(form.area_code, form.version, form.xform_sha256) for form in versions_of(session, viewer, wanted)]
    names = (
        sa.select(Account.id, Account.display_name).order_by(Account.id),
        sa.select(Division.code, Division.name)
        .where(viewer.within(Division.code, Permission.EVIDENCE_EXPORT))
        .order_by(Division.code),
    )
    return [versions, *([list(row) for row in session.execute(asked)] for asked in (submissions, files, *names))]


def _digest(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()

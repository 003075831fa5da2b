"""Receive a submission: the table of OPENROSA.md, case by case, in one short transaction."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.arrival import Arrival, ArrivedFile
from api.collection.derive import MOST_FLAGS, Derivable, Deriver, derive, files_of, reading_flags
from api.collection.households import Flag, locate
from api.collection.refusals import (
    ForeignEdit,
    FormClosed,
    OldEdit,
    OtherFile,
    OtherXml,
)
from api.collection.tables import Attachment, Submission, SubmissionVersion
from api.database import insert_at_once, insert_row, new_id, now
from api.people.audit import record
from api.people.roles import Role
from api.people.tables import Account, RoleGrant

LONGEST_DEVICE: Final = 128
TRIES: Final = 5  # of a transaction in which another was faster

# Made once and run past the mapper: every posting asks whether its record, or one it follows or precedes, is here.
# Two questions, each with an index of its own: joined by OR, SQLite reads through all of the county.
_OF_COUNTY = sa.select(SubmissionVersion.id).where(SubmissionVersion.county_code == sa.bindparam("county_code"))
RELATED: Final = sa.union_all(
    _OF_COUNTY.where(SubmissionVersion.instance_id.in_(sa.bindparam("ids", expanding=True))),
    _OF_COUNTY.where(SubmissionVersion.deprecated_id == sa.bindparam("instance_id")),
).limit(1)

Result = TypeVar("Result")


class Outcome(Enum):
    """What became of a posting; each with the HTTP status Collect wants to hear."""

    NEW = 201
    FILES_ADDED = "201 files"
    EDIT = "201 edit"
    LATE_ORIGINAL = "201 late"
    KNOWN = 202

    @property
    def status(self) -> int:
        """201 for what was stored now, 202 for what was here already."""
        return 202 if self is Outcome.KNOWN else 201


def receive(session: Session, arrival: Arrival, derivers: Sequence[Deriver] = ()) -> tuple[Outcome, Submission]:
    """Store a submission once, however often and by however many ways it comes.

    Two who bring the same new submission at once are told apart by the database: the later one's flush raises
    ``IntegrityError``; the caller rolls back and calls again, and then finds it here.

    Raises
    ------
    KeptAside
        One of its kinds: nothing is stored, and the posting belongs into the quarantine.
    """
    if not _has_related(session, arrival):
        _refuse_closed(session, arrival)
        return _new(session, arrival, derivers)
    version = find_version(session, arrival.county_code, arrival.answers.instance_id)
    if version is not None:
        return _again(session, arrival, version, derivers)
    _refuse_closed(session, arrival)
    if arrival.answers.deprecated_id is not None:
        replaced = find_version(session, arrival.county_code, arrival.answers.deprecated_id)
        if replaced is not None:
            return _edit(session, arrival, replaced, derivers)
    return _late_original(session, arrival) or _new(session, arrival, derivers)


def when_alone(session: Session, verb: Callable[[], Result]) -> Result:
    """Run a verb; when another transaction wrote the same first, roll back and run it again: it will find that."""
    for _ in range(TRIES - 1):
        try:
            return verb()
        except sa.exc.IntegrityError:
            session.rollback()
    return verb()


def _has_related(session: Session, arrival: Arrival) -> bool:
    answers = arrival.answers
    asked = {
        "county_code": arrival.county_code,
        "instance_id": answers.instance_id,
        "ids": [answers.instance_id, *([answers.deprecated_id] if answers.deprecated_id else [])],
    }
    return session.connection().execute(RELATED, asked).first() is not None


def find_version(session: Session, county_code: str, instance_id: str) -> SubmissionVersion | None:
    """Return the version that goes by an instance id, None when there is none."""
    return session.scalar(
        sa.select(SubmissionVersion).where(
            SubmissionVersion.county_code == county_code, SubmissionVersion.instance_id == instance_id
        )
    )


def hold(session: Session, version: SubmissionVersion) -> Submission:
    """Return the submission of a version, held until the end of the transaction: one posting at a time changes it."""
    return session.scalars(
        sa.select(Submission)
        .where(Submission.county_code == version.county_code, Submission.id == version.submission_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _again(
    session: Session, arrival: Arrival, version: SubmissionVersion, derivers: Sequence[Deriver]
) -> tuple[Outcome, Submission]:
    """SAME ID. The same bytes may bring further files; other bytes are another story under a used name."""
    if version.xml_sha256 != arrival.xml.sha256:
        decided = _decided(session, arrival)
        if decided is None:
            raise OtherXml("这个编号的记录已存在且内容不同，这一份已另行留存，请联系乡镇管理员核对")
        version = decided
    submission = hold(session, version)
    if not _add_files(session, arrival, submission, version):
        return Outcome.KNOWN, submission
    if submission.instance_id == version.instance_id:
        _derive(session, arrival, submission, version, derivers)
    else:
        # the files may be photos of the present version as well: derive it again, from its own bytes
        session.execute(
            sa.update(SubmissionVersion)
            .where(
                SubmissionVersion.county_code == submission.county_code,
                SubmissionVersion.instance_id == submission.instance_id,
            )
            .values(derived_at=None)
        )
    return Outcome.FILES_ADDED, submission


def _decided(session: Session, arrival: Arrival) -> SubmissionVersion | None:
    """Return what an operator made of these very bytes: the phone does not know of it and sends them again."""
    return session.scalar(
        sa.select(SubmissionVersion)
        .where(
            SubmissionVersion.county_code == arrival.county_code,
            SubmissionVersion.sent_sha256 == arrival.xml.sha256,
            SubmissionVersion.account_id == arrival.sender.account_id,
        )
        .order_by(SubmissionVersion.id)
        .limit(1)
    )


def _new(session: Session, arrival: Arrival, derivers: Sequence[Deriver]) -> tuple[Outcome, Submission]:
    """NEW: what phones wait for, so everything is known before it is written and each row is written once."""
    files = _files_to_add(session, arrival)
    submission = Submission(
        county_code=arrival.county_code,
        id=new_id(),
        instance_id=arrival.answers.instance_id,
        form_id=arrival.form.form_id,
        account_id=arrival.sender.account_id,
        device_id=arrival.device_id[:LONGEST_DEVICE],
        received_at=now(),
        edited=False,
    )
    located = locate(session, submission, arrival.answers, arrival.sender)
    insert_row(session, submission)
    version = _version_of(arrival, submission, 1)
    version.flags = [*_flags_of_reception(arrival, files), *reading_flags(arrival.answers, located)][:MOST_FLAGS]
    version.derived_at = submission.received_at
    insert_row(session, version)
    insert_at_once(session, Attachment, _attachments(arrival, submission, files))
    record(
        session, arrival.sender, "submission.receive", "submission", submission.id,
        division_code=submission.county_code, instance_id=submission.instance_id, xml_sha256=version.xml_sha256,
    )  # fmt: skip
    found = Derivable(
        submission=submission, version=version, answers=arrival.answers,
        files={file.name: file.blob.sha256 for file in files}, fresh=True,
    )  # fmt: skip
    derive(session, derivers, found, located)
    return Outcome.NEW, submission


def _edit(
    session: Session, arrival: Arrival, replaced: SubmissionVersion, derivers: Sequence[Deriver]
) -> tuple[Outcome, Submission]:
    """EDIT of the present version; its files stay, its bytes stay, what is derived is derived anew."""
    submission = hold(session, replaced)
    if submission.account_id != arrival.sender.account_id or submission.form_id != arrival.form.form_id:
        raise ForeignEdit("这是对他人记录或另一张表的修改，不能接收，已另行留存，请联系乡镇管理员")
    if submission.instance_id != replaced.instance_id:
        raise OldEdit("这条记录已被另一次修改替换，这一份已另行留存，请打开最新的记录再修改")
    newest = session.scalars(
        sa.select(sa.func.max(SubmissionVersion.number)).where(
            SubmissionVersion.county_code == submission.county_code, SubmissionVersion.submission_id == submission.id
        )
    ).one()
    submission.instance_id = arrival.answers.instance_id
    submission.edited = True
    version = _add_version(session, arrival, submission, newest + 1)
    _add_files(session, arrival, submission, version)
    record(
        session, arrival.sender, "submission.edit", "submission", submission.id, division_code=submission.county_code,
        instance_id=submission.instance_id, replaces=replaced.instance_id, xml_sha256=version.xml_sha256,
    )  # fmt: skip
    _derive(session, arrival, submission, version, derivers)
    return Outcome.EDIT, submission


def _late_original(session: Session, arrival: Arrival) -> tuple[Outcome, Submission] | None:
    """LATE ORIGINAL: its own edit was here first. Kept as the version before it; what counts stays the edit."""
    edit = session.scalar(
        sa.select(SubmissionVersion).where(
            SubmissionVersion.county_code == arrival.county_code,
            SubmissionVersion.deprecated_id == arrival.answers.instance_id,
            SubmissionVersion.number == 1,
            SubmissionVersion.account_id == arrival.sender.account_id,
        )
    )
    if edit is None:
        return None
    submission = hold(session, edit)
    version = _add_version(session, arrival, submission, 0)
    _add_files(session, arrival, submission, version)
    submission.edited = True
    record(
        session, arrival.sender, "submission.receive", "submission", submission.id,
        division_code=submission.county_code, instance_id=version.instance_id, xml_sha256=version.xml_sha256,
    )  # fmt: skip
    return Outcome.LATE_ORIGINAL, submission


def _version_of(arrival: Arrival, submission: Submission, number: int) -> SubmissionVersion:
    return SubmissionVersion(
        county_code=submission.county_code,
        id=new_id(),
        submission_id=submission.id,
        number=number,
        instance_id=arrival.answers.instance_id,
        deprecated_id=arrival.answers.deprecated_id,
        form_version=arrival.form.version,
        xml_sha256=arrival.xml.sha256,
        xml_bytes=arrival.xml.size,
        sent_sha256=arrival.sent_sha256,
        named_files=list(arrival.answers.files),
        account_id=arrival.sender.account_id,
        token_id=arrival.sender.token_id,
        received_at=now(),
        flags=[],
        derived_at=None,
    )


def _add_version(session: Session, arrival: Arrival, submission: Submission, number: int) -> SubmissionVersion:
    version = _version_of(arrival, submission, number)
    insert_row(session, version)
    return version


def _add_files(session: Session, arrival: Arrival, submission: Submission, version: SubmissionVersion) -> bool:
    """Add the files that are not here yet; tell whether there were any."""
    added = _files_to_add(session, arrival, submission)
    insert_at_once(session, Attachment, _attachments(arrival, submission, added))
    if strays := _strays(arrival, added):
        version.flags = [*version.flags, *strays]
    session.flush()
    return bool(added)


def _files_to_add(session: Session, arrival: Arrival, submission: Submission | None = None) -> list[ArrivedFile]:
    """Return the files that are not here yet; refuse all if one stands under a used name with other bytes."""
    known = files_of(session, submission) if submission else {}
    added: dict[str, ArrivedFile] = {}
    for file in arrival.files:
        sha256 = known.get(file.name) or (added[file.name].blob.sha256 if file.name in added else None)
        if sha256 is None:
            added[file.name] = file
        elif sha256 != file.blob.sha256 and not (submission and _kept_beside(session, submission, file)):
            raise OtherFile(
                "附件 {name} 已存在且内容不同，原有的没有改动，这一份已另行留存，请联系乡镇管理员核对", name=file.name
            )
    return list(added.values())


def _attachments(arrival: Arrival, submission: Submission, files: Sequence[ArrivedFile]) -> list[dict[str, Any]]:
    return [
        {
            "county_code": submission.county_code,
            "submission_id": submission.id,
            "name": file.name,
            "sent_name": file.sent_name,
            "sha256": file.blob.sha256,
            "bytes": file.blob.size,
            "media_type": file.media_type,
            "named": file.name in arrival.answers.files,
        }
        for file in files
    ]


def _strays(arrival: Arrival, files: Sequence[ArrivedFile]) -> list[Flag]:
    names = [file.name for file in files if file.name not in arrival.answers.files]
    return [{"from": "reception", "kind": "stray-file", "text": name} for name in names]


def _flags_of_reception(arrival: Arrival, files: Sequence[ArrivedFile]) -> list[Flag]:
    """Return what is odd about a first version: an edit whose original never came, files that nothing names."""
    missing = arrival.answers.deprecated_id
    flags = [{"from": "reception", "kind": "original-missing", "text": missing}] if missing is not None else []
    return [*flags, *_strays(arrival, files)]


def _kept_beside(session: Session, submission: Submission, file: ArrivedFile) -> bool:
    """Tell whether an operator has kept these bytes, sent under this name, under another."""
    beside = sa.select(Attachment.id).where(
        Attachment.county_code == submission.county_code,
        Attachment.submission_id == submission.id,
        Attachment.sent_name == file.name,
        Attachment.sha256 == file.blob.sha256,
    )
    return session.scalar(beside.limit(1)) is not None


def _derive(
    session: Session,
    arrival: Arrival,
    submission: Submission,
    version: SubmissionVersion,
    derivers: Sequence[Deriver],
) -> None:
    located = locate(session, submission, arrival.answers, arrival.sender)
    found = Derivable(
        submission=submission, version=version, answers=arrival.answers, files=files_of(session, submission)
    )  # fmt: skip
    derive(session, derivers, found, located)


def _refuse_closed(session: Session, arrival: Arrival) -> None:
    """FORM CLOSED: say whom to ask."""
    if arrival.form.state != "closed":
        return
    supervisors = session.execute(
        sa.select(Account.display_name, RoleGrant.area_code)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == Role.COUNTY_SUPERVISOR, Account.active)
        .order_by(Account.display_name)
    )
    who = next((name for name, area in supervisors if arrival.county_code.startswith(area[:6])), "县民政局")
    raise FormClosed(
        "表格 {title} 已停止接收，这一份已另行留存，请联系 {who}", title=arrival.form.title, who=who
    )  # fmt: skip

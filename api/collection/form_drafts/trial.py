"""Receive what phones send to try a draft: as durable as any, in the draft's own folder, never evidence."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.blobs import Blobs
from api.collection.form_drafts.tables import OPEN_STATES, FormDraft, FormDraftSubmission
from api.collection.posting import Part
from api.collection.refusals import broken
from api.database import Database
from api.people.access import Viewer
from api.problems import BadRequest, Conflict, NotFound, TooLarge
from survey_forms.errors import SubmissionRefused
from survey_forms.evidence import records
from survey_forms.schema import FormSchema
from survey_forms.submission import Submission, read_submission
from survey_forms.values import Place, Value
from survey_forms.xform import read_schema

FOLDER: Final = "form-drafts"
MOST_RECORDS: Final = 200  # of one draft
MOST_BYTES: Final = 500_000_000
LONGEST_DEVICE: Final = 128


def trial_blobs(data_dir: Path, draft: FormDraft) -> Blobs:
    """Return the folder of a draft's trial records: bytes there belong to nothing else and may be removed."""
    return Blobs(data_dir.absolute() / FOLDER / str(draft.id))


def understand_trial(draft: FormDraft, xform: bytes, xml: bytes) -> Submission:
    """Read a trial record; what is no whole submission of this form is refused.

    Raises
    ------
    BadRequest
        It is not a whole submission.
    NotFound
        It answers another form.
    """
    try:
        plain = read_submission(xml)
    except SubmissionRefused as fault:
        refusal = broken(fault)
        raise BadRequest(refusal.message) from fault
    if plain.form_id != draft.form_id:
        raise NotFound("这是测试项目，只接收表格 {form_id}，请更新手机上的表格", form_id=draft.form_id)
    return plain.understood(read_schema(xform))


def receive_trial(
    session: Session, draft: FormDraft, answers: Submission, xml: Part, files: Sequence[Part], *, sender: Viewer,
    device_id: str,
) -> bool:  # fmt: skip
    """Store a trial record once; return whether anything was new. The draft is held: one record of it at a time.

    Raises
    ------
    Conflict
        The same record with other answers or another file, or too many records.
    TooLarge
        The draft's records take too much room.
    """
    known = session.scalar(
        sa.select(FormDraftSubmission).where(*_of(draft), FormDraftSubmission.instance_id == answers.instance_id)
    )
    kept = known.files if known else {}
    for part in files:
        if part.name in kept and kept[part.name]["sha256"] != part.draft.sha256:
            raise Conflict("附件 {name} 已存在且内容不同，原有的没有改动", name=part.name)
    new = {
        part.name: {"sha256": part.draft.sha256, "bytes": part.draft.size, "media_type": part.media_type}
        for part in files
        if part.name not in kept
    }
    size = sum(int(str(file["bytes"])) for file in new.values())
    if known is None:
        _demand_room(session, draft, size + xml.draft.size)
        session.add(
            FormDraftSubmission(
                county_code=draft.county_code,
                draft_id=draft.id,
                instance_id=answers.instance_id,
                form_version=answers.version,
                xml_sha256=xml.draft.sha256,
                files=new,
                bytes=size + xml.draft.size,
                account_id=sender.account_id,
                device_id=device_id[:LONGEST_DEVICE],
            )
        )
    else:
        if known.xml_sha256 != xml.draft.sha256:
            raise Conflict("同一编号的测试记录内容不同，原有的没有改动，请另填一份")
        _demand_room(session, draft, size, another=0)
        known.files = {**kept, **new}
        known.bytes += size
    session.flush()
    return known is None or bool(new)


def _demand_room(session: Session, draft: FormDraft, size: int, *, another: int = 1) -> None:
    count, total = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(FormDraftSubmission.bytes), 0)).where(*_of(draft))
    ).one()
    if count + another > MOST_RECORDS:
        raise Conflict("这份草稿已有 {most} 条测试记录，请先发布或删除这份草稿", most=MOST_RECORDS)
    if total + size > MOST_BYTES:
        raise TooLarge("这份草稿的测试记录已占满空间，请先发布或删除这份草稿")


def _of(draft: FormDraft) -> tuple[sa.ColumnElement[bool], ...]:
    return FormDraftSubmission.county_code == draft.county_code, FormDraftSubmission.draft_id == draft.id


def trials_of(session: Session, draft: FormDraft) -> list[FormDraftSubmission]:
    """Return the trial records of a draft, the latest first."""
    latest_first = (FormDraftSubmission.received_at.desc(), FormDraftSubmission.id)
    return list(session.scalars(sa.select(FormDraftSubmission).where(*_of(draft)).order_by(*latest_first)))


def find_trial(session: Session, draft: FormDraft, trial_id: UUID) -> FormDraftSubmission:
    """Return one trial record of a draft.

    Raises
    ------
    NotFound
        The draft has none of that id.
    """
    found = session.scalar(sa.select(FormDraftSubmission).where(*_of(draft), FormDraftSubmission.id == trial_id))
    if found is None:
        raise NotFound("找不到这条测试记录，它可能已随草稿删除", where="trial_id")
    return found


@dataclass(frozen=True)
class Shown:
    """What a trial record would show as evidence.

    Attributes
    ----------
    fields : tuple of (str, str)
        Role ``record.field`` (with the row of a repeat) and the answer as text.
    problems : tuple of (str, str)
        Path, and why the answer there cannot be understood.
    missing : tuple of str
        Files that the record names and that have not come.
    """

    fields: tuple[tuple[str, str], ...]
    problems: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


def would_show(trial: FormDraftSubmission, xml: bytes, schema: FormSchema) -> Shown:
    """Derive what a trial record would show, as the draft stands now; nothing of it is stored."""
    answers = read_submission(xml, schema)
    fields = []
    for record in records(answers):
        row = "".join(f"[{position + 1}]" for position in record.position)
        for name in record.fields:
            text = "、".join(filter(None, map(_written, record.values(name))))
            fields.append((f"{record.kind}{row}.{name}", text))
    problems = tuple((problem.path, problem.why) for problem in answers.problems)
    return Shown(tuple(fields), problems, tuple(name for name in answers.files if name not in trial.files))


def _written(value: Value) -> str:
    match value:
        case Place():
            return f"{value.latitude:.5f}, {value.longitude:.5f}"
        case tuple():
            return "、".join(_written(part) if isinstance(part, Place) else str(part) for part in value)
        case _:
            return str(value)


def forget_trials(session: Session, draft: FormDraft) -> None:
    """Forget all trial records of a draft that has ended; their bytes go with the next sweep."""
    session.execute(sa.delete(FormDraftSubmission).where(*_of(draft)))
    session.flush()


def sweep_folders(database: Database, data_dir: Path) -> None:
    """Remove the bytes of trial records whose draft was published or discarded."""
    root = data_dir.absolute() / FOLDER
    folders = list(root.iterdir()) if root.is_dir() else []
    if not folders:
        return
    with database.read() as session:
        open_ones = {
            str(key) for key in session.scalars(sa.select(FormDraft.id).where(FormDraft.state.in_(OPEN_STATES)))
        }
    for folder in folders:
        if folder.name not in open_ones:
            shutil.rmtree(folder, ignore_errors=True)

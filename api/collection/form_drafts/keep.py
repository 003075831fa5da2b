"""Keep an uploaded form as a draft, or as the new content of one; find drafts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.blobs import Blob
from api.collection.form_drafts.conventions import look_over
from api.collection.form_drafts.findings import ERROR, Finding, refused, warned
from api.collection.form_drafts.media import MediaFile, put_media
from api.collection.form_drafts.opening import Upload
from api.collection.form_drafts.tables import OPEN_STATES, FormDraft, demand_open
from api.collection.forms import HOUSE, schema_of, suggest_version
from api.collection.tables import FormVersion
from api.database import now
from api.jobs.work import ask_for
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Conflict, Invalid, NotFound
from api.registry.tables import Division
from survey_forms.apart import Compilation
from survey_forms.compiled import CompiledForm
from survey_forms.xform import read_schema

CHECK = "form.check"
MOST_OPEN = 50  # drafts of a county at once


@dataclass(frozen=True, kw_only=True)
class Brought:
    """An upload whose bytes are kept, with what came of compiling it."""

    upload: Upload
    source: Blob
    compilation: Compilation
    itemsets: tuple[MediaFile, Blob] | None = None


def new_draft(session: Session, brought: Brought, *, county_code: str, by: Viewer) -> FormDraft:
    """Keep an upload as a new draft of a county.

    Raises
    ------
    Invalid
        There is no such county.
    Conflict
        The county has too many drafts.
    """
    by.demand(Permission.FORM_MANAGE, county_code)
    if session.scalar(sa.select(Division.level).where(Division.code == county_code)) != "county":
        raise Invalid("请选择表格属于哪个县 (6 位区划代码)", where="county_code")
    open_ones = sa.select(sa.func.count()).where(FormDraft.county_code == county_code, FormDraft.state.in_(OPEN_STATES))
    if session.scalars(open_ones).one() >= MOST_OPEN:
        raise Conflict("草稿已有 {most} 份，请先发布或删除不用的草稿", most=MOST_OPEN)
    draft = FormDraft(county_code=county_code, created_by=by.account_id, form_id="")
    _fill(session, draft, brought, by)
    return draft


def new_content(session: Session, draft: FormDraft, brought: Brought, *, by: Viewer) -> FormDraft:
    """Replace a draft's content by another upload; its keys, files and trial records stay.

    Raises
    ------
    Conflict
        The draft is published or discarded.
    """
    demand_open(draft)
    _fill(session, draft, brought, by)
    return draft


def _fill(session: Session, draft: FormDraft, brought: Brought, by: Viewer) -> None:
    form = brought.compilation.form
    findings = _findings(session, draft, brought)
    draft.file_name = brought.upload.name
    draft.file_type = brought.upload.file_type
    draft.source_sha256 = brought.source.sha256
    draft.findings = [finding.kept() for finding in findings]
    draft.uploaded_at = now()
    draft.check_said, draft.check_job_id = "", None
    sound = form is not None and not any(finding.level == ERROR for finding in findings)
    draft.state, draft.check_state = ("ready", "waiting") if sound else ("broken", "none")
    if form is not None and sound:
        draft.form_id, draft.version, draft.title = form.form_id, form.version, form.title
        draft.xform, draft.xform_sha256, draft.md5 = form.xml, form.sha256, form.hash.removeprefix("md5:")
    session.add(draft)
    session.flush()
    _keep_itemsets(session, draft, brought.itemsets)
    if sound:
        ask_for_check(session, draft, by=by)
    record(
        session, by, "form_draft.upload", "form_draft", draft.id, division_code=draft.county_code,
        file_name=draft.file_name, source_sha256=draft.source_sha256, state=draft.state,
    )  # fmt: skip


def _findings(session: Session, draft: FormDraft, brought: Brought) -> list[Finding]:
    compilation = brought.compilation
    if compilation.form is None:
        suggested = suggest_version(session, draft.form_id, draft.county_code)
        return refused(compilation.refusals, compilation.rows, suggested=suggested)
    form = compilation.form
    schema = read_schema(form.xml)
    found = look_over(form, schema, compilation.rows, known_roles=_known_roles(session))
    found += _taken(session, draft, form)
    found += warned(form.warnings, compilation.rows)
    return sorted(found, key=lambda finding: finding.level != ERROR)


def _taken(session: Session, draft: FormDraft, form: CompiledForm) -> list[Finding]:
    """Say at once that a version is used up: what phones hold must not change its meaning."""
    if version_taken(session, form.form_id, form.version, draft.county_code) is None:
        return []
    message = "版本 {version} 已发布过，请在 settings 工作表把 version 改成 {suggested}"
    names = {
        "version": form.version[:64], "suggested": suggest_version(session, form.form_id, draft.county_code)
    }  # fmt: skip
    return [Finding(level=ERROR, message=message, names=names, sheet="settings", row=2)]


def version_taken(session: Session, form_id: str, version: str, county_code: str) -> FormVersion | None:
    """Return the version that the county's phones already know under this number, the house's included."""
    return session.scalar(
        sa.select(FormVersion)
        .where(
            FormVersion.form_id == form_id,
            FormVersion.version == version,
            FormVersion.area_code.in_([HOUSE, county_code]),
        )
        .limit(1)
    )


def _known_roles(session: Session) -> frozenset[str]:
    house = session.scalars(
        sa.select(FormVersion).where(FormVersion.area_code == HOUSE, FormVersion.state == "published")
    )
    return frozenset(
        question.evidence for form in house for question in schema_of(session, form).questions if question.evidence
    )


def _keep_itemsets(session: Session, draft: FormDraft, itemsets: tuple[MediaFile, Blob] | None) -> None:
    """Keep the list that pyxform makes of external choices among the draft's files."""
    if itemsets is not None:
        put_media(session, draft, *itemsets)


def ask_for_check(session: Session, draft: FormDraft, *, by: Viewer) -> None:
    """Ask for ODK Validate in the background.

    Raises
    ------
    Conflict
        There is nothing to check.
    """
    demand_open(draft)
    if draft.state != "ready":
        raise Conflict("草稿还有错误，改正并重新上传后再检查")
    draft.check_state, draft.check_said = "waiting", ""
    job = ask_for(
        session, CHECK, county_code=draft.county_code,
        arguments={"draft_id": str(draft.id), "xform_sha256": draft.xform_sha256}, asked_by=by.account_id,
    )  # fmt: skip
    draft.check_job_id = job.id
    session.flush()


def drafts_of(session: Session, viewer: Viewer, *, states: Sequence[str] = OPEN_STATES) -> list[FormDraft]:
    """Return the drafts that a person may see, the latest first."""
    return list(
        session.scalars(
            sa.select(FormDraft)
            .where(viewer.within(FormDraft.county_code, Permission.FORM_MANAGE), FormDraft.state.in_(states))
            .order_by(FormDraft.uploaded_at.desc(), FormDraft.id)
        )
    )


def find_draft(session: Session, viewer: Viewer, draft_id: UUID, *, locked: bool = False) -> FormDraft:
    """Return one draft of the person's area.

    Parameters
    ----------
    locked
        Hold it until the end of the transaction: what changes it, changes it alone.

    Raises
    ------
    NotFound
        There is none, or it is of another area.
    """
    statement = sa.select(FormDraft).where(
        viewer.within(FormDraft.county_code, Permission.FORM_MANAGE), FormDraft.id == draft_id
    )
    found = session.scalar(statement.with_for_update() if locked else statement)
    if found is None:
        raise NotFound("找不到这份草稿，它可能已被删除", where="draft_id")
    return found

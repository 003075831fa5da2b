"""Publish a draft as a new frozen version of a county's own, or discard it; either way its trials end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.reach import campaign_one
from api.collection.form_drafts.keep import version_taken
from api.collection.form_drafts.keys import end_keys
from api.collection.form_drafts.media import draft_media
from api.collection.form_drafts.tables import FormDraft, demand_open
from api.collection.form_drafts.trial import forget_trials
from api.collection.form_media import LIST_FILES
from api.collection.forms import Scope, publish_form, suggest_version
from api.collection.tables import FormMedia, FormVersion
from api.database import now
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import GRANTED, Permission, Role
from api.problems import Conflict, Invalid
from survey_forms.compiled import CompiledForm
from survey_forms.xform import read_schema

#: Roles whose phones get forms.
FIELD_ROLES: Final = tuple(role for role in Role if Permission.SUBMISSION_SEND in GRANTED[role])


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How a draft is to be published.

    Attributes
    ----------
    for_roles
        Whose phones get it; empty: every field worker's.
    campaign_id
        The campaign it is for; None: wherever it is in use anyway.
    without_files
        Publish although files that the form names have not been uploaded: the server may bring them, such as lists.
    """

    for_roles: Sequence[str] = ()
    campaign_id: UUID | None = None
    without_files: bool = False


def publish_draft(session: Session, draft: FormDraft, wanted: Wanted, *, by: Viewer) -> FormVersion:
    """Freeze a draft as the newest version of its form in its county.

    Its trial records, their bytes and its keys end here.

    Raises
    ------
    Conflict
        It has errors, ODK Validate has not passed it, the version is used up, or files are missing.
    Invalid
        A role without phones.
    NotFound
        No such campaign.
    """
    demand_open(draft)
    if strays := sorted(set(wanted.for_roles) - set(FIELD_ROLES)):
        raise Invalid("这些角色不用手机填表：{roles}", where="for_roles", roles=", ".join(strays))
    if wanted.campaign_id is not None:
        campaign_one(session, by, wanted.campaign_id)
    compiled = _sound(session, draft)
    if version_taken(session, draft.form_id, draft.version, draft.county_code) is not None:
        raise _used_up(session, draft)
    missing = missing_files(session, draft, compiled.xml)
    if missing and not wanted.without_files:
        raise Conflict("表格需要的附件还没有上传：{names}", where="media", names="、".join(missing))
    scope = Scope(
        area_code=draft.county_code, for_roles=tuple(dict.fromkeys(wanted.for_roles)), campaign_id=wanted.campaign_id
    )
    source = (draft.file_name, draft.source_sha256)
    try:
        with session.begin_nested():
            form = publish_form(session, compiled, scope=scope, source=source, by=by)
    except sa.exc.IntegrityError:  # another draft of this version was published at the same moment
        raise _used_up(session, draft) from None
    for kept in draft_media(session, draft):
        session.add(
            FormMedia(
                form_version_id=form.id, name=kept.name, sha256=kept.sha256, md5=kept.md5, bytes=kept.bytes,
                media_type=kept.media_type,
            )
        )  # fmt: skip
    draft.form_version_id = form.id
    _end(session, draft, "published")
    return form


def _used_up(session: Session, draft: FormDraft) -> Conflict:
    return Conflict(
        "版本 {version} 已发布过，请在 settings 工作表把 version 改成 {suggested} 后重新上传",
        where="version",
        version=draft.version,
        suggested=suggest_version(session, draft.form_id, draft.county_code),
    )


def discard_draft(session: Session, draft: FormDraft, *, by: Viewer) -> None:
    """Throw a draft away, with its trial records and keys.

    Raises
    ------
    Conflict
        It is published or discarded already.
    """
    demand_open(draft)
    _end(session, draft, "discarded")
    record(
        session, by, "form_draft.discard", "form_draft", draft.id, division_code=draft.county_code,
        file_name=draft.file_name, source_sha256=draft.source_sha256,
    )  # fmt: skip


def missing_files(session: Session, draft: FormDraft, xform: bytes) -> list[str]:
    """Return the names of files that a draft needs on the phone and that nobody has: neither uploaded nor a list."""
    present = {kept.name for kept in draft_media(session, draft)} | LIST_FILES
    return [name for name in read_schema(xform).media if name not in present]


def _sound(session: Session, draft: FormDraft) -> CompiledForm:
    """Return what is to be frozen, if it may be."""
    if draft.state != "ready" or draft.xform_sha256 is None or draft.md5 is None:
        raise Conflict("草稿还有错误，改正并重新上传后再发布")
    if draft.check_state == "waiting":
        raise Conflict("ODK Validate 还在检查，请等检查结束后再发布")
    if draft.check_state == "refused":
        raise Conflict("ODK Validate 没有通过，手机可能打不开这张表，请改正并重新上传")
    return CompiledForm(
        form_id=draft.form_id,
        version=draft.version,
        title=draft.title,
        xml=session.scalars(sa.select(FormDraft.xform).where(FormDraft.id == draft.id)).one() or b"",
        hash=f"md5:{draft.md5}",
        sha256=draft.xform_sha256,
        warnings=(),
        itemsets=None,
    )


def _end(session: Session, draft: FormDraft, state: str) -> None:
    draft.state, draft.finished_at = state, now()
    end_keys(session, draft)
    forget_trials(session, draft)

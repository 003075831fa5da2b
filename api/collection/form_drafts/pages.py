"""The page of a draft: what is wrong with it, trying it on phones, publishing it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import segno
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from api.campaigns.reach import campaigns_for
from api.collection.form_drafts.keep import ask_for_check, find_draft
from api.collection.form_drafts.keys import end_key, keys_of, testers
from api.collection.form_drafts.media import remove_media
from api.collection.form_drafts.publish import FIELD_ROLES, Wanted, discard_draft, publish_draft
from api.collection.form_drafts.resources import (
    add_media,
    begin,
    described,
    held,
    issue,
    key_described,
    mend,
    trials_described,
)
from api.collection.form_drafts.tables import FormDraft
from api.collection.form_versions.compare import Difference, compare
from api.collection.form_versions.listing import in_force
from api.collection.form_versions.pages import forms_page, said
from api.collection.form_versions.preview import questions_asked
from api.collection.forms import schema_of, suggest_version
from api.collection.tables import FormVersion
from api.edge import language
from api.jobs.tables import Job
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Conflict, Invalid, Refusal, TooLarge, WrongMediaType
from api.registry.reading import division_names
from survey_forms.schema import FormSchema
from survey_forms.xform import read_schema

SHOWN_IN_PLACE = (Invalid, TooLarge, WrongMediaType, Conflict)

blueprint = Blueprint("form_drafts_pages", __name__, template_folder="../templates")


@blueprint.post("/forms")
@allow(Permission.FORM_MANAGE, area="rows", ways=("session",))
def upload() -> Response:
    """Take in a form and go to its draft."""
    try:
        draft = begin(_file("file"), request.form.get("county_code", ""))
    except SHOWN_IN_PLACE as refusal:
        session_now().rollback()
        return make_response(forms_page(refusal), refusal.status)
    return redirect(url_for("form_drafts_pages.draft", draft_id=draft.id), 303)


@blueprint.get("/forms/drafts/<uuid:draft_id>")
@allow(Permission.FORM_MANAGE, area="rows", ways=("session",))
def draft(draft_id: UUID) -> str:
    """Show a draft; the part of it that is asked for again while ODK Validate looks at it."""
    return _page(draft_id)


def _page(draft_id: UUID, *, refusal: Refusal | None = None, key: dict[str, Any] | None = None) -> str:
    session = session_now()
    found = find_draft(session, viewer(), draft_id)
    if request.headers.get("HX-Request"):
        return render_template("collection/draft_check.html", one=found, failed=_check_failed(found))
    before = in_force(session, found.form_id, found.county_code) if found.form_id else None
    schema = read_schema(found.xform) if found.xform is not None else None
    return render_template(
        "collection/draft.html",
        one=found,
        told=described(session, found),
        failed=_check_failed(found),
        said=said(refusal),
        key=key,
        code=segno.make(key["settings"], error="l").svg_data_uri(scale=4, border=2) if key else "",
        before=before,
        differences=_differences(before, schema),
        questions=questions_asked(found.xform, schema) if found.xform is not None and schema else [],
        keys=[key_described(token) for token in keys_of(session, found)],
        trials=trials_described(session, found),
        testers=testers(session, found.county_code),
        suggested=suggest_version(session, found.form_id, found.county_code),
        names=division_names(session, {found.county_code}),
        campaigns=campaigns_for(session, viewer()),
        field_roles=FIELD_ROLES,
    )


def _differences(before: FormVersion | None, schema: FormSchema | None) -> list[Difference]:
    if before is None or schema is None:
        return []
    return compare(schema_of(session_now(), before), schema, language=language())


def _check_failed(found: FormDraft) -> str:
    """Return why the background work of the check ended without a word, empty while it has not."""
    if found.check_state != "waiting" or found.check_job_id is None:
        return ""
    job = session_now().get(Job, (found.county_code, found.check_job_id))
    return job.message if job is not None and job.state == "failed" else ""


def _mended(draft_id: UUID) -> None:
    mend(_file("file"), draft_id)


def _media(draft_id: UUID) -> None:
    add_media(_file("file"), draft_id)


def _media_removed(draft_id: UUID) -> None:
    remove_media(session_now(), held(draft_id), request.form.get("name", ""), by=viewer())


def _key_ended(draft_id: UUID) -> None:
    end_key(session_now(), held(draft_id), _uuid("token_id"), by=viewer())


def _checked(draft_id: UUID) -> None:
    ask_for_check(session_now(), held(draft_id), by=viewer())


ACTS: dict[str, Callable[[UUID], None]] = {
    "file": _mended,
    "media": _media,
    "media_remove": _media_removed,
    "key_end": _key_ended,
    "check": _checked,
}


@blueprint.post(f"/forms/drafts/<uuid:draft_id>/<any({', '.join(ACTS)}):act>")
@allow(Permission.FORM_MANAGE, area="rows", ways=("session",))
def draft_act(draft_id: UUID, act: str) -> Response:
    """Do one thing with a draft and show it again."""
    try:
        ACTS[act](draft_id)
    except SHOWN_IN_PLACE as refusal:
        return _refused(draft_id, refusal)
    return redirect(url_for("form_drafts_pages.draft", draft_id=draft_id), 303)


@blueprint.post("/forms/drafts/<uuid:draft_id>/key")
@allow(Permission.FORM_MANAGE, area="rows", ways=("session",))
def draft_key(draft_id: UUID) -> Response:
    """Make a key and show its code, once."""
    try:
        key = issue(draft_id, _uuid("account_id"))
    except SHOWN_IN_PLACE as refusal:
        return _refused(draft_id, refusal)
    return make_response(_page(draft_id, key=key))


@blueprint.post("/forms/drafts/<uuid:draft_id>/publish")
@allow(Permission.FORM_MANAGE, area="rows", ways=("session",))
def draft_publish(draft_id: UUID) -> Response:
    """Publish a draft and show the version."""
    wanted = Wanted(
        for_roles=request.form.getlist("for_roles"),
        campaign_id=_uuid("campaign_id") if request.form.get("campaign_id") else None,
        without_files=request.form.get("without_files") == "1",
    )
    try:
        form = publish_draft(session_now(), held(draft_id), wanted, by=viewer())
    except SHOWN_IN_PLACE as refusal:
        return _refused(draft_id, refusal)
    return redirect(url_for("forms_pages.form", form_version_id=form.id), 303)


@blueprint.post("/forms/drafts/<uuid:draft_id>/discard")
@allow(Permission.FORM_MANAGE, area="rows", ways=("session",))
def draft_discard(draft_id: UUID) -> Response:
    """Throw a draft away and go back to the list."""
    try:
        discard_draft(session_now(), held(draft_id), by=viewer())
    except SHOWN_IN_PLACE as refusal:
        return _refused(draft_id, refusal)
    return redirect(url_for("forms_pages.forms"), 303)


def _refused(draft_id: UUID, refusal: Refusal) -> Response:
    session_now().rollback()
    return make_response(_page(draft_id, refusal=refusal), refusal.status)


def _file(name: str) -> FileStorage:
    found = request.files.get(name)
    if not isinstance(found, FileStorage) or not found.filename:
        raise Invalid("请先选择文件", where=name)
    return found


def _uuid(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        raise Invalid("请先选择一项", where=name) from None

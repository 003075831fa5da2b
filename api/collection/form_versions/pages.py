"""The pages of published forms: which there are, what one asks, how it differs from another."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.collection.form_drafts.keep import drafts_of
from api.collection.form_versions.compare import compare
from api.collection.form_versions.listing import Listed, find_version, holds_house, list_forms
from api.collection.form_versions.preview import questions_asked
from api.collection.form_versions.resources import ACTS, act_on_form, files_missing
from api.collection.form_versions.source import has_source
from api.collection.forms import media_of, schema_of
from api.collection.tables import FormVersion
from api.edge import language, text
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Refusal
from api.registry.reading import division_names
from api.registry.tables import Division

STATES = ("published", "superseded", "closed")

blueprint = Blueprint("forms_pages", __name__, template_folder="../templates")


@blueprint.get("/forms")
@allow(Permission.FORM_MANAGE, area="rows", ways=("session",))
def forms() -> str:
    """Show every form with its versions, the drafts, and the way in for a new one."""
    return forms_page()


def forms_page(refusal: Refusal | None = None) -> str:
    """Return the page, with what was refused said above."""
    session = session_now()
    asked = request.args.get("state", "")
    asked = asked if asked in STATES else ""
    found = list_forms(session, viewer())
    drafts = drafts_of(session, viewer())
    areas = {one.form.area_code for one in found if one.form.area_code} | {draft.county_code for draft in drafts}
    shown = [one for one in found if one.form.state == asked or not asked]
    return render_template(
        "collection/forms.html",
        missing={one.form.id: files_missing(session, one.form) for one in shown if one.form.state == "published"},
        rows=shown,
        total=len({(one.form.area_code, one.form.form_id) for one in found}),
        drafts=drafts,
        asked=asked,
        states=STATES,
        names=division_names(session, areas),
        counties=_counties(),
        said=said(refusal),
        has_source=has_source,
    )


@blueprint.get("/forms/<uuid:form_version_id>")
@allow(Permission.FORM_MANAGE, area="rows", ways=("session",))
def form(form_version_id: UUID) -> str:
    """Show one version: what it asks, and how it differs from another."""
    return _form_page(form_version_id)


@blueprint.post(f"/forms/<uuid:form_version_id>/<any({', '.join(ACTS)}):act>")
@allow(Permission.FORM_MANAGE, area="rows", ways=("session",))
def form_act(form_version_id: UUID, act: str) -> Response:
    """Close, reopen or withdraw a form, and show it again."""
    act_on_form(session_now(), form_version_id, act)
    return redirect(url_for("forms_pages.form", form_version_id=form_version_id), 303)


def _form_page(form_version_id: UUID) -> str:
    session = session_now()
    form = find_version(session, viewer(), form_version_id)
    found = list_forms(session, viewer())
    one = next(listed for listed in found if listed.form.id == form.id)
    others = _others(found, form)
    other = next((found for found in others if str(found.id) == request.args.get("other")), None)
    schema = schema_of(session, one.form)
    differences = compare(schema_of(session, other), schema, language=language()) if other else None
    return render_template(
        "collection/form.html",
        one=one,
        questions=questions_asked(one.form.xform, schema),
        others=others,
        other=other,
        differences=differences,
        media=media_of(session, one.form),
        missing=files_missing(session, one.form),
        names=division_names(session, {one.form.area_code} - {""}),
        may_hold=viewer().may(Permission.FORM_MANAGE, one.form.area_code)
        if one.form.area_code
        else holds_house(viewer()),
        has_source=has_source(one.form),
        house_published=any(other.area_code == "" and other.state == "published" for other in others),
    )


def _others(found: list[Listed], form: FormVersion) -> list[FormVersion]:
    """Return the other versions of a form, older ones first to be chosen."""
    return [one.form for one in found if one.form.form_id == form.form_id and one.form.id != form.id]


def _counties() -> list[Division]:
    statement = (
        sa.select(Division)
        .where(Division.level == "county", viewer().within(Division.code, Permission.FORM_MANAGE))
        .order_by(Division.code)
        .limit(500)
    )
    return list(session_now().scalars(statement))


def said(refusal: Refusal | None) -> dict[str, Any] | None:
    """Return a refusal in the reader's language, to be shown on the page it belongs to."""
    if refusal is None:
        return None
    return {"title": text(refusal.title), "detail": text(refusal.message, **refusal.values)}

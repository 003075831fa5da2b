"""The programming interface of published forms."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from flask import Response, current_app
from sqlalchemy.orm import Session

from api.collection.blobs import Blobs
from api.collection.form_media import missing_files
from api.collection.form_versions.compare import compare
from api.collection.form_versions.listing import Listed, demand_hold, find_listed, find_version, list_forms
from api.collection.form_versions.preview import Asked, questions_asked
from api.collection.form_versions.schemas import DifferenceSchema, FormSchema, OtherVersionSchema, QuestionSchema
from api.collection.form_versions.source import source_of
from api.collection.forms import close_form, media_of, reopen_form, schema_of, withdraw_form
from api.collection.tables import FormVersion
from api.edge import language
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint

BINARY: Final = {"type": "string", "format": "binary"}
OCTETS: Final = "application/octet-stream"
ACTS: Final[dict[str, Callable[..., object]]] = {
    "close": close_form,
    "reopen": reopen_form,
    "withdraw": withdraw_form,
}

blueprint = Blueprint("forms", __name__, url_prefix="/api", description="表格 · published forms")


@blueprint.route("/forms")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, FormSchema(many=True))
@blueprint.paginate()
def form_list(pagination_parameters: Any) -> list[dict[str, Any]]:
    """Every version of the house's forms and of one's counties' own, by form, newest first."""
    session = session_now()
    found = list_forms(session, viewer())
    pagination_parameters.item_count = len(found)
    page = found[pagination_parameters.first_item : pagination_parameters.last_item + 1]
    return [described(session, one) for one in page]


@blueprint.route("/forms/<uuid:form_version_id>")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, FormSchema)
def form_one(form_version_id: UUID) -> dict[str, Any]:
    """One version."""
    return described(session_now(), find_listed(session_now(), viewer(), form_version_id))


@blueprint.route("/forms/<uuid:form_version_id>/questions")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, QuestionSchema(many=True))
def form_questions(form_version_id: UUID) -> list[dict[str, Any]]:
    """What a version asks, in the order of the form."""
    form = find_version(session_now(), viewer(), form_version_id)
    return [question_described(one) for one in questions_asked(form.xform, schema_of(session_now(), form))]


@blueprint.route("/forms/<uuid:form_version_id>/comparison")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.arguments(OtherVersionSchema, location="query")
@blueprint.response(200, DifferenceSchema(many=True))
def form_comparison(asked: dict[str, UUID], form_version_id: UUID) -> list[dict[str, Any]]:
    """How a version differs from an older one, the dangerous differences first."""
    session = session_now()
    old, new = (find_version(session, viewer(), key) for key in (asked["other"], form_version_id))
    found = compare(schema_of(session, old), schema_of(session, new), language=language())
    return [asdict(difference) for difference in found]


@blueprint.route("/forms/<uuid:form_version_id>/xform")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, BINARY, content_type=OCTETS)
def form_xform(form_version_id: UUID) -> Response:
    """The frozen XForm, as phones get it."""
    form = find_version(session_now(), viewer(), form_version_id)
    return saved(form.xform, f"{form.form_id}-{form.version}.xml")


@blueprint.route("/forms/<uuid:form_version_id>/source")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, BINARY, content_type=OCTETS)
def form_source(form_version_id: UUID) -> Response:
    """The XLSForm that a version was compiled from: what a new version begins with."""
    found = source_of(find_version(session_now(), viewer(), form_version_id), blobs_now())
    return saved(found.content, found.name)


@blueprint.route(f"/forms/<uuid:form_version_id>/<any({', '.join(ACTS)}):act>", methods=["POST"])
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, FormSchema)
def form_act(form_version_id: UUID, act: str) -> dict[str, Any]:
    """Close a form in all its versions, reopen it, or withdraw a county's own: phones get the house's again."""
    session = session_now()
    act_on_form(session, form_version_id, act)
    return described(session, find_listed(session, viewer(), form_version_id))


def act_on_form(session: Session, form_version_id: UUID, act: str) -> FormVersion:
    """Close, reopen or withdraw the form of a version."""
    form = find_version(session, viewer(), form_version_id)
    demand_hold(viewer(), form)
    ACTS[act](session, form.form_id, area_code=form.area_code, by=viewer())
    return form


def described(session: Session, one: Listed) -> dict[str, Any]:
    """Return a version as programs see it."""
    form = one.form
    plain = ("id", "form_id", "version", "title", "area_code", "state", "evidence_kind", "for_roles", "campaign_id",
             "xform_sha256", "source_name", "published_at")  # fmt: skip
    return {
        **{name: getattr(form, name) for name in plain},
        "hash": f"md5:{form.md5}",
        "campaigns": list(one.campaigns),
        "published_by": one.published_by,
        "submissions": one.submissions,
        "media": media_of(session, form),
        "files_missing": files_missing(session, form),
    }


def files_missing(session: Session, form: FormVersion) -> list[str]:
    """Return the files that a form names and nothing here has: phones open it without them."""
    return missing_files(session, form, current_app.extensions["ruhu_form_media"])


def question_described(one: Asked) -> dict[str, Any]:
    """Return a question as programs see it."""
    question = one.question
    plain = ("name", "path", "type", "asked", "required", "evidence", "repeats", "choices")
    return {
        **{name: getattr(question, name) for name in plain},
        "label": dict(question.label),
        "relevant": one.relevant,
    }


def saved(content: bytes, name: str) -> Response:
    """Return bytes to be saved, never shown: an XForm is text that a browser might run."""
    answer = Response(content, mimetype=OCTETS)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def blobs_now() -> Blobs:
    """Return the running application's kept bytes."""
    found: Blobs = current_app.extensions["ruhu_blobs"]
    return found

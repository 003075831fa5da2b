"""The programming interface of exports: ask, look how far it is, fetch the file in pieces, delete."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import sqlalchemy as sa
from flask import Response, current_app, send_file

from api.database import database
from api.edge import text
from api.evidence.export.ask import ask_for_export, prepare
from api.evidence.export.expire import delete_export
from api.evidence.export.finding import Standing, find_export, find_file, own_exports, standing
from api.evidence.export.schemas import ExportSchema, WantedSchema
from api.evidence.export.tables import Export
from api.evidence.export.wanted import Wanted
from api.pages.views import LOCAL_TIME
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.settings import Settings
from api.smorest import Blueprint

MEDIA_TYPES = {
    "csv": "text/csv",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}
BINARY = {"type": "string", "format": "binary"}
WHOLE = {"content": {kind: {"schema": BINARY} for kind in MEDIA_TYPES.values()}}
PARTIAL = {"description": "Partial Content", **WHOLE}

blueprint = Blueprint("exports", __name__, url_prefix="/api", description="导出 · submissions to take along")


def settings_now() -> Settings:
    """Return the running application's settings."""
    found: Settings = current_app.extensions["ruhu_settings"]
    return found


def begin_export(values: dict[str, Any]) -> Standing:
    """Ask for an export; the data is looked at in a reading session, so that no phone waits for it."""
    reason = values.pop("reason")
    with database().read() as reading:
        prepared = prepare(reading, viewer(), Wanted(**values))
    session, settings = session_now(), settings_now()
    export = ask_for_export(
        session, viewer(), prepared, data_dir=settings.data_dir, kept_for=timedelta(days=settings.export_days),
        reason=reason,
    )  # fmt: skip
    return find_export(session, viewer(), export.id)


@blueprint.route("/exports")
@allow(Permission.EVIDENCE_EXPORT, area="own")
@blueprint.response(200, ExportSchema(many=True))
@blueprint.paginate()
def export_list(pagination_parameters: Any) -> list[dict[str, Any]]:
    """One's own exports, the latest first."""
    session, statement = session_now(), own_exports(viewer())
    counted = sa.select(sa.func.count()).select_from(statement.order_by(None).with_only_columns(Export.id).subquery())
    pagination_parameters.item_count = session.scalar(counted)
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    return [described(standing(*row)) for row in session.execute(page)]


@blueprint.route("/exports", methods=["POST"])
@allow(Permission.EVIDENCE_EXPORT, area="rows")
@blueprint.arguments(WantedSchema)
@blueprint.response(202, ExportSchema)
@blueprint.alt_response(200, schema=ExportSchema, description="The same was made before: the file is there")
def export_begin(values: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Ask for an export of submissions one may see; made in the background unless the same was made already."""
    found = begin_export(values)
    return described(found), HTTPStatus.OK if found.state == "ready" else HTTPStatus.ACCEPTED


@blueprint.route("/exports/<uuid:export_id>")
@allow(Permission.EVIDENCE_EXPORT, area="own")
@blueprint.response(200, ExportSchema)
def export_one(export_id: UUID) -> dict[str, Any]:
    """How far an export is, and where its file will be."""
    return described(find_export(session_now(), viewer(), export_id))


@blueprint.route("/exports/<uuid:export_id>", methods=["DELETE"])
@allow(Permission.EVIDENCE_EXPORT, area="own")
@blueprint.response(204)
def export_delete(export_id: UUID) -> None:
    """Delete an export; one that is on its way stops."""
    delete_export(session_now(), find_export(session_now(), viewer(), export_id).export)


@blueprint.route("/exports/<uuid:export_id>/file")
@allow(Permission.EVIDENCE_EXPORT, area="own")
@blueprint.response(200, BINARY, content_type="application/zip")
@blueprint.alt_response(304, description="Not Modified")
@blueprint.alt_response(416, success=False)
@blueprint.doc(responses={"200": WHOLE, "206": PARTIAL})
def export_file(export_id: UUID) -> Response:
    """The file; a download that broke off goes on with Range and If-Range, an unchanged one costs a 304."""
    export, path = find_file(session_now(), viewer(), export_id, settings_now().data_dir)
    response = send_file(
        path, mimetype=MEDIA_TYPES[export.suffix], as_attachment=True, etag=export.fingerprint, conditional=True,
        max_age=0,
    )  # fmt: skip
    response.headers["Content-Disposition"] = _disposition(export)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def described(found: Standing) -> dict[str, Any]:
    """Return an export as `ExportSchema` writes it."""
    export = found.export
    copied = {
        name: getattr(export, name) for name in ExportSchema().fields if hasattr(export, name) and name != "message"
    }  # fmt: skip
    return copied | {
        "state": found.state,
        "done": found.done,
        "total": found.total,
        "message": text(found.message) if found.message else "",
        "file": f"/api/exports/{export.id}/file" if found.state == "ready" else None,
    }


def _disposition(export: Export) -> str:
    """Return the header that names the file: in Chinese (RFC 5987), and plainly for programs that cannot read that."""
    day = (export.finished_at or export.created_at).astimezone(LOCAL_TIME).strftime("%Y%m%d-%H%M")
    plain = f"{export.form_id}-{day}.{export.suffix}".encode("ascii", "replace").decode().replace('"', "_")
    full = f"{export.title}-{day}.{export.suffix}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(full, safe='')}"

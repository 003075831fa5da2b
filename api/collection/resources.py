"""The programming interface of collection: what was refused and kept aside."""

from typing import Any
from uuid import UUID

from flask import Response, current_app

from api.collection.quarantine import find_kept_aside, how_many, kept_aside
from api.collection.refusals import ADVICE, OTHER_ADVICE
from api.collection.schemas import QuarantinedSchema, QuarantineFilterSchema
from api.collection.serving import serve_blob
from api.collection.tables import Quarantined
from api.edge import text
from api.people.audit import record
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.smorest import Blueprint

blueprint = Blueprint("collection", __name__, url_prefix="/api", description="采集 · submissions from phones")


@blueprint.route("/quarantine")
@allow(Permission.QUARANTINE, area="rows")
@blueprint.arguments(QuarantineFilterSchema, location="query")
@blueprint.response(200, QuarantinedSchema(many=True))
@blueprint.paginate()
def quarantine_list(filters: dict[str, str], pagination_parameters: Any) -> list[dict[str, Any]]:
    """Refused postings that were kept aside, the latest first."""
    session = session_now()
    statement = kept_aside(viewer(), state=filters["state"])
    pagination_parameters.item_count = how_many(session, viewer(), state=filters["state"])
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    return [described(row) for row in session.scalars(page)]


@blueprint.route("/quarantine/<uuid:quarantined_id>/files/<string:name>")
@allow(Permission.QUARANTINE, area="rows", writes=True)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def quarantine_file(quarantined_id: UUID, name: str) -> Response:
    """One file of a refused posting, to be saved; who took it is written down."""
    found = find_kept_aside(session_now(), viewer(), quarantined_id)
    file = next((file for file in found.files if file["name"] == name), None)
    if file is None:
        raise NotFound("这条留存记录没有文件 {name}", name=name)
    record(
        session_now(), viewer(), "quarantine.download", "quarantined", found.id, division_code=found.county_code,
        name=name,
    )  # fmt: skip
    blobs = current_app.extensions["ruhu_blobs"]
    return serve_blob(blobs, file["sha256"], name=name, media_type="application/octet-stream")


def described(row: Quarantined) -> dict[str, Any]:
    """Return a refused posting with what an operator can do about it, in the reader's language."""
    return {
        **{column: getattr(row, column) for column in QuarantinedSchema().fields if column != "advice"},
        "advice": text(ADVICE.get(row.reason, OTHER_ADVICE)),
    }

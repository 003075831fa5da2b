"""The programming interface of flagged submissions: which there are, their stray files, and processing again."""

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response

from api.collection.flagged.again import ask_to_reprocess
from api.collection.flagged.reading import ORDERS, Filters, find_stray, flagged, how_many
from api.collection.quarantine.schemas import AREA
from api.collection.serving import serve_blob, workshop
from api.jobs.resources import JobSchema
from api.jobs.tables import Job
from api.people.audit import record
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint, Schema

READ, DECIDE = Permission.QUARANTINE, Permission.QUARANTINE_DECIDE

blueprint = Blueprint("flagged", __name__, url_prefix="/api", description="有疑问的上报 · accepted and not understood")


class FlaggedFilterSchema(Schema):
    """Which flagged submissions."""

    kind = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))
    form = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))
    area = ma.fields.String(load_default="", validate=AREA)
    text = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))
    order = ma.fields.String(
        load_default="-received", validate=ma.validate.OneOf([*ORDERS, *(f"-{order}" for order in ORDERS)])
    )


class FlaggedSchema(Schema):
    """A submission that was accepted and about which something is doubtful."""

    id = ma.fields.UUID()
    instance_id = ma.fields.String()
    form_id = ma.fields.String()
    form_version = ma.fields.String()
    household_code = ma.fields.String(allow_none=True)
    village_code = ma.fields.String()
    account_id = ma.fields.UUID()
    sender = ma.fields.String()
    received_at = ma.fields.AwareDateTime()
    derived_at = ma.fields.AwareDateTime(allow_none=True)
    flags = ma.fields.List(ma.fields.Dict())


class ReprocessSchema(Schema):
    """What to process again: flagged ones, or one, or all of a form."""

    form = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))
    area = ma.fields.String(load_default="", validate=AREA)
    submission_id = ma.fields.UUID(load_default=None, allow_none=True)
    everything = ma.fields.Boolean(load_default=False)


@blueprint.route("/flagged-submissions")
@allow(READ, area="rows")
@blueprint.arguments(FlaggedFilterSchema, location="query")
@blueprint.response(200, FlaggedSchema(many=True))
@blueprint.paginate()
def flagged_list(wanted: dict[str, Any], pagination_parameters: Any) -> list[dict[str, Any]]:
    """Submissions about which something is doubtful, the latest first."""
    session, order = session_now(), wanted.pop("order")
    filters = Filters(**wanted)
    pagination_parameters.item_count = how_many(session, viewer(), filters)
    statement = flagged(viewer(), filters, order=order)
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    of_submission = ("id", "instance_id", "form_id", "household_code", "village_code", "account_id")
    of_version = ("form_version", "received_at", "derived_at", "flags")
    return [
        {
            **{name: getattr(submission, name) for name in of_submission},
            **{name: getattr(version, name) for name in of_version},
            "sender": sender.display_name,
        }
        for submission, version, sender in session.execute(page)
    ]


@blueprint.route("/reprocessings", methods=["POST"])
@allow(DECIDE, area="rows")
@blueprint.arguments(ReprocessSchema)
@blueprint.response(202, JobSchema)
def reprocess_begin(wanted: dict[str, Any]) -> Job:
    """Process submissions again, in the background, once what was wrong is mended."""
    return ask_to_reprocess(session_now(), viewer(), **wanted)


@blueprint.route("/submissions/<uuid:submission_id>/stray-files/<string:name>")
@allow(READ, area="rows", writes=True)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def stray_file(submission_id: UUID, name: str) -> Response:
    """A file that the answers do not name, to be saved; who took it is written down."""
    found = find_stray(session_now(), viewer(), submission_id, name)
    record(
        session_now(), viewer(), "submission.download_stray", "submission", submission_id,
        division_code=found.county_code, name=name,
    )  # fmt: skip
    return serve_blob(workshop().blobs, found.sha256, name=name, media_type="application/octet-stream")

"""The programming interface of the quarantine: what was refused and kept aside, and what to do about it."""

from typing import Any
from uuid import UUID

from flask import Response

from api.collection.quarantine.bulk import ask_for_release
from api.collection.quarantine.decide import Kind, decide, offered
from api.collection.quarantine.mend import mend
from api.collection.quarantine.reading import Filters, find_kept_aside, how_many, kept_aside
from api.collection.quarantine.schemas import (
    PostingActSchema,
    PostingDecisionSchema,
    QuarantinedSchema,
    QuarantinedWholeSchema,
    QuarantineFilterSchema,
    ReleaseAllSchema,
    RepairSchema,
)
from api.collection.receive import when_alone
from api.collection.refusals import ADVICE, OTHER_ADVICE
from api.collection.serving import serve_blob, workshop
from api.collection.tables import QuarantineAct, Quarantined
from api.edge import text
from api.jobs.resources import JobSchema
from api.jobs.tables import Job
from api.people.audit import record
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account, Token
from api.problems import NotFound
from api.smorest import Blueprint

READ, DECIDE = Permission.QUARANTINE, Permission.QUARANTINE_DECIDE

blueprint = Blueprint("quarantine", __name__, url_prefix="/api", description="留存 · refused postings kept aside")


@blueprint.route("/quarantine")
@allow(READ, area="rows")
@blueprint.arguments(QuarantineFilterSchema, location="query")
@blueprint.response(200, QuarantinedSchema(many=True))
@blueprint.paginate()
def quarantine_list(wanted: dict[str, Any], pagination_parameters: Any) -> list[dict[str, Any]]:
    """Refused postings that were kept aside, the latest first."""
    session, order = session_now(), wanted.pop("order")
    filters = Filters(**wanted)
    pagination_parameters.item_count = how_many(session, viewer(), filters)
    statement = kept_aside(viewer(), filters, order=order)
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    return [described(*row) for row in session.execute(page)]


@blueprint.route("/quarantine/<uuid:quarantined_id>")
@allow(READ, area="rows")
@blueprint.response(200, QuarantinedWholeSchema)
def quarantine_one(quarantined_id: UUID) -> dict[str, Any]:
    """One refused posting, what was done to it, and what may be done."""
    session = session_now()
    row = find_kept_aside(session, viewer(), quarantined_id)
    sender, token = session.get_one(Account, row.account_id), session.get_one(Token, row.token_id)
    return {**described(row, sender, token), "acts": row.acts, "offered": offered(row)}


@blueprint.route("/quarantine/<uuid:quarantined_id>/files/<string:name>")
@allow(READ, area="rows", writes=True)
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
    return serve_blob(workshop().blobs, file["sha256"], name=name, media_type="application/octet-stream")


@blueprint.route("/quarantine/<uuid:quarantined_id>/acts", methods=["POST"])
@allow(DECIDE, area="rows")
@blueprint.arguments(PostingDecisionSchema)
@blueprint.response(200, PostingActSchema)
def quarantine_act(wanted: dict[str, str], quarantined_id: UUID) -> QuarantineAct:
    """Try a refused posting again, take it in in another shape, discard it or bring it back.

    What is refused again stays; the answer's `outcome` says so.
    """
    return carry_out(quarantined_id, Kind(wanted["kind"]), wanted["why"])


@blueprint.route("/quarantine/<uuid:quarantined_id>/repairs", methods=["POST"])
@allow(DECIDE, area="rows")
@blueprint.arguments(RepairSchema)
@blueprint.response(201, PostingActSchema)
def quarantine_repair(wanted: dict[str, str], quarantined_id: UUID) -> QuarantineAct:
    """Keep mended answers beside damaged ones; released, they are what is taken in."""
    xml = wanted["xml"].encode()
    return mend(session_now(), viewer(), quarantined_id, xml, wanted["why"], blobs=workshop().blobs)


@blueprint.route("/quarantine-releases", methods=["POST"])
@allow(DECIDE, area="rows")
@blueprint.arguments(ReleaseAllSchema)
@blueprint.response(202, JobSchema)
def quarantine_release_all(wanted: dict[str, str]) -> Job:
    """Try all refused postings of one reason again, in the background."""
    return ask_for_release(session_now(), viewer(), **wanted)


def carry_out(quarantined_id: UUID, kind: Kind, why: str) -> QuarantineAct:
    """Do one thing to a refused posting; when a phone was faster, find what it brought."""
    session, found = session_now(), viewer()
    return when_alone(session, lambda: decide(session, found, quarantined_id, kind, why, workshop=workshop()))


def described(row: Quarantined, sender: Account, token: Token) -> dict[str, Any]:
    """Return a refused posting with who sent it and what an operator can do about it, in the reader's language."""
    named = {"advice", "sender", "phone"}
    return {
        **{column: getattr(row, column) for column in QuarantinedSchema().fields if column not in named},
        "sender": sender.display_name,
        "phone": token.label,
        "advice": text(ADVICE.get(row.stands_for, OTHER_ADVICE)),
    }

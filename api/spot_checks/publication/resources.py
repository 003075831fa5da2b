"""The programming interface of publication: approvals, what may be said, proofs, certificate, rules, photos."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, current_app
from werkzeug.datastructures import FileStorage

from api.database import now
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint
from api.spot_checks.commit import find_draw
from api.spot_checks.publication import schemas
from api.spot_checks.publication.approve import decide_second_draw, waiting_for
from api.spot_checks.publication.certificate import certificate_file
from api.spot_checks.publication.describe import Described, describe_draw
from api.spot_checks.publication.photos import MOST_BYTES, add_photo, keep_photo
from api.spot_checks.publication.proof import Proof, open_leaf
from api.spot_checks.publication.public_pages import public_url
from api.spot_checks.publication.sources import compose_rule, words_of
from api.spot_checks.publication.tables import DrawApproval, DrawPhoto
from api.spot_checks.tables import Draw

READ, DRAW, APPROVE = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_DRAW, Permission.SPOT_CHECK_APPROVE

blueprint = Blueprint(
    "publication", __name__, url_prefix="/api/spot-checks", description="抽查公示 · publication of draws"
)


@blueprint.route("/approvals")
@allow(APPROVE, area="rows")
@blueprint.response(200, schemas.WaitingDrawSchema(many=True))
def approval_list() -> Sequence[Draw]:
    """The second draws that wait for whoever is asking, the oldest first."""
    return waiting_for(session_now(), viewer())


@blueprint.route("/draws/<uuid:draw_id>/approval", methods=["POST"])
@allow(APPROVE, area="rows")
@blueprint.arguments(schemas.DrawDecisionSchema)
@blueprint.response(201, schemas.DrawDecisionSchema)
def approval_decide(said: dict[str, Any], draw_id: UUID) -> DrawApproval:
    """Approve a second draw, or refuse it with a reason; once, and public for ever."""
    draw = find_draw(session_now(), viewer(), draw_id, APPROVE)
    return decide_second_draw(session_now(), draw, viewer(), approved=said["approved"], note=said["note"])


@blueprint.route("/draws/<uuid:draw_id>/publication")
@allow(READ, area="rows")
@blueprint.response(200, schemas.DrawPublicationSchema)
def publication_one(draw_id: UUID) -> Described:
    """What may be said of a draw to anybody, and whether its public page is open (PATCH the campaign to change it)."""
    return describe_draw(session_now(), find_draw(session_now(), viewer(), draw_id, READ), public_url())


@blueprint.route("/draws/<uuid:draw_id>/certificate")
@allow(READ, area="rows")
@blueprint.response(200, {"type": "object"})
def certificate_one(draw_id: UUID) -> Response:
    """The certificate, in canonical JSON; refused when the kept list can no longer be worked out."""
    draw = find_draw(session_now(), viewer(), draw_id, READ)
    return Response(certificate_file(session_now(), draw), content_type="application/json")


@blueprint.route("/draws/<uuid:draw_id>/proofs", methods=["POST"])
@allow(READ, area="rows")
@blueprint.arguments(schemas.LeafQuerySchema)
@blueprint.response(200, schemas.LeafProofSchema)
def proof_show(wanted: dict[str, str], draw_id: UUID) -> Proof:
    """Open one household's leaf by showing its salt; it stands in the audit log."""
    draw = find_draw(session_now(), viewer(), draw_id, READ)
    return open_leaf(session_now(), draw, wanted["household_code"], viewer())


@blueprint.route("/draws/<uuid:draw_id>/photos", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.DrawPhotoFileSchema, location="files")
@blueprint.response(201, schemas.DrawPhotoSchema)
def photo_send(files: dict[str, FileStorage], draw_id: UUID) -> DrawPhoto:
    """Add a photo of the dice or of the signed minutes."""
    draw = find_draw(session_now(), viewer(), draw_id, DRAW)
    data = files["photo"].stream.read(MOST_BYTES + 1)
    return add_photo(session_now(), draw, keep_photo(current_app.extensions["ruhu_blobs"], data), viewer())


@blueprint.route("/entropy-rule")
@allow(DRAW, area="any")
@blueprint.arguments(schemas.EntropyChoiceSchema, location="query")
@blueprint.response(200, schemas.EntropyRuleSchema)
def rule_one(wanted: dict[str, Any]) -> dict[str, Any]:
    """The rule that a choice of sources makes, with when each will be published; a past round is refused."""
    kind = wanted.pop("source")
    rule = compose_rule(kind, now(), **wanted)
    return {
        "entropy_rule": rule,
        "sources": [{"text": one.text, "available_at": one.at} for one in words_of(rule)],
    }

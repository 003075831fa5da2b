"""The programming interface of proposals."""

from typing import Any

from flask import current_app

from api.evidence.proposals.reading import Filters, decide, how_many, proposals, shown
from api.evidence.proposals.schemas import (
    DecisionMadeSchema,
    ProposalDecisionSchema,
    ProposalFilterSchema,
    ProposalSchema,
)
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.registry.secrecy import open_secrecy
from api.smorest import Blueprint

blueprint = Blueprint(
    "proposals", __name__, url_prefix="/api", description="变更 · what visits would change of the roll"
)


@blueprint.route("/proposals")
@allow(Permission.REGISTRY_READ, area="rows")
@blueprint.arguments(ProposalFilterSchema, location="query")
@blueprint.response(200, ProposalSchema(many=True))
@blueprint.paginate()
def proposal_list(wanted: dict[str, Any], pagination_parameters: Any) -> list[dict[str, Any]]:
    """What visits would change of households: place, phone, persons, address, members; numbers masked."""
    session = session_now()
    statement = proposals(viewer(), Filters(**{**wanted, "text": wanted["text"].strip()}))
    pagination_parameters.item_count = how_many(session, statement)
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    keys = current_app.extensions["ruhu_settings"].encryption_keys()
    return list(shown(session.execute(page), open_secrecy(session, keys)))


@blueprint.route("/proposals/decisions", methods=["POST"])
@allow(Permission.PROPOSAL_DECIDE, area="rows")
@blueprint.arguments(ProposalDecisionSchema)
@blueprint.response(200, DecisionMadeSchema)
def proposal_decide(wanted: dict[str, Any]) -> dict[str, int]:
    """Accept proposals, which changes the roll, or reject them; the reason is written to the log."""
    taken = {one["id"]: one["taken"] for one in wanted["proposals"]}
    return {"decided": decide(session_now(), viewer(), taken, accept=wanted["accept"], reason=wanted["reason"])}

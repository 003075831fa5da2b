"""The programming interface of what the panel shows: pieces picked, one of them told, a household's story, search."""

from typing import Any
from uuid import UUID

from api.edge import language_answered
from api.evidence.tell import put_beside, tell_household, tell_piece
from api.evidence_map.panel.pick import Picked, pick_pieces
from api.evidence_map.panel.schemas import (
    HitSchema,
    HouseholdToldSchema,
    PickedPieceSchema,
    SearchSchema,
    ToldSchema,
    told_row,
)
from api.evidence_map.panel.search import Hit, find
from api.evidence_map.schemas import RingedSelectionSchema, ring_of, selection_of
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint

READ = Permission.EVIDENCE_READ

blueprint = Blueprint(
    "map_panel", __name__, url_prefix="/api/evidence", description="取证详情 · evidence as a person reads it"
)


@blueprint.route("/map/pieces")
@allow(READ, area="rows")
@blueprint.arguments(RingedSelectionSchema, location="query")
@blueprint.response(200, PickedPieceSchema(many=True))
@blueprint.paginate()
def piece_list(wanted: dict[str, Any], pagination_parameters: Any) -> list[Picked]:
    """Pieces that fit a selection and lie in a ring, the most doubtful first."""
    rows, total = pick_pieces(
        session_now(), viewer(), selection_of(wanted), ring=ring_of(wanted),
        limit=pagination_parameters.page_size, offset=pagination_parameters.first_item,
    )  # fmt: skip
    pagination_parameters.item_count = total
    return rows


@blueprint.route("/map/search")
@allow(READ, area="rows")
@blueprint.arguments(SearchSchema, location="query")
@blueprint.response(200, HitSchema(many=True))
def search_list(wanted: dict[str, Any]) -> list[Hit]:
    """Divisions, households, workers and words in answers, with where each lies."""
    return find(session_now(), viewer(), wanted["q"])


@blueprint.route("/<uuid:evidence_id>/told")
@allow(READ, area="rows")
@blueprint.response(200, ToldSchema)
def piece_told(evidence_id: UUID) -> dict[str, Any]:
    """One piece as a person reads it: answers in words, checks with their reasons, the review's steps."""
    return told_row(tell_piece(session_now(), viewer(), evidence_id, language_answered()))


@blueprint.route("/households/<string:code>")
@allow(READ, area="rows")
@blueprint.response(200, HouseholdToldSchema)
def household_told(code: str) -> dict[str, Any]:
    """A household's evidence, the newest first; the township's and the county's visit beside each other."""
    told = tell_household(session_now(), viewer(), code, language_answered())
    beside = put_beside(told) if viewer().may(Permission.SPOT_CHECK_READ, told[0].piece.village_code) else None
    return {"pieces": [told_row(one) for one in told], "beside": beside[2] if beside else None}

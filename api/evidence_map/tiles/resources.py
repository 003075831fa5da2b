"""The programming interface of tiles, and of how much fits a selection."""

import gzip
from typing import Any, Final

from flask import Response, request

from api.evidence.square import Tile
from api.evidence_map.schemas import SelectionSchema, SummarySchema, selection_of
from api.evidence_map.tiles.make import make_tile, tag_of
from api.evidence_map.tiles.summary import summarise
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.smorest import Blueprint

TILE: Final = "application/vnd.mapbox-vector-tile"
WORTH_PACKING: Final = 1000  # bytes
ANSWERS: Final = {
    "200": {"description": "the tile", "content": {TILE: {"schema": {"type": "string", "format": "binary"}}}},
    "204": {"description": "nothing to see there"},
    "304": {"description": "unchanged"},
}

blueprint = Blueprint("tiles", __name__, url_prefix="/api/evidence/map", description="地图 · evidence on the map")


@blueprint.route("/tiles/<int:zoom>/<int:x>/<int:y>.mvt")
@allow(Permission.EVIDENCE_READ, area="rows")
@blueprint.arguments(SelectionSchema, location="query")
@blueprint.doc(responses=ANSWERS)
def tile(wanted: dict[str, Any], zoom: int, x: int, y: int) -> Response:
    """One vector tile of what fits and may be seen: cells far away, single pieces from zoom 13.

    The answer carries an ETag: ask again with If-None-Match, and an unchanged tile costs a 304.
    """
    one, selection = Tile(zoom, x, y), selection_of(wanted)
    if not one.exists:
        raise NotFound("没有这张瓦片：级别须在 0 到 22 之间，行列号须小于 2 的级别次方", where="zoom")
    session = session_now()
    tag = tag_of(session, viewer(), selection, request.full_path)
    response = Response(content_type=TILE)
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Accept-Encoding")
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
        return response
    made = make_tile(session, viewer(), selection, one)
    if not made:
        response.status_code = 204
        return response
    if len(made) > WORTH_PACKING and request.accept_encodings["gzip"] > 0:
        made = gzip.compress(made, compresslevel=4, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(made)
    return response


@blueprint.route("/summary")
@allow(Permission.EVIDENCE_READ, area="rows")
@blueprint.arguments(SelectionSchema, location="query")
@blueprint.response(200, SummarySchema)
def summary(wanted: dict[str, Any]) -> dict[str, Any]:
    """How many pieces fit and may be seen, by kind, state and doubt, and where they lie."""
    return summarise(session_now(), viewer(), selection_of(wanted))

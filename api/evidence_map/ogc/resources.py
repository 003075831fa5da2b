"""The programming interface of a selection as a file: GeoJSON, or a GeoPackage with a layer for each kind."""

import os
from collections.abc import Iterator
from typing import Any, BinaryIO, Final
from uuid import UUID

from flask import Response, current_app

from api.database import database, now
from api.evidence_map.ogc.files import count_rows, geojson, geopackage, note_taken, wanted_rows
from api.evidence_map.ogc.schemas import PickedSchema
from api.evidence_map.schemas import RingedSelectionSchema, SelectionSchema, ring_of, selection_in, selection_of
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint

EXPORT: Final = Permission.EVIDENCE_EXPORT
GEOJSON: Final = "application/geo+json"
GEOPACKAGE: Final = "application/geopackage+sqlite3"
CHUNK: Final = 256 * 1024
BINARY: Final = {"type": "string", "format": "binary"}

blueprint = Blueprint("map_files", __name__, url_prefix="/api/evidence/map", description="地图 · evidence on the map")


@blueprint.route("/export.geojson")
@allow(EXPORT, area="rows", writes=True)
@blueprint.arguments(RingedSelectionSchema, location="query")
@blueprint.response(200, {"type": "object"}, content_type=GEOJSON)
def geojson_selected(wanted: dict[str, Any]) -> Response:
    """What is selected as GeoJSON, answers as properties, numbers of persons masked; at most 200,000 pieces."""
    return _geojson(wanted, None)


@blueprint.route("/export.geojson", methods=["POST"])
@allow(EXPORT, area="rows")
@blueprint.arguments(SelectionSchema, location="query")
@blueprint.arguments(PickedSchema)
@blueprint.response(200, {"type": "object"}, content_type=GEOJSON)
def geojson_picked(wanted: dict[str, Any], picked: dict[str, Any]) -> Response:
    """Of the pieces named, those that are selected, as GeoJSON."""
    return _geojson(wanted, picked["ids"])


@blueprint.route("/export.gpkg")
@allow(EXPORT, area="rows", writes=True)
@blueprint.arguments(RingedSelectionSchema, location="query")
@blueprint.response(200, BINARY, content_type=GEOPACKAGE)
def geopackage_selected(wanted: dict[str, Any]) -> Response:
    """What is selected as a GeoPackage with a layer for each kind; at most 100,000 pieces."""
    return _geopackage(wanted, None)


@blueprint.route("/export.gpkg", methods=["POST"])
@allow(EXPORT, area="rows")
@blueprint.arguments(SelectionSchema, location="query")
@blueprint.arguments(PickedSchema)
@blueprint.response(200, BINARY, content_type=GEOPACKAGE)
def geopackage_picked(wanted: dict[str, Any], picked: dict[str, Any]) -> Response:
    """Of the pieces named, those that are selected, as a GeoPackage."""
    return _geopackage(wanted, picked["ids"])


def _geojson(wanted: dict[str, Any], ids: list[UUID] | None) -> Response:
    condition = wanted_rows(viewer(), selection_of(wanted), ids, ring_of(wanted))
    with database().read() as reading:  # not the writing session: no phone waits for a count
        rows = count_rows(reading, condition, suffix="geojson", picked=ids is not None)
    note_taken(session_now(), viewer(), _written(wanted), suffix="geojson", rows=rows, picked=ids is not None)
    body = geojson(database(), viewer(), condition, address=_address())
    return _file(Response(body, content_type=GEOJSON), "geojson")


def _geopackage(wanted: dict[str, Any], ids: list[UUID] | None) -> Response:
    condition = wanted_rows(viewer(), selection_of(wanted), ids, ring_of(wanted))
    with database().snapshot() as reading:
        rows = count_rows(reading, condition, suffix="gpkg", picked=ids is not None)
        made = geopackage(reading, viewer(), condition, address=_address())
    response = _file(Response(_chunks(made), content_type=GEOPACKAGE), "gpkg")
    response.content_length = os.fstat(made.fileno()).st_size
    response.call_on_close(made.close)  # also when nobody reads it to its end
    note_taken(session_now(), viewer(), _written(wanted), suffix="gpkg", rows=rows, picked=ids is not None)
    return response


def _written(wanted: dict[str, Any]) -> dict[str, str]:
    ring = {"polygon": wanted["polygon"]} if wanted.get("polygon") else {}
    return selection_in(selection_of(wanted)) | ring


def _chunks(made: BinaryIO) -> Iterator[bytes]:
    with made:
        while chunk := made.read(CHUNK):
            yield chunk


def _file(response: Response, suffix: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="evidence-{now():%Y%m%d-%H%M}.{suffix}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _address() -> str:
    return str(current_app.extensions["ruhu_settings"].public_url).rstrip("/")

"""Describe the service in OpenAPI 3.0, which GDAL reads to learn what the server can filter by."""

from collections.abc import Iterable
from typing import Any, Final

from api.evidence_map.ogc.asked import CRS84, MOST, USUAL
from api.evidence_map.ogc.layers import Layer

GEOJSON: Final = "application/geo+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA: Final = "application/schema+json"
# only what holds: no HTML of features, no other systems of coordinates, no queries beyond equality
CONFORMS: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
_FILTERS: Final = {
    "area": "division code of 2 to 12 digits: what lies in it",
    "kind": "visit, interview, asset …",
    "purpose": "township_visit or spot_check",
    "household": "household code",
    "state": "of review: received, in_review, accepted, returned, rejected",
    "rule": "a field check that it does not pass",
    "doubt": "doubt, look: worst of the checks it does not pass; any: either; none: passes all",
    "drawn": "yes, no: its household is on the base list of a draw (needs spot_check.read)",
    "band": "in which its household was frozen last (needs spot_check.read)",
    "search": "beginning of a household code, or part of the head's name",
    "severity": "doubt, look: worst of the checks it does not pass",
}


def describe(layers: Iterable[Layer], *, address: str) -> dict[str, Any]:
    """Return the description of the service at an address."""
    paths: dict[str, Any] = {
        "/": _get("landing", "where everything is", "application/json", [_F_HTML]),
        "/conformance": _get("conformance", "what of the standard holds", "application/json"),
        "/api": _get("api", "this description", OPENAPI),
        "/collections": _get("collections", "the layers", "application/json"),
    }
    for layer in layers:
        base, name = f"/collections/{layer.name}", layer.name
        paths[base] = _get(f"{name}.layer", layer.about, "application/json")
        paths[f"{base}/schema"] = _get(f"{name}.schema", "its columns, as JSON Schema", SCHEMA)
        paths[f"{base}/items"] = _get(f"{name}.items", layer.about, GEOJSON, _item_parameters(layer))
        paths[f"{base}/items/{{featureId}}"] = _get(f"{name}.item", "one feature", GEOJSON, [_FEATURE_ID])
    return {
        "openapi": "3.0.3",
        "info": {"title": "入户 · OGC API – Features", "version": "1.0.0", "description": "Evidence for GIS programs."},
        "servers": [{"url": address}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "any name, the token as password"},
            },
            "responses": {
                "problem": {
                    "description": "refused: what, where, and what to do",
                    "content": {"application/problem+json": {"schema": {"type": "object"}}},
                }
            },
        },
    }


def _get(operation: str, says: str, media_type: str, parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    refusals = {status: {"$ref": "#/components/responses/problem"} for status in _REFUSED}
    answer = {"description": says, "content": {media_type: {"schema": {"type": "object"}}}}
    wanted = parameters if parameters and parameters[-1] is _F_HTML else [*(parameters or []), _F]
    return {
        "get": {
            "operationId": operation,
            "summary": says,
            "parameters": wanted,
            "responses": {"200": answer, "304": {"description": "unchanged since its ETag was given"}, **refusals},
        }
    }


def _query(name: str, says: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": says, "schema": schema, **more}


_F: Final = _query("f", "format", {"type": "string", "enum": ["json"]})
_F_HTML: Final = _query("f", "format", {"type": "string", "enum": ["json", "html"]})
_FEATURE_ID: Final = {
    "name": "featureId", "in": "path", "required": True, "description": "id of a feature", "schema": {"type": "string"},
}  # fmt: skip
_REFUSED: Final = ("400", "401", "403", "404", "500", "503")
_LIST: Final = {"style": "form", "explode": False}


def _item_parameters(layer: Layer) -> list[dict[str, Any]]:
    four_or_six = [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]
    numbers = {"type": "array", "oneOf": four_or_six, "items": {"type": "number"}}
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
    return [
        _query("limit", "most features of a page", limit, **_LIST),
        _query("bbox", "west,south,east,north in degrees, or with heights", numbers, **_LIST),
        _query("bbox-crs", "of the bbox", {"type": "string", "enum": [CRS84]}),
        _query("datetime", "an instant, or an interval; .. leaves an end open", {"type": "string"}, **_LIST),
        _query("after", "where the page begins: follow the link `next`", {"type": "string"}),
        *(_query(name, _FILTERS.get(name, "equal to it"), {"type": "string"}, **_LIST) for name in layer.filters),
    ]

"""The programming interface of divisions on the map: their ground as GeoJSON, their figures as a list."""

import json
from typing import Any

from flask import Response

from api.edge import text
from api.evidence_map.divisions.figures import division_figures
from api.evidence_map.divisions.grounds import division_grounds
from api.evidence_map.divisions.schemas import (
    MapDivisionsQuerySchema,
    MapDivisionsSchema,
    MapFiguresQuerySchema,
    MapFiguresSchema,
)
from api.evidence_map.divisions.told import told
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint

READ = Permission.EVIDENCE_READ
GEOJSON = "application/geo+json"

blueprint = Blueprint(
    "map_divisions", __name__, url_prefix="/api/evidence/map", description="地图区划 · ground and figures by division"
)


@blueprint.route("/divisions")
@allow(READ, area="rows")
@blueprint.arguments(MapDivisionsQuerySchema, location="query")
@blueprint.response(200, MapDivisionsSchema, content_type=GEOJSON)
def ground_list(wanted: dict[str, Any]) -> Response:
    """Ground of the divisions of a level with what the map is coloured by, as GeoJSON below 1 MB.

    Neighbours share their edges, however coarsely they are drawn. The answer has an ETag: unchanged, it costs a 304.
    """
    level, within = wanted["level"], wanted["within"]
    session, reader = session_now(), viewer()
    grounds = division_grounds(session, reader, level=level, within=within, tolerance_m=wanted["tolerance_m"])
    figures = division_figures(session, reader, level=level, within=within) if wanted["figures"] else []
    by_code = {one.code: told(one, text) for one in figures}
    written = []
    for ground in grounds:
        properties = {
            **by_code.get(ground.code, {}), "code": ground.code, "name": ground.name, "level": level,
            "synthetic": ground.synthetic,
        }  # fmt: skip
        head = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
        # the geometry is kept as it is written: to parse and write it again would be most of the work
        written.append(
            f'{{"type":"Feature","id":{int(ground.code)},"properties":{head},"geometry":{ground.geometry}}}'
        )  # fmt: skip
    return Response(f'{{"type":"FeatureCollection","features":[{",".join(written)}]}}', content_type=GEOJSON)


@blueprint.route("/figures")
@allow(READ, area="rows")
@blueprint.arguments(MapFiguresQuerySchema, location="query")
@blueprint.response(200, MapFiguresSchema(many=True))
def figure_list(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Coverage, doubt and error rate of the divisions of a level: the map's colours as numbers.

    Of every division, also of those without ground.
    """
    return [told(one, text) for one in division_figures(session_now(), viewer(), **wanted)]

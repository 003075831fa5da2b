"""What programs ask of divisions on the map and see of them."""

import marshmallow as ma

from api.evidence_map.divisions.scope import LENGTHS
from api.registry.schemas import AREA
from api.smorest import Schema

MOST_TOLERANCE_M = 20_000


class MapFiguresQuerySchema(Schema):
    """Which divisions."""

    level = ma.fields.String(load_default="township", validate=ma.validate.OneOf(list(LENGTHS)))
    within = ma.fields.String(
        load_default="", validate=AREA, metadata={"description": "division code; empty: everything one may see"}
    )


class MapDivisionsQuerySchema(MapFiguresQuerySchema):
    """Which divisions, and how their ground is drawn."""

    tolerance_m = ma.fields.Float(
        load_default=None,
        allow_nan=False,
        validate=ma.validate.Range(0, MOST_TOLERANCE_M),
        metadata={"description": "about how far a boundary may move; by default what suits the level"},
    )
    figures = ma.fields.Boolean(load_default=True, metadata={"description": "false: ground and names alone"})


class MapFiguresSchema(Schema):
    """Figures of one division, made only of what the reader may see; null where that would not be all."""

    code = ma.fields.String()
    name = ma.fields.String()
    ground = ma.fields.String(metadata={"enum": ["none", "synthetic", "given"]})
    households = ma.fields.Integer(allow_none=True, metadata={"description": "on the roll"})
    visited = ma.fields.Integer(allow_none=True, metadata={"description": "of these, visited by the township"})
    coverage = ma.fields.Float(allow_none=True, metadata={"description": "visited / households, 0 to 1"})
    pieces = ma.fields.Integer(metadata={"description": "pieces of evidence"})
    judged = ma.fields.Integer(metadata={"description": "of these, looked at by the rules"})
    doubted = ma.fields.Integer(metadata={"description": "of these, doubted by at least one rule"})
    doubt_share = ma.fields.Float(allow_none=True, metadata={"description": "doubted / judged, 0 to 1"})
    error_rate = ma.fields.Float(
        allow_none=True, metadata={"description": "share of households wrongly on the roll, from the last draw"}
    )
    error_lower = ma.fields.Float(allow_none=True, metadata={"description": "lower end of its 95 % range"})
    error_upper = ma.fields.Float(allow_none=True)
    error_n = ma.fields.Integer(allow_none=True, metadata={"description": "households it was made from"})
    error_words = ma.fields.String(metadata={"description": "why there is no rate, or what must be known of it"})


class MapDivisionPropertiesSchema(Schema):
    """Of ground on the map; with figures, all of MapFigures as well."""

    code = ma.fields.String()
    name = ma.fields.String()
    level = ma.fields.String()
    synthetic = ma.fields.Boolean(metadata={"description": "made up for the demo, no survey behind it"})

    class Meta:
        """Figures stand beside these, flat, as a map's expressions want them."""

        unknown = ma.INCLUDE


class MapDivisionSchema(Schema):
    """A division with its ground."""

    type = ma.fields.Constant("Feature")
    id = ma.fields.Integer(metadata={"description": "the code as a number, as map libraries want it"})
    properties = ma.fields.Nested(MapDivisionPropertiesSchema)
    geometry = ma.fields.Dict(metadata={"description": "GeoJSON Polygon or MultiPolygon"})


class MapDivisionsSchema(Schema):
    """A GeoJSON FeatureCollection of divisions."""

    type = ma.fields.Constant("FeatureCollection")
    features = ma.fields.List(ma.fields.Nested(MapDivisionSchema))

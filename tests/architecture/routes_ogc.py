"""Examples of the routes of GIS layers and of a selection as a file, for the walk."""

from uuid import UUID

import world
from example import Example

SEEN = (f"{world.VILLAGE}-0001",)
VISIT = {"collection": "visit"}
ONE = {
    "inside": lambda built: {**VISIT, "feature_id": built.evidence[world.COUNTY].id},
    "outside": lambda built: {**VISIT, "feature_id": built.evidence[world.OTHER_COUNTY].id},
}
PICKED = {"json": lambda built: {"ids": [str(built.evidence[world.COUNTY].id)]}}

OGC: dict[tuple[str, str], Example] = {
    ("GET", "ogc.landing"): Example(),
    ("POST", "ogc.token_issue"): Example(),
    ("POST", "ogc.token_end"): Example(inside={"token_id": UUID(int=0)}, also=(404,)),
    ("GET", "ogc.conformance"): Example(),
    ("GET", "ogc.description"): Example(),
    ("GET", "ogc.collections"): Example(secrets=SEEN),
    ("GET", "ogc.collection_one"): Example(inside=VISIT, secrets=SEEN),
    ("GET", "ogc.schema"): Example(inside=VISIT, secrets=SEEN),
    ("GET", "ogc.items"): Example(inside=VISIT, secrets=SEEN),
    ("GET", "ogc.item"): Example(**ONE),
    ("GET", "map_files.geojson_selected"): Example(secrets=SEEN),
    ("POST", "map_files.geojson_picked"): Example(**PICKED, secrets=SEEN),
    ("GET", "map_files.geopackage_selected"): Example(query={"kind": "visit"}),
    ("POST", "map_files.geopackage_picked"): Example(**PICKED),
}

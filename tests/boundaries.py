"""Files of boundaries as offices hand them over, drawn around the homes of the small world."""

import struct

import shapely
import world

HOMES = shapely.box(89.59, 28.89, 89.62, 28.92)  # every household of the small world lives here
ELSEWHERE = shapely.box(90.5, 29.5, 90.6, 29.6)
SRS = {4326: ("EPSG", 4326), 4490: ("EPSG", 4490), 3857: ("EPSG", 3857)}


def feature(code=world.VILLAGE, ground=HOMES, **properties):
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": None if ground is None else shapely.geometry.mapping(ground),
    }


def blob(ground, *, envelope=True):
    """A geometry as a GeoPackage holds it, with or without its envelope in the header."""
    if ground is None:
        return None
    west, south, east, north = ground.bounds
    box = struct.pack("<4d", west, east, south, north) if envelope else b""
    return b"GP" + bytes([0, 0b0011 if envelope else 0b0001]) + struct.pack("<i", 4326) + box + ground.wkb

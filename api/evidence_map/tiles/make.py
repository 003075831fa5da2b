"""Make one tile, and say cheaply whether it is still the one a browser has."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import mapbox_vector_tile
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.changes import versions_of
from api.evidence.square import EXTENT, Tile
from api.evidence.visible import open_checks
from api.evidence_map.selection import Selection
from api.evidence_map.tiles.counted import count_cells
from api.evidence_map.tiles.pieces import POINT_ZOOM, find_pieces
from api.people.access import Viewer, inside
from api.people.roles import Permission
from api.registry.tables import Household
from api.spot_checks.tables import Draw, Frame

EDITION: Final = 1  # grows whenever a tile of the same rows would look different


def make_tile(session: Session, viewer: Viewer, selection: Selection, tile: Tile) -> bytes:
    """Return a Mapbox vector tile (specification 2.1); no bytes where there is nothing to see.

    Layers: `cells` far away or where there are too many, else `points`, from zoom 14 with `homes` and `ties`.
    """
    pieces = find_pieces(session, viewer, selection, tile) if tile.zoom >= POINT_ZOOM else None
    if pieces is not None:
        layers = {name: features for name, features in vars(pieces).items() if features}
        return encode(layers)
    cells = [
        {
            "geometry": shapely.Point(cell.x, cell.y),
            "properties": {
                "n": cell.pieces, "doubt": cell.doubt, "look": cell.look, "waiting": cell.waiting,
                "returned": cell.returned,
            },
        }
        for cell in count_cells(session, viewer, selection, tile)
    ]  # fmt: skip
    return encode({"cells": cells} if cells else {})


def encode(layers: Mapping[str, list[dict[str, Any]]]) -> bytes:
    """Return features in tile units, y downwards, as a tile."""
    if not layers:
        return b""
    named = [{"name": name, "features": features} for name, features in layers.items()]
    made = mapbox_vector_tile.encode(named, default_options={"y_coord_down": True, "extents": EXTENT})
    return bytes(made)


def tag_of(session: Session, viewer: Viewer, selection: Selection, address: str) -> str:
    """Return what changes whenever the answer to an address might: a tag for ETag, without making the answer.

    It goes by what has changed in the townships the viewer reads, and by who he is and has still to check. Where
    the selection speaks of the draw or of names, it goes by these tables as well.
    """
    areas = viewer.areas(Permission.EVIDENCE_READ)
    parts: list[Any] = [
        EDITION, address, sorted((role.value, area) for role, area in viewer.grants), str(viewer.account_id),
        sorted(versions_of(session, areas).items()),
        sorted(str(row.id) for row in session.execute(open_checks(viewer))),
    ]  # fmt: skip
    if selection.drawn or selection.band:
        for table in (Draw, Frame):
            counted = sa.select(sa.func.count()).select_from(table).where(inside(table.county_code, areas))
            parts.append(session.scalar(counted))
    if selection.search:
        newest = sa.select(sa.func.max(Household.updated_at), sa.func.count()).where(
            inside(Household.village_code, areas)
        )
        parts.append(tuple(session.execute(newest).one()))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]

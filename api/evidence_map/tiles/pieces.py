"""The single pieces of evidence of a tile, the homes of their households, and the way between the two."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.nearby import lies_in
from api.evidence.reading import CHINA
from api.evidence.sorts import severity_of, state_of
from api.evidence.square import EXTENT, Tile
from api.evidence.tables import Evidence
from api.evidence_map.selection import Selection, selected
from api.people.access import Viewer
from api.registry.proposals.difference import metres_between
from api.registry.tables import Household

POINT_ZOOM: Final = 13  # from here on single pieces
HOME_ZOOM: Final = 14
MOST: Final = 1000  # pieces in a tile; 1,100 weigh 150 kB, and nobody can tell them apart
AROUND: Final = 1 / 32  # of an edge: a symbol on the edge is drawn whole
APART_M: Final = 50.0  # a place and a home nearer than this are the same place


@dataclass(frozen=True)
class Pieces:
    """What is drawn of single pieces: features with a geometry in the tile's units and properties."""

    points: list[dict[str, Any]] = field(default_factory=list)
    homes: list[dict[str, Any]] = field(default_factory=list)
    ties: list[dict[str, Any]] = field(default_factory=list)


def find_pieces(session: Session, viewer: Viewer, selection: Selection, tile: Tile) -> Pieces | None:
    """Return the pieces of a tile that fit and may be seen; None when there are too many to show one by one."""
    rows = session.execute(
        sa.select(
            Evidence.id, Evidence.kind, Evidence.purpose, state_of().label("state"), severity_of().label("severity"),
            Evidence.household_code, Evidence.household_id, Evidence.county_code,
            sa.func.coalesce(Evidence.collected_at, Evidence.received_at, type_=Evidence.received_at.type).label("at"),
            sa.func.ST_X(Evidence.place).label("longitude"), sa.func.ST_Y(Evidence.place).label("latitude"),
        )
        .where(selected(viewer, selection), lies_in(Evidence, tile.box(AROUND)))
        .order_by(Evidence.id)
        .limit(MOST + 1)
    ).all()  # fmt: skip
    if len(rows) > MOST:
        return None
    found = Pieces()
    if not rows:
        return found
    places = tile.units(np.array([row.longitude for row in rows]), np.array([row.latitude for row in rows]))
    for row, (x, y) in zip(rows, places.tolist(), strict=True):
        properties = {
            "id": str(row.id), "kind": row.kind, "purpose": row.purpose, "state": row.state,
            "severity": row.severity, "day": row.at.astimezone(CHINA).date().isoformat(),
        }  # fmt: skip
        if row.household_code:
            properties["household"] = row.household_code
        found.points.append({"geometry": shapely.Point(x, y), "properties": properties})
    if tile.zoom >= HOME_ZOOM:
        _add_homes(session, tile, rows, places, found)
    return found


def _add_homes(session: Session, tile: Tile, rows: Any, places: Any, found: Pieces) -> None:
    ids = {row.household_id for row in rows if row.household_id is not None}
    homes = {
        home.id: home
        for home in session.execute(
            sa.select(
                Household.id, Household.code,
                sa.func.ST_X(Household.place).label("longitude"), sa.func.ST_Y(Household.place).label("latitude"),
            ).where(
                Household.county_code.in_({row.county_code for row in rows}), Household.id.in_(ids),
                Household.place.is_not(None),
            )
        )
    }  # fmt: skip
    if not homes:
        return
    spots = tile.units(
        np.array([home.longitude for home in homes.values()]), np.array([home.latitude for home in homes.values()])
    )
    at = dict(zip(homes, spots.tolist(), strict=True))
    edge = int(EXTENT * AROUND)
    for key, home in homes.items():
        x, y = at[key]
        if -edge <= x <= EXTENT + edge and -edge <= y <= EXTENT + edge:
            found.homes.append({"geometry": shapely.Point(x, y), "properties": {"household": home.code}})
    for row, (x, y) in zip(rows, places.tolist(), strict=True):
        if row.kind != "visit" or row.household_id not in homes:
            continue
        home = homes[row.household_id]
        metres = metres_between((row.longitude, row.latitude), (home.longitude, home.latitude))
        if metres > APART_M:
            line = shapely.LineString([(x, y), at[row.household_id]])
            found.ties.append({"geometry": line, "properties": {"id": str(row.id), "metres": round(metres)}})

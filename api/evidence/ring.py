"""A ring drawn by hand on the map: read from an address, and asked of evidence."""

from typing import Final

import shapely
import sqlalchemy as sa

from api.evidence.nearby import lies_in
from api.evidence.tables import Evidence
from api.problems import Invalid

LEAST_CORNERS: Final = 3
MOST_CORNERS: Final = 1_000
EAST, NORTH = 180.0, 90.0
Ring = tuple[tuple[float, float], ...]


def read_ring(written: str) -> Ring:
    """Read a ring as an address writes it: longitude and latitude of each corner, corners apart by spaces.

    Raises
    ------
    Invalid
        Unless it is three corners or more of the globe, at most a thousand.

    Examples
    --------
    >>> read_ring("89.4,28.7 89.8,28.7 89.8,29.1")
    ((89.4, 28.7), (89.8, 28.7), (89.8, 29.1))
    """
    corners = []
    for corner in written.split():
        east, comma, north = corner.partition(",")
        try:
            place = (float(east), float(north))
        except ValueError:
            comma = ""
        if not comma or not (abs(place[0]) <= EAST and abs(place[1]) <= NORTH):
            raise Invalid("圈出的范围须为以空格分开的 经度,纬度，例如 89.4,28.7 89.8,28.7 89.8,29.1", where="polygon")
        corners.append(place)
    if len(corners) < LEAST_CORNERS:
        raise Invalid("圈出的范围至少要有 3 个角", where="polygon")
    if len(corners) > MOST_CORNERS:
        raise Invalid("圈出的范围最多 {most} 个角", where="polygon", most=MOST_CORNERS)
    return tuple(corners)


def write_ring(ring: Ring) -> str:
    """Return a ring as an address writes it.

    Examples
    --------
    >>> write_ring(((89.4, 28.7), (89.8, 28.7), (89.8, 29.1)))
    '89.4,28.7 89.8,28.7 89.8,29.1'
    """
    return " ".join(f"{east},{north}" for east, north in ring)


def in_ring(ring: Ring) -> sa.ColumnElement[bool]:
    """Return the condition that a piece of evidence lies in a ring, its edge included.

    A hand crosses its own line: what lies on either side of the crossing is meant. It looks at `Evidence` itself.
    """
    drawn = shapely.Polygon(ring)
    around = sa.func.ST_GeomFromText(shapely.to_wkt(shapely.make_valid(drawn), rounding_precision=-1), 4326)
    met = sa.func.ST_Intersects(Evidence.place, around, type_=sa.Integer())
    # one of the databases says 1, the other true
    return sa.and_(lies_in(Evidence, drawn.bounds), sa.cast(met, sa.Integer()) == 1)

"""The square world of web maps (EPSG:3857): degrees to tiles and back."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

DEEPEST: Final = 22  # zooms; deeper, a cell of a tile is less than a millimetre
NORTHERNMOST: Final = 85.0511287798066  # degrees, where the square ends
EXTENT: Final = 4096  # units along a tile's edge (Mapbox vector tile specification 2.1, section 4.1)
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tile:
    """One tile of the square world: zoom, column from the west, row from the north."""

    zoom: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Whether there is such a tile."""
        return 0 <= self.zoom <= DEEPEST and 0 <= self.x < 1 << self.zoom and 0 <= self.y < 1 << self.zoom

    def box(self, around: float = 0.0) -> tuple[float, float, float, float]:
        """Return west, south, east, north in degrees, with so much of a tile's edge around it.

        The northernmost and southernmost tiles reach to the poles: what lies beyond the square is drawn on its edge.

        Examples
        --------
        >>> Tile(1, 1, 0).box()
        (0.0, 0.0, 180.0, 90.0)
        """
        parts = 1 << self.zoom
        west, east = ((x / parts * 360.0 - 180.0) for x in (self.x - around, self.x + 1 + around))
        north, south = (_latitude(y / parts) for y in (self.y - around, self.y + 1 + around))
        north, south = (90.0 if self.y == 0 else north), (-90.0 if self.y + 1 == parts else south)
        return max(west, -180.0), south, min(east, 180.0), north

    def units(self, longitudes: Numbers, latitudes: Numbers) -> npt.NDArray[np.int64]:
        """Return places in units of the tile, one row each: right of its western, below its northern edge.

        Shapes: (n,) and (n,) → (n, 2).
        """
        flat = np.column_stack(world(longitudes, latitudes)) * (1 << self.zoom)
        found: npt.NDArray[np.int64] = np.floor((flat - [self.x, self.y]) * EXTENT).astype(np.int64)
        return found


def world(longitudes: Any, latitudes: Any) -> tuple[Numbers, Numbers]:
    """Return places as parts of the square world, from the west and from the north, in [0, 1).

    What lies beyond the square's north or south lies on its edge.

    Examples
    --------
    >>> [float(part[0]) for part in world([0.0], [0.0])]
    [0.5, 0.5]
    """
    east = (np.asarray(longitudes, dtype=np.float64) + 180.0) / 360.0
    sine = np.sin(np.radians(np.clip(np.asarray(latitudes, dtype=np.float64), -NORTHERNMOST, NORTHERNMOST)))
    south = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    below_one = np.nextafter(1.0, 0.0)
    return np.clip(east, 0.0, below_one), np.clip(south, 0.0, below_one)


def degrees(east: float, south: float) -> tuple[float, float]:
    """Return longitude and latitude of a place given as parts of the square world.

    Examples
    --------
    >>> degrees(0.75, 0.5)
    (90.0, 0.0)
    """
    return east * 360.0 - 180.0, _latitude(south)


def _latitude(part: float) -> float:
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * part)))))

"""Draw ground with fewer points: neighbours keep their common edge, and a screenful keeps its weight."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely

M_PER_DEGREE: Final = 111_195.0  # of latitude
DECIMALS: Final = 5  # a metre on the ground
MOST_BYTES: Final = 900_000  # of all ground together, so that with names and figures an answer stays below 1 MB
MOST_DOUBLINGS: Final = 12

Shapes = dict[str, str]


def simplified(grounds: Mapping[str, shapely.Geometry], tolerance_m: float) -> Shapes:
    """Return ground as GeoJSON geometries by code, drawn coarser until all of it together is light enough.

    Parameters
    ----------
    tolerance_m : float
        About how far a boundary may move; 0 leaves every point unless that is too heavy.

    Notes
    -----
    `shapely.coverage_simplify` simplifies a common edge once for both neighbours. Where ground overlaps or leaves gaps,
    as made in different years, there is no common edge and each side is simplified by itself.
    """
    codes, shapes = list(grounds), list(grounds.values())
    tolerance = tolerance_m / M_PER_DEGREE
    found = _written(codes, shapes, tolerance)
    for _ in range(MOST_DOUBLINGS):
        if sum(map(len, found.values())) <= MOST_BYTES:
            break
        tolerance = max(2 * tolerance, 10 / M_PER_DEGREE)
        found = _written(codes, shapes, tolerance)
    return found


def _written(codes: list[str], shapes: list[shapely.Geometry], tolerance: float) -> Shapes:
    drawn = shapely.coverage_simplify(shapes, tolerance) if shapes and tolerance else shapes
    return {
        code: shapely.to_geojson(shapely.transform(shape, lambda places: np.round(places, DECIMALS)))
        for code, shape in zip(codes, drawn, strict=True)
    }

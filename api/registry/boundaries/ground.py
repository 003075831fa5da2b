"""Make ground of what a file draws: areas only, in degrees, whole; or say why it is none."""

from dataclasses import dataclass
from typing import Final

import shapely

# longitude and latitude between which every division of the country lies
COUNTRY: Final = shapely.box(73.0, 3.0, 136.0, 54.0)
SMALLEST: Final = 1e-10  # square degrees, about one square metre: what is left of a line is no ground


@dataclass(frozen=True)
class Ground:
    """What became of one geometry: the ground, or the reason why there is none."""

    ground: shapely.MultiPolygon | None = None
    problem: str = ""
    mended: bool = False  # it crossed or touched itself and was made valid


def ground_of(geometry: shapely.Geometry | None) -> Ground:
    """Return the ground that a geometry covers.

    Examples
    --------
    >>> ground_of(shapely.Point(89.6, 28.9)).problem
    '{name} 不是面：只接受 Polygon 或 MultiPolygon'
    >>> bow = shapely.Polygon([(89, 28), (90, 29), (90, 28), (89, 29)])
    >>> ground_of(bow).mended, len(ground_of(bow).ground.geoms)
    (True, 2)
    """
    if geometry is None or geometry.is_empty:
        return Ground(problem="{name} 没有图形，或图形无法读取")
    if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        return Ground(problem="{name} 不是面：只接受 Polygon 或 MultiPolygon")
    west, south, east, north = geometry.bounds
    if not COUNTRY.covers(shapely.box(west, south, east, north)):
        if COUNTRY.covers(shapely.box(south, west, north, east)):
            return Ground(problem="{name} 的经度和纬度颠倒了：应先经度、后纬度")
        return Ground(problem="{name} 的坐标不是中国境内的经纬度；若以米为单位，请先转换：ogr2ogr -t_srs EPSG:4326")
    flat = shapely.force_2d(geometry)
    mended = not flat.is_valid
    whole = shapely.make_valid(flat) if mended else flat
    parts = [part for part in shapely.get_parts(_areas(whole)) if part.area > SMALLEST]
    if not parts:
        return Ground(problem="{name} 的图形没有面积")
    return Ground(shapely.MultiPolygon(parts), mended=mended)


def _areas(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return what of a geometry is area: mending may leave lines and points beside it."""
    if geometry.geom_type != "GeometryCollection":
        return geometry
    found = [part for part in geometry.geoms if part.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.union_all(found) if found else shapely.MultiPolygon()

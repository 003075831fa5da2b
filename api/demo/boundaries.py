"""Ground for each division, made from the villages' middles: nobody surveyed it, and every row says so."""

from collections.abc import Mapping

import shapely

from api.demo.ground import Spot

SOURCE = "演示用虚构边界：由各村中心点按最近距离划分 (泰森多边形) 并裁剪而成，未经测绘，不作任何依据"
EDGE_M = 3_000  # how far the county reaches beyond its outermost villages
HULL_RATIO = 0.35  # 0 hugs the villages, 1 is their convex hull


def synthetic_grounds(middles: Mapping[str, Spot]) -> dict[str, shapely.MultiPolygon]:
    """Return the ground of every village, its township and its county, in longitude and latitude.

    Parameters
    ----------
    middles : mapping of str to Spot
        At least three villages of one county, by code.

    Returns
    -------
    dict
        By division code. A village holds every place that is nearer to its middle than to another; a township is
        the union of its villages, the county that of its townships.
    """
    points = shapely.MultiPoint([(spot.east_m, spot.north_m) for spot in middles.values()])
    outline = shapely.concave_hull(points, ratio=HULL_RATIO).buffer(EDGE_M)
    cells = shapely.voronoi_polygons(points, extend_to=outline).geoms
    tree = shapely.STRtree(cells)
    flat: dict[str, shapely.Geometry] = {}
    for code, point in zip(middles, points.geoms, strict=True):
        cell = cells[int(tree.query(point, predicate="within")[0])]
        flat[code] = cell.intersection(outline)
    for length in (9, 6):
        parts: dict[str, list[shapely.Geometry]] = {}
        for code, ground in flat.items():
            if len(code) == 12:  # noqa: PLR2004 - a village's code
                parts.setdefault(code[:length], []).append(ground)
        flat |= {code: shapely.union_all(grounds) for code, grounds in parts.items()}
    return {code: _in_degrees(ground) for code, ground in flat.items()}


def _in_degrees(ground: shapely.Geometry) -> shapely.MultiPolygon:
    turned = shapely.transform(ground, lambda rows: [Spot(east, north).lonlat for east, north in rows])
    return turned if isinstance(turned, shapely.MultiPolygon) else shapely.MultiPolygon([turned])

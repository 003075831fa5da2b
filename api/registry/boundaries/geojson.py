"""Read boundaries from GeoJSON (RFC 7946), and from the older kind that names its reference system."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import shapely
from shapely.geometry import shape

from api.problems import Invalid
from api.registry.boundaries.features import Feature, crs_name, refuse_other_crs

DEFAULT_CRS: Final = "OGC:CRS84"  # RFC 7946, section 4


def read_geojson(path: Path) -> Iterator[Feature]:
    """Yield the features of a file.

    Raises
    ------
    Invalid
        If it is no GeoJSON, or in another reference system.
    """
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Invalid("文件 {name} 不是可读的 GeoJSON (UTF-8)", where="file", name=path.name) from None
    kind = content.get("type") if isinstance(content, dict) else None
    found = content.get("features") if kind == "FeatureCollection" else [content] if kind == "Feature" else None
    if not isinstance(found, list):
        raise Invalid("文件 {name} 不是 GeoJSON 的 FeatureCollection", where="file", name=path.name)
    refuse_other_crs(_crs_of(content))
    for number, row in enumerate(found, start=1):
        row = row if isinstance(row, dict) else {}  # noqa: PLW2901 - the rest says what is missing in it
        properties = row.get("properties")
        yield Feature(
            where=str(number),
            properties=properties if isinstance(properties, dict) else {},
            geometry=_geometry(row.get("geometry")),
        )


def _crs_of(content: dict[str, Any]) -> str:
    """Return the reference system; what cannot be understood is named as it stands, and then refused."""
    if (crs := content.get("crs")) is None:
        return DEFAULT_CRS
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return crs_name(name) if isinstance(name, str) else json.dumps(crs, ensure_ascii=False)


def _geometry(written: Any) -> shapely.Geometry | None:
    try:
        return shape(written) if isinstance(written, dict) else None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
        return None

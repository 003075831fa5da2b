"""What a file of boundaries holds, whichever kind of file it is: properties and a geometry each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import shapely

from api.problems import Invalid

# WGS 84 and CGCS2000 differ by centimetres; both are written as longitude and latitude
ACCEPTED: Final = frozenset({"EPSG:4326", "EPSG:4490", "OGC:CRS84"})
WRITTEN: Final = re.compile(r"^(?:urn:(?:ogc|x-ogc):def:crs:)?(EPSG|OGC)(?::[\d.]*)?:{1,2}(CRS84|\d+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Feature:
    """One row of the file.

    Attributes
    ----------
    where
        Its place in the file, as people count: 1 is the first.
    properties
        By the names of the fields.
    geometry
        As it stands there; None when there is none.
    """

    where: str
    properties: Mapping[str, Any]
    geometry: shapely.Geometry | None


def crs_name(written: str) -> str:
    """Return a reference system's name as ``EPSG:4326``, from any of the ways in which files write it.

    Examples
    --------
    >>> crs_name("urn:ogc:def:crs:EPSG::4490"), crs_name("urn:ogc:def:crs:OGC:1.3:CRS84"), crs_name("epsg:3857")
    ('EPSG:4490', 'OGC:CRS84', 'EPSG:3857')
    """
    found = WRITTEN.match(written.strip())
    return f"{found[1].upper()}:{found[2].upper()}" if found else written.strip()


def refuse_other_crs(name: str) -> None:
    """Refuse what is no longitude and latitude of WGS 84 or CGCS2000.

    Raises
    ------
    Invalid
        Saying how to turn the file.
    """
    if name not in ACCEPTED:
        raise Invalid(
            "文件的坐标系是 {crs}，只接受 WGS 84 (EPSG:4326) 或 CGCS2000 (EPSG:4490) 的经纬度。"
            "请先转换：ogr2ogr -t_srs EPSG:4326 新文件.geojson 原文件",
            where="crs",
            crs=name[:60],
        )

"""What may lie under the map: nothing, a file of our own, or somebody's tiles; never a map that is shifted on purpose.

Public maps of the mainland must by law be drawn in GCJ-02, which moves every place by 100 to 700 metres in a way that
changes from place to place. What phones record is true (WGS 84). Drawn on such a map, a visit stands at the
neighbour's, or across the river, and an inspector draws the wrong conclusion. So such a map is refused at the start.
"""

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

PMTILES: Final = "pmtiles:"
PMTILES_HEADER: Final = 127  # bytes, of version 3
VECTOR: Final = 1  # the kinds of tiles of a PMTiles file: 1 is MVT, the others are pictures
CLOSEST_ZOOM: Final = 24  # a tile is then two metres wide; no map library goes further
DATUMS: Final = ("wgs84", "cgcs2000")
SHIFTED: Final = (
    "such maps are drawn in {datum}, shifted on purpose by 100 to 700 metres and differently in every place: a visit "
    "would be shown hundreds of metres from where it was made. Use a map in WGS 84 or CGCS2000, such as Tianditu, or a "
    "PMTiles file of your own"
)
# whose tiles of the mainland are shifted: the end of the host's name → the datum they are drawn in
SHIFTED_HOSTS: Final = {
    "amap.com": "GCJ-02",
    "autonavi.com": "GCJ-02",
    "gaode.com": "GCJ-02",
    "mapabc.com": "GCJ-02",
    "map.qq.com": "GCJ-02",
    "gtimg.com": "GCJ-02",
    "google.cn": "GCJ-02",
    "google.com": "GCJ-02",
    "google.com.hk": "GCJ-02",
    "geoq.cn": "GCJ-02",
    "mapbox.cn": "GCJ-02",
    "ditu.live.com": "GCJ-02",
    "baidu.com": "BD-09",
    "bdimg.com": "BD-09",
    "bdstatic.com": "BD-09",
}
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
# as templates of WMTS write them → as every map library does
WMTS_NAMES: Final = {"tilematrix": "z", "tilerow": "y", "tilecol": "x", "z": "z", "x": "x", "y": "y"}
DEGREE_GRIDS: Final = re.compile(r"tilematrixset=(c|[^&]*(4326|4490)[^&]*)(&|$)|_c/wmts", re.IGNORECASE)


@dataclass(frozen=True)
class PMTilesHeader:
    """What a PMTiles file says of itself in its first bytes."""

    vector: bool
    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]  # west, south, east, north


def pmtiles_path(value: str) -> Path | None:
    """Return the file that a setting names; None when it names none.

    Examples
    --------
    >>> pmtiles_path("pmtiles:/srv/maps/tibet.pmtiles").name
    'tibet.pmtiles'
    """
    return Path(value.removeprefix(PMTILES)) if value.startswith(PMTILES) else None


def read_header(path: Path) -> PMTilesHeader:
    """Read the header of a PMTiles file (version 3 of its specification).

    Raises
    ------
    OSError
        If there is no such file, or it may not be read.
    ValueError
        If it is none.
    """
    with path.open("rb") as file:
        header = file.read(PMTILES_HEADER)
    if len(header) < PMTILES_HEADER or header[:7] != b"PMTiles":
        raise ValueError("this file is no PMTiles archive")
    if header[7] != 3:  # noqa: PLR2004 - the version
        raise ValueError(f"this file is PMTiles version {header[7]}, use version 3 (pmtiles convert OLD NEW)")
    kind, lowest, highest, west, south, east, north = struct.unpack_from("<3B4i", header, 99)
    return PMTilesHeader(kind == VECTOR, lowest, highest, (west / 1e7, south / 1e7, east / 1e7, north / 1e7))


def origin(value: str) -> str:
    """Return scheme and host from which browsers fetch tiles; empty when they are our own or there are none.

    Examples
    --------
    >>> origin("https://t0.tianditu.gov.cn/vec_w/wmts?x={x}&y={y}&z={z}"), origin("pmtiles:/a.pmtiles")
    ('https://t0.tianditu.gov.cn', '')
    """
    parts = urlsplit(value) if value.startswith(("https://", "http://")) else None
    return f"{parts.scheme}://{parts.netloc}" if parts else ""


def template(value: str) -> str:
    """Return a template of addresses with the names {z}, {x} and {y}, also where WMTS has its own.

    Examples
    --------
    >>> template("https://example.org/{TileMatrix}/{TileRow}/{TileCol}.png")
    'https://example.org/{z}/{y}/{x}.png'
    """
    return PLACEHOLDER.sub(lambda found: f"{{{WMTS_NAMES.get(found[1].lower(), found[1])}}}", value)


def check_base_map(value: str) -> str | None:
    """Return why a setting cannot be used, and what would do; None when it can."""
    if not value:
        return None
    if (path := pmtiles_path(value)) is not None:
        try:
            read_header(path)
        except OSError:
            return "there is no such file, or it may not be read; use pmtiles:/path/to/file.pmtiles"
        except ValueError as problem:
            return str(problem)
        return None
    return _check_template(value)


def _check_template(value: str) -> str | None:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or not _plain(parts.netloc):
        return "use pmtiles:/path/to/file.pmtiles, or an address such as https://tiles.example.org/{z}/{x}/{y}.png"
    host = parts.hostname.lower()
    for name, datum in SHIFTED_HOSTS.items():
        if host == name or host.endswith(f".{name}"):
            return SHIFTED.format(datum=datum)
    names = [WMTS_NAMES.get(name.lower(), name) for name in PLACEHOLDER.findall(value)]
    if sorted(names) != ["x", "y", "z"]:
        return "write {z}, {x} and {y} once each, and nothing else in braces; instead of {s} write one host"
    if DEGREE_GRIDS.search(value):
        return "these tiles are cut in degrees and would be drawn in wrong places; use those in web Mercator (…_w/wmts)"
    return None


def _plain(netloc: str) -> bool:
    """Tell whether a host can stand in a header as it is."""
    return re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", netloc) is not None


def check_datum(value: str) -> str | None:
    """Return why the datum of a base map cannot be used; None when it can."""
    if value in DATUMS:
        return None
    shifted = {"gcj02": "GCJ-02", "bd09": "BD-09"}.get(value.lower().replace("-", ""))
    return SHIFTED.format(datum=shifted) if shifted else "use wgs84 or cgcs2000"


def check_zoom(value: int) -> str | None:
    """Return why a zoom cannot be used; None when it can."""
    return None if 0 <= value <= CLOSEST_ZOOM else f"use 0 to {CLOSEST_ZOOM}"

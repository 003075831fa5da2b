"""Read boundaries from a GeoPackage (OGC 12-128r18): an SQLite file whose geometries are WKB after a short header.

Python's own ``sqlite3`` reads it, which never opens the live database: no second SQLite may look at that file.
"""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import shapely

from api.problems import Invalid
from api.registry.boundaries.features import Feature, crs_name, refuse_other_crs

APPLICATION_ID: Final = slice(68, 72)  # in the header of every SQLite file
APPLICATIONS: Final = frozenset({b"GPKG", b"GP10", b"GP11"})
MAGIC: Final = b"GP"
HEADER_BYTES: Final = 8
ENVELOPE_BYTES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}  # by the three bits that say what the envelope holds
EMPTY, EXTENDED = 0b0001_0000, 0b0010_0000
LAYERS: Final = """
    SELECT c.table_name, g.column_name, s.organization, s.organization_coordsys_id
    FROM gpkg_contents c
    JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
    JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
    WHERE c.data_type = 'features' ORDER BY c.table_name
"""


def is_sqlite(path: Path) -> bool:
    """Tell whether a file is an SQLite file, by its first bytes."""
    return _header(path)[:16] == b"SQLite format 3\0"


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(100)


def read_geopackage(path: Path, layer: str = "") -> Iterator[Feature]:
    """Yield the features of a layer; of the only one when none is named.

    Raises
    ------
    Invalid
        If the file is no GeoPackage, the layer is not in it or must be named, or it is in another reference system.
    """
    if _header(path)[APPLICATION_ID] not in APPLICATIONS:  # among others our own database, which is not to be opened
        raise Invalid("文件 {name} 不是可读的 GeoPackage", where="file", name=path.name)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield from _features(connection, path, layer)
    except sqlite3.Error:
        raise Invalid("文件 {name} 不是可读的 GeoPackage", where="file", name=path.name) from None


def _features(connection: sqlite3.Connection, path: Path, layer: str) -> Iterator[Feature]:
    layers = {row[0]: row[1:] for row in connection.execute(LAYERS)}
    if not layers:
        raise Invalid("文件 {name} 中没有矢量图层", where="file", name=path.name)
    names = "、".join(layers)
    if layer and layer not in layers:
        raise Invalid("文件中没有图层 {layer}；有：{names}", where="layer", layer=layer, names=names)
    if not layer and len(layers) > 1:
        raise Invalid("文件中有多个图层，请用 --layer 指定一个：{names}", where="layer", names=names)
    table = layer or next(iter(layers))
    column, organization, number = layers[table]
    refuse_other_crs(crs_name(f"{organization}:{number}"))
    quoted = table.replace('"', '""')
    cursor = connection.execute(f'SELECT * FROM "{quoted}"')
    names_of = [described[0] for described in cursor.description]
    at = next(index for index, name in enumerate(names_of) if name.lower() == column.lower())
    for number_of, row in enumerate(cursor, start=1):
        properties = {name: value for index, (name, value) in enumerate(zip(names_of, row, strict=True)) if index != at}
        yield Feature(where=str(number_of), properties=properties, geometry=geometry_of(row[at]))


def geometry_of(blob: Any) -> shapely.Geometry | None:
    """Return the geometry of a GeoPackage's value; None when there is none, or none that can be read.

    Examples
    --------
    >>> point = shapely.Point(89.6, 28.9)
    >>> geometry_of(b"GP" + bytes([0, 1]) + (4326).to_bytes(4, "little") + point.wkb) == point
    True
    """
    if not isinstance(blob, bytes) or blob[:2] != MAGIC or len(blob) < HEADER_BYTES:
        return None
    _, _, flags, _ = struct.unpack_from("2sBBi", blob)
    envelope = ENVELOPE_BYTES.get((flags >> 1) & 0b111)
    if flags & (EMPTY | EXTENDED) or envelope is None:
        return None
    try:
        return shapely.from_wkb(blob[HEADER_BYTES + envelope :])
    except shapely.errors.ShapelyError:
        return None

"""Write a GeoPackage from lines of JSON; run as a program of its own, so that GDAL's SQLite meets no other.

It imports nothing of ours: a process that imported the application would start slowly and hold its database code.
"""

import json
import sqlite3
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from pyogrio.raw import write

BATCH: Final = 5000
EMPTY: Final = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "date-time": "1970-01-01T00:00:00"}
TYPES: Final[dict[str, Any]] = {
    "string": object, "integer": "int64", "number": "float64", "boolean": bool, "date-time": "datetime64[ms]",
}  # fmt: skip
UTC_FLAG: Final = 100  # as GDAL writes a time zone
INTEGERS: Final = range(-(2**63), 2**63)
# OGC 12-128r18, annex F.9: names of columns in words
SCHEMA_EXTENSION: Final = """
    create table if not exists gpkg_data_columns (
        table_name text not null, column_name text not null, name text, title text, description text, mime_type text,
        constraint_name text, constraint pk_gdc primary key (table_name, column_name),
        constraint gdc_tn unique (table_name, name));
    create table if not exists gpkg_extensions (
        table_name text, column_name text, extension_name text not null, definition text not null, scope text not null,
        constraint ge_tce unique (table_name, column_name, extension_name));
    insert or ignore into gpkg_extensions values ('gpkg_data_columns', null, 'gpkg_schema',
        'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
    """


def main(path: Path, lines: Iterable[bytes]) -> None:
    """Write the file: the first line names the layers, each further one is a row."""
    given = iter(lines)
    layers = json.loads(next(given))
    waiting: dict[str, list[Any]] = {kind: [] for kind in layers}
    begun: set[str] = set()
    for line in given:
        kind, place, values = json.loads(line)
        waiting[kind].append((place, values))
        if len(waiting[kind]) >= BATCH:
            _write(path, kind, layers[kind], waiting[kind], begun)
            waiting[kind] = []
    for kind, rows in waiting.items():
        if rows:
            _write(path, kind, layers[kind], rows, begun)
    if not begun:  # a file without a layer opens nowhere
        _write(path, "visit", layers["visit"], [], begun)
    _name_columns(path, {kind: layers[kind]["columns"] for kind in begun})


def _write(path: Path, kind: str, layer: dict[str, Any], rows: list[Any], begun: set[str]) -> None:
    columns = layer["columns"]
    places = np.array([None, *(_point(place) for place, _ in rows)], dtype=object)[1:]
    data, masks, utc = [], [], np.full(len(rows), UTC_FLAG)
    for at, column in enumerate(columns):
        values = [_fitting(column["type"], values[at]) for _, values in rows]
        absent = np.array([value is None for value in values], dtype=bool)
        filled = [EMPTY[column["type"]] if value is None else value for value in values]
        data.append(np.array(values if column["type"] == "string" else filled, dtype=TYPES[column["type"]]))
        masks.append(None if column["type"] == "string" else absent)
    write(
        path, places, data, [column["name"] for column in columns], field_mask=masks, layer=kind, driver="GPKG",
        geometry_type="Point", crs="EPSG:4326", append=kind in begun,
        gdal_tz_offsets={one["name"]: utc for one in columns if one["type"] == "date-time"},
        layer_options=None if kind in begun else {"IDENTIFIER": layer["title"]},
    )  # fmt: skip
    begun.add(kind)


def _point(place: list[float] | None) -> bytes | None:
    """Return a place as well-known binary."""
    return None if place is None else struct.pack("<BIdd", 1, 1, *place)


def _fitting(kind: str, value: Any) -> Any:
    if kind == "date-time" and value is not None:
        return value.removesuffix("Z")
    return None if kind == "integer" and value is not None and value not in INTEGERS else value


def _name_columns(path: Path, columns: dict[str, Any]) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.executescript(SCHEMA_EXTENSION)
        connection.executemany(
            "insert or replace into gpkg_data_columns (table_name, column_name, name, title) values (?, ?, ?, ?)",
            [(kind, one["name"], one["name"], one["title"]) for kind, found in columns.items() for one in found],
        )
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.stdin.buffer)

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
    """Write the file: the first line names the layers, each further one holds rows of one, column by column."""
    given = iter(lines)
    layers = json.loads(next(given))
    waiting: dict[str, Waiting] = {kind: Waiting(layer) for kind, layer in layers.items()}
    begun: set[str] = set()
    for line in given:
        kind, places, values = json.loads(line)
        if waiting[kind].add(places, values) >= BATCH:
            waiting[kind].write(path, kind, begun)
    for kind, rows in waiting.items():
        if rows.places:
            rows.write(path, kind, begun)
    if not begun:  # a file without a layer opens nowhere
        waiting["visit"].write(path, "visit", begun)
    _name_columns(path, {kind: layers[kind]["columns"] for kind in begun})


class Waiting:
    """Rows of one layer that are not written yet: each writing opens the file anew, so that many go at once."""

    def __init__(self, layer: dict[str, Any]) -> None:
        self.layer = layer
        self._forget()

    def _forget(self) -> None:
        self.places: list[bytes | None] = []
        self.columns: list[list[Any]] = [[] for _ in self.layer["columns"]]
        self.masks: list[list[bool]] = [[] for _ in self.layer["columns"]]

    def add(self, places: list[list[float] | None], values: list[list[Any]]) -> int:
        """Take rows; return how many are waiting."""
        self.places += map(_point, places)
        for column, kept, masks, given in zip(self.layer["columns"], self.columns, self.masks, values, strict=True):
            if (kind := column["type"]) == "string":
                kept.extend(given)
                continue
            found = [_fitting(kind, value) for value in given] if kind in {"integer", "date-time"} else given
            masks.extend(value is None for value in found)
            kept.extend(EMPTY[kind] if value is None else value for value in found)
        return len(self.places)

    def write(self, path: Path, kind: str, begun: set[str]) -> None:
        """Write what is waiting into its layer, which the first writing makes."""
        columns, utc = self.layer["columns"], np.full(len(self.places), UTC_FLAG)
        types = [column["type"] for column in columns]
        write(
            path, np.array([None, *self.places], dtype=object)[1:],
            [np.array(values, dtype=TYPES[one]) for one, values in zip(types, self.columns, strict=True)],
            [column["name"] for column in columns],
            field_mask=[None if one == "string" else np.array(mask, dtype=bool)
                        for one, mask in zip(types, self.masks, strict=True)],
            layer=kind, driver="GPKG", geometry_type="Point", crs="EPSG:4326", append=kind in begun,
            gdal_tz_offsets={column["name"]: utc for column in columns if column["type"] == "date-time"},
            layer_options=None if kind in begun else {"IDENTIFIER": self.layer["title"]},
        )  # fmt: skip
        begun.add(kind)
        self._forget()


def _point(place: list[float] | None) -> bytes | None:
    """Return a place as well-known binary."""
    return None if place is None else struct.pack("<BIdd", 1, 1, *place)


def _fitting(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "date-time":
        return value.removesuffix("Z")
    return value if value in INTEGERS else None


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

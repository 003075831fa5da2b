"""Files of boundaries, written for a test."""

import json
import sqlite3
from contextlib import closing

import pytest
from boundaries import SRS, blob


@pytest.fixture
def geojson(tmp_path):
    """A function that writes features to a GeoJSON file."""

    def write(*features, **members):
        path = tmp_path / "boundaries.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}), encoding="utf-8")
        return path

    return write


@pytest.fixture
def geopackage(tmp_path):
    """A function that writes layers, each a list of (code, ground), to a GeoPackage."""

    def write(srs=4326, *, envelope=True, **layers):
        path = tmp_path / "boundaries.gpkg"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as made:
            made.executescript(
                "PRAGMA application_id = 0x47504B47;"
                "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, srs_id INTEGER);"
                "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);"
                "CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, "
                "organization_coordsys_id INTEGER);"
            )
            made.execute("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?)", (srs, *SRS[srs]))
            for name, rows in layers.items():
                made.execute("INSERT INTO gpkg_contents VALUES (?, 'features', ?)", (name, srs))
                made.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?)", (name, srs))
                made.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY, geom BLOB, xzqdm TEXT, name TEXT)')
                made.executemany(
                    f'INSERT INTO "{name}" (geom, xzqdm, name) VALUES (?, ?, ?)',
                    [(blob(ground, envelope=envelope), code, "虚构") for code, ground in rows],
                )
            made.commit()
        return path

    return write

"""Programs that are not ours read the layers from a live server: GDAL's OAPIF driver, its program and its wheel."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
import requests
import world
from checks import seen
from live import Live

from api.registry.tables import DivisionBoundary

from .conftest import HERE, household

BEARER = f"Authorization: Bearer {world.PROGRAM_TOKENS['county']}"
# since 3.9; the driver then asks with headers of its own, in place of GDAL_HTTP_HEADERS
NEWER = {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": world.PROGRAM_TOKENS["county"]}
WHEEL = """
import json, sys
from pyogrio.raw import read
meta, _, places, fields = read(sys.argv[1], layer=sys.argv[2], where=sys.argv[3] or None)
at = meta["fields"].tolist().index("household")
print(json.dumps(sorted(map(str, fields[at]))))
"""


@pytest.fixture
def served(visits, settings, database):
    """A live server on the world of this test."""
    assert visits
    with database.transaction() as session:
        ground = "SRID=4326;MULTIPOLYGON(((89 28,90 28,90 29,89 29,89 28)))"
        session.add(DivisionBoundary(division_code=world.TOWNSHIP, ground=ground, synthetic=True, source="t"))
        for number in range(30):  # several pages of ten
            seen(
                session, household(session, f"{world.NEXT_TOWNSHIP}202-00{1 + number % 9:02}"),
                purpose="township_visit", by="surveyor-outside", minutes=number,
            )  # fmt: skip
    live = Live(settings, workers=1, threads=4)
    live.settings = replace(settings, public_url=live.address)
    with live:
        yield live.address


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


def ogr(program, *arguments, headers=BEARER):
    return run(program, *arguments, "--config", "GDAL_HTTP_HEADERS", headers)


def test_gdal_lists_filters_and_pages_through_a_layer_and_writes_a_geopackage(served, tmp_path):
    service = f"OAPIF:{served}/ogc"
    listed = ogr("ogrinfo", service)
    assert all(name in listed for name in ("evidence", "visit", "homes", "divisions"))

    answer = requests.get(
        f"{served}/ogc/collections/visit/items", params={"limit": 1}, headers=dict([BEARER.split(": ")]), timeout=30
    )
    matched = answer.json()["numberMatched"]
    assert matched == 37

    target = tmp_path / "visit.gpkg"
    ogr("ogr2ogr", "-f", "GPKG", target, service, "visit", "-oo", "PAGE_SIZE=10")
    summary = run("ogrinfo", "-so", target, "visit")
    assert f"Feature Count: {matched}" in summary
    assert "Geometry: Point" in summary
    assert "doubts: Integer" in summary
    assert "accuracy_m: Real" in summary
    assert "collected_at: DateTime" in summary

    some = tmp_path / "some.geojson"
    ogr("ogr2ogr", "-f", "GeoJSON", some, service, "visit", "-where", "state = 'accepted'")
    assert [one["properties"]["household"] for one in json.loads(some.read_text())["features"]] == [f"{HERE}2"]
    some.unlink()
    ogr("ogr2ogr", "-f", "GeoJSON", some, service, "visit", "-spat", 89.85, 28.9, 89.95, 29)
    assert [one["properties"]["household"] for one in json.loads(some.read_text())["features"]] == [f"{HERE}6"]

    homes = run_homes(service, tmp_path)
    assert len(homes) == 48
    assert "MULTIPOLYGON" in ogr("ogrinfo", "-al", service, "divisions").upper()


def run_homes(service, folder):
    """Homes read with a name and the token as password, as QGIS does."""
    target = folder / "homes.geojson"
    run(
        "ogr2ogr", "-f", "GeoJSON", target, service, "homes",
        "--config", "GDAL_HTTP_USERPWD", f"qgis:{world.PROGRAM_TOKENS['county']}",
        "--config", "GDAL_HTTP_AUTH", "BASIC",
    )  # fmt: skip
    return json.loads(target.read_text())["features"]


def test_gdal_of_the_wheel_reads_a_layer_with_a_filter(served):
    for where, expected in (("township_code = '540222201'", 31), ("household = 'nobody'", 0)):
        done = subprocess.run(
            [sys.executable, "-c", WHEEL, f"OAPIF:{served}/ogc", "visit", where],
            env=NEWER, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert len(json.loads(done.stdout)) == expected


def test_gdal_is_turned_away_without_a_token_and_sees_only_its_own_area_with_another(served, tmp_path):
    done = subprocess.run(["ogrinfo", f"OAPIF:{served}/ogc"], capture_output=True, text=True, check=False)
    assert "visit" not in done.stdout
    target = tmp_path / "township.geojson"
    token = world.PROGRAM_TOKENS["township"]
    ogr("ogr2ogr", "-f", "GeoJSON", target, f"OAPIF:{served}/ogc", "visit", headers=f"Authorization: Bearer {token}")
    codes = {one["properties"]["township_code"] for one in json.loads(target.read_text())["features"]}
    assert codes == {world.TOWNSHIP}

import shutil
import subprocess
from pathlib import Path

import pytest
import shapely
import world
from boundaries import ELSEWHERE, HOMES, feature

from api.problems import Invalid
from api.registry.boundaries.take_in import read_boundaries

FULL = world.VILLAGE


def refusal(path, **asked):
    with pytest.raises(Invalid) as refused:
        read_boundaries(path, **asked)
    return refused.value


@pytest.mark.parametrize("name", ["EPSG:4326", "urn:ogc:def:crs:EPSG::4490", "urn:ogc:def:crs:OGC:1.3:CRS84", None])
def test_geojson_is_read_in_wgs_84_and_cgcs2000(geojson, name):
    crs = {"crs": {"type": "name", "properties": {"name": name}}} if name else {}
    found = read_boundaries(geojson(feature(), **crs))
    assert [(one.code, one.ground.equals(HOMES), one.mended) for one in found.drawn] == [(FULL, True, False)]


@pytest.mark.parametrize("envelope", [True, False])
@pytest.mark.parametrize("srs", [4326, 4490])
def test_a_geopackage_is_read_without_any_library_of_maps(geopackage, srs, envelope):
    found = read_boundaries(geopackage(srs, envelope=envelope, villages=[(FULL, HOMES)]))
    assert (found.field, found.drawn[0].ground.equals(HOMES)) == ("xzqdm", True)


@pytest.mark.skipif(not shutil.which("ogr2ogr"), reason="GDAL's programs are not on this machine")
@pytest.mark.parametrize("kind", ["GPKG", "GeoJSON"])
def test_what_gdal_writes_is_read(geojson, tmp_path, kind):
    made = tmp_path / f"made.{kind.lower()}"
    run = subprocess.run(
        ["ogr2ogr", "-f", kind, "-nlt", "PROMOTE_TO_MULTI", made, geojson(feature(world.TOWNSHIP + "000"))],
        capture_output=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = read_boundaries(made)
    assert [(one.code, one.ground.equals(HOMES)) for one in found.drawn] == [(world.TOWNSHIP, True)]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("540222100000", "540222100"), ("540222000000", "540222"), (540222100, "540222100"), (540222.0, "540222"),
        ("540222000", "540222"), (" 540222100201 ", "540222100201"), ("540200", "5402"),
    ],
)  # fmt: skip
def test_the_zeros_of_lower_levels_are_no_part_of_a_code(geojson, written, code):
    assert [one.code for one in read_boundaries(geojson(feature(written))).drawn] == [code]


def test_another_reference_system_is_refused_with_what_to_do(geojson, geopackage):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    for path in (geojson(feature(), crs=crs), geopackage(3857, villages=[(FULL, HOMES)])):
        said = str(refusal(path))
        assert "EPSG:3857" in said
        assert "ogr2ogr -t_srs EPSG:4326" in said


@pytest.mark.parametrize("crs", ["EPSG:4326", {"type": "link", "properties": {"href": "x"}}, {"type": "name"}])
def test_a_reference_system_that_is_not_understood_is_not_guessed(geojson, crs):
    assert refusal(geojson(feature(), crs=crs)).where == "crs"


BOW = shapely.Polygon([(89.59, 28.89), (89.62, 28.92), (89.62, 28.89), (89.59, 28.92)])


def test_ground_that_crosses_itself_is_mended_and_said(geojson):
    [one] = read_boundaries(geojson(feature(ground=BOW))).drawn
    assert (one.mended, one.ground.is_valid) == (True, True)
    assert one.ground.area == pytest.approx(HOMES.area / 2)


@pytest.mark.parametrize(
    ("ground", "said"),
    [
        (None, "没有图形"), (shapely.Point(89.6, 28.9), "不是面"),
        (shapely.LineString([(89.6, 28.9), (89.7, 28.9)]), "不是面"),
        (shapely.box(28.89, 89.59, 28.92, 89.62), "颠倒"),
        (shapely.box(280_000, 3_200_000, 281_000, 3_201_000), "以米"),
        (shapely.Polygon([(89.6, 28.9), (89.7, 28.9), (89.6, 28.9)]), "没有面积"),
    ],
)  # fmt: skip
def test_what_is_no_ground_is_refused_by_its_code(geojson, ground, said):
    [error] = refusal(geojson(feature(world.TOWNSHIP, ELSEWHERE), feature(ground=ground))).errors
    assert error["where"] == "2"
    assert said in error["message"]
    assert error["values"]["name"] == FULL


def test_a_code_that_comes_twice_is_refused_also_in_another_spelling(geojson):
    path = geojson(feature("540222100"), feature("540222100000"), feature("54022210"))
    errors = refusal(path, asked_field="code").errors
    assert [(one["where"], one["values"]["code"]) for one in errors] == [("2", "540222100"), ("3", "54022210")]


def test_the_field_with_the_codes_is_found_or_asked_for(geojson):
    assert read_boundaries(geojson(feature(name="x", serial=7))).field == "code"
    two = geojson({**feature(), "properties": {"a": FULL, "b": world.TOWNSHIP}})
    assert "a、b" in str(refusal(two))
    assert [one.code for one in read_boundaries(two, asked_field="b").drawn] == [world.TOWNSHIP]
    assert "没有字段 c" in str(refusal(two, asked_field="c"))
    assert refusal(geojson(feature("江孜镇"))).where == "code-field"


def test_of_a_larger_file_only_the_own_area_is_taken(geojson):
    path = geojson(feature(), feature("110101001001", ELSEWHERE))
    found = read_boundaries(path, within=world.COUNTY)
    assert ([one.code for one in found.drawn], found.left_out) == ([FULL], 1)
    assert refusal(path, within="99").where == "within"


def test_a_layer_is_asked_for_where_there_are_several(geopackage):
    path = geopackage(villages=[(FULL, HOMES)], townships=[(world.TOWNSHIP, HOMES)])
    assert "townships、villages" in str(refusal(path))
    assert [one.code for one in read_boundaries(path, layer="townships").drawn] == [world.TOWNSHIP]
    assert "没有图层 x" in str(refusal(path, layer="x"))
    assert "没有矢量图层" in str(refusal(geopackage()))


@pytest.mark.parametrize(
    "content", [b"", b"code,name\n", b"[1]", b'{"type": "Topology"}', b"[" * 100_000, b"\xff\xfe{}"]
)
def test_a_file_that_is_no_geojson_is_refused(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert refusal(path).where == "file"


def test_the_live_database_and_broken_files_are_no_geopackages(app, tmp_path, settings, database_kind):
    path = tmp_path / "broken.gpkg"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 100)
    assert refusal(path).where == "file"
    if database_kind == "embedded":
        assert refusal(Path(settings.database_url.removeprefix("sqlite:///"))).where == "file"


def test_rows_that_hold_no_geometry_at_all_are_refused_one_by_one(geojson, geopackage):
    strange = {"type": "Polygon", "coordinates": [[["a", 1]]]}
    errors = refusal(geojson({**feature(), "geometry": strange}, 7), asked_field="code").errors
    assert [one["where"] for one in errors] == ["1", "2"]
    errors = refusal(geopackage(villages=[(FULL, None)])).errors
    assert [one["values"]["name"] for one in errors] == [FULL]


def test_an_empty_file_says_so(geojson):
    assert "没有边界" in str(refusal(geojson()))

"""A selection as a file: the same rows, masked, within the area; written down; read back by another program."""

import json
import subprocess
import sys

import pytest
import sqlalchemy as sa
import world
from checks import seen

from api.evidence.tables import Evidence
from api.evidence_map.ogc import files, rows
from api.people.tables import AuditEntry

from .conftest import HERE, household

MAP = "/api/evidence/map/export"
READ_BACK = """
import json, sys
from pyogrio import list_layers
from pyogrio.raw import read
found = {}
for name, kind in list_layers(sys.argv[1]):
    meta, _, places, fields = read(sys.argv[1], layer=name)
    rows = [dict(zip(meta["fields"].tolist(), map(str, row))) for row in zip(*fields)]
    found[name] = {"crs": meta["crs"], "type": meta["geometry_type"], "dtypes": meta["ogr_types"],
                   "rows": rows, "placed": sum(place is not None for place in places)}
print(json.dumps(found))
"""


@pytest.fixture
def take(app, bearer):
    """A function from an account, a format and a query to the answer; with ids they are posted."""

    def answer(name, suffix, ids=None, **query):
        client, address = app.test_client(), f"{MAP}.{suffix}"
        if ids is None:
            return client.get(address, headers=bearer(name), query_string=query)
        return client.post(address, headers=bearer(name), query_string=query, json={"ids": ids})

    return answer


@pytest.fixture
def read_back(tmp_path):
    """A function from the bytes of a GeoPackage to its layers, read by GDAL in a process of its own."""

    def read(content):
        path = tmp_path / "back.gpkg"
        path.write_bytes(content)
        done = subprocess.run([sys.executable, "-c", READ_BACK, path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return read


def test_geojson_holds_what_is_selected_with_and_without_a_place(visits, take):
    answer = take("county", "geojson")
    assert answer.content_type == "application/geo+json"
    assert "attachment" in answer.headers["Content-Disposition"]
    features = {one["id"]: one for one in answer.json["features"]}
    assert set(features) == set(visits.values()) - {visits["away"]}
    assert features[visits["nowhere"]]["geometry"] is None
    assert features[visits["here-6"]]["geometry"]["coordinates"] == [89.9, 28.95]
    assert "13812345678" not in answer.text
    in_box = take("county", "geojson", bbox="89.85,28.9,89.95,29", kind="visit").json["features"]
    assert [one["id"] for one in in_box] == [visits["here-6"]]
    assert take("county", "geojson", household="nobody").json == {"type": "FeatureCollection", "features": []}


def test_a_geopackage_has_a_layer_for_each_kind_with_typed_columns(visits, take, read_back, database):
    with database.transaction() as session:
        session.execute(
            sa.update(Evidence)
            .where(Evidence.household_code == f"{HERE}1", Evidence.kind == "visit")
            .values(content={"outcome": "met_householder", "persons": 3})
        )
    answer = take("county", "gpkg")
    assert answer.content_type == "application/geopackage+sqlite3"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    layers = read_back(answer.data)
    assert set(layers) == {"visit", "interview"}
    visit = layers["visit"]
    assert (visit["crs"], visit["type"]) == ("EPSG:4326", "Point")
    assert {one["id"] for one in visit["rows"]} == set(visits.values()) - {visits["away"], visits["interview"]}
    assert visit["placed"] == len(visit["rows"]) - 1
    one = next(row for row in visit["rows"] if row["household"] == f"{HERE}1")
    assert (one["answer_outcome"], one["photo_count"], one["village"]) == ("met_householder", "1", "第1村")
    assert "OFTDateTime" in visit["dtypes"]
    assert b"13812345678" not in answer.data


def test_a_geopackage_of_nothing_opens_too(take, read_back):
    assert read_back(take("county", "gpkg", household="nobody").data)["visit"]["rows"] == []


def test_rows_of_many_batches_all_arrive(visits, take, read_back, monkeypatch):
    monkeypatch.setattr("api.evidence_map.ogc.rows.BATCH", 2)
    assert len(take("county", "geojson").json["features"]) == len(visits) - 1
    assert len(read_back(take("county", "gpkg").data)["visit"]["rows"]) == len(visits) - 2


def test_a_lasso_takes_only_what_it_names_and_only_what_may_be_seen(visits, take, read_back):
    picked = [visits["here-1"], visits["next"], visits["interview"]]
    assert {one["id"] for one in take("township", "geojson", picked).json["features"]} == {picked[0], picked[2]}
    layers = read_back(take("township", "gpkg", picked, kind="visit").data)
    assert [one["id"] for one in layers["visit"]["rows"]] == [visits["here-1"]]
    assert take("township", "geojson", []).status_code == 422


def test_what_is_taken_along_is_written_down(visits, take, database):
    assert len(take("township", "gpkg", kind="visit").data) > 0
    assert take("county", "geojson", [visits["here-1"]]).status_code == 200
    with database.read() as session:
        entries = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "evidence.export_map")).all()
    noted = {entry.actor_name: entry for entry in entries}
    assert noted["township"].details == {
        "area": world.TOWNSHIP, "rows": 7, "picked": False, "wanted": {"kind": "visit"},
    }  # fmt: skip
    assert noted["county"].details["rows"] == 1
    assert noted["county"].county_code == world.COUNTY


def test_who_may_read_but_not_export_takes_nothing(take):
    assert take("surveyor", "geojson").status_code == 403
    assert take("checker", "gpkg").status_code == 403


def test_a_reviewer_with_a_check_to_do_takes_nothing_of_that_household(visits, take, assign):
    assign("county", household=f"{HERE}1")
    codes = {one["properties"]["household"] for one in take("county", "geojson").json["features"]}
    assert codes == {f"{HERE}{n}" for n in range(2, 8)} | {"540222201201-0001"}
    assert visits["here-1"] not in take("county", "geojson", [visits["here-1"]]).text


@pytest.mark.usefixtures("visits")
def test_more_than_the_limit_is_refused_with_a_way_out(take, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", {"geojson": 3, "gpkg": 2})
    for suffix in ("geojson", "gpkg"):
        answer = take("county", suffix)
        assert answer.status_code == 413
        assert "导出" in answer.json["detail"]


@pytest.mark.usefixtures("visits")
def test_more_than_a_geopackage_may_hold_is_taken_as_geojson(take, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", {"geojson": 100, "gpkg": 3})
    answer = take("county", "gpkg")
    assert answer.status_code == 413
    assert "GeoJSON" in answer.json["detail"]
    assert take("county", "geojson").status_code == 200


def test_geojson_leaves_while_rows_are_still_being_read(visits, app, bearer, monkeypatch):
    reads = []
    monkeypatch.setattr(rows, "BATCH", 2)
    monkeypatch.setattr(rows, "read_rows", lambda *a, read=rows.read_rows, **k: reads.append(1) or read(*a, **k))
    answer = app.test_client().get(f"{MAP}.geojson", headers=bearer("county"))
    sent = answer.iter_encoded()
    begun = next(sent)
    assert len(reads) == 1
    assert len(json.loads(begun + b"".join(sent))["features"]) == len(visits) - 1
    assert len(reads) > 3


@pytest.mark.usefixtures("visits")
def test_a_writer_that_fails_is_told_and_nothing_is_written_down(take, monkeypatch, database, tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)")
    monkeypatch.setattr(files, "_WRITER", broken)
    assert take("county", "gpkg").status_code == 503
    with database.read() as session:
        assert session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "evidence.export_map")).all() == []


def test_a_number_beyond_its_column_becomes_empty_and_stops_nothing(take, read_back, database):
    with database.transaction() as session:
        seen(
            session, household(session, f"{HERE}1"), purpose="township_visit", by="surveyor",
            outcome=["a", "b"], sheep=10**18,
        )  # fmt: skip
    assert len(read_back(take("county", "gpkg").data)["visit"]["rows"]) == 1

import json

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
import world
from shapely.geometry import shape

from api.database import now
from api.evidence_map.divisions.simplify import MOST_BYTES, simplified
from api.registry.tables import Division, DivisionBoundary


def codes(answer):
    assert answer.status_code == 200, answer.text
    return [feature["properties"]["code"] for feature in answer.json["features"]]


def test_ground_is_geojson_that_says_what_it_is(ground, ask):
    answer = ask("county", "divisions", level="village", within=world.COUNTY)
    assert answer.content_type == "application/geo+json"
    first = answer.json["features"][0]
    assert (first["id"], first["properties"]["name"]) == (int(world.VILLAGE), "第1村")
    assert [one["properties"]["synthetic"] for one in answer.json["features"]] == [False, True, True, True]
    assert shape(first["geometry"]).equals(ground[world.VILLAGE])
    assert first["properties"]["households"] == 12


def test_everybody_sees_ground_of_his_own_area_alone(ground, ask):
    assert codes(ask("city", "divisions", level="county")) == [world.OTHER_COUNTY, world.COUNTY]
    assert codes(ask("county", "divisions", level="county")) == [world.COUNTY]
    assert codes(ask("county", "divisions", level="township")) == [world.TOWNSHIP, world.NEXT_TOWNSHIP]
    for name, own in (("township", world.TOWNSHIP), ("township-outside", world.NEXT_TOWNSHIP)):
        assert codes(ask(name, "divisions", level="township", within=world.COUNTY)) == [own]
        assert codes(ask(name, "divisions", level="county")) == []
    assert ask("township", "divisions", within=world.NEXT_TOWNSHIP).status_code == 404
    assert ask("county", "divisions", within=world.OTHER_COUNTY).status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"level": "region"}, {"within": "54022"}, {"within": "x"}, {"tolerance_m": -1}, {"tolerance_m": "nan"},
     {"tolerance_m": 1e9}],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused(ask, query):
    assert ask("county", "divisions", **query).status_code == 422


def test_unchanged_ground_costs_a_304_and_new_ground_or_a_new_name_is_sent(ground, ask, app, bearer, database):
    query = {"level": "township", "within": world.COUNTY}

    def again(tag=None):
        headers = bearer("county") | ({"If-None-Match": tag} if tag else {})
        return app.test_client().get("/api/evidence/map/divisions", query_string=query, headers=headers)

    tag = again().headers["ETag"]
    assert again(tag).status_code == 304
    with database.transaction() as session:
        session.execute(
            sa.update(DivisionBoundary)
            .where(DivisionBoundary.division_code == world.TOWNSHIP)
            .values(
                ground=f"SRID=4326;{shapely.MultiPolygon([shapely.box(80, 30, 81, 31)]).wkt}", changed_at=now()
            )
        )  # fmt: skip
    moved = again(tag)
    assert moved.status_code == 200
    assert shape(moved.json["features"][0]["geometry"]).bounds == (80, 30, 81, 31)
    with database.transaction() as session:
        session.execute(sa.update(Division).where(Division.code == world.TOWNSHIP).values(name="新江孜镇"))
    renamed = again(moved.headers["ETag"])
    assert renamed.json["features"][0]["properties"]["name"] == "新江孜镇"


def rough(count=200, points=600):
    """A row of divisions whose common edges are rough lines of many points."""
    random = np.random.default_rng(5)
    heights = np.linspace(28, 29, points)
    edges = [
        np.column_stack([85 + at * 0.02 + random.uniform(-0.004, 0.004, points), heights]) for at in range(count + 1)
    ]
    return {
        str(at): shapely.Polygon(np.vstack([edges[at], edges[at + 1][::-1]])) for at in range(count)
    }  # fmt: skip


def test_two_hundred_townships_stay_below_a_megabyte_and_keep_their_common_edges():
    grounds = rough()
    assert sum(len(shapely.to_geojson(one)) for one in grounds.values()) > 5 * MOST_BYTES
    found = simplified(grounds, 150)
    assert sum(map(len, found.values())) <= MOST_BYTES
    shapes = [shape(json.loads(one)) for one in found.values()]
    assert all(one.is_valid for one in shapes)
    assert shapely.coverage_is_valid(shapes)
    drawn, true = shapely.union_all(shapes), shapely.union_all(list(grounds.values()))
    assert drawn.symmetric_difference(true).area < 0.02 * true.area


def test_ground_of_different_years_that_overlaps_is_drawn_all_the_same():
    grounds = {"a": shapely.box(89, 28, 90, 29), "b": shapely.box(89.99, 28, 91, 29)}
    found = simplified(grounds, 100)
    assert {key: shape(json.loads(one)).bounds for key, one in found.items()} == {
        key: one.bounds for key, one in grounds.items()
    }


def test_no_tolerance_moves_no_point():
    grounds = rough(3, 50)
    found = simplified(grounds, 0)
    for key, one in grounds.items():
        assert shapely.hausdorff_distance(shape(json.loads(found[key])), one) < 1e-5

"""Layers answer as OGC API – Features Part 1 (17-069r4) says, and show nobody more than any other reader would."""

import re

import pytest
import sqlalchemy as sa
import world
from checks import seen

from api.evidence.tables import Evidence

from .conftest import HERE, household

CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"


def rels(answer):
    return {link["rel"]: link for link in answer.json["links"]}


def test_the_landing_page_leads_to_description_conformance_and_data(ask):
    landing = ask("county", "")
    assert landing.content_type == "application/json"
    assert {"self", "service-desc", "conformance", "data"} <= set(rels(landing))
    assert all(link["href"].startswith("http") for link in landing.json["links"])
    for rel in ("service-desc", "conformance", "data"):
        answer = ask("county", rels(landing)[rel]["href"].partition("/ogc")[2])
        assert answer.status_code == 200
        assert answer.content_type == rels(landing)[rel]["type"]
    assert CORE in ask("county", "/conformance").json["conformsTo"]
    assert ask("county", "/").json["links"] == landing.json["links"]


def test_the_description_is_openapi_3_0_and_names_every_parameter_that_is_taken(ask):
    document = ask("county", "/api").json
    assert document["openapi"].startswith("3.0")
    for path, methods in document["paths"].items():
        if not path.endswith("/items"):
            continue
        samples = {
            "limit": "5", "bbox": "80,20,100,40", "datetime": "2026-01-01T00:00:00Z/..", "f": "json",
            "bbox-crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "area": world.COUNTY, "state": "accepted",
            "purpose": "spot_check", "rule": "no-place", "doubt": "any", "drawn": "no", "band": "high",
            "county_code": world.COUNTY, "township_code": world.TOWNSHIP, "village_code": world.VILLAGE,
            "worker_id": "0190163d-8694-739b-8dcb-cc4a0b2aa8e1", "after": "540222-0190163d8694739b8dcbcc4a0b2aa8e1",
        }  # fmt: skip
        for parameter in methods["get"]["parameters"]:
            answer = ask("county", path, **{parameter["name"]: samples.get(parameter["name"], "x")})
            assert answer.status_code == 200, (path, parameter["name"], answer.text)


@pytest.mark.usefixtures("visits")
def test_every_layer_says_its_columns_and_its_features_have_exactly_those(ask):
    layers = ask("county", "/collections").json["collections"]
    assert {"evidence", "visit", "interview", "homes", "divisions"} <= {layer["id"] for layer in layers}
    shown = 0
    for layer in layers:
        assert {"id", "links", "itemType", "crs"} <= set(layer)
        assert {"self", "items", "describedby"} <= {link["rel"] for link in layer["links"]}
        assert ask("county", f"/collections/{layer['id']}").json == layer
        columns = ask("county", f"/collections/{layer['id']}/schema").json["properties"]
        for feature in ask("county", f"/collections/{layer['id']}/items").json["features"]:
            shown += 1
            assert set(feature) == {"type", "id", "geometry", "properties"}
            assert set(feature["properties"]) == set(columns) - {"geometry"}
            for name, value in feature["properties"].items():
                types = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
                assert value is None or isinstance(value, types[columns[name]["type"]]), name
    assert shown > 20


def test_a_page_says_how_many_there_are_and_where_the_next_begins(visits, ask):
    page = ask("county", "/collections/evidence/items", limit=3)
    assert page.content_type == "application/geo+json"
    assert page.json["type"] == "FeatureCollection"
    assert page.json["numberMatched"] == len(visits) - 2  # one without a place, one in another county
    assert page.json["numberReturned"] == len(page.json["features"]) == 3
    assert page.json["timeStamp"].endswith("Z")
    assert {"self", "next"} <= set(rels(page))
    assert ask("county", "/collections/evidence/items", limit=1_000_000).json["numberReturned"] == len(visits) - 2


def test_paging_visits_each_feature_once_while_new_ones_arrive(visits, ask, database):
    found, address, arrived = [], "/collections/evidence/items?limit=2", 0
    while address:
        answer = ask("county", address)
        found += [one["id"] for one in answer.json["features"]]
        address = rels(answer).get("next", {"href": ""})["href"].partition("/ogc")[2]
        if arrived < 3:
            arrived += 1
            with database.transaction() as session:
                seen(session, household(session, f"{HERE}8"), purpose="township_visit", by="surveyor")
    assert len(found) == len(set(found))
    assert set(visits.values()) - {visits["nowhere"], visits["away"]} <= set(found)


def test_one_feature_is_found_by_its_address(visits, ask):
    page = ask("county", "/collections/visit/items", household=f"{HERE}1").json["features"]
    one = ask("county", f"/collections/visit/items/{visits['here-1']}")
    assert {**one.json, "links": None} == {**page[0], "links": None}
    assert {"self", "collection"} <= set(rels(one))
    home = ask("county", "/collections/homes/items", household=f"{HERE}1").json["features"][0]
    assert ask("county", f"/collections/homes/items/{home['id']}").json["properties"] == home["properties"]


def test_filters_keep_what_they_name(visits, ids_of):
    named = {one: name for name, one in visits.items()}

    def names(layer="evidence", **query):
        return {named[one] for one in ids_of("county", layer, **query)}

    everything = set(visits) - {"nowhere", "away"}
    assert names() == everything
    assert names(kind="interview") == names("interview") == {"interview"}
    assert names(household=f"{HERE}3") == {"here-3"}
    assert names(state="accepted") == {"here-2"}
    assert names(township_code=world.NEXT_TOWNSHIP) == names(township="卡麦乡") == {"next"}
    assert names(village="第3村") == names(village_code="540222201201") == {"next"}
    assert names(purpose="spot_check") == set()
    assert names(bbox="89.85,28.9,89.95,29") == names(bbox="89.85,28.9,0,89.95,29,9000") == {"here-6"}
    assert names(bbox="170,-10,-170,10") == set()
    assert names(bbox="89.85,28.9,-170,29") == {"here-6"}  # across the 180th meridian
    assert names(datetime="../2021-01-01T00:00:00Z") == {"here-6"}
    assert names(datetime="2021-01-01T00:00:00Z/") == everything - {"here-6"}
    assert names(datetime="2020-01-01/2020-12-31") == {"here-6"}
    assert names(datetime="1999-01-01T00:00:00Z") == set()
    doubted = names(doubt="any")
    assert doubted | names(doubt="none") == everything
    assert names(severity="doubt") == names(doubt="doubt") <= doubted


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"}, {"limit": "-1"}, {"limit": "many"}, {"limit": "²"}, {"limit": "1.5"},
        {"bbox": "1,2,3"}, {"bbox": "1,2,3,4,5"}, {"bbox": "a,b,c,d"}, {"bbox": "nan,1,2,3"}, {"bbox": "89,29,90,28"},
        {"bbox": "181,0,182,1"}, {"bbox-crs": "http://www.opengis.net/def/crs/EPSG/0/3857"},
        {"datetime": "yesterday"}, {"datetime": "2026-13-01T00:00:00Z"}, {"datetime": "a/b"}, {"datetime": "../../.."},
        {"datetime": "2026-07-02T00:00:00Z/2026-07-01T00:00:00Z"},
        {"datetime": "0001-01-01T00:00:00+14:00"},
        {"after": "x"}, {"after": "540222-zz"}, {"f": "html"}, {"f": "xml"}, {"nonsense": "1"}, {"state": "lost"},
        {"worker_id": "nobody"}, {"area": "5402221"}, {"village_code": "x"}, {"limit": ["1", "2"]},
    ],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_400_and_says_where(ask, query):
    answer = ask("county", "/collections/evidence/items", **query)
    assert answer.status_code == 400, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"]


@pytest.mark.parametrize("address", ["", "/conformance", "/api", "/collections", "/collections/visit"])
def test_an_unknown_parameter_is_refused_everywhere(ask, address):
    assert ask("county", address, nonsense="1").status_code == 400


@pytest.mark.parametrize(
    "address",
    ["/collections/nothing", "/collections/nothing/items", "/collections/visit/items/x", "/nowhere",
     "/collections/homes/items/x", "/collections/divisions/items/99",
     "/collections/visit/items/0190163d-8694-739b-8dcb-cc4a0b2aa8e1"],
)  # fmt: skip
def test_what_is_not_there_is_404_as_problem_details(ask, address):
    answer = ask("county", address)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_neighbouring_township_is_invisible(visits, ask, ids_of):
    assert visits["next"] not in ids_of("township")
    assert ids_of("township-outside") == [visits["next"]]
    for layer in ("evidence", "visit"):
        assert ask("township", f"/collections/{layer}/items/{visits['next']}").status_code == 404
        assert ids_of("township", layer, township_code=world.NEXT_TOWNSHIP) == []
    codes = {one["properties"]["township_code"] for one in ask("township", "/collections/homes/items").json["features"]}
    assert codes == {world.TOWNSHIP}
    assert world.NEXT_TOWNSHIP not in ask("township", "/collections/divisions/items").text


def test_a_checker_sees_nothing_of_the_township_before_his_own_check_is_in(visits, ask, ids_of, database):
    assert ids_of("checker") == []
    assert ask("checker", f"/collections/visit/items/{visits['here-1']}").status_code == 404
    with database.transaction() as session:
        own = str(seen(session, household(session, f"{HERE}1"), by="checker").id)
    assert set(ids_of("checker")) == {own, visits["here-1"], visits["interview"]}


def test_homes_are_for_readers_of_the_roll(ask):
    assert ask("surveyor", "/collections/homes/items").status_code == 404
    assert "homes" not in [one["id"] for one in ask("surveyor", "/collections").json["collections"]]
    homes = ask("county", "/collections/homes/items", limit=100)
    assert homes.json["numberMatched"] == 48
    assert "虚构户主" not in homes.text


def test_numbers_of_persons_are_masked(visits, ask):
    one = ask("county", f"/collections/evidence/items/{visits['here-1']}")
    assert "138" in one.text
    assert "13812345678" not in one.text
    assert "13812345678" not in ask("county", "/collections/visit/items").text


@pytest.mark.usefixtures("visits")
def test_answers_of_a_visit_are_columns(ask, database):
    with database.transaction() as session:
        content = {"outcome": "met_householder", "persons": 3}
        session.execute(sa.update(Evidence).where(Evidence.household_code == f"{HERE}1").values(content=content))
    found = ask("county", "/collections/visit/items", household=f"{HERE}1").json["features"][0]["properties"]
    assert found["answer_outcome"] == "met_householder"
    assert found["photo_count"] == 1
    assert found["photos"].count("/api/evidence/") == 1
    assert (found["village"], found["township"], found["worker"]) == ("第1村", "江孜镇", "测试surveyor")


def test_a_photo_address_opens_the_photo_resource(visits, ask, app, bearer):
    address = ask("county", f"/collections/visit/items/{visits['here-1']}").json["properties"]["photos"]
    path = address.partition("/api/")[2]
    answer = app.test_client().get(f"/api/{path}", headers=bearer("county"))
    assert "还没有从手机传来" in answer.json["detail"]  # the row is found; its file is still on the phone


def test_a_name_and_the_token_as_password_is_a_way_in_for_reading_layers_only(app):
    token = world.PROGRAM_TOKENS["county"]
    client = app.test_client()
    assert client.get("/ogc/collections", auth=("anybody", token)).status_code == 200
    refused = client.get("/ogc/collections", auth=("anybody", "wrong"))
    assert refused.status_code == 401
    assert "Basic" not in refused.headers["WWW-Authenticate"]  # a browser that was asked would keep and send it
    assert client.get("/api/evidence", auth=("anybody", token)).status_code == 401


def test_a_browser_gets_a_page_that_explains_itself(signed_in, client):
    html = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = signed_in("county").get("/ogc", headers=html)
    assert page.content_type.startswith("text/html")
    assert "ogr2ogr" in page.text
    assert "/ogc/collections/visit/items" in page.text
    stranger = client.get("/ogc", headers=html)
    assert stranger.status_code == 302
    assert client.get("/ogc").status_code == 401


def test_a_token_is_made_shown_once_and_ended_on_the_page(signed_in, app):
    browser, html = signed_in("county"), {"Accept": "text/html"}

    def post(path):
        form = {"csrf_token": world.csrf_token(browser.get("/ogc", headers=html).text)}
        return browser.post(path, data=form, headers=html)

    made = post("/ogc/tokens")
    assert "no-store" in made.headers["Cache-Control"]
    token = re.search(r"Authorization: Bearer (ruhu_[\w-]+)", made.text)[1]
    bearer = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/ogc/collections", headers=bearer).status_code == 200
    page = browser.get("/ogc", headers=html).text
    assert token not in page
    ends = re.findall(r'action="(/ogc/tokens/[\w-]+/end)"', page)
    assert ends
    for path in ends:
        assert post(path).status_code == 302
    assert app.test_client().get("/ogc/collections", headers=bearer).status_code == 401
    assert signed_in("township").post(ends[0], headers=html).status_code == 403  # without the page's own token
    assert app.test_client().post("/ogc/tokens", headers=bearer).status_code == 401

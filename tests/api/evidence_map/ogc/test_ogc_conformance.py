"""OGC API – Features Part 1 (17-069r4), requirement by requirement: what /ogc/conformance claims is shown here.

Each function below is one requirement under its own name; abstract tests A.2.1 to A.2.7, A.3 (GeoJSON), A.5 (OpenAPI).
"""

import json
import re
from datetime import datetime
from uuid import UUID

import shapely
import sqlalchemy as sa
import world

from api.evidence.changes import note_change
from api.evidence.tables import Evidence
from api.registry.tables import DivisionBoundary

SPEC = "http://www.opengis.net/spec/ogcapi-features-1/1.0"
GEOJSON = "application/geo+json"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CHECKS = {}


class Service:
    """What a client knows of the service: its address, a token, and what it has found by following links."""

    def __init__(self, ask, visits):
        self.ask = ask
        self.visits = visits
        self.landing = ask("county", "").json
        self.api = ask("county", "/api").json
        self.layers = ask("county", "/collections").json["collections"]

    def get(self, address, **query):
        return self.ask("county", address, **query)

    def follow(self, link):
        return self.get(link["href"].partition("/ogc")[2])

    def items(self, layer="visit", **query):
        answer = self.get(f"/collections/{layer}/items", **query)
        assert answer.status_code == 200, answer.text
        return answer

    def parameters(self, layer):
        found = self.api["paths"][f"/collections/{layer['id']}/items"]["get"]["parameters"]
        return {one["name"]: one for one in found}


def requirement(name):
    return lambda check: CHECKS.setdefault(name, check)


def links(body):
    found = {}
    for link in body["links"]:
        assert link["href"].startswith("http"), link
        found.setdefault(link["rel"], []).append(link)
    return found


def schema_of(answer):
    return set(answer["responses"]["200"]["content"])


@requirement("/req/core/root-op")
@requirement("/req/core/root-success")
def root(service):
    found = links(service.landing)
    assert {"service-desc", "service-doc", "conformance", "data", "self", "alternate"} <= set(found)
    assert service.get("/").json == service.landing
    for link in (found["service-desc"][0], found["conformance"][0], found["data"][0], found["service-doc"][0]):
        answer = service.follow(link)
        assert (answer.status_code, answer.content_type.split("; charset")[0]) == (200, link["type"])


@requirement("/req/core/api-definition-op")
@requirement("/req/core/api-definition-success")
def api_definition(service):
    link = links(service.landing)["service-desc"][0]
    assert link["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert service.follow(link).json["openapi"].startswith("3.0.")


@requirement("/req/core/conformance-op")
@requirement("/req/core/conformance-success")
def conformance(service):
    claimed = service.get("/conformance").json["conformsTo"]
    assert set(claimed) == {f"{SPEC}/conf/{name}" for name in ("core", "oas30", "geojson")}


@requirement("/req/core/http")
def http(service):
    for address in ("", "/conformance", "/api", "/collections", "/collections/visit/items"):
        assert service.get(address).headers["Content-Type"]
    assert service.get("/collections/nothing").status_code == 404
    assert service.get("/collections/nothing/items").status_code == 404
    assert service.get("/collections/visit/items/nothing").status_code == 404


@requirement("/req/core/query-param-unknown")
def query_param_unknown(service):
    for path in service.api["paths"]:
        if "{" not in path:
            assert service.get(path, nonsense="1").status_code == 400, path
    assert service.get(f"/collections/visit/items/{service.visits['here-1']}", nonsense="1").status_code == 400


@requirement("/req/core/query-param-invalid")
def query_param_invalid(service):
    for query in (
        {"limit": "0"}, {"limit": "x"}, {"bbox": "1,2,3"}, {"bbox": "a,b,c,d"}, {"bbox": "nan,1,2,3"},
        {"datetime": "x"}, {"datetime": "2026-07-01T00:00:00"}, {"datetime": "2026-W30"}, {"datetime": "20260701"},
        {"f": "x"}, {"bbox-crs": "x"}, {"state": "x"},
    ):  # fmt: skip
        answer = service.get("/collections/visit/items", **query)
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json"), query


@requirement("/req/core/crs84")
def crs84(service):
    x, y = service.items(limit=1).json["features"][0]["geometry"]["coordinates"]
    assert 73 < x < 136  # longitude first
    assert 18 < y < 54


@requirement("/req/core/fc-md-op")
@requirement("/req/core/fc-md-success")
@requirement("/req/core/fc-md-links")
def collections(service):
    answer = service.get("/collections").json
    assert links(answer)["self"][0]["type"] == "application/json"
    assert all({"id", "links"} <= set(layer) for layer in service.layers)


@requirement("/req/core/fc-md-items")
@requirement("/req/core/fc-md-items-links")
def collections_items(service):
    assert len(service.layers) >= 12
    for layer in service.layers:
        assert [link["type"] for link in links(layer)["items"]] == [GEOJSON]
        assert all({"rel", "type"} <= set(link) for link in layer["links"])
        assert service.follow(links(layer)["items"][0]).content_type == GEOJSON


@requirement("/req/core/fc-md-extent")
def extent(service):
    told = 0
    for layer in service.layers:
        if "extent" not in layer:
            continue
        assert layer["extent"]["spatial"]["crs"] == CRS84
        west, south, east, north = layer["extent"]["spatial"]["bbox"][0]
        for feature in service.items(layer["id"], limit=1000).json["features"]:
            told += 1
            x, y = feature["geometry"]["coordinates"]
            assert west <= x <= east, layer["id"]
            assert south <= y <= north, layer["id"]
    assert told > 50


@requirement("/req/core/sfc-md-op")
@requirement("/req/core/sfc-md-success")
def collection(service):
    for layer in service.layers:
        assert service.follow(links(layer)["self"][0]).json == layer


@requirement("/req/core/fc-op")
@requirement("/req/core/fc-response")
@requirement("/req/core/fc-rel-type")
def features(service):
    for layer in service.layers:
        answer = service.items(layer["id"])
        assert answer.json["type"] == "FeatureCollection"
        assert all({"rel", "type", "href"} <= set(link) for link in answer.json["links"])
    assert {one["id"] for one in service.items("evidence").json["features"]} == {
        one for name, one in service.visits.items() if name not in {"nowhere", "away"}
    }


@requirement("/req/core/fc-limit-definition")
def limit_definition(service):
    for layer in service.layers:
        limit = service.parameters(layer)["limit"]
        assert (limit["in"], limit["required"], limit["style"], limit["explode"]) == ("query", False, "form", False)
        assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}


@requirement("/req/core/fc-limit-response-1")
def limit_response(service):
    for number in (1, 2, 5):
        assert len(service.items(limit=number).json["features"]) == number
    assert len(service.items("homes").json["features"]) <= 100
    assert service.items("homes", limit=1_000_000).json["numberReturned"] <= 1000


@requirement("/req/core/fc-bbox-definition")
def bbox_definition(service):
    for layer in service.layers:
        bbox = service.parameters(layer)["bbox"]
        assert (bbox["in"], bbox["required"], bbox["style"], bbox["explode"]) == ("query", False, "form", False)
        sizes = [(one["minItems"], one["maxItems"]) for one in bbox["schema"]["oneOf"]]
        assert (bbox["schema"]["type"], bbox["schema"]["items"], sizes) == (
            "array",
            {"type": "number"},
            [(4, 4), (6, 6)],
        )


@requirement("/req/core/fc-bbox-response")
def bbox_response(service):
    inside = {service.visits["here-6"]}
    for query in (
        {"bbox": "89.85,28.9,89.95,29"}, {"bbox": "89.85,28.9,-9,89.95,29,9000"},
        {"bbox": "89.85,28.9,89.95,29", "bbox-crs": CRS84},
    ):  # fmt: skip
        assert {one["id"] for one in service.items(**query).json["features"]} == inside
    across = service.items(bbox="170,-90,-170,90").json  # over the 180th meridian: nothing of ours
    assert across["numberMatched"] == 0
    assert service.items("divisions", bbox="89.9,28.9,91,30").json["numberMatched"] == 1
    assert service.items("divisions", bbox="91,28,92,29").json["numberMatched"] == 0


@requirement("/req/core/fc-time-definition")
def time_definition(service):
    for layer in service.layers:
        time = service.parameters(layer)["datetime"]
        assert (time["in"], time["required"], time["style"], time["explode"]) == ("query", False, "form", False)
        assert time["schema"] == {"type": "string"}


@requirement("/req/core/fc-time-response")
def time_response(service):
    old, everything = service.visits["here-6"], service.items().json["numberMatched"]
    moments = {one["id"]: one["properties"]["collected_at"] for one in service.items().json["features"]}
    for asked in (
        moments[old], f"../{moments[old]}", f"/{moments[old]}", f"{moments[old]}/{moments[old]}".lower(),
        "2019-12-31T23:59:60Z/2020-12-31T23:59:59.999+08:00",
    ):  # fmt: skip
        assert [one["id"] for one in service.items(datetime=asked).json["features"]] == [old], asked
    for asked in ("2021-01-01T00:00:00Z/..", "2021-01-01T00:00:00Z/"):
        assert service.items(datetime=asked).json["numberMatched"] == everything - 1
    for layer in ("homes", "divisions"):  # features without a time match any
        assert service.items(layer, datetime=moments[old]).json["numberMatched"] > 0


@requirement("/req/core/fc-links")
def collection_links(service):
    for layer in service.layers:
        found = links(service.items(layer["id"], limit=3).json)
        assert found["self"][0]["href"].endswith(f"/collections/{layer['id']}/items?limit=3")
        assert "alternate" not in found  # there is no other media type
        assert service.follow(found["self"][0]).status_code == 200
    following = links(service.items(limit=3).json)["next"][0]
    assert following["type"] == GEOJSON
    assert "next" not in links(service.items(limit=1000).json)


@requirement("/req/core/fc-timeStamp")
def time_stamp(service):
    assert datetime.fromisoformat(service.items().json["timeStamp"]).tzinfo is not None


@requirement("/req/core/fc-numberMatched")
@requirement("/req/core/fc-numberReturned")
def numbers(service):
    for layer in service.layers:
        page, matched, total = service.items(layer["id"], limit=2), None, 0
        while page is not None:
            body = page.json
            assert body["numberReturned"] == len(body["features"])
            matched = body.get("numberMatched", matched)
            total += body["numberReturned"]
            following = links(body).get("next")
            page = service.follow(following[0]) if following else None
        assert matched == total, layer["id"]


@requirement("/req/core/f-op")
@requirement("/req/core/f-success")
@requirement("/req/core/f-links")
def feature(service):
    for layer in service.layers:
        for one in service.items(layer["id"], limit=2).json["features"]:
            answer = service.get(f"/collections/{layer['id']}/items/{one['id']}")
            assert (answer.status_code, answer.content_type) == (200, GEOJSON)
            found = links(answer.json)
            assert service.follow(found["self"][0]).json == answer.json
            assert service.follow(found["collection"][0]).json["id"] == layer["id"]
            assert all("type" in link for link in answer.json["links"])
            assert {**answer.json, "links": 0} == {**one, "links": 0}


@requirement("/req/geojson/definition")
@requirement("/req/geojson/content")
def geojson(service):
    for path, methods in service.api["paths"].items():
        expected = GEOJSON if "/items" in path else None
        assert expected is None or schema_of(methods["get"]) == {GEOJSON}
    for layer in service.layers:
        for one in service.items(layer["id"]).json["features"]:
            assert one["type"] == "Feature"
            ground = shapely.from_geojson(json.dumps(one["geometry"]))
            assert ground.is_valid
            for part in getattr(ground, "geoms", []):
                assert part.exterior.is_ccw  # RFC 7946, 3.1.6


@requirement("/req/oas30/oas-definition-1")
@requirement("/req/oas30/oas-definition-2")
@requirement("/req/oas30/oas-impl")
def openapi(service):
    document = service.api
    assert re.fullmatch(r"3\.0\.\d", document["openapi"])
    assert {"title", "version"} <= set(document["info"])
    assert document["servers"][0]["url"].endswith("/ogc")
    operations = [methods["get"] for methods in document["paths"].values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    for path, methods in document["paths"].items():
        assert path.startswith("/")
        for name in re.findall(r"\{(\w+)\}", path):
            assert any(
                (one["name"], one["in"], one["required"]) == (name, "path", True)
                for one in methods["get"]["parameters"]
            )
        for one in methods["get"]["parameters"]:
            assert {"name", "in", "schema"} <= set(one)
    for layer in service.layers:
        for name in service.parameters(layer):
            assert service.get(f"/collections/{layer['id']}/items", **{name: ""}).status_code in {200, 400}


@requirement("/req/oas30/completeness")
@requirement("/req/oas30/exceptions-codes")
def completeness(service):
    for methods in service.api["paths"].values():
        assert {"200", "304", "400", "401", "403", "404", "500"} <= set(methods["get"]["responses"])
    problem = service.api["components"]["responses"]["problem"]
    assert set(problem["content"]) == {"application/problem+json"}


@requirement("/req/oas30/security")
def security(service):
    schemes = service.api["components"]["securitySchemes"]
    assert all(set(one) <= set(schemes) for one in service.api["security"])
    assert {one["scheme"] for one in schemes.values()} == {"bearer", "basic"}


def test_every_requirement_of_what_is_claimed_holds(visits, ask, database, subtests):
    with database.transaction() as session:
        ground = "SRID=4326;MULTIPOLYGON(((89 28,89 29,90 29,90 28,89 28)))"  # with the clock
        session.add(DivisionBoundary(division_code=world.TOWNSHIP, ground=ground, synthetic=True, source="t"))
    service = Service(ask, visits)
    assert len(CHECKS) == 34 + 2 + 6  # Core, GeoJSON, OpenAPI 3.0
    for name, check in CHECKS.items():
        with subtests.test(name):
            check(service)


def test_where_evidence_lies_is_not_told_to_who_may_not_see_it(visits, ask, database):
    with database.transaction() as session:
        far = sa.update(Evidence).where(Evidence.id == UUID(visits["next"])).values(place="SRID=4326;POINT(95 35)")
        session.execute(far)
        note_change(session, [world.NEXT_TOWNSHIP])
    for layer in ask("checker", "/collections").json["collections"]:
        assert "extent" not in layer
    edges = {
        name: ask(name, "/collections/visit").json["extent"]["spatial"]["bbox"][0] for name in ("county", "township")
    }
    assert edges["county"][2] >= 95
    assert edges["township"][2] < 91
    assert edges["township"][3] < 30

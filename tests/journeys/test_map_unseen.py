"""What a checker and the neighbouring township may not see is nowhere: map, list, search, address, file, OGC."""

import pytest
import sqlalchemy as sa
from collect import HOUSEHOLD, Phone, visit
from map_page import shown, sign_in
from photos import picture

from api import create_app
from api.collection.forms import publish_form
from api.evidence.tables import Evidence
from survey_forms.catalogue import compiled
from survey_forms.values import Place

NEXT = "540222201201-0001"  # of the neighbouring township
NOTED = {HOUSEHOLD: "虚构的甲说明", NEXT: "虚构的乙说明"}
HERE = Place(28.95, 89.61, 4000.0, 5.0)


@pytest.fixture(scope="module")
def chromium(launch):
    """A browser that draws with WebGL, as the map's other journeys have."""
    browser = launch("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    yield browser
    browser.close()


@pytest.fixture
def visited(settings):
    """One household visited by its township, one by the neighbouring township."""
    app = create_app(settings)
    with app.extensions["ruhu_database"].transaction() as session:
        publish_form(session, compiled("home_visit"))
    for name, code in (("surveyor", HOUSEHOLD), ("surveyor-outside", NEXT)):
        xml = visit(household=code, place=HERE, outcome_note=NOTED[code])
        assert Phone(app.test_client(), name).send(xml, {"house.jpg": picture()}).status_code == 201
    yield app
    app.extensions["ruhu_queue"].close()
    app.extensions["ruhu_database"].dispose()


def found(page, household, key):
    """By which ways a household's visit is found: all of them, or none."""
    page.goto("/map#14/28.952/89.613")
    page.wait_for_selector("[data-map-canvas][data-ready]")
    ask = page.context.request
    hits = ask.get("/map/search", params={"q": NOTED[household]}).json()
    file = ask.get("/api/evidence/map/export.geojson")
    collections = ask.get("/ogc/collections").json()["collections"]
    features = [
        ask.get(f"/ogc/collections/{one['id']}/items", headers={"Accept": "application/geo+json"}).text()
        for one in collections
    ]
    return {
        "tile": any(one.startswith(household) for one in shown(page)),
        "list": household in ask.get("/map/panel/list").text(),
        "queue": household in ask.get("/evidence/review?state=").text(),
        "search": bool(hits),
        "address": ask.get(f"/map/panel/evidence/{key}").ok,
        "story": ask.get(f"/map/panel/household/{household}").ok,
        "photo": ask.get(f"/evidence/review/{key}").ok or ask.get(f"/api/evidence/{key}").ok,
        "file": file.ok and household in file.text(),
        "OGC": any(household in one for one in features),
    }


@pytest.fixture
def looks(visited, chromium, server):
    """A function from an account's name to the ways by which it finds each of the two households in the browser."""
    with visited.extensions["ruhu_database"].read() as session:
        keys = dict(
            session.execute(sa.select(Evidence.household_code, Evidence.id).where(Evidence.kind == "visit")).all()
        )

    def look(name):
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=server, locale="zh-CN")
        page = context.new_page()
        sign_in(page, name)
        answers = [found(page, code, keys[code]) for code in (HOUSEHOLD, NEXT)]
        context.close()
        return [{way for way, is_found in one.items() if is_found} for one in answers]

    return look


def test_the_neighbouring_townships_visits_are_nowhere_on_a_reviewers_screen(looks):
    own, other = looks("township")
    assert own >= {"tile", "list", "queue", "search", "address", "story", "photo", "file", "OGC"}
    assert other == set()
    assert looks("township-outside") == [set(), own]


def test_a_checker_sees_the_townships_visit_once_his_own_is_in_and_not_before(visited, looks, assign):
    assign("checker")
    assert looks("checker") == [set(), set()]
    xml = visit("uuid:own", household=HOUSEHOLD, place=HERE)
    assert Phone(visited.test_client(), "checker").send(xml, {"house.jpg": picture()}).status_code == 201
    own, other = looks("checker")
    assert own >= {"tile", "list", "search", "address", "story"}
    assert other == set()
    assert not own & {"queue", "file"}, "a checker neither reviews nor takes files"

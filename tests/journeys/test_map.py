"""An inspector finds a doubtful visit on the map, compares it with the county's, and returns it to the surveyor."""

import pytest
import sqlalchemy as sa
import world
from collect import HOUSEHOLD, Phone, visit
from lists import give, listed_form, rows
from map_page import shown, sign_in, until
from photos import picture

from api import create_app
from api.collection.forms import publish_form
from api.evidence.checks.judge import sweep
from api.evidence.review.tables import Review
from api.evidence.tables import Evidence
from survey_forms.catalogue import compiled
from survey_forms.values import Place

SECOND = f"{world.VILLAGE}-0002"


@pytest.fixture(scope="module")
def chromium(launch):
    """A browser that draws with WebGL, which every other page does without: machines of tests have no graphics card."""
    browser = launch("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    yield browser
    browser.close()


@pytest.fixture
def visited(settings):
    """Two households visited by the township, one at a place with an accuracy that no satellite gives; one by both."""
    app = create_app(settings)
    database = app.extensions["ruhu_database"]
    with database.transaction() as session:
        publish_form(session, listed_form())
        publish_form(session, compiled("home_visit"))
        give(session, "surveyor", 1, 2)
    for name, code, wages, place in (
        ("surveyor", HOUSEHOLD, 1200, Place(28.95, 89.61, 4000.0, 0.0)),
        ("surveyor", SECOND, 800, Place(28.955, 89.62, 4000.0, 5.0)),
        ("checker", HOUSEHOLD, 5600, Place(28.9503, 89.6103, 4000.0, 5.0)),
    ):
        xml = visit(household=code, wages=wages, place=place)
        assert Phone(app.test_client(), name).send(xml, {"house.jpg": picture()}).status_code == 201
    assert sweep(database)
    yield app
    app.extensions["ruhu_queue"].close()
    database.dispose()


def test_an_inspector_filters_opens_compares_and_returns_a_visit(visited, page):
    sign_in(page, "city")
    page.goto("/map#14/28.952/89.613")
    page.wait_for_selector("[data-map-canvas][data-ready]")
    assert shown(page) == [f"{HOUSEHOLD} spot_check", f"{HOUSEHOLD} township_visit", f"{SECOND} township_visit"]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    narrow = page.viewport_size["width"] < 1100
    if narrow:
        page.get_by_role("button", name="筛选").click()
    page.locator("select[name=rule]").select_option("mock-place")
    page.locator("select[name=purpose]").select_option("township_visit")
    if narrow:
        page.locator("[data-map-toggle]").last.click()
    page.wait_for_url("**rule=mock-place**")
    until(page, lambda: "地图上 1 条" in page.locator("[data-map-status]").text_content())
    assert shown(page) == [f"{HOUSEHOLD} township_visit"]
    page.reload()
    page.wait_for_selector("[data-map-canvas][data-ready]")
    assert shown(page) == [f"{HOUSEHOLD} township_visit"], "an address shows whoever gets it the same"

    spot = page.evaluate("(() => { const p = ruhuMap.project([89.61, 28.95]); return [p.x, p.y]; })()")
    box = page.locator("[data-map-canvas]").bounding_box()
    page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])
    panel = page.locator("[data-map-panel]")
    panel.get_by_text("疑为模拟位置").first.wait_for()
    panel.get_by_role("link", name="这一户的经过").click()
    panel.get_by_text("两次入户对照").wait_for()
    different = panel.locator("tr.is-different").filter(has_text="¥5,600")
    assert "¥1,200" in different.first.text_content()
    page.go_back()  # what was narrowed is one step, what the panel shows is none

    with visited.extensions["ruhu_database"].read() as session:
        key = session.scalars(
            sa.select(Evidence.submission_id).where(Evidence.accuracy_m == 0, Evidence.kind == "visit")
        ).one()
    page.goto(f"/evidence/review/{key}")
    page.keyboard.press("r")
    page.keyboard.type("位置不像真的，请到户后重新记录")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="退回调查员").click()
    page.wait_for_url("**done=returned**")
    list_of = rows(Phone(visited.test_client()).get("lists/households.csv"))
    assert [row["label"].startswith("〔退回：位置不像真的") for row in list_of] == [True, False]
    with visited.extensions["ruhu_database"].read() as session:
        assert session.scalars(sa.select(Review.state)).all() == ["returned"]


def test_a_queue_is_worked_with_keys_alone(visited, page):
    sign_in(page, "county")
    page.goto("/evidence/review")
    page.keyboard.press("j")
    page.wait_for_url("**/evidence/review/*-*")
    for _ in range(3):
        before = page.url
        page.keyboard.press("a")
        until(page, lambda: page.url != before)  # noqa: B023 - asked at once
        page.wait_for_load_state()
    page.get_by_text("待审核 0 份").wait_for()
    with visited.extensions["ruhu_database"].read() as session:
        assert session.scalars(sa.select(Review.state)).all() == ["accepted"] * 3


METRES_UNDER_BAR = """(() => {
  const bar = document.querySelector(".maplibregl-ctrl-scale"), middle = ruhuMap.getContainer().clientHeight / 2;
  const metres = ruhuMap.unproject([100, middle]).distanceTo(ruhuMap.unproject([100 + bar.offsetWidth, middle]));
  const canvas = ruhuMap.getCanvas();
  return { metres, words: bar.textContent, wide: canvas.getBoundingClientRect().width, drawn: canvas.clientWidth };
})()"""


def test_a_printed_map_is_drawn_for_paper_so_that_its_scale_bar_holds(visited, page):
    sign_in(page, "county")
    page.goto("/map#14/28.952/89.613")
    page.wait_for_selector("[data-map-canvas][data-ready]")
    before = page.evaluate("ruhuMap.getCanvas().clientWidth")
    page.evaluate("() => { window.dispatchEvent(new Event('beforeprint')) }")
    page.emulate_media(media="print")
    paper = page.evaluate(METRES_UNDER_BAR)
    said = float(paper["words"].split()[0]) * (1000 if "km" in paper["words"] else 1)
    assert paper["metres"] == pytest.approx(said, rel=0.02)
    assert paper["wide"] == pytest.approx(paper["drawn"]) == pytest.approx(277 / 25.4 * 96, abs=2), "as wide as A4"
    page.emulate_media(media="screen")
    page.evaluate("() => { window.dispatchEvent(new Event('afterprint')) }")
    assert page.evaluate("ruhuMap.getCanvas().clientWidth") == before


def test_the_panel_follows_the_address_and_says_only_what_was_refused(visited, page):
    with visited.extensions["ruhu_database"].read() as session:
        key = session.scalars(sa.select(Evidence.id).where(Evidence.accuracy_m == 0, Evidence.kind == "visit")).one()
    sign_in(page, "county")
    page.goto(f"/map?seen={key}#14/28.952/89.613")
    panel = page.locator("[data-map-panel]")
    panel.get_by_text("疑为模拟位置").first.wait_for()
    assert page.evaluate("ruhuMap.getFilter('seen')[2]") == str(key), "the piece that is read has a ring"
    page.evaluate("(address) => { history.pushState(null, '', address) }", "/map#14/28.952/89.613")
    page.go_back()
    panel.get_by_text("疑为模拟位置").first.wait_for()
    page.go_forward()
    panel.wait_for(state="hidden")

    gone = "<!doctype html><html><body><header>首页</header><main><p>找不到这条取证记录</p></main></body></html>"
    page.route("**/map/panel/evidence/**", lambda route: route.fulfill(body=gone, content_type="text/html"))
    page.go_back()
    panel.get_by_text("找不到这条取证记录").wait_for()
    assert panel.locator("header").count() == 0


@pytest.mark.usefixtures("one_database")
def test_help_opens_by_key_or_touch_covers_the_keys_beneath_and_gives_the_focus_back(page):
    sign_in(page, "county")
    page.goto("/map")
    page.wait_for_selector("[data-map-canvas][data-ready]")
    sheet, button = page.get_by_role("dialog", name="怎样看这张地图"), page.get_by_role("button", name="帮助")
    button.focus()
    page.keyboard.press("?")
    sheet.get_by_text("颜色越深比例越高").wait_for()
    page.keyboard.press("b")
    assert page.locator("[data-map-draw=box]").get_attribute("aria-pressed") == "false"
    page.keyboard.press("Escape")
    sheet.wait_for(state="hidden")
    assert button.evaluate("(one) => one === document.activeElement")
    button.click()
    box = sheet.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]
    sheet.get_by_role("button", name="关闭").click()
    sheet.wait_for(state="hidden")


@pytest.mark.usefixtures("one_database", "visited")
def test_what_does_not_load_is_said_once_and_tried_again(page):
    sign_in(page, "county")
    refused = {"**/api/evidence/map/divisions**", "**/api/evidence/map/tiles/**", "**/api/evidence/map/summary**"}
    for addresses in refused:
        page.route(addresses, lambda route: route.fulfill(status=422, body="{}"))
    page.goto("/map#14/28.952/89.613")
    page.wait_for_selector("[data-map-canvas][data-ready]")
    failed = page.get_by_role("alert")
    for words in ("部分取证没有载入", "取证条数没有载入", "区划边界没有载入"):
        failed.get_by_text(words).wait_for()
    assert failed.text_content().count("没有载入") == len(refused)
    for addresses in refused:
        page.unroute(addresses)
    failed.get_by_role("button", name="重试").click()
    until(page, lambda: "地图上 3 条" in page.locator("[data-map-status]").text_content())
    assert len(shown(page)) == len(("township's", "second household's", "county's"))
    assert not failed.is_visible()

    page.context.set_offline(True)
    failed.get_by_text("设备没有联网").wait_for()
    page.context.set_offline(False)
    failed.wait_for(state="hidden")

"""What lies under the map is drawn, beneath the evidence and with its maker's name; and nothing else is asked for."""

import io
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import base_maps
import pytest
import world
from collect import Phone, visit
from conftest import fresh_copy, running
from live import Live
from map_page import shown, until
from photos import picture
from PIL import Image

from api.collection.forms import publish_form
from survey_forms.catalogue import compiled
from survey_forms.values import Place

PAPER = (246, 243, 236)
WATER = (207, 224, 230)  # as src/map/layers.ts draws it
GREEN = (40, 160, 90)
GREY = (128, 128, 128)
GREY_ON_PAPER = (152, 151, 150)  # four fifths of the grey, which is not to outshout the evidence
WHOSE = "虚构测绘 审图号 0000"


@pytest.fixture(scope="module")
def chromium(launch):
    browser = launch("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def visited(one_database, database_kind, template, tmp_path_factory):
    """Settings of a county with one visit."""
    with fresh_copy(database_kind, template, tmp_path_factory.mktemp("visited")) as settings:
        with running(settings) as app:
            with app.extensions["ruhu_database"].transaction() as session:
                publish_form(session, compiled("home_visit"))
            xml = visit(place=Place(28.95, 89.61, 4000.0, 5.0))
            assert Phone(app.test_client(), "surveyor").send(xml, {"house.jpg": picture()}).status_code == 201
        yield settings


class Seen:
    """A map page as somebody sees it."""

    def __init__(self, page):
        self.page = page
        self.asked = []
        self.policy = ""
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self):
        self.page.goto("/sign-in")
        self.page.get_by_label("账号").fill("county")
        self.page.get_by_label("密码").fill(world.PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url("**/")
        self.asked.clear()
        self.policy = self.page.goto("/map#14/28.95/89.61").headers["content-security-policy"]
        self.page.wait_for_selector("[data-map-canvas][data-ready]")

    def foreign(self, own):
        """The hosts asked besides our own."""
        places = {"{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in self.asked if url.startswith("http")}
        return places - {own}

    def colour(self, *, beside):
        """The colour of the map so many pixels west of the visit."""
        assert len(shown(self.page)) == 1, "the evidence lies above"
        box = self.page.locator("[data-map-canvas]").bounding_box()
        image = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        return image.getpixel((box["x"] + box["width"] / 2 - beside, box["y"] + box["height"] / 2))

    def whose(self):
        return self.page.locator(".maplibregl-ctrl-attrib").inner_text()

    @property
    def failed(self):
        return self.page.get_by_role("alert")


@pytest.fixture
def seen(visited, chromium, tmp_path, request):
    """A function from the setting of a base map to the page, on a server of its own."""

    @contextmanager
    def see(base_map):
        settings = replace(visited, base_map=base_map, base_map_attribution=WHOSE)
        with Live(settings, workers=1, threads=4) as live:
            context = chromium.new_context(
                viewport={"width": 600, "height": 600}, base_url=live.address, locale="zh-CN"
            )
            page = Seen(context.new_page())
            yield page, live.address
            page.page.screenshot(path=Path(tmp_path) / f"{request.node.name}.png")  # to be looked at
            context.close()

    return see


def near(colour, other):
    return max(abs(one - two) for one, two in zip(colour, other, strict=True)) <= 3


def test_without_a_base_map_there_is_paper_and_nobody_else_is_asked(seen):
    with seen("") as (page, own):
        page.open()
        assert near(page.colour(beside=120), PAPER)
        assert not near(page.colour(beside=0), PAPER), "the visit's sign"
        assert page.foreign(own) == set()
        assert "http" not in page.policy
        assert WHOSE not in page.whose()


@pytest.mark.parametrize(
    ("kind", "tile", "colour"),
    [
        (base_maps.PNG, base_maps.plain_picture(GREEN), GREEN),
        (base_maps.MVT, base_maps.water_everywhere(), WATER),
    ],
    ids=["pictures", "vector"],
)
def test_an_archive_of_our_own_is_drawn_and_tried_again_when_it_fails(seen, tmp_path, kind, tile, colour):
    path = base_maps.write_archive(tmp_path / "map.pmtiles", tile, kind=kind)
    with seen(f"pmtiles:{path}") as (page, own):
        page.page.route("**/map/base.pmtiles", lambda route: route.fulfill(status=503))
        page.open()
        page.failed.get_by_text("底图没有载入").wait_for()
        assert near(page.colour(beside=120), PAPER)
        page.page.unroute("**/map/base.pmtiles")
        page.failed.get_by_role("button", name="重试").click()
        until(page.page, lambda: near(page.colour(beside=120), colour))
        assert not near(page.colour(beside=0), colour), "the visit's sign"
        assert WHOSE in page.whose()
        assert not page.failed.is_visible()
        assert page.foreign(own) == set()


def test_tiles_of_another_host_are_drawn_from_that_host_alone_and_tried_again_when_it_fails(seen):
    with (
        base_maps.host_of(base_maps.plain_picture(GREY)) as host,
        seen(f"{host.address}/{{z}}/{{x}}/{{y}}.png") as (
            page,
            own,
        ),
    ):
        host.up = False
        page.open()
        page.failed.get_by_text("底图没有载入").wait_for()
        assert near(page.colour(beside=120), PAPER)
        host.up = True
        page.failed.get_by_role("button", name="重试").click()
        until(page.page, lambda: near(page.colour(beside=120), GREY_ON_PAPER))
        assert not near(page.colour(beside=0), GREY_ON_PAPER), "the visit's sign"
        assert WHOSE in page.whose()
        assert page.foreign(own) == {host.address}
        allowed = {part.split()[0]: part.split()[1:] for part in page.policy.split(";")}
        assert {name for name, places in allowed.items() if host.address in places} == {"img-src", "connect-src"}
        assert page.policy.count("http") == len(("img-src", "connect-src"))

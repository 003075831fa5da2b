"""A supervisor gives out a village, corrects himself, and hands a worker his card, in a real browser."""

import base64
import re

import field
import pytest
import requests
import world

from api.collection.forms import publish_form
from api.database import Database
from api.people.roles import Role
from survey_forms.catalogue import compiled


@pytest.fixture
def at_work(settings):
    """A campaign, two surveyors with their phones and two without, the home visit published."""
    database = Database(settings.database_address)
    with database.transaction() as session:
        field.campaign(session)
        publish_form(session, compiled("home_visit"))
        for name in ("new-1", "new-2", "new-3"):
            field.worker(session, name, (Role.SURVEYOR, world.TOWNSHIP))
    database.dispose()


def sign_in(page, name):
    page.goto("/sign-in")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(world.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/")


def fits(page):
    page.wait_for_load_state("domcontentloaded")  # else a page that has only begun has no width yet
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def figures(page):
    """The first village's figures: (to visit, given to nobody)."""
    page.goto(f"/assignments?area={world.TOWNSHIP}")
    cells = page.locator("#places tbody tr").first.locator("td").all_inner_texts()
    return [re.sub(r"\D", "", cell) for cell in cells[3:5]]


@pytest.mark.usefixtures("at_work")
def test_a_village_is_given_moved_taken_back_and_all_of_it_undone(page):
    sign_in(page, "township")
    page.goto(f"/assignments?area={world.TOWNSHIP}")
    assert fits(page)
    page.get_by_label("第1村").check()
    page.get_by_label("测试surveyor").check()
    page.get_by_label("虚构new-1").check()
    page.get_by_role("button", name="分配", exact=True).click()
    told = page.get_by_role("status")
    assert "测试surveyor 6 户" in told.inner_text()
    assert "虚构new-1 6 户" in told.inner_text()
    assert figures(page) == ["12", "0"]

    page.get_by_role("link", name="第1村").click()
    assert fits(page)
    if page.viewport_size["width"] > 600:
        page.get_by_label("筛选名单").fill("new-1")
        page.locator("[data-check-all=household]").check()
    else:
        for serial in range(1, 7):
            page.get_by_label(f"{world.VILLAGE}-{serial:04d}").check()
    page.get_by_label("虚构new-2").check()
    page.get_by_role("button", name="转给所选的人").click()
    assert "转给 虚构new-2 6 户" in " ".join(page.get_by_role("status").inner_text().split())

    page.get_by_label(f"{world.VILLAGE}-0012").check()
    page.get_by_role("button", name="收回").click()
    assert "收回" in page.get_by_role("status").inner_text()
    assert figures(page) == ["11", "1"]
    page.get_by_role("button", name="撤销").first.click()
    assert "已撤销" in page.get_by_role("status").inner_text()
    assert figures(page) == ["12", "0"]


@pytest.mark.usefixtures("at_work")
def test_a_worker_gets_a_card_whose_key_opens_the_list_of_forms(page, server):
    sign_in(page, "township")
    page.goto("/workers")
    assert fits(page)
    page.get_by_role("link", name="虚构new-1").click()
    assert fits(page)
    page.get_by_role("button", name="发卡 (显示二维码)").click()
    page.get_by_role("heading", name="现在打印").wait_for()
    assert fits(page)
    code = page.locator(".phone-card-code svg")
    assert code.bounding_box()["width"] > 150
    page.get_by_text("不能扫码").click()
    address = page.locator("code", has_text="/key/").inner_text()
    key = address.rpartition("/key/")[2]
    assert key not in page.url
    answer = requests.get(f"{server}/key/{key}/formList", headers={"X-OpenRosa-Version": "1.0"}, timeout=10)
    assert answer.status_code == 200
    assert "home_visit" in answer.text
    page.get_by_role("link", name="已打印，返回").click()
    assert page.get_by_text("最新").is_visible()  # the phone that asked has the present forms
    assert key not in page.content()

    page.locator("summary", has_text="重新发卡").click()
    page.get_by_label("旧卡立即失效").check()
    page.get_by_role("button", name="重新发卡", exact=True).click()
    page.get_by_role("heading", name="现在打印").wait_for()
    refused = requests.get(f"{server}/key/{key}/formList", timeout=10)
    assert refused.status_code == 403


@pytest.mark.usefixtures("at_work")
def test_a_townships_cards_are_printed_six_on_a_sheet(page):
    sign_in(page, "township")
    page.goto("/workers")
    page.get_by_label("姓名").fill("\n".join(f"虚构新人{number}" for number in range(5)))
    page.get_by_role("button", name="建立", exact=True).click()
    assert "已建立 5 人" in page.get_by_role("status").inner_text()
    page.get_by_role("link", name="给他们打印手机卡").click()
    assert fits(page)
    page.get_by_role("button", name="为没有手机密钥的 8 名调查员打印卡片").click()
    page.get_by_role("heading", name="这 8 张卡").wait_for()
    assert page.locator(".phone-card").count() == 8
    sheets = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", sheets)) == 2, base64.b64encode(sheets[:40])
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins, at 96 pixels an inch
    heights = [card.bounding_box()["height"] for card in page.locator(".phone-card").all()]
    assert len(set(map(round, heights))) == 1
    inner = page.locator(".phone-card").evaluate_all(
        "cards => cards.every(card => card.scrollHeight <= card.clientHeight)"
    )
    assert inner, "something of a card is cut off"

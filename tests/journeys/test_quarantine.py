"""An operator deals with what was refused: looks, mends, takes in; decides a conflict; puts aside and brings back."""

import pytest
import requests
import world
from collect import JPEG, visit
from live import multipart

from api.collection.forms import publish_form
from survey_forms.catalogue import compiled

WHY = "已电话核对，虚构理由"


@pytest.fixture
def sent(database, page, server):
    """Three refused postings and one that is doubtful, sent over HTTP."""
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))
    address = f"{server}/key/{world.PHONE_TOKENS['surveyor']}/submission"

    def send(xml, files=None):
        body, content_type = multipart(xml, files or {})
        return requests.post(address, data=body, headers={"Content-Type": content_type}, timeout=60).status_code

    damaged = visit("uuid:1", surveyor_note="<b>院内有牦牛</b>").replace(b"<outcome_note/>", b"<outcome_note>")
    assert send(damaged, {"house.jpg": JPEG}) == 400
    assert send(visit("uuid:2", wages=1200)) == 201
    assert send(visit("uuid:2", wages=300)) == 409
    assert send(visit("uuid:3").replace(b'id="home_visit"', b'id="other"')) == 404
    assert send(visit("uuid:4", household=f"{world.VILLAGE}-0777")) == 201
    return send, damaged


def sign_in(page):
    page.goto("/sign-in")
    page.get_by_label("账号").fill("county")
    page.get_by_label("密码").fill(world.PASSWORD)
    go(page, "button", "登录")
    page.goto("/quarantine")


def fits(page):
    page.wait_for_load_state("domcontentloaded")  # else a page that has only begun has no width yet
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def go(page, role, name):
    """Click what leads to another page, and be there."""
    with page.expect_navigation():
        page.get_by_role(role, name=name).click()


def decide(page, kind):
    page.get_by_label(kind).check()
    page.get_by_label("处理理由").fill(WHY)
    go(page, "button", "确定")


def test_an_operator_mends_decides_and_puts_aside_what_was_refused(page, sent):
    send, damaged = sent
    sign_in(page)
    assert page.locator("tbody tr").count() == 3
    assert fits(page)

    go(page, "link", "答卷已损坏")
    assert page.get_by_text("第 2 行，第").is_visible()
    assert fits(page)
    go(page, "link", "修复答卷")
    assert page.locator(".fault mark").is_visible()
    assert "&lt;b&gt;院内有牦牛" in page.locator(".answer-lines").inner_text()  # as text, not as markup
    assert page.locator(".answer-lines b").count() == 0
    assert fits(page)
    text = page.get_by_label("修复后的答卷 (XML)")
    proposed = text.input_value()
    text.fill(proposed.replace("</data>", ""))
    page.get_by_label("处理理由").fill(WHY)
    go(page, "button", "检查并保存修复稿")
    assert "修复后的答卷仍有问题" in page.get_by_role("alert").inner_text()
    assert fits(page)
    page.get_by_label("修复后的答卷 (XML)").fill(proposed)
    go(page, "button", "检查并保存修复稿")  # the reason is still there
    assert page.get_by_role("heading", level=1).inner_text().startswith("已修复，待接收")
    decide(page, "重新接收")
    assert "已成为记录 uuid:1" in page.get_by_role("status").inner_text()
    assert fits(page)
    assert send(damaged, {"house.jpg": JPEG}) == 202  # the phone need not send it again

    page.goto("/quarantine")
    go(page, "link", "同一编号，答卷不同")
    go(page, "link", "查看答卷内容")
    assert page.get_by_text("与已存的一份有 1 处不同").is_visible()
    assert fits(page)
    go(page, "link", "同一编号，答卷不同")
    decide(page, "作为修改接收")
    assert page.get_by_text("已作为修改接收").is_visible()
    assert send(visit("uuid:2", wages=300)) == 202

    page.goto("/quarantine")
    go(page, "link", "表格或版本未发布")
    decide(page, "作废")
    page.goto("/quarantine")
    assert page.get_by_text("没有问题记录").is_visible()
    page.goto("/quarantine?state=discarded")
    go(page, "link", "表格或版本未发布")
    decide(page, "恢复待处理")
    assert page.get_by_text("回到待处理").count() == 0
    assert [item.inner_text().split("\n")[0] for item in page.locator(".list-group-item").all()] == [
        "恢复待处理",
        "作废",
    ]


def test_what_is_doubtful_is_listed_beside_and_processed_again_in_the_background(page, sent):
    sign_in(page)
    go(page, "link", "已接收、有疑问的")
    assert fits(page)
    go(page, "link", "名册没有这户")
    assert page.get_by_text("把这户导入名册后").is_visible()
    assert fits(page)
    go(page, "button", "重新处理")
    assert page.get_by_text("等待开始").is_visible()
    assert fits(page)

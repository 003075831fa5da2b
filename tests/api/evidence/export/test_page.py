"""The page of exports, as a supervisor and a reviewer meet it."""

import pytest
import sqlalchemy as sa
import world
from collect import visit

from api.collection.tables import FormVersion

ASKED = {"form_id": "home_visit", "format": "csv", "area": world.TOWNSHIP, "repeats": "1"}


@pytest.fixture
def sent(phone_of):
    phone_of("surveyor").send(visit(photo=None))


@pytest.fixture
def begin(signed_in):
    """A function that sends the page's form as an account; returns the browser and the answer."""

    def post(name="county", **more):
        browser = signed_in(name)
        token = world.csrf_token(browser.get("/exports").text)
        return browser, browser.post("/exports", data={**ASKED, **more, "csrf_token": token})

    return post


def test_an_export_asked_for_on_the_page_waits_is_made_and_is_offered_there(sent, begin, desk):
    browser, answer = begin()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/exports")
    part = browser.get("/exports", headers={"HX-Request": "true"}).text
    assert "等待" in part
    assert 'hx-trigger="load delay:1s"' in part
    assert "<html" not in part
    desk.work()
    part = browser.get("/exports", headers={"HX-Request": "true"}).text
    assert "可以下载" in part
    assert "hx-trigger" not in part  # nothing moves any more
    address = part.partition('download href="')[2].partition('"')[0]
    assert browser.get(address, buffered=True).data.startswith(b"PK")


def test_how_many_fit_is_said_before_anything_is_asked_for(sent, signed_in):
    browser = signed_in("county")

    def said(**query):
        return browser.get("/exports/matching", query_string={"form_id": "home_visit", **query}).text.strip()

    assert said() == "符合条件的有 1 份"
    assert said(purpose="spot_check") == "没有符合条件的记录，请放宽条件"
    assert said(area=world.OTHER_COUNTY) == "没有符合条件的记录，请放宽条件"
    assert said(since="2026-0") == "请检查填写的内容"


def test_the_address_fills_the_form(sent, signed_in):
    page = signed_in("county").get(f"/exports?area={world.NEXT_TOWNSHIP}&state=doubtful&format=geojson").text
    assert f'<option value="{world.NEXT_TOWNSHIP}" selected>' in page
    assert '<option value="doubtful" selected>' in page
    assert 'value="geojson" checked' in page


def test_an_export_on_its_way_is_cancelled_on_the_page(sent, begin, desk):
    browser, _ = begin()
    page = browser.get("/exports").text
    address = page.partition('action="/exports/')[2].partition('"')[0]
    answer = browser.post(f"/exports/{address}", data={"csrf_token": world.csrf_token(page)})
    assert answer.status_code == 303
    assert "还没有导出过" in browser.get("/exports").text
    assert desk.work() == [True]
    assert desk.files() == []


def test_full_numbers_are_offered_only_to_whoever_may_have_them(sent, signed_in, begin):
    assert "身份证号、电话、银行卡号不遮盖" in signed_in("county").get("/exports").text
    assert "身份证号、电话、银行卡号不遮盖" not in signed_in("township").get("/exports").text
    assert begin("township", unmasked="1", reason="核对证件号码")[1].status_code == 403
    assert begin("county", unmasked="1", reason="")[1].status_code == 422


def test_field_workers_and_administrators_have_no_such_page(signed_in):
    for name in ("surveyor", "checker", "admin"):
        browser = signed_in(name)
        assert browser.get("/exports").status_code == 403
        assert 'href="/exports"' not in browser.get("/").text


def test_a_form_filled_in_wrongly_is_refused_with_the_field_named(sent, begin):
    answer = begin(since="gestern")[1]
    assert (answer.status_code, "since" in answer.text) == (422, True)


def test_without_a_form_the_page_says_whom_to_ask(signed_in, database):
    with database.transaction() as session:
        session.execute(sa.delete(FormVersion))
    assert "请系统管理员先发布表格" in signed_in("county").get("/exports").text

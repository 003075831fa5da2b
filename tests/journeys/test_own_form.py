import re

import requests
import world
from collect import JPEG, visit
from forms import ROWS, sheets, workbook
from live import multipart
from supervisor import work

from api.collection.forms import publish_form
from survey_forms.catalogue import compiled
from survey_forms.filling import fill
from survey_forms.xform import read_schema

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OWN = {"form_id": "home_visit", "form_title": "江孜县入户调查"}


def sign_in(page, name):
    page.goto("/sign-in")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(world.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile("/$"))


def fits(page):
    """Whether nothing makes the page scroll sideways."""
    page.wait_for_load_state("domcontentloaded")  # else a page that has only begun has no width yet
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def choose(page, content, name):
    page.locator("input[type=file][name=file]").first.set_input_files(
        {"name": name, "mimeType": XLSX, "buffer": content}
    )


def send(address, xml, files):
    body, content_type = multipart(xml, files)
    return requests.post(
        f"{address}/submission", data=body, headers={"Content-Type": content_type}, timeout=60
    ).status_code  # fmt: skip


def test_a_supervisor_mends_a_form_tries_it_on_a_phone_publishes_it_and_older_records_still_arrive(page, server, app):
    with app.extensions["ruhu_database"].transaction() as session:
        publish_form(session, compiled("home_visit"))
    old_record = visit("uuid:old")  # filled in by a surveyor who is out of reach for days
    sign_in(page, "county")
    page.goto("/forms")
    assert page.get_by_role("link", name="入户调查").is_visible()
    assert fits(page)

    broken = workbook(sheets(rows=[*ROWS, ("selekt", "roof", "屋顶是什么材料？", None, None)], settings=OWN))
    choose(page, broken, "入户表.xlsx")
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url("**/forms/drafts/*")
    row = page.locator("#findings tbody tr").first
    assert re.search(r"survey[\s\S]*6[\s\S]*roof[\s\S]*没有「selekt」这种题型[\s\S]*屋顶是什么材料", row.inner_text())
    assert fits(page)

    mended = workbook(sheets(rows=[*ROWS, ("text", "roof", "屋顶是什么材料？", None, "visit.roof")], settings=OWN))
    choose(page, mended, "入户表-改好.xlsx")
    page.get_by_role("button", name="重新上传", exact=True).click()
    page.get_by_text("ODK Validate 正在检查").wait_for()
    work(app)
    page.get_by_text(re.compile("检查通过|没有 Java")).wait_for(timeout=30_000)  # it asks again by itself

    page.get_by_label("谁来测试").select_option(label="测试surveyor")
    page.get_by_role("button", name="生成测试二维码").click()
    page.locator("#key img").wait_for()
    assert fits(page)
    phone = page.locator("[data-address]").inner_text().replace("http://127.0.0.1:8000", server)
    schema = read_schema(requests.get(f"{phone}/form", timeout=60).content)
    answers = {"household_code": f"{world.VILLAGE}-0001", "outcome": "met_householder", "roof": "石板"}
    trial = fill(schema, {**answers, "house_photo": "house.jpg"}, instance_id="uuid:trial")
    assert send(phone, trial, {"house.jpg": JPEG}) == 201
    page.goto(page.url.split("/key")[0].split("#")[0])
    assert "石板" in page.locator("#trials").inner_text()
    assert fits(page)

    page.get_by_role("button", name=re.compile("^发布版本")).click()
    page.wait_for_url(re.compile(r"/forms/[0-9a-f-]{36}$"))
    assert page.get_by_text("下发中").is_visible()
    assert fits(page)
    assert send(phone, trial, {}) == 403, "the trial is over"
    surveyor = f"{server}/key/{world.PHONE_TOKENS['surveyor']}"
    assert "2026080101" in requests.get(f"{surveyor}/formList", timeout=60).text
    assert send(surveyor, old_record, {"house.jpg": JPEG}) == 201

import importlib.util
import io
from pathlib import Path

import sqlalchemy as sa
import world

from api.jobs.tables import Job
from api.jobs.work import do

_spec = importlib.util.spec_from_file_location("registry_rolls", Path(__file__).with_name("conftest.py"))
rolls = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(rolls)
person, csv_of, identity = rolls.person, rolls.csv_of, rolls.identity

CODE = f"{world.VILLAGE}-0001"


def upload(client, content, **more):
    token = world.csrf_token(client.get("/roll/imports").text)
    data = {"file": (io.BytesIO(content), "名册.csv"), "area_code": world.COUNTY, "csrf_token": token, **more}
    return client.post("/roll/imports", data=data, content_type="multipart/form-data")


def work_off(app):
    queue = app.extensions["ruhu_queue"]
    with queue.database.read() as session:
        waiting = session.scalars(sa.select(Job).where(Job.state == "waiting").order_by(Job.id)).all()
    for job in waiting:
        assert do(queue.database, queue.kinds, job.county_code, job.id)


def test_the_roll_is_searched_filtered_and_paged_by_its_address(signed_in):
    client = signed_in("county")
    page = client.get("/roll").text
    assert "共 48 户" in page
    assert "100.00" in page
    assert "共 12 户" in client.get("/roll", query_string={"scheme": "urban"}).text
    assert "共 4 户" in client.get("/roll", query_string={"q": "虚构户主12"}).text
    assert "没有符合条件的家庭" in client.get("/roll", query_string={"roll": "off"}).text
    assert "共 24 户" in signed_in("township").get("/roll").text
    assert "这里还没有名册" in signed_in("city-outside").get("/roll").text
    for nonsense in (
        {"page": "-1"},
        {"page": "9999999999999999999999"},
        {"order": "x"},
        {"area": "'"},
        {"scheme": "x"},
    ):
        assert client.get("/roll", query_string=nonsense).status_code == 200


def test_a_household_is_shown_masked_until_somebody_says_why(signed_in, take_in):
    take_in(csv_of([person(name="<b>虚构</b>")]))
    client = signed_in("county")
    page = client.get(f"/roll/{CODE}").text
    assert identity(1) not in page
    assert f"990000**********{identity(1)[-2:]}" in page
    assert "<b>虚构" not in page
    form = {"fields": ["identity"], "reason": "核对原件", "csrf_token": world.csrf_token(page)}
    assert identity(1) in client.post(f"/roll/{CODE}", data=form).text
    assert client.post(f"/roll/{CODE}", data={**form, "reason": ""}).status_code == 422
    assert identity(1) not in client.get(f"/roll/{CODE}").text
    assert "查看完整号码" not in signed_in("township").get(f"/roll/{CODE}").text
    assert signed_in("township-outside").get(f"/roll/{CODE}").status_code == 404


def test_a_roll_is_uploaded_tried_and_taken_in_on_the_pages(app, signed_in):
    client = signed_in("county")
    assert "还没有导入过" in client.get("/roll/imports").text
    sent = upload(client, csv_of([person()]), dry_run="1")
    assert sent.status_code == 303
    address = sent.headers["Location"]
    assert "hx-get" in client.get(address).text
    work_off(app)
    part = client.get(address, headers={"HX-Request": "true"}).text
    assert "hx-get" not in part
    assert "<html" not in part
    applied = client.post(f"{address}/apply", data={"csrf_token": world.csrf_token(part)})
    work_off(app)
    assert "已导入" in client.get(applied.headers["Location"]).text
    assert "共 1 户" in client.get("/roll").text


def test_what_is_wrong_stands_on_the_page_with_the_sheet_to_fetch(app, signed_in):
    client = signed_in("county")
    address = upload(client, csv_of([person(benefit="-1")])).headers["Location"]
    work_off(app)
    page = client.get(address).text
    assert "金额不能为负数" in page
    assert "errors.xlsx" in page
    assert upload(client, b"").status_code == 422


def test_full_numbers_are_exported_from_the_page_with_a_reason_only(signed_in, take_in):
    take_in(csv_of([person()]))
    client = signed_in("county")
    form = {"format": "csv", "reason": "年度核对", "csrf_token": world.csrf_token(client.get("/roll").text)}
    assert identity(1) in client.post("/roll/export", data=form).text
    assert client.post("/roll/export", data={**form, "reason": ""}).status_code == 422
    assert client.post("/roll/export", data={**form, "format": "exe"}).status_code == 422

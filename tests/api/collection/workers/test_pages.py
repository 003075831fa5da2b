"""The pages and the programming interface of workers: nothing secret is kept, in a cache, an address or the log."""

import base64
import json
import re
import zlib

import field
import pytest
import sqlalchemy as sa
import world
from collect import Phone

from api.collection.forms import publish_form
from api.collection.workers.code import drawn
from api.people.tables import AuditEntry
from survey_forms.catalogue import _text
from survey_forms.compile import compile_form

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture
def worker(database):
    with database.read() as session:
        return str(field.account(session, "surveyor").id)


@pytest.fixture
def township(signed_in):
    """A township reviewer who opens a page and sends one of its forms with what it carries."""
    client = signed_in("township")

    def send(address, page, **form):
        text = client.get(page).text
        hidden = dict(re.findall(r'type="hidden" name="(as_of)" value="([^"]*)"', text))
        return client.post(address, data={"csrf_token": world.csrf_token(text), **hidden, **form})

    send.client = client
    return send


def address_on(page):
    return re.search(r"<code[^>]*>(http://[^<]+/key/[^<]+)</code>", page.text).group(1)


def test_a_key_is_shown_once_on_a_page_that_nobody_keeps_and_works(township, worker, client, database):
    page = township(f"/workers/{worker}/keys", f"/workers/{worker}")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    key = address_on(page).rpartition("/")[2]
    assert Phone(client, token=key).get("formList").status_code == 200
    assert key not in page.request.url
    assert key not in township.client.get(f"/workers/{worker}").text
    with database.read() as session:
        assert key not in json.dumps([entry.details for entry in session.scalars(sa.select(AuditEntry))])


def test_the_drawing_on_the_page_is_the_code_of_that_key(township, worker, client, bearer):
    answer = client.post(f"/api/workers/{worker}/keys", json={}, headers=bearer("township"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    settings = json.loads(zlib.decompress(base64.b64decode(answer.json["settings_code"])))
    assert settings["general"]["server_url"] == answer.json["server_url"]
    assert settings["project"]["name"] == "入户"
    page = township(f"/workers/{worker}/keys", f"/workers/{worker}")
    shown = re.search(r'<svg viewBox="[^"]*" class="qr">.*?</svg>', page.text, re.DOTALL).group(0)
    again = {**settings, "general": {**settings["general"], "server_url": address_on(page)}}
    plain = json.dumps(again, ensure_ascii=False, separators=(",", ":")).encode()
    assert shown == drawn(base64.b64encode(zlib.compress(plain, 9)).decode())


def test_a_form_sent_twice_issues_one_key(township, worker):
    text = township.client.get(f"/workers/{worker}").text
    form = {
        "csrf_token": world.csrf_token(text),
        "as_of": re.search(r'name="as_of" value="([^"]*)"', text).group(1),
        "end_old": "1",
        "sure": "1",
    }
    assert township.client.post(f"/workers/{worker}/keys", data=form).status_code == 200
    again = township.client.post(f"/workers/{worker}/keys", data=form)
    assert (again.status_code, "二维码只显示一次" in again.text) == (409, True)


def test_old_cards_end_only_when_that_was_said(township, worker, client):
    refused = township(f"/workers/{worker}/keys", f"/workers/{worker}", end_old="1")
    assert (refused.status_code, "旧卡立即失效" in refused.text) == (422, True)
    assert Phone(client).get("formList").status_code == 200
    township(f"/workers/{worker}/keys", f"/workers/{worker}", end_old="1", sure="1")
    answer = Phone(client).get("formList")
    assert answer.status_code == 403


def test_cards_are_printed_for_who_has_no_key(township, client, database):
    text = township.client.get("/workers").text
    form = {"csrf_token": world.csrf_token(text), "names": "虚构巴桑\n虚构卓玛", "area_code": world.TOWNSHIP}
    page = township.client.post("/workers", data=form, follow_redirects=True).text
    assert "已建立 2 人" in page
    page = township.client.get("/workers/cards").text
    assert "为没有手机密钥的 2 名调查员打印卡片" in page
    ids = re.findall(r'name="worker" value="([^"]+)" checked', page)
    cards = township("/workers/cards", "/workers/cards", worker=ids)
    assert cards.headers["Cache-Control"] == "no-store"
    assert cards.text.count('class="phone-card"') == cards.text.count('class="qr"') == 2
    assert "江孜县 江孜镇" in cards.text
    assert "有问题找：测试township" in cards.text
    assert township("/workers/cards", "/workers/cards", worker=ids).status_code == 409
    assert township("/workers/cards", "/workers/cards").status_code == 422
    assert "这里的每个人都已有手机密钥" in township.client.get("/workers/cards").text
    assert Phone(client).get("formList").status_code == 200  # the surveyor's own phone goes on


def test_a_worker_is_stopped_taken_back_and_spoken_to_in_another_language(township, worker, client):
    page = f"/workers/{worker}"
    township(f"/workers/{worker}/stop", page)
    assert "账号已停用" in township.client.get(page).text
    assert Phone(client).get("formList").status_code == 403
    township(f"/workers/{worker}/reinstate", page)
    assert Phone(client).get("formList").status_code == 200
    township(page, page, display_name="虚构新名", language="en")
    answer = Phone(client).head()
    assert answer.headers["Content-Language"] == "en"
    assert "虚构新名" in township.client.get("/workers").text


def test_the_worker_page_says_whether_the_phones_forms_are_current(township, worker, client, database):
    assert "还没有取" in township.client.get(f"/workers/{worker}").text
    Phone(client).get("formList?deviceID=collect:xyz", headers={"User-Agent": "org.odk.collect.android/v2025.3 x"})
    page = township.client.get(f"/workers/{worker}").text
    assert "ODK Collect v2025.3" in page
    assert "collect:xyz" in page
    assert "最新" in page
    with database.transaction() as session:
        newer = compile_form(_text("home_visit").replace('version = "', 'version = "9', 1))
        publish_form(session, newer)
    assert "最新" not in township.client.get(f"/workers/{worker}").text


def test_the_list_is_taken_along_as_a_file_without_formulas(township, database):
    with database.transaction() as session:
        field.account(session, "surveyor").display_name = "=1+1"
    answer = township.client.get("/workers.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    heading, row = answer.data.decode("utf-8-sig").splitlines()
    assert heading.startswith("姓名,账号,在哪里,已分配")
    assert row.startswith("'=1+1,surveyor,江孜镇,0,0,0,1,0,")


def test_programs_enrol_read_and_change_workers(client, bearer, worker):
    headers = bearer("county")
    body = {"role": "spot_checker", "area_code": world.COUNTY, "names": ["虚构抽查员"], "language": "en"}
    made = client.post("/api/workers", json=body, headers=headers).json["made"]
    assert made[0]["name"] == f"{world.COUNTY}-c01"
    listed = client.get(f"/api/workers?area={world.TOWNSHIP}", headers=headers).json
    assert [(one["name"], one["keys"], one["grants"]) for one in listed] == [
        ("surveyor", 1, [{"role": "surveyor", "area_code": world.TOWNSHIP}])
    ]
    one = client.patch(f"/api/workers/{worker}", json={"language": "en"}, headers=headers).json
    assert (one["language"], len(one["phones"])) == ("en", 1)
    key = one["phones"][0]["id"]
    assert client.delete(f"/api/workers/{worker}/keys/{key}", headers=headers).status_code == 204
    assert client.delete(f"/api/workers/{worker}/keys/{key}", headers=headers).status_code == 404
    assert client.post(f"/api/workers/{worker}/stop", headers=headers).json == {"households": 0, "keys": 0, "left": 0}
    assert client.post(f"/api/workers/{worker}/keys", json={}, headers=headers).status_code == 409

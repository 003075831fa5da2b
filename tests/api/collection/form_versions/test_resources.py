"""Every published form with its state and use; closing, reopening, withdrawing; what a version asks."""

import dataclasses
import hashlib
import io

import openpyxl
import pytest
import world
from collect import Phone, visit, words
from forms import ROWS, sheets, uploaded, workbook
from lxml import etree

from api.collection.forms import publish_form
from survey_forms.catalogue import compiled
from survey_forms.compile import compile_form

HOUSE = compiled("home_visit").version


@pytest.fixture
def own(supervisor):
    """The county's own version of the home visit, published."""
    content = workbook(sheets(settings={"form_id": "home_visit"}))
    return supervisor.publish(supervisor.draft(content)).json


@pytest.fixture
def house(supervisor):
    return next(form for form in supervisor.get("forms").json if form["area_code"] == "")


def listed(phone):
    return [form.findtext("{*}version") for form in etree.fromstring(phone.get("formList").data)]


def test_the_list_says_of_each_version_whose_it_is_who_published_it_and_what_has_come(supervisor, own, client):
    phone = Phone(client, "surveyor")
    phone.send(visit("uuid:1"))
    phone.send(visit("uuid:2"))
    assert Phone(client, "checker-outside").send(visit("uuid:3", household=None)).status_code == 201
    forms = {form["area_code"]: form for form in supervisor.get("forms").json}
    assert (forms[""]["version"], forms[""]["submissions"], forms[""]["published_by"]) == (HOUSE, 2, "")
    mine = forms[world.COUNTY]
    assert (mine["submissions"], mine["published_by"], mine["source_name"]) == (0, "测试county", "own.xlsx")
    assert mine["hash"] == own["hash"]


def test_the_list_comes_in_pages(supervisor, own):
    answer = supervisor.get("forms?page=2&page_size=1")
    assert [form["id"] for form in answer.json] == [own["id"]]
    assert '"total": 2' in answer.headers["X-Pagination"]


def test_a_closed_own_form_takes_no_more_and_the_houses_comes_back_until_it_is_reopened(supervisor, own, client):
    phone = Phone(client, "surveyor")
    closed = supervisor.post(f"forms/{own['id']}/close").json
    assert closed["state"] == "closed"
    assert listed(phone) == [HOUSE]
    answer = phone.send(visit("uuid:1").replace(HOUSE.encode(), own["version"].encode()))
    assert answer.status_code == 409
    assert "测试county" in words(answer)
    assert supervisor.post(f"forms/{own['id']}/reopen").json["state"] == "published"
    assert listed(phone) == [own["version"]]


def test_a_withdrawn_own_form_makes_way_for_the_houses_and_stays_accepted(supervisor, own, client):
    phone = Phone(client, "surveyor")
    assert supervisor.post(f"forms/{own['id']}/withdraw").json["state"] == "superseded"
    assert listed(phone) == [HOUSE]
    assert phone.send(visit("uuid:1").replace(HOUSE.encode(), own["version"].encode())).status_code == 201
    assert supervisor.post(f"forms/{own['id']}/withdraw").status_code == 409


def test_the_houses_form_is_closed_only_by_who_manages_more_than_one_county(supervisor, house, client, bearer):
    assert supervisor.post(f"forms/{house['id']}/close").status_code == 403
    answer = client.post(f"/api/forms/{house['id']}/close", headers=bearer("admin"))
    assert (answer.status_code, answer.json["state"]) == (200, "closed")
    assert client.post(f"/api/forms/{house['id']}/reopen", headers=bearer("admin")).json["state"] == "published"
    assert client.post(f"/api/forms/{house['id']}/close", headers=bearer("admin-outside")).status_code == 403


def test_the_questions_come_in_order_with_words_type_condition_and_meaning(supervisor, house):
    asked = {question["name"]: question for question in supervisor.get(f"forms/{house['id']}/questions").json}
    wages = asked["wages"]
    assert (wages["type"], wages["evidence"]) == ("int", "visit.income_wages_yuan_per_year")
    assert set(wages["label"]) == {"zh", "en"}
    assert asked["withheld_amount"]["relevant"] == "(${met} = 1) and (${withheld} = 'yes')"
    assert asked["asset_kind"]["repeats"] == ["/data/assets"]
    assert {choice["name"] for choice in asked["outcome"]["choices"]} >= {"met_householder", "moved"}


def test_two_versions_are_compared_from_the_older_to_the_newer(supervisor, own, house):
    found = supervisor.get(f"forms/{own['id']}/comparison?other={house['id']}").json
    assert found[0]["dangerous"]
    assert {one["kind"] for one in found} >= {"removed"}
    assert supervisor.get(f"forms/{own['id']}/comparison").status_code == 422


def test_the_frozen_bytes_and_the_uploaded_file_can_be_saved(supervisor, own, client):
    xform = supervisor.get(f"forms/{own['id']}/xform")
    assert xform.data == Phone(client, "surveyor").get(f"forms/home_visit/{own['version']}").data
    assert xform.headers["Content-Disposition"].startswith("attachment")
    source = supervisor.get(f"forms/{own['id']}/source")
    assert openpyxl.load_workbook(io.BytesIO(source.data)).sheetnames == ["survey", "choices", "settings"]
    assert source.headers["Content-Disposition"].endswith("own.xlsx")


def test_a_county_begins_with_the_houses_form_as_a_workbook_and_uploads_it_again(supervisor, house, client):
    answer = supervisor.get(f"forms/{house['id']}/source")
    assert answer.headers["Content-Disposition"].endswith(f"home_visit-{HOUSE}.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    settings = book["settings"]
    column = next(cell.column for cell in settings[1] if cell.value == "version")
    settings.cell(2, column).value = "2026123101"
    held = io.BytesIO()
    book.save(held)
    form = supervisor.publish(supervisor.draft(held.getvalue()))
    assert form.status_code == 201, form.text
    found = supervisor.get(f"forms/{form.json['id']}/comparison?other={house['id']}").json
    assert found == [], "nothing but the version was changed"
    assert listed(Phone(client, "surveyor")) == ["2026123101"]


def test_field_workers_and_inspectors_have_no_business_here(supervisor, own, client, bearer):
    for name in ("surveyor", "checker", "township", "city", "discipline"):
        assert client.get("/api/forms", headers=bearer(name)).status_code == 403, name
        assert client.get(f"/api/forms/{own['id']}/xform", headers=bearer(name)).status_code == 403, name


def test_what_is_asked_of_a_draft_before_it_is_published_is_shown_the_same_way(supervisor, house):
    rows = [*ROWS, ("integer", "camels", "几头骆驼？", None, "visit.camels_count")]
    draft = supervisor.draft(workbook(sheets(rows=rows, settings={"form_id": "home_visit"})))
    asked = supervisor.get(f"form-drafts/{draft}/questions").json
    assert [question["name"] for question in asked] == [row[1] for row in rows]
    added = [one for one in supervisor.get(f"form-drafts/{draft}/comparison").json if one["kind"] == "added"]
    assert [one["name"] for one in added] == ["camels"]
    new = supervisor.draft(workbook(sheets(settings={"form_id": "quite_new"})))
    assert supervisor.get(f"form-drafts/{new}/comparison").json == []
    broken = supervisor.post("form-drafts", data=uploaded(b"survey,x\n", "x.csv", county_code=world.COUNTY)).json["id"]
    assert supervisor.get(f"form-drafts/{broken}/questions").status_code == 404


PICTURED = """
[languages]
zh = "中文 (zh)"
[settings]
form_id = "pictured"
version = "1"
[[survey]]
type = "note"
name = "look"
label = { zh = "请看图" }
"""


def test_a_file_that_a_form_names_and_nobody_has_is_named_on_the_page_with_what_to_do(supervisor, signed_in, database):
    with database.transaction() as session:
        form = publish_form(session, pictured())
        key = form.id
    by_id = {form["form_id"]: form for form in supervisor.get("forms").json}
    assert by_id["pictured"]["files_missing"] == ["nobody-has.png"]
    assert by_id["home_visit"]["files_missing"] == []
    county = signed_in("county")
    assert county.get("/forms").text.count("缺 1 个附件") == 1
    page = county.get(f"/forms/{key}").text
    assert "缺少附件：nobody-has.png" in page
    assert "重新上传、发布新版本" in page


def pictured():
    """The house's form of one note, whose bytes name a picture."""
    made = compile_form(PICTURED)
    xml = made.xml.replace(
        "<value>请看图</value>".encode(),
        '<value>请看图</value><value form="image">jr://images/nobody-has.png</value>'.encode(),
    )
    assert b"nobody-has" in xml
    return dataclasses.replace(made, xml=xml, sha256=hashlib.sha256(xml).hexdigest())

"""What phones get under their key, and the headers that make them believe it."""

import hashlib

import pytest
import sqlalchemy as sa
import world
from collect import Phone, visit, words
from lxml import etree

from api.campaigns.tables import Campaign, CampaignForm
from api.collection.forms import publish_form
from api.collection.tables import FormVersion
from api.problems import Conflict
from survey_forms.catalogue import compiled
from survey_forms.compile import compile_form

SECOND = """
[languages]
zh = "中文 (zh)"
[settings]
form_id = "second"
form_title = "第二张表"
version = "{version}"
[[survey]]
type = "text"
name = "household_code"
label = {{ zh = "{label}" }}
evidence = "interview.household"
"""


def second(version="1", label="户编码"):
    return compile_form(SECOND.format(version=version, label=label))


def listed(answer):
    assert answer.status_code == 200
    root = etree.fromstring(answer.data)
    assert root.tag == "{http://openrosa.org/xforms/xformsList}xforms"
    return [{etree.QName(part).localname: part.text for part in form} for form in root]


def test_the_list_names_each_form_with_the_hash_of_the_very_bytes_served(phone, client):
    (form,) = listed(phone.get("formList"))
    house = compiled("home_visit")
    assert (form["formID"], form["name"], form["version"]) == ("home_visit", "入户调查", house.version)
    address = "http://127.0.0.1:8000"
    assert form["downloadUrl"] == f"{address}{phone.key}/forms/home_visit/{house.version}"
    served = client.get(form["downloadUrl"].removeprefix(address))
    assert served.content_type == "text/xml; charset=utf-8"
    assert form["hash"] == "md5:" + hashlib.md5(served.data, usedforsecurity=False).hexdigest()
    assert form["manifestUrl"] == f"{form['downloadUrl']}/manifest"


def test_addresses_come_from_the_settings_never_from_the_host_header(phone):
    (form,) = listed(phone.get("formList", headers={"Host": "evil.example"}))
    assert "evil" not in form["downloadUrl"]


@pytest.mark.parametrize("path", ["formList", "forms/home_visit/{version}", "forms/home_visit/{version}/manifest"])
def test_unchanged_lists_forms_and_manifests_cost_a_304(phone, path):
    path = path.format(version=compiled("home_visit").version)
    tag = phone.get(path).headers["ETag"]
    again = phone.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["X-OpenRosa-Version"] == "1.0"


def test_a_filtered_list_holds_only_the_form_asked_for(phone, database):
    with database.transaction() as session:
        publish_form(session, second())
    assert [form["formID"] for form in listed(phone.get("formList"))] == ["home_visit", "second"]
    assert [form["formID"] for form in listed(phone.get("formList?formID=second"))] == ["second"]
    assert listed(phone.get("formList?formID=third")) == []


def test_a_list_that_would_be_empty_is_a_503_because_phones_delete_what_is_not_listed(phone, database):
    with database.transaction() as session:
        session.execute(sa.delete(FormVersion))
    answer = phone.get("formList")
    assert answer.status_code == 503
    words(answer)


def test_a_new_version_replaces_the_old_one_in_the_list_and_the_old_one_stays_accepted(phone, database):
    with database.transaction() as session:
        publish_form(session, second("1"))
        publish_form(session, second("2"))
    assert [form["version"] for form in listed(phone.get("formList?formID=second"))] == ["2"]
    old = b'<data id="second" version="1"><meta><instanceID>uuid:1</instanceID></meta></data>'
    assert phone.send(old).status_code == 201
    assert phone.get("forms/second/1").status_code == 200


def test_publishing_again_changes_nothing_and_other_bytes_under_a_used_version_are_refused(session):
    first = publish_form(session, second())
    assert publish_form(session, second()).id == first.id
    with pytest.raises(Conflict, match="提高版本号"):
        publish_form(session, second(label="改过的"))


def test_a_campaign_in_the_area_says_which_forms_are_in_use(phone, database):
    with database.transaction() as session:
        publish_form(session, second())
        session.add(
            Campaign(
                name="t", document_number="1", area_code=world.COUNTY, forms=[CampaignForm(form_id="second")]
            )
        )  # fmt: skip
    assert [form["formID"] for form in listed(phone.get("formList"))] == ["second"]
    other = Phone(phone.client, "checker-outside")
    assert [form["formID"] for form in listed(other.get("formList"))] == ["home_visit", "second"]


def test_a_form_for_other_roles_is_not_listed(client, database):
    with database.transaction() as session:
        publish_form(session, second(), for_roles=["spot_checker"])
    assert [form["formID"] for form in listed(Phone(client).get("formList"))] == ["home_visit"]
    checker = Phone(client, "checker")
    assert [form["formID"] for form in listed(checker.get("formList"))] == ["home_visit", "second"]


def test_head_of_a_submission_says_204_and_how_much_may_come(phone, settings):
    answer = phone.head()
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["X-OpenRosa-Accept-Content-Length"] == str(settings.submission_batch_bytes)
    assert answer.headers["Content-Language"] == "zh"


@pytest.mark.parametrize("path", ["formList", "forms/none/1", "forms/none/1/manifest", "nothing-here"])
def test_refusals_speak_openrosa_too(phone, path):
    if path == "formList":
        phone.key = "/key/wrong"
    answer = phone.get(path)
    assert answer.status_code == (403 if path == "formList" else 404)
    words(answer)


def test_a_missing_version_header_is_forgiven(client):
    answer = client.get(f"/key/{world.PHONE_TOKENS['surveyor']}/formList")
    assert answer.status_code == 200
    assert answer.headers["X-OpenRosa-Version"] == "1.0"


def test_an_account_that_does_no_field_work_cannot_send(client):
    answer = Phone(client, "discipline").send(visit())
    assert answer.status_code == 403
    words(answer)


def test_a_clock_twelve_hours_wrong_is_no_reason_to_refuse(phone):
    assert phone.get("formList", headers={"Date": "Mon, 01 Jan 1990 25:61:00 GMT"}).status_code == 200

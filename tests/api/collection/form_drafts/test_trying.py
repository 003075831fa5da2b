"""A draft is tried on real phones and never becomes evidence; what is sent to it goes with it."""

import base64
import hashlib
import json
import zlib

import pytest
import sqlalchemy as sa
import world
from collect import JPEG, Phone, visit, words
from forms import ROWS, sheets, uploaded, workbook
from lxml import etree

from api.collection.form_drafts.tables import FormDraftSubmission
from api.collection.form_drafts.trial import sweep_folders
from api.collection.tables import Quarantined, Submission
from api.evidence.tables import Evidence
from survey_forms.filling import fill
from survey_forms.xform import read_schema

HOUSEHOLD = f"{world.VILLAGE}-0001"


@pytest.fixture
def draft(supervisor):
    return supervisor.draft()


def filled(phone, instance_id="uuid:1", **answers):
    schema = read_schema(phone.get("form").data)
    given = {"household_code": HOUSEHOLD, "outcome": "met_householder", "wages": 1200, **answers}
    return fill(schema, given, instance_id=instance_id, check=False)


def count(database, *tables):
    with database.read() as session:
        return [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]


def parts(answer):
    assert answer.status_code == 200, answer.text
    return [{etree.QName(part).localname: part.text for part in entry} for entry in etree.fromstring(answer.data)]


def test_a_phone_with_the_drafts_key_gets_the_draft_and_nothing_else(supervisor, draft):
    phone = supervisor.key(draft)
    (listed,) = parts(phone.get("formList"))
    assert (listed["formID"], listed["version"]) == ("own_visit", "2026080101")
    assert listed["name"].startswith("草稿")
    form = phone.client.get(listed["downloadUrl"].removeprefix("http://127.0.0.1:8000"))
    assert listed["hash"] == "md5:" + hashlib.md5(form.data, usedforsecurity=False).hexdigest()
    assert "manifestUrl" not in listed
    assert phone.get("form", headers={"If-None-Match": form.headers["ETag"]}).status_code == 304
    phone.key = phone.key.removesuffix("/draft")
    assert phone.get("formList").status_code == 403
    assert phone.send(visit()).status_code == 403


def test_an_ordinary_key_does_not_open_a_draft(client):
    phone = Phone(client, token=f"{world.PHONE_TOKENS['surveyor']}/draft")
    assert phone.get("formList").status_code == 403
    assert phone.send(visit()).status_code == 403


def test_the_code_sets_up_a_project_of_its_own(supervisor, draft):
    key = supervisor.post(f"form-drafts/{draft}/keys", json={}).json
    told = json.loads(zlib.decompress(base64.b64decode(key["settings"])))
    assert told["general"]["server_url"] == key["address"]
    assert set(told) == {"general", "admin", "project"}
    (kept,) = supervisor.get(f"form-drafts/{draft}/keys").json
    assert set(kept) == {"id", "account_name", "created_at", "expires_at"}


def test_a_trial_record_is_stored_durably_apart_and_never_becomes_evidence(supervisor, draft, database, app):
    phone = supervisor.key(draft, "surveyor")
    assert phone.head().status_code == 204
    answer = phone.send(filled(phone, house_photo="house.jpg"), {"house.jpg": JPEG})
    assert answer.status_code == 201
    assert "不会成为证据" in words(answer)
    assert count(database, FormDraftSubmission, Submission, Evidence, Quarantined) == [1, 0, 0, 0]
    (trial,) = supervisor.get(f"form-drafts/{draft}/trials").json
    assert trial["account_name"] == "测试surveyor"
    assert {"role": "visit.income_wages_yuan_per_year", "answer": "1200"} in trial["would_show"]
    assert {"role": "visit.household", "answer": HOUSEHOLD} in trial["would_show"]
    assert (trial["problems"], trial["files_missing"]) == ([], [])
    photo = supervisor.get(f"form-drafts/{draft}/trials/{trial['id']}/files/house.jpg")
    assert photo.data == JPEG
    assert photo.headers["Content-Disposition"].startswith("attachment")
    blobs = app.extensions["ruhu_blobs"]
    assert not blobs.path(hashlib.sha256(JPEG).hexdigest()).exists()


def test_a_supervisor_who_sends_nothing_else_may_try_it_too(supervisor, draft):
    phone = supervisor.key(draft)
    assert phone.send(filled(phone)).status_code == 201


def test_sent_again_it_is_known_with_more_files_it_grows_and_with_other_answers_it_is_refused(supervisor, draft):
    phone = supervisor.key(draft)
    xml = filled(phone, house_photo="house.jpg")
    assert [phone.send(xml).status_code for _ in range(2)] == [201, 202]
    assert supervisor.get(f"form-drafts/{draft}/trials").json[0]["files_missing"] == ["house.jpg"]
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 201
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 202
    assert phone.send(xml, {"house.jpg": JPEG + b"x"}).status_code == 409
    assert phone.send(filled(phone, wages=1)).status_code == 409
    assert len(supervisor.get(f"form-drafts/{draft}/trials").json) == 1


def test_answers_that_cannot_be_read_are_shown_on_the_draft(supervisor, draft):
    phone = supervisor.key(draft)
    assert phone.send(filled(phone, wages="a lot")).status_code == 201
    (trial,) = supervisor.get(f"form-drafts/{draft}/trials").json
    assert [problem["path"] for problem in trial["problems"]] == ["/data/wages"]


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda xml: xml[:-20], 400),
        (lambda xml: xml.replace(b"uuid:1", b""), 400),
        (lambda xml: xml.replace(b'id="own_visit"', b'id="home_visit"'), 404),
        (lambda _: None, 400),
    ],
)
def test_what_is_no_record_of_this_form_is_refused_and_not_kept(supervisor, draft, database, spoil, status):
    phone = supervisor.key(draft)
    answer = phone.send(spoil(filled(phone)), {"house.jpg": JPEG})
    assert answer.status_code == status
    words(answer)
    assert count(database, FormDraftSubmission, Quarantined) == [0, 0]


def test_a_mended_draft_is_loaded_by_the_same_key_and_older_trials_are_read_by_it(supervisor, draft):
    phone = supervisor.key(draft)
    phone.send(filled(phone))
    more = workbook(sheets(rows=[*ROWS, ("integer", "cattle", "几头牛？", None, "visit.cattle_count")],
                           settings={"version": "2026080102"}))  # fmt: skip
    supervisor.post(f"form-drafts/{draft}/file", data=uploaded(more))
    assert parts(phone.get("formList"))[0]["version"] == "2026080102"
    assert phone.send(filled(phone, "uuid:2", cattle=3)).status_code == 201
    newer, older = supervisor.get(f"form-drafts/{draft}/trials").json
    assert {"role": "visit.cattle_count", "answer": "3"} in newer["would_show"]
    assert older["form_version"] == "2026080101"


def test_a_broken_upload_leaves_phones_with_the_last_that_compiled(supervisor, draft):
    phone = supervisor.key(draft)
    broken = workbook(sheets(rows=[*ROWS, ("selekt", "roof", "屋顶？", None, None)]))
    answer = supervisor.post(f"form-drafts/{draft}/file", data=uploaded(broken))
    assert answer.json["state"] == "broken"
    assert parts(phone.get("formList"))[0]["version"] == "2026080101"


def test_files_of_a_draft_reach_the_phone_through_its_manifest(supervisor, draft):
    towns = "name,label\n540222100,江孜镇\n"
    added = supervisor.post(f"form-drafts/{draft}/media", data=uploaded(towns.encode("gb18030"), "towns.csv"))
    assert added.status_code == 201, added.text
    supervisor.post(f"form-drafts/{draft}/media", data=uploaded(JPEG, "房屋 示例.jpg"))
    phone = supervisor.key(draft)
    (listed,) = parts(phone.get("formList"))
    manifest = phone.client.get(listed["manifestUrl"].removeprefix("http://127.0.0.1:8000"))
    files = {file["filename"]: file for file in parts(manifest)}
    assert set(files) == {"towns.csv", "房屋 示例.jpg"}
    for file in files.values():
        served = phone.client.get(file["downloadUrl"].removeprefix("http://127.0.0.1:8000"), buffered=True)
        assert file["hash"] == "md5:" + hashlib.md5(served.data, usedforsecurity=False).hexdigest()
    assert phone.client.get(f"{phone.key}/media/towns.csv", buffered=True).data.decode() == towns
    assert phone.get("media/none.csv").status_code == 404
    assert supervisor.delete(f"form-drafts/{draft}/media/towns.csv").status_code == 204
    assert [file["filename"] for file in parts(phone.get("manifest"))] == ["房屋 示例.jpg"]


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [(b"MZ", "virus.exe", 415), (b"", "empty.csv", 422), (b"<script>", "x.html", 415), (b"\xff\xff", "towns.csv", 415)],
)
def test_a_file_that_no_form_uses_is_refused(supervisor, draft, content, name, status):
    assert supervisor.post(f"form-drafts/{draft}/media", data=uploaded(content, name)).status_code == status


def test_a_key_ends_when_it_is_ended_and_opens_nothing_of_another_draft(supervisor, draft):
    phone = supervisor.key(draft)
    (key,) = supervisor.get(f"form-drafts/{draft}/keys").json
    other = supervisor.draft(workbook(sheets(settings={"form_id": "other"})))
    assert supervisor.delete(f"form-drafts/{other}/keys/{key['id']}").status_code == 404
    assert supervisor.delete(f"form-drafts/{draft}/keys/{key['id']}").status_code == 204
    assert phone.get("formList").status_code == 403


def test_only_people_of_the_county_who_get_forms_may_try_it(supervisor, draft, database):
    for name, status in (("surveyor", 201), ("checker", 201), ("discipline", 422), ("surveyor-outside", 201),
                         ("checker-outside", 422)):  # fmt: skip
        with database.read() as session:
            account = str(world.viewer(session, name).account_id)
        answer = supervisor.post(f"form-drafts/{draft}/keys", json={"account_id": account})
        assert answer.status_code == status, name


@pytest.mark.parametrize("end", ["publish", "discard"])
def test_with_the_draft_its_records_bytes_and_keys_go(supervisor, draft, database, settings, end):
    phone = supervisor.key(draft)
    phone.send(filled(phone, house_photo="house.jpg"), {"house.jpg": JPEG})
    folder = settings.data_dir / "form-drafts" / draft
    sweep_folders(database, settings.data_dir)
    assert folder.is_dir()
    ended = supervisor.publish(draft) if end == "publish" else supervisor.delete(f"form-drafts/{draft}")
    assert ended.status_code in {201, 204}, ended.text
    assert count(database, FormDraftSubmission) == [0]
    assert phone.get("formList").status_code == 403
    assert phone.send(visit()).status_code == 403
    sweep_folders(database, settings.data_dir)
    assert not folder.exists()
    assert count(database, Submission, Evidence) == [0, 0]

"""Damaged answers mended by hand: checked before they are kept, the original beside them, taken in like any other."""

import io
import re

import pytest
import sqlalchemy as sa
import world
from collect import HOUSEHOLD, JPEG, visit

from api.collection.quarantine.show import lines_of
from api.collection.tables import QuarantineAct, Quarantined, Submission, SubmissionVersion
from api.people.tables import AuditEntry

WHY = "按调查员纸质记录补全，虚构"


def one_of(database, table):
    with database.read() as session:
        return session.scalars(sa.select(table)).one()


@pytest.fixture
def mend(client, bearer, database):
    def do_it(xml, name="county"):
        address = f"/api/quarantine/{one_of(database, Quarantined).id}/repairs"
        return client.post(address, json={"xml": xml, "why": WHY}, headers=bearer(name))

    return do_it


@pytest.fixture
def release(client, bearer, database):
    def do_it():
        address = f"/api/quarantine/{one_of(database, Quarantined).id}/acts"
        return client.post(address, json={"kind": "release", "why": WHY}, headers=bearer("county")).json

    return do_it


def test_mended_answers_are_kept_beside_the_damaged_ones_and_released_as_the_first_sender(
    phone, mend, release, app, database
):
    whole = visit("uuid:1")
    cut = whole[:-20]
    assert phone.send(cut, {"house.jpg": JPEG}).status_code == 400
    answer = mend(whole.decode())
    assert answer.status_code == 201, answer.text
    row, act = one_of(database, Quarantined), one_of(database, QuarantineAct)
    assert (row.state, row.stands_for, row.reason) == ("open", "mended", "cut-off")
    blobs = app.extensions["ruhu_blobs"]
    assert (blobs.read(act.xml_sha256), blobs.read(row.files[0]["sha256"])) == (whole, cut)
    assert release()["outcome"] == "new"
    version, submission = one_of(database, SubmissionVersion), one_of(database, Submission)
    assert version.sent_sha256 == row.files[0]["sha256"]
    assert (submission.household_code, submission.account_id) == (HOUSEHOLD, row.account_id)
    # the phone still holds the damaged one and sends it at every sync: it need not any more
    assert phone.send(cut, {"house.jpg": JPEG}).status_code == 202
    assert phone.send(whole, {"house.jpg": JPEG}).status_code == 202


def test_the_last_of_several_repairs_counts(phone, mend, release, app, database):
    phone.send(visit("uuid:1")[:-20])
    mend(visit("uuid:1", wages=1).decode())
    mend(visit("uuid:1", wages=2).decode())
    release()
    stored = app.extensions["ruhu_blobs"].read(one_of(database, SubmissionVersion).xml_sha256)
    assert stored == visit("uuid:1", wages=2)


@pytest.mark.parametrize(
    ("xml", "where"),
    [
        ("<data id='home_visit'><a>1</b></data>", "line 1, column 30"),
        ("<data id='home_visit'><a>", "byte 25"),
        ("<data id='home_visit'><meta/></data>", "/data/meta/instanceID"),
        ("<data><meta><instanceID>uuid:1</instanceID></meta></data>", "/data"),
        ("", "byte 0"),
        ("<!DOCTYPE data><data id='f'/>", "byte 0"),
    ],
)
def test_what_is_still_broken_is_refused_with_the_place_of_the_fault_and_nothing_is_kept(
    phone, mend, database, xml, where
):
    phone.send(visit("uuid:1")[:-20])
    answer = mend(xml)
    assert (answer.status_code, answer.json["where"]) == (422, where)
    assert "仍有问题" in answer.json["detail"]
    assert one_of(database, Quarantined).stands_for == "cut-off"


def test_whole_answers_are_not_mended(phone, mend):
    phone.send(visit("uuid:1").replace(b'id="home_visit"', b'id="other"'))
    assert mend(visit("uuid:1").decode()).status_code == 409


def test_mended_answers_of_an_unknown_form_wait_for_the_form(phone, mend, release, database):
    phone.send(visit("uuid:1")[:-20])
    mend(visit("uuid:1").replace(b'id="home_visit"', b'id="other"').decode())
    assert release()["refused_for"] == "unknown-form"
    assert one_of(database, Quarantined).stands_for == "unknown-form"


def test_the_page_shows_the_answers_safely_marks_the_fault_proposes_a_repair_and_writes_down_who_looked(
    phone, signed_in, database
):
    xml = visit("uuid:1", surveyor_note="<script>alert(1)</script> & 虚构").replace(
        b"<outcome_note/>", b"<outcome_note>"
    )
    assert phone.send(xml).status_code == 400
    row = one_of(database, Quarantined)
    operator = signed_in("county")
    page = operator.get(f"/quarantine/{row.id}/answers").text
    assert "<script>alert" not in page
    assert "&amp;lt;script&amp;gt;alert(1)" in page
    assert page.count('class="fault"') == 1
    assert "column" in page
    proposed = re.search(r"<textarea[^>]*>(.*)</textarea>", page, re.DOTALL)[1]
    assert "instanceID&gt;uuid:1&lt;" in proposed
    with database.read() as session:
        looked = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "quarantine.look")).one()
    assert (looked.actor_name, looked.object_id, looked.county_code) == ("county", str(row.id), world.COUNTY)


def test_on_the_page_a_repair_is_typed_or_uploaded_and_a_fault_is_shown_in_what_was_typed(phone, signed_in, database):
    phone.send(visit("uuid:1")[:-20])
    row = one_of(database, Quarantined)
    operator = signed_in("county")
    token = world.csrf_token(operator.get(f"/quarantine/{row.id}/answers").text)
    form = {"csrf_token": token, "why": WHY}
    typed = visit("uuid:1").decode().replace("<outcome_note/>", "<outcome_note>")
    refused = operator.post(f"/quarantine/{row.id}/repairs", data={**form, "xml": typed})
    assert refused.status_code == 422
    assert "修复后的答卷仍有问题" in refused.text
    assert WHY in refused.text or "outcome_note" in refused.text
    upload = {**form, "file": (io.BytesIO(visit("uuid:1")), "mended.xml")}
    saved = operator.post(f"/quarantine/{row.id}/repairs", data=upload, content_type="multipart/form-data")
    assert (saved.status_code, saved.headers["Location"]) == (303, f"/quarantine/{row.id}")
    assert "已修复，待接收" in operator.get(f"/quarantine/{row.id}").text


def test_of_two_conflicting_answers_the_page_shows_what_differs(phone, signed_in, database, assign):
    phone.send(visit("uuid:1", wages=1200))
    phone.send(visit("uuid:1", wages=99))
    row = one_of(database, Quarantined)
    page = signed_in("county").get(f"/quarantine/{row.id}/answers").text
    assert "与已存的一份有 1 处不同" in page
    assert "1200" in page
    # an administrator may see postings, but no evidence: nothing of what is stored
    page = signed_in("admin").get(f"/quarantine/{row.id}/answers").text
    assert "处不同" not in page


def test_a_comparison_shows_nothing_of_a_household_that_the_reader_is_to_check(phone, signed_in, database, assign):
    phone.send(visit("uuid:1", household=f"{world.VILLAGE}-0002", wages=1200))
    phone.send(visit("uuid:1", wages=99))  # kept aside as one of another household
    row = one_of(database, Quarantined)
    assert "1200" in signed_in("county").get(f"/quarantine/{row.id}/answers").text
    assign("county", household=f"{world.VILLAGE}-0002")
    assert "1200" not in signed_in("county").get(f"/quarantine/{row.id}/answers").text


@pytest.mark.parametrize(
    ("xml", "where", "expected"),
    [
        (b"<a>\n<b>\n1</c>", "line 3, column 5", [("<a>", False), ("<b>", False), ("1</c", True)]),
        (b"<a><b>1", "byte 7", [("<a>", False), ("<b>1", False), ("", True)]),
        ("<a>户</b>".encode(), "byte 6", [("<a>户", True)]),
        (b"<a><meta/></a>", "/a/meta/instanceID", [("<a>", False), ("", True), ("</a>", False)]),
        (b"\xff\xfe", "byte 0", [("", True)]),
        (b"", "byte 0", [("", True)]),
        (b"<a/>", "", [("<a/>", False)]),
        (b"<a/>", "line 99, column 99", [("<a/>", False), ("", True)]),
    ],
)
def test_answers_are_shown_in_lines_with_the_fault_where_it_is(xml, where, expected):
    assert [(line.before, line.marked) for line in lines_of(xml, where)] == expected

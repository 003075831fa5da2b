"""Each row of the table in the OpenRosa requirements, in its order, as the phone meets it."""

import pytest
import sqlalchemy as sa
from collect import HOUSEHOLD, JPEG, visit, words

from api.collection import phones
from api.collection.derive import sweep
from api.collection.forms import close_form
from api.collection.receive import RELATED
from api.collection.tables import Attachment, Quarantined, Submission, SubmissionVersion
from api.evidence.tables import Evidence


def all_of(database, table, **where):
    with database.read() as session:
        return session.scalars(sa.select(table).filter_by(**where)).all()


def kept_aside(database):
    return [(row.reason, row.times) for row in all_of(database, Quarantined)]


def flags(database):
    return [flag["kind"] for version in all_of(database, SubmissionVersion) for flag in version.flags]


def test_a_new_submission_is_stored_whole_and_answered_201(phone, app, database, stored):
    xml = visit("uuid:1")
    answer = phone.send(xml, {"house.jpg": JPEG})
    assert (answer.status_code, words(answer)) == (201, "已收到，感谢您的工作")
    assert stored() == (1, 1)
    (version,) = all_of(database, SubmissionVersion)
    (photo,) = all_of(database, Attachment)
    blobs = app.extensions["ruhu_blobs"]
    assert (blobs.read(version.xml_sha256), blobs.read(photo.sha256)) == (xml, JPEG)
    assert (photo.name, photo.media_type, photo.named) == ("house.jpg", "image/jpeg", True)
    (submission,) = all_of(database, Submission)
    assert (submission.household_code, submission.device_id) == (HOUSEHOLD, "collect:test")
    assert version.flags == []
    assert version.derived_at is not None


def test_the_same_again_byte_for_byte_is_answered_202_and_nothing_is_stored_twice(phone, database, stored):
    xml = visit("uuid:1")
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 201
    answer = phone.send(xml, {"house.jpg": JPEG})
    assert answer.status_code == 202
    assert "无需再发" in words(answer)
    assert stored() == (1, 1)
    assert len(all_of(database, Attachment)) == 1


def test_the_same_xml_with_missing_files_adds_the_files_and_is_answered_201(phone, database, stored):
    xml = visit("uuid:1", assets_seen="yes", assets=[{"asset_kind": "vehicle", "asset_photo": "car.jpg"}])
    assert phone.send(xml).status_code == 201
    assert phone.send(xml, {"house.jpg": JPEG}, **{"*isIncomplete*": "yes"}).status_code == 201
    assert phone.send(xml, {"car.jpg": JPEG + b"2"}).status_code == 201
    assert phone.send(xml, {"car.jpg": JPEG + b"2"}).status_code == 202
    assert stored() == (1, 1)
    assert sorted(file.name for file in all_of(database, Attachment)) == ["car.jpg", "house.jpg"]


def test_another_file_under_a_stored_name_is_refused_409_and_both_are_kept(phone, app, database):
    xml = visit("uuid:1")
    phone.send(xml, {"house.jpg": JPEG})
    answer = phone.send(xml, {"house.jpg": b"another photo", "new.jpg": JPEG})
    assert answer.status_code == 409
    assert "house.jpg" in words(answer)
    (file,) = all_of(database, Attachment)
    blobs = app.extensions["ruhu_blobs"]
    assert blobs.read(file.sha256) == JPEG
    (aside,) = all_of(database, Quarantined)
    assert aside.reason == "other-file"
    kept = {file["name"]: blobs.read(file["sha256"]) for file in aside.files}
    assert kept == {"xml_submission_file": xml, "house.jpg": b"another photo", "new.jpg": JPEG}


def test_the_same_instance_id_with_other_xml_is_refused_409_and_kept_for_review(phone, app, database, stored):
    first, second = visit("uuid:1"), visit("uuid:1", wages=99)
    phone.send(first)
    answer = phone.send(second)
    assert answer.status_code == 409
    assert "内容不同" in words(answer)
    assert stored() == (1, 1)
    (aside,) = all_of(database, Quarantined)
    assert app.extensions["ruhu_blobs"].read(aside.files[0]["sha256"]) == second


def test_a_file_the_xml_does_not_name_is_stored_and_flagged_201(phone, database):
    assert phone.send(visit("uuid:1"), {"house.jpg": JPEG, "stray.jpg": JPEG}).status_code == 201
    assert {file.name: file.named for file in all_of(database, Attachment)} == {"house.jpg": True, "stray.jpg": False}
    assert flags(database) == ["stray-file"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda xml: xml[: len(xml) // 2], "cut-off"),
        (lambda xml: xml.replace(b"</outcome>", b"</wrong>"), "not-well-formed"),
        (lambda xml: xml.replace(b' id="home_visit"', b""), "no-form-id"),
        (lambda xml: b"\x89PNG" + xml, "encoding"),
        (lambda xml: xml[:0], "cut-off"),
        (lambda xml: b'<!DOCTYPE x [<!ENTITY y "z">]>' + xml[xml.index(b"<data") :], "forbidden-markup"),
    ],
)
def test_xml_that_is_not_whole_is_refused_400_and_kept_aside_once(phone, database, stored, spoil, reason):
    xml = spoil(visit("uuid:1"))
    for _ in range(3):
        answer = phone.send(xml, {"house.jpg": JPEG})
        assert answer.status_code == 400
        assert len(words(answer)) > 10
    assert kept_aside(database) == [(reason, 3)]
    assert stored() == (0, 0)


def test_xml_without_instance_id_is_refused_400(phone, database):
    xml = visit("uuid:1").replace(b"uuid:1", b"")
    assert phone.send(xml).status_code == 400
    assert kept_aside(database) == [("no-instance-id", 1)]


def test_encrypted_answers_are_refused_400_in_clear_words(phone, database):
    xml = b'<data xmlns="http://www.opendatakit.org/xforms/encrypted" id="home_visit" version="1" encrypted="yes"/>'
    answer = phone.send(xml)
    assert answer.status_code == 400
    assert "加密" in words(answer)
    assert kept_aside(database) == [("encrypted", 1)]


@pytest.mark.parametrize("change", [(b'id="home_visit"', b'id="other"'), (b'version="', b'version="0')])
def test_an_unknown_form_or_version_is_refused_404_naming_it_and_kept_aside_once(phone, database, change):
    xml = visit("uuid:1").replace(*change, 1)
    for _ in range(2):
        answer = phone.send(xml)
        assert answer.status_code == 404
        assert change[1].split(b'"')[1].decode() in words(answer)
    assert kept_aside(database) == [("unknown-form", 2)]


def test_an_answer_that_cannot_be_read_is_stored_whole_and_flagged_201(phone, database, stored):
    assert phone.send(visit("uuid:1", check=False, wages="a lot"), {"house.jpg": JPEG}).status_code == 201
    assert stored() == (1, 1)
    assert flags(database) == ["unreadable-answer"]
    (evidence,) = all_of(database, Evidence)
    assert "income_wages_fen_per_year" not in evidence.content


def test_a_deriver_that_fails_never_refuses_the_phone(phone, app, database):
    def fails(_session, _found):
        raise ZeroDivisionError("a slip of ours")

    app.extensions["ruhu_derivers"].append(fails)
    assert phone.send(visit("uuid:1")).status_code == 201
    (version,) = all_of(database, SubmissionVersion)
    assert version.derived_at is None
    assert version.flags[0]["why"] == "ZeroDivisionError: a slip of ours"
    assert all_of(database, Evidence) == []


def test_a_posting_without_xml_is_refused_400(phone, stored):
    answer = phone.send(None, {"house.jpg": JPEG})
    assert answer.status_code == 400
    assert "xml_submission_file" in words(answer)
    assert stored() == (0, 0)


def test_a_posting_that_is_not_multipart_is_refused_400(phone):
    answer = phone.client.post(f"{phone.key}/submission", data=visit(), content_type="text/xml")
    assert answer.status_code == 400
    assert "multipart" in words(answer)


def test_multipart_cut_off_anywhere_is_refused_400_and_nothing_is_half_stored(phone, app, database, stored):
    boundary = b"--cut"
    xml = visit("uuid:1")
    body = b"\r\n".join(
        [
            boundary, b'Content-Disposition: form-data; name="xml_submission_file"; filename="s.xml"', b"", xml,
            boundary, b'Content-Disposition: form-data; name="house.jpg"; filename="house.jpg"', b"", JPEG,
            boundary + b"--", b"",
        ]
    )  # fmt: skip
    for end in [*range(1, len(body) - 4, 211), len(body) - 4]:
        answer = phone.post(body[:end])
        assert answer.status_code == 400, end
        words(answer)
    assert stored() == (0, 0)
    assert kept_aside(database) == []
    blobs = app.extensions["ruhu_blobs"]
    assert [path for path in blobs.root.rglob("*") if path.is_file()] == []
    assert phone.post(body).status_code == 201


def test_an_edit_of_the_current_version_is_stored_as_a_new_version_with_its_files(phone, database, stored):
    phone.send(visit("uuid:1"), {"house.jpg": JPEG})
    assert phone.send(visit("uuid:2", deprecated_id="uuid:1", wages=5)).status_code == 201
    assert stored() == (1, 2)
    (submission,) = all_of(database, Submission)
    assert (submission.instance_id, submission.edited) == ("uuid:2", True)
    (evidence,) = all_of(database, Evidence)
    assert evidence.content["income_wages_fen_per_year"] == 500
    with database.read() as session:
        (photo,) = session.merge(evidence).photos
        assert photo.sha256 is not None


def test_a_second_edit_of_an_old_version_is_refused_409_and_kept(phone, database, stored):
    phone.send(visit("uuid:1"))
    phone.send(visit("uuid:2", deprecated_id="uuid:1"))
    assert phone.send(visit("uuid:3", deprecated_id="uuid:1")).status_code == 409
    assert stored() == (1, 2)
    assert kept_aside(database) == [("old-edit", 1)]


def test_the_original_again_after_an_edit_is_answered_202(phone, stored, database):
    original = visit("uuid:1")
    phone.send(original, {"house.jpg": JPEG})
    phone.send(visit("uuid:2", deprecated_id="uuid:1"))
    assert phone.send(original, {"house.jpg": JPEG}).status_code == 202
    assert stored() == (1, 2)
    assert all_of(database, Submission)[0].instance_id == "uuid:2"


def test_an_edit_that_overtook_its_original_still_counts_when_the_original_arrives(phone, stored, database):
    assert phone.send(visit("uuid:2", deprecated_id="uuid:1", wages=5)).status_code == 201
    original = visit("uuid:1", wages=1)
    assert phone.send(original, {"house.jpg": JPEG}).status_code == 201
    assert phone.send(original, {"house.jpg": JPEG}).status_code == 202
    assert stored() == (1, 2)
    assert all_of(database, Submission)[0].instance_id == "uuid:2"
    (evidence,) = all_of(database, Evidence)
    assert evidence.content["income_wages_fen_per_year"] == 500


def test_files_that_arrive_with_the_original_after_its_edit_reach_the_evidence_by_the_next_sweep(phone, app, database):
    original = visit("uuid:1")
    phone.send(original)
    phone.send(visit("uuid:2", deprecated_id="uuid:1"))
    assert phone.send(original, {"house.jpg": JPEG}).status_code == 201
    sweep(database, app.extensions["ruhu_blobs"], app.extensions["ruhu_derivers"])
    with database.read() as session:
        (evidence,) = session.scalars(sa.select(Evidence)).all()
        assert [photo.sha256 is not None for photo in evidence.photos] == [True]


def test_an_edit_of_another_workers_record_is_refused_409(phone, client, database):
    phone.send(visit("uuid:1"))
    checker = type(phone)(client, "checker")
    assert checker.send(visit("uuid:2", deprecated_id="uuid:1")).status_code == 409
    assert kept_aside(database) == [("foreign-edit", 1)]


def test_a_closed_form_is_refused_409_with_who_to_ask_but_a_late_retry_is_202(phone, database):
    phone.send(visit("uuid:1"))
    with database.transaction() as session:
        close_form(session, "home_visit")
    answer = phone.send(visit("uuid:2"))
    assert answer.status_code == 409
    assert "测试county" in words(answer)
    assert phone.send(visit("uuid:1")).status_code == 202
    assert kept_aside(database) == [("form-closed", 1)]


@pytest.fixture(params=["unknown", "revoked"])
def refused_phone(request, phone, bearer):
    """A phone whose key nobody knows, or knows no more."""
    if request.param == "unknown":
        phone.key = "/key/nobody"
        return phone
    headers = bearer("surveyor")
    (token,) = [t["id"] for t in phone.client.get("/api/tokens", headers=headers).json if t["kind"] == "phone"]
    assert phone.client.delete(f"/api/tokens/{token}", headers=headers).status_code == 204
    return phone


def test_a_bad_token_is_refused_403_at_head_and_at_post(refused_phone, stored, database):
    phone = refused_phone
    head = phone.head()
    assert head.status_code == 403
    assert head.headers["X-OpenRosa-Version"] == "1.0"
    answer = phone.send(visit("uuid:1"), {"house.jpg": JPEG})
    assert answer.status_code == 403
    assert "二维码" in words(answer)
    assert stored() == (0, 0)
    assert kept_aside(database) == []


def test_a_posting_over_the_limit_is_refused_413_saying_the_limit(phone, settings, stored):
    answer = phone.post(bytes(settings.submission_limit_bytes + 1))
    assert answer.status_code == 413
    assert "25" in words(answer)
    assert stored() == (0, 0)


def test_too_many_files_are_refused_413(phone, settings, stored):
    files = {f"{number}.jpg": b"x" for number in range(settings.submission_limit_files + 1)}
    answer = phone.send(visit("uuid:1"), files)
    assert answer.status_code == 413
    assert "200" in words(answer)
    assert stored() == (0, 0)


def test_a_full_disk_is_answered_503_and_nothing_is_acknowledged(phone, app, monkeypatch, stored):
    def full(_drafts):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(app.extensions["ruhu_blobs"], "keep", full)
    answer = phone.send(visit("uuid:1"))
    assert answer.status_code == 503
    assert "磁盘" in words(answer)
    assert answer.headers["Retry-After"] == "30"
    assert stored() == (0, 0)


def test_a_database_that_is_down_is_answered_503(phone, monkeypatch, stored):
    def down(*_):
        raise sa.exc.OperationalError("select 1", {}, Exception("the server closed the connection"))

    monkeypatch.setattr(phones, "receive", down)
    answer = phone.send(visit("uuid:1"))
    assert answer.status_code == 503
    assert "没有保存任何内容" in words(answer)
    assert stored() == (0, 0)


def test_whether_a_record_is_known_is_asked_of_indexes_however_many_are_stored(database):
    if not database.is_embedded:
        return  # PostgreSQL plans by its statistics: a table as small as this one tells nothing
    asked = RELATED.params(county_code="540222", ids=["uuid:1", "uuid:0"], instance_id="uuid:1")
    text = str(asked.compile(database.engine, compile_kwargs={"literal_binds": True}))
    with database.read() as session:
        plan = [row[3] for row in session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))]
    for wanted in ("(county_code=? AND instance_id=?)", "(county_code=? AND deprecated_id=?)"):
        assert any(wanted in line for line in plan), plan

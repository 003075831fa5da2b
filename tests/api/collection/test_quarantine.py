"""What is refused is kept aside once, within a quota, and only operators of the area see it."""

import dataclasses

import pytest
import sqlalchemy as sa
import world
from collect import HOUSEHOLD, JPEG, Phone, visit

from api.collection.tables import Quarantined
from api.people.tables import Account


def cut_off(number=1):
    return visit(f"uuid:{number}")[:-20]


@pytest.fixture
def small_quota(app, settings):
    app.extensions["ruhu_settings"] = dataclasses.replace(settings, quarantine_quota_bytes=10_000)


def rows(database):
    with database.read() as session:
        return session.scalars(sa.select(Quarantined).order_by(Quarantined.id)).all()


def test_an_operator_lists_it_with_reason_and_advice_and_takes_the_very_bytes(phone, client, bearer):
    xml = cut_off()
    phone.send(xml, {"house.jpg": JPEG})
    answer = client.get("/api/quarantine", headers=bearer("county"))
    (row,) = answer.json
    assert (row["reason"], row["times"], row["area_code"]) == ("cut-off", 1, "540222100")
    assert "下载查看" in row["advice"]
    assert (row["form_id"], row["household_code"], row["sender"]) == ("home_visit", HOUSEHOLD, "测试surveyor")
    assert [file["name"] for file in row["files"]] == ["xml_submission_file", "house.jpg"]
    address = f"/api/quarantine/{row['id']}/files"
    taken = client.get(f"{address}/xml_submission_file", headers=bearer("county"), buffered=True)
    assert taken.data == xml
    assert taken.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"{address}/other", headers=bearer("county")).status_code == 404


def test_operators_of_other_areas_and_people_without_the_right_see_nothing(phone, client, bearer):
    phone.send(cut_off())
    (row,) = client.get("/api/quarantine", headers=bearer("admin")).json
    assert client.get("/api/quarantine", headers=bearer("county-outside")).json == []
    file = f"/api/quarantine/{row['id']}/files/xml_submission_file"
    assert client.get(file, headers=bearer("county-outside")).status_code == 404
    assert client.get("/api/quarantine", headers=bearer("surveyor")).status_code == 403
    assert client.get(file, headers=bearer("township")).status_code == 403


def test_another_phone_with_the_same_bytes_is_kept_beside_the_first(phone, client, database):
    phone.send(cut_off())
    Phone(client, "checker").send(cut_off())
    assert [row.times for row in rows(database)] == [1, 1]


def test_beyond_the_quota_only_a_count_is_kept_and_the_disk_stays_as_it_is(phone, app, small_quota, database):
    big = {"house.jpg": JPEG * 5}
    phone.send(cut_off(1), big)
    before = {path for path in app.extensions["ruhu_blobs"].root.rglob("*") if path.is_file()}
    for number in (2, 3):
        assert phone.send(cut_off(number), {"house.jpg": JPEG * 6}).status_code == 400
    assert phone.send(cut_off(1), big).status_code == 400
    first, quota = rows(database)
    assert (first.reason, first.times) == ("cut-off", 2)
    assert (quota.reason, quota.times, quota.files, quota.bytes) == ("quota", 2, [], 0)
    assert {path for path in app.extensions["ruhu_blobs"].root.rglob("*") if path.is_file()} == before


def test_the_page_lists_reason_and_sender_and_says_so_when_there_is_nothing(phone, signed_in):
    operator = signed_in("county")
    assert "没有问题记录" in operator.get("/quarantine").text
    phone.send(cut_off())
    page = operator.get("/quarantine?page=7").text
    assert "答卷被截断" in page
    assert "测试surveyor" in page
    assert HOUSEHOLD in page  # as far as it can be read
    (row,) = [line for line in page.split('"') if line.startswith("/quarantine/") and "export" not in line]
    detail = operator.get(row).text
    assert "让调查员重新发送" in detail
    assert "第 " in detail


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"cut-off", "unknown-form"}),
        ("?reason=unknown-form", {"unknown-form"}),
        ("?area=540222100", {"cut-off"}),
        ("?area=540222201", {"unknown-form"}),
        ("?text=测试surveyor-out", {"unknown-form"}),
        ("?text=uuid:2", {"unknown-form"}),
        (f"?text={HOUSEHOLD[:14]}", {"cut-off", "unknown-form"}),
        ("?form=other", {"unknown-form"}),
        ("?since=2021-01-01&until=2199-12-31", {"cut-off", "unknown-form"}),
        ("?until=2021-01-01", set()),
        ("?state=discarded", set()),
        ("?order=bytes", {"cut-off", "unknown-form"}),
    ],
)
def test_filters_keep_what_is_asked_for(client, bearer, signed_in, query, expected):
    Phone(client).send(cut_off())
    Phone(client, "surveyor-outside").send(visit("uuid:2").replace(b'id="home_visit"', b'id="other"'))
    found = client.get(f"/api/quarantine{query}", headers=bearer("county"))
    assert {row["reason"] for row in found.json} == expected
    page = signed_in("county").get(f"/quarantine{query.replace('text=', 'q=')}").text
    named = {reason for reason, name in {"cut-off": "答卷被截断", "unknown-form": "表格或版本未发布"}.items()
             if f">{name}</a>" in page}  # fmt: skip
    assert named == expected


def test_the_list_is_sent_as_a_sheet_in_which_no_name_becomes_a_formula(client, signed_in, database):
    Phone(client).send(cut_off())
    with database.transaction() as session:
        session.scalars(sa.select(Account).where(Account.name == "surveyor")).one().display_name = "=1+1"
    sheet = signed_in("county").get("/quarantine/export.csv?reason=cut-off", buffered=True)
    assert sheet.headers["Content-Disposition"].startswith("attachment")
    head, row, end = sheet.data.decode("utf-8-sig").split("\r\n")
    assert (head.split(",")[4], row.split(",")[4:6], end) == ("原因", ["答卷被截断", "'=1+1"], "")
    assert signed_in("county").get("/quarantine/export.xlsx", buffered=True).data[:2] == b"PK"


def test_whoever_is_to_check_a_household_sees_no_posting_of_it_before_his_own_visit_is_in(
    phone, client, bearer, assign, signed_in
):
    phone.send(cut_off())
    phone.send(visit("uuid:2", household=f"{world.VILLAGE}-0002")[:-20])
    (first,) = client.get(f"/api/quarantine?text={HOUSEHOLD}", headers=bearer("county")).json
    assign("county")
    assert [row["household_code"][-1] for row in client.get("/api/quarantine", headers=bearer("county")).json] == ["2"]
    address = f"/api/quarantine/{first['id']}"
    assert client.get(address, headers=bearer("county")).status_code == 404
    file = client.get(f"{address}/files/xml_submission_file", headers=bearer("county"))
    assert file.status_code == 404
    for page in ("", "/answers"):
        assert signed_in("county").get(f"/quarantine/{first['id']}{page}").status_code == 404
    assert HOUSEHOLD not in signed_in("county").get("/quarantine/export.csv", buffered=True).text
    act = {"kind": "discard", "why": "虚构理由，测试"}
    assert client.post(f"{address}/acts", json=act, headers=bearer("county")).status_code == 404
    assert client.get(address, headers=bearer("admin")).status_code == 200


def test_the_list_comes_in_pages(phone, client, bearer):
    for number in range(3):
        phone.send(cut_off(number))
    answer = client.get("/api/quarantine?page=2&page_size=2", headers=bearer("county"))
    assert len(answer.json) == 1
    assert '"total": 3' in answer.headers["X-Pagination"]

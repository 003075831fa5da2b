"""What is refused is kept aside once, within a quota, and only operators of the area see it."""

import dataclasses

import pytest
import sqlalchemy as sa
from collect import JPEG, Phone, visit

from api.collection.tables import Quarantined


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


def test_the_page_lists_reason_and_what_to_do_and_says_so_when_there_is_nothing(phone, signed_in):
    operator = signed_in("county")
    assert "没有问题记录" in operator.get("/quarantine").text
    phone.send(cut_off())
    page = operator.get("/quarantine?page=7").text
    assert "cut-off" in page
    assert "让调查员在手机上重新发送" in page


def test_the_list_comes_in_pages(phone, client, bearer):
    for number in range(3):
        phone.send(cut_off(number))
    answer = client.get("/api/quarantine?page=2&page_size=2", headers=bearer("county"))
    assert len(answer.json) == 1
    assert '"total": 3' in answer.headers["X-Pagination"]

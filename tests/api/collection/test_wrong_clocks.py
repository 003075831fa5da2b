"""A phone whose clock is wrong: its record is accepted and kept as sent, and the server's time stands beside it."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from collect import JPEG, visit
from lxml import etree

from api.collection.tables import Submission, SubmissionVersion
from api.database import now
from api.evidence.tables import Evidence
from survey_forms.paradata import read_audit

# name → start and end as the phone writes them, and when the visit began as we read it
CLOCKS = {
    "a flat battery": ("1970-01-01T08:00:07.000+08:00", "1970-01-01T08:31:00.000+08:00", "1970-01-01T00:00:07+00:00"),
    "a new phone": ("2008-12-31T16:00:00.000Z", "2008-12-31T16:20:00.000Z", "2008-12-31T16:00:00+00:00"),
    "years ahead": ("2099-06-20T14:30:00.000+08:00", "2099-06-20T15:00:00.000+08:00", "2099-06-20T06:30:00+00:00"),
    "another zone": ("2018-06-20T14:30:00.000-11:00", "2018-06-20T15:00:00.000-11:00", "2018-06-21T01:30:00+00:00"),
    "set back on the way": (
        "2018-06-20T14:30:00.000+08:00",
        "2015-01-01T00:10:00.000+08:00",
        "2018-06-20T06:30:00+00:00",
    ),
}


def clocked(started, ended, instance_id="uuid:clock", **answers):
    """A visit whose form noted these two moments."""
    root = etree.fromstring(visit(instance_id, check=False, **answers))
    for name, text in (("start", started), ("end", ended)):
        found = [node for node in root.iter() if etree.QName(node).localname == name]
        assert len(found) == 1, name
        found[0].text = text
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def one(database, table):
    with database.read() as session:
        return session.scalars(sa.select(table)).one()


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_wrong_clock_in_the_answers_is_accepted_and_kept_with_our_time_beside_it(
    clock, phone, app, database
):  # fmt: skip
    started, ended, read_as = CLOCKS[clock]
    xml = clocked(started, ended)
    before = now()
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 201
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 202  # a wrong clock makes no second record either
    version = one(database, SubmissionVersion)
    assert app.extensions["ruhu_blobs"].read(version.xml_sha256) == xml  # as it was sent, never put right
    assert version.flags == []  # a clock is no fault of the answers
    evidence = one(database, Evidence)
    assert evidence.collected_at == datetime.fromisoformat(read_as)
    assert before <= evidence.received_at <= now()
    assert one(database, Submission).received_at == evidence.received_at


@pytest.mark.parametrize(
    ("started", "ended"),
    [
        ("0001-01-01T00:00:00.000+08:00", "0001-01-01T00:10:00.000+08:00"),  # before the first year there is in UTC
        ("9999-12-31T20:00:00.000Z", "9999-12-31T20:10:00.000Z"),  # stored it could be, but not shown in China's time
        ("9999-12-31T23:50:00.000-08:00", "9999-12-31T23:59:00.000-08:00"),  # after the last
    ],
)
def test_a_moment_that_no_calendar_holds_is_accepted_and_kept_and_the_visit_has_no_time(  # noqa: PLR0917 - fixtures
    started, ended, phone, app, database, client, bearer
):  # fmt: skip
    xml = clocked(started, ended)
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 201
    version = one(database, SubmissionVersion)
    assert app.extensions["ruhu_blobs"].read(version.xml_sha256) == xml
    evidence = one(database, Evidence)
    assert evidence.collected_at is None
    assert evidence.content["outcome"] == "met_householder"  # the rest of the visit is whole
    (feature,) = client.get("/api/evidence", headers=bearer("township")).get_json()["features"]
    shown = feature["properties"]
    assert (shown["collected_at"], bool(shown["received_at"])) == (None, True)


@pytest.mark.parametrize("said", ["Thu, 01 Jan 1970 00:00:00 GMT", "星期五, 20 6月 2098 02:30:00 下午 GMT", "0"])
def test_the_date_header_is_never_believed(said, phone, app, database, client):
    headers = {"Date": said, "X-OpenRosa-Version": "1.0"}
    assert phone.get("formList", headers=headers).status_code == 200
    before = now() - timedelta(seconds=1)
    xml = visit("uuid:date")
    answer = client.post(
        f"{phone.key}/submission", headers=headers, content_type="multipart/form-data",
        data={"xml_submission_file": (io.BytesIO(xml), "submission.xml"), "house.jpg": (io.BytesIO(JPEG), "house.jpg")},
    )  # fmt: skip
    assert answer.status_code == 201
    assert before <= one(database, Submission).received_at <= now()


def test_how_long_was_asked_is_read_right_from_a_log_of_a_wrong_clock(phone, app, database):
    audit = (
        b"event,node,start,end\n"
        b"form start,,7000,\n"  # seven seconds after 1970
        b"question,/data/outcome,8000,20000\n"
        b"form exit,,21000,\n"
    )
    root = etree.fromstring(visit("uuid:audit", check=False))
    meta = next(node for node in root.iter() if etree.QName(node).localname == "meta")
    log = next((node for node in meta if etree.QName(node).localname == "audit"), None)
    if log is None:
        log = etree.SubElement(meta, f"{{{etree.QName(meta).namespace}}}audit")
    log.text = "audit.csv"
    xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    assert phone.send(xml, {"house.jpg": JPEG, "audit.csv": audit}).status_code == 201
    log = read_audit(audit)
    assert log.started_at == datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC)
    assert log.answering_ms == 12_000
    assert one(database, SubmissionVersion).flags == []

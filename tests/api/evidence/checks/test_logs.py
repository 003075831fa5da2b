"""Logs that phones send beside the answers, read after they have arrived."""

import pytest
import sqlalchemy as sa
from collect import JPEG, visit
from lxml import etree

from api.evidence.checks.judge import sweep as judge_all
from api.evidence.checks.logs import read_logs
from api.evidence.checks.order import answering
from api.evidence.checks.tables import AnswerLog, FieldCheck
from survey_forms.catalogue import schema_of
from survey_forms.paradata import read_audit
from survey_forms.xform import read_schema


def with_log(name="audit.csv"):
    """A visit whose form asked for a log."""
    root = etree.fromstring(visit("uuid:log", check=False))
    meta = next(node for node in root.iter() if etree.QName(node).localname == "meta")
    etree.SubElement(meta, f"{{{etree.QName(meta).namespace}}}audit").text = name
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def log_of(nodes, each_ms):
    """A log of somebody who opened the questions in this order and stayed so long at each."""
    lines = [f"question,{node},{at * each_ms},{(at + 1) * each_ms}" for at, node in enumerate(nodes)]
    return "\n".join(["event,node,start,end", "form start,,0,", *lines, ""]).encode()


@pytest.fixture(scope="module")
def questions():
    """The paths of the house's own questions, in its order, rows of repeats left out."""
    schema = schema_of("home_visit")
    return [one.path for one in schema.questions if one.asked and not one.shown_only and not one.repeats]


@pytest.fixture
def told(phone_of, app, database):
    """A function that sends a visit with a log and returns what was read of it."""

    def send(log):
        assert phone_of("surveyor").send(with_log(), {"house.jpg": JPEG, "audit.csv": log}).status_code == 201
        assert read_logs(database, app.extensions["ruhu_blobs"]) == 1
        assert read_logs(database, app.extensions["ruhu_blobs"]) == 0
        with database.read() as session:
            found = session.scalars(sa.select(AnswerLog)).one()
            return found.questions, found.backward, found.quick

    return send


def test_a_log_in_the_forms_order_at_a_talks_pace_says_nothing(told, questions, database):
    assert told(log_of(questions, 4000)) == (len(questions), 0, 0)
    assert _rules(database).isdisjoint({"rushed", "odd-order"})


def test_a_form_filled_backwards_in_no_time_is_told(told, questions, database):
    assert told(log_of(questions[::-1], 300)) == (len(questions), len(questions) - 1, len(questions))
    assert _rules(database) >= {"rushed", "odd-order"}


@pytest.mark.parametrize("log", [b"", b"\xff\xfe\x00", b"event,node,start,end\nquestion,/data/elsewhere,1,2\n"])
def test_a_log_that_says_nothing_is_read_once_and_doubts_nobody(log, told, database):
    assert told(log) == (0, 0, 0)
    assert _rules(database).isdisjoint({"rushed", "odd-order"})


def test_a_log_that_comes_after_the_judgement_is_judged(phone_of, app, database, questions):
    phone, xml = phone_of("surveyor"), with_log()
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 201
    assert _rules(database).isdisjoint({"rushed", "odd-order"})
    assert phone.send(xml, {"audit.csv": log_of(questions, 300)}).status_code in {201, 202}
    read_logs(database, app.extensions["ruhu_blobs"])
    assert "rushed" in _rules(database)


def test_photos_first_and_rows_of_a_list_in_turn_are_one_step_back_at_most():
    source = b"""<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms"><h:head><model>
    <instance><data id="x"><a/><b/><herd><kind/><number/></herd><photo/></data></instance></model></h:head>
    <h:body><input ref="/data/a"/><input ref="/data/b"/><group ref="/data/herd"><repeat nodeset="/data/herd">
    <input ref="/data/herd/kind"/><input ref="/data/herd/number"/></repeat></group><input ref="/data/photo"/></h:body>
    </h:html>"""
    rows = [f"/data/herd[{row}]/{name}" for row in (1, 2, 3) for name in ("kind", "number")]
    nodes = ["/data/photo", "/data/a", "/data/b", *rows]
    assert answering(read_audit(log_of(nodes, 5000)), read_schema(source)) == (9, 1, 0)
    assert answering(read_audit(log_of(nodes[:3] + rows[::-1], 5000)), read_schema(source)) == (9, 6, 0)


def _rules(database):
    while judge_all(database):
        pass
    with database.read() as session:
        return set(session.scalars(sa.select(FieldCheck.rule)))

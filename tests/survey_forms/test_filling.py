"""Filled forms look as a phone would send them."""

import datetime as dt
from decimal import Decimal

import pytest

from survey_forms.compile import compile_form
from survey_forms.errors import FillError
from survey_forms.filling import fill
from survey_forms.submission import EntityChange, read_submission
from survey_forms.values import Place
from survey_forms.xform import read_schema

NESTED = """
[languages]
zh = "中文 (zh)"
[settings]
form_id = "nested"
version = "1"
[[survey]]
type = "begin_repeat"
name = "member"
label = { zh = "成员" }
[[survey]]
type = "text"
name = "who"
label = { zh = "谁" }
[[survey]]
type = "begin_group"
name = "work"
label = { zh = "工作" }
[[survey]]
type = "begin_repeat"
name = "job"
label = { zh = "工作" }
[[survey]]
type = "decimal"
name = "pay"
label = { zh = "多少" }
evidence = "job.pay"
[[survey]]
type = "end_repeat"
[[survey]]
type = "end_group"
[[survey]]
type = "end_repeat"
[[survey]]
type = "datetime"
name = "at"
label = { zh = "时间" }
[[survey]]
type = "geotrace"
name = "fence"
label = { zh = "围栏" }
[[survey]]
type = "begin_group"
name = "one"
label = { zh = "一" }
[[survey]]
type = "text"
name = "same"
label = { zh = "同名" }
[[survey]]
type = "end_group"
[[survey]]
type = "begin_group"
name = "two"
label = { zh = "二" }
[[survey]]
type = "text"
name = "same"
label = { zh = "同名" }
[[survey]]
type = "end_group"
"""


@pytest.fixture(scope="module")
def nested():
    return read_schema(compile_form(NESTED).xml)


def test_repeats_inside_repeats_keep_their_positions(nested):
    answers = {"member": [{"who": "甲", "job": [{"pay": Decimal("1.5")}, {"pay": 2}]}, {"job": [{"pay": 3}]}]}
    sent = read_submission(fill(nested, answers, instance_id="uuid:1"), nested)
    assert sent.problems == ()
    pays = [(a.position, a.value) for a in sent.answers if a.name == "pay"]
    assert pays == [((0, 0), Decimal("1.5")), ((0, 1), Decimal(2)), ((1, 0), Decimal(3))]
    assert sent.rows("/data/member") == [{"who": "甲"}]
    assert sent.value("/data/member/work/job/pay", (0, 1)) == 2


def test_times_lines_and_questions_of_one_name_are_written_so_that_they_read_back(nested):
    at = dt.datetime(2018, 6, 20, 14, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    fence = (Place(28.9, 89.6, 4000.0, 5.0), Place(28.91, 89.61, 4001.0, 6.0))
    answers = {"at": at, "fence": fence, "/data/one/same": "一", "/data/two/same": "二"}
    sent = read_submission(fill(nested, answers, instance_id="uuid:1"), nested)
    assert (sent.value("/data/at"), sent.value("/data/fence")) == (at, fence)
    assert (sent.value("/data/one/same"), sent.value("/data/two/same")) == ("一", "二")


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        ({"weather": "x"}, "no such question"),
        ({"wages": "much"}, "not a whole number"),
        ({"outcome": "met_the_dog"}, "not among the choices"),
        ({"assets": [{}, {"asset_kind": "yacht"}]}, "not among the choices"),
        ({"start": dt.datetime(2018, 6, 20)}, "cannot write"),  # noqa: DTZ001 - the missing offset is the point
        ({"surveyor_note": object()}, "cannot write"),
    ],
)
def test_what_the_form_cannot_hold_is_refused_where_it_stands(home_visit, answers, what):
    with pytest.raises(FillError, match=what) as caught:
        fill(home_visit, answers, instance_id="uuid:1")
    assert caught.value.where.startswith("answers[")


def test_a_slip_in_a_name_is_answered_with_the_likely_one(home_visit):
    with pytest.raises(FillError, match="household_code"):
        fill(home_visit, {"household_cod": "1"}, instance_id="uuid:1")


def test_a_name_that_occurs_twice_must_be_given_as_a_path(nested):
    with pytest.raises(FillError, match="several questions"):
        fill(nested, {"same": "x"}, instance_id="uuid:1")


def test_text_no_xml_can_carry_is_refused(home_visit):
    with pytest.raises(FillError):
        fill(home_visit, {"surveyor_note": "a\x00b"}, instance_id="uuid:1")


def test_the_audit_log_and_an_edit_are_named_only_when_given(home_visit):
    plain = read_submission(fill(home_visit, {}, instance_id="uuid:1"))
    edit = read_submission(fill(home_visit, {}, instance_id="uuid:2", deprecated_id="uuid:1", audit="audit.csv"))
    assert (plain.audit, plain.deprecated_id) == (None, None)
    assert (edit.audit, edit.deprecated_id) == ("audit.csv", "uuid:1")


def test_nothing_is_asked_of_an_entity_list_unless_it_is_said(home_visit):
    plain = read_submission(fill(home_visit, {}, instance_id="uuid:1"), home_visit)
    change = EntityChange("households", "e-1", "", False, True, 3, None, "", path="/data")
    asking = read_submission(fill(home_visit, {}, instance_id="uuid:1", entity=change), home_visit)
    assert (plain.entities, plain.problems) == ((), ())
    assert (asking.entities, asking.problems) == ((change,), ())


def test_the_same_answers_make_the_same_bytes(home_visit):
    answers = {"assets": [{"asset_kind": "house"}], "wages": 1}
    assert fill(home_visit, answers, instance_id="uuid:1") == fill(home_visit, answers, instance_id="uuid:1")
    assert fill(home_visit, {}, instance_id="uuid:1").count(b"<assets>") == 0

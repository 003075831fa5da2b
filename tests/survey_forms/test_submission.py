"""Submissions as Collect writes them, read whole and typed."""

import datetime as dt

import pytest

from survey_forms.evidence import records
from survey_forms.submission import read_submission
from survey_forms.values import Place
from survey_forms.xform import read_schema


def test_identity_is_read_from_the_meta_block_in_whatever_namespace(from_collect):
    sent = read_submission(from_collect)
    assert (sent.form_id, sent.version) == ("home_visit", "2026112701")
    assert sent.instance_id == "uuid:8c5c2f0e-1a44-4f31-b1b5-6f8f4d9f1c11"
    assert sent.instance_name == "540222100201-0007 2018-06-20"
    assert sent.deprecated_id is None


def test_the_bytes_are_kept_as_they_came(from_collect):
    assert read_submission(from_collect).xml is from_collect


def test_answers_are_typed_by_the_schema(from_collect, home_visit):
    sent = read_submission(from_collect, home_visit)
    east_eight = dt.timezone(dt.timedelta(hours=8))
    assert sent.problems == ()
    assert sent.value("/data/start") == dt.datetime(2018, 6, 20, 10, 2, 11, 120000, tzinfo=east_eight)
    assert sent.value("/data/today") == dt.date(2018, 6, 20)
    assert sent.value("/data/companions") == ("village_committee", "work_team")
    assert sent.value("/data/economy/income/wages") == 12000
    assert sent.value("/data/money/withheld_detail") == "村里说 <统一> 保管"
    assert sent.value("/data/place") == Place(28.9147, 89.6021, 4021.5, 6.2)


def test_rows_of_a_repeat_keep_their_order_and_leave_out_what_was_not_answered(from_collect, home_visit):
    vehicle, herd = read_submission(from_collect, home_visit).rows("/data/assets")
    assert vehicle["asset_kind"] == "vehicle"
    assert herd == {"asset_kind": "livestock", "asset_owner": "测试乙", "asset_value": 80000}


@pytest.mark.parametrize("with_schema", [True, False])
def test_the_files_named_in_the_xml_are_found_with_and_without_a_schema(from_collect, home_visit, with_schema):
    sent = read_submission(from_collect, home_visit if with_schema else None)
    signatures = ("1529461100111.png", "1529461100222.png")
    assert sent.media == ("1529460900123.jpg", *signatures, "1529461200456.jpg")
    assert sent.audit == "audit.csv"
    assert sent.files == (*sent.media, "audit.csv")


def test_a_text_that_looks_like_a_file_is_no_file_once_the_schema_is_known(from_collect, home_visit):
    told = from_collect.replace(b"<surveyor_note/>", b"<surveyor_note>list.pdf</surveyor_note>")
    assert "list.pdf" in read_submission(told).media
    assert "list.pdf" not in read_submission(told, home_visit).media


def test_a_submission_read_without_a_schema_can_be_understood_later(from_collect, home_visit):
    sent = read_submission(from_collect)
    assert sent.value("/data/economy/income/wages") == "12000"
    assert sent.understood(home_visit) == read_submission(from_collect, home_visit)


def test_the_schema_of_another_form_is_the_callers_mistake(from_collect, home_visit):
    other = read_submission(from_collect.replace(b'id="home_visit"', b'id="posting"'))
    with pytest.raises(ValueError, match="posting"):
        other.understood(home_visit)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (b"<wages>12000<", b"<wages>much<", "/data/economy/income/wages"),
        (b"<place>28.9147 ", b"<place>128.9147 ", "/data/place"),
        (b"<outcome>met_householder<", b"<outcome>met_the_dog<", "/data/outcome"),
        (b"<today>2018-06-20<", b"<today>2018-06-31<", "/data/today"),
        (b"10:02:11.120+08:00", b"10:02:11.120", "/data/start"),
        (b">1529461200456.jpg<", b">../../1529461200456.jpg<", "/data/house_photo"),
        (b"<surveyor_note/>", b"<mood>good</mood>", "/data/mood"),
        (
            b"<surveyor_note/>",
            b"<surveyor_note>a</surveyor_note><surveyor_note>b</surveyor_note>",
            "/data/surveyor_note",
        ),
        (b"<money>", b"<money>stray", "/data/money"),
        (b">audit.csv<", b">../audit.csv<", "/data/meta/audit"),
    ],
)
def test_what_the_schema_cannot_read_is_a_problem_and_the_rest_is_read(from_collect, home_visit, old, new, path):
    assert from_collect.count(old) == 1
    sent = read_submission(from_collect.replace(old, new), home_visit)
    assert [problem.path for problem in sent.problems] == [path]
    assert sent.value("/data/household_code") == "540222100201-0007"


def test_the_text_of_an_unreadable_answer_is_not_lost(from_collect, home_visit):
    sent = read_submission(from_collect.replace(b"<wages>12000<", b"<wages>much<"), home_visit)
    answer = next(a for a in sent.answers if a.name == "wages")
    assert (answer.text, answer.value) == ("much", None)


def test_a_dangerous_file_name_is_never_a_file(from_collect, home_visit):
    told = from_collect.replace(b">1529461200456.jpg<", b">..\\evil.jpg<")
    assert "..\\evil.jpg" not in read_submission(told, home_visit).files + read_submission(told).files


def test_an_edit_names_what_it_replaces(from_collect):
    edit = from_collect.replace(b"</orx:meta>", b"<orx:deprecatedID>uuid:old</orx:deprecatedID></orx:meta>")
    assert read_submission(edit).deprecated_id == "uuid:old"


def test_entities_are_read_with_their_versions():
    sent = read_submission(
        b'<data id="f"><meta><instanceID>uuid:1</instanceID><entity xmlns="http://www.opendatakit.org/xforms/entities"'
        b' dataset="households" id="7d5b6a0e-0000-4000-8000-000000000001" update="1" baseVersion="3" trunkVersion="2"'
        b' branchId="b-1"><label>H 7</label></entity></meta></data>',
    )
    (change,) = sent.entities
    assert (change.dataset, change.create, change.update, change.label) == ("households", False, True, "H 7")
    assert (change.base_version, change.trunk_version, change.branch_id) == (3, 2, "b-1")


def test_an_entity_block_whose_condition_was_not_met_asks_for_nothing():
    sent = read_submission(
        b'<data id="f"><meta><instanceID>uuid:1</instanceID><entity dataset="households" id="" create=""/>'
        b"</meta></data>",
    )
    assert (sent.entities, sent.problems) == ((), ())


def test_an_entity_with_an_odd_version_is_a_problem_not_a_refusal():
    sent = read_submission(
        b'<data id="f"><meta><instanceID>uuid:1</instanceID>'
        b'<entity dataset="households" id="x" update="1" baseVersion="three"/></meta></data>',
    )
    assert sent.entities[0].base_version is None
    assert sent.problems[0].path == "/data/meta/entity/@baseVersion"


def test_each_row_of_a_repeat_becomes_a_record_of_its_own(from_collect, home_visit):
    visit, old, young, vehicle, herd = records(read_submission(from_collect, home_visit))
    assert (visit.kind, visit.position, visit.value("household")) == ("visit", (), "540222100201-0007")
    assert visit.value("income_total_yuan_per_year") == 20300
    assert [(member.position, member.value("birth_year")) for member in (old, young)] == [((0,), 1961), ((1,), 2009)]
    assert (vehicle.kind, vehicle.position, vehicle.value("photo")) == ("asset", (0,), "1529460900123.jpg")
    assert (herd.position, herd.value("value_yuan"), herd.value("photo")) == ((1,), 80000, None)


def test_an_unreadable_answer_is_no_evidence(from_collect, home_visit):
    sent = read_submission(from_collect.replace(b"<wages>12000<", b"<wages>much<"), home_visit)
    assert records(sent)[0].values("income_wages_yuan_per_year") == ()


HOUSEHOLD_AND_HERD = b"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
 xmlns:entities="http://www.opendatakit.org/xforms/entities"><h:head><model><instance><data id="f" version="1"><place/>
<animals><head/><meta><entity dataset="herds" id="" update=""/></meta></animals><head/>
<meta><instanceID/><entity dataset="households" id="" update=""/></meta></data></instance>
<bind nodeset="/data/place" type="geopoint" entities:saveto="geometry"/>
<bind nodeset="/data/animals/head" type="int" entities:saveto="head"/></model></h:head>
<h:body><group ref="/data/animals"><repeat nodeset="/data/animals"><input ref="/data/animals/head"/></repeat></group>
</h:body></h:html>"""
ENTITY = '<meta><entity dataset="{}" id="{}" update="1"/></meta>'


def test_an_entity_is_told_what_it_becomes_by_the_answers_of_its_own_part_of_the_form():
    schema = read_schema(HOUSEHOLD_AND_HERD)
    herds = "".join(f"<animals><head>{n}</head>{ENTITY.format('herds', f'h{n}')}</animals>" for n in (7, 8))
    household = ENTITY.format("households", "a").replace("<meta>", "<meta><instanceID>uuid:1</instanceID>")
    sent = f'<data id="f" version="1"><place>28.9 89.6 0 5</place>{herds}<head>1</head>{household}</data>'
    changes = read_submission(sent.encode(), schema).entities
    found = {c.id: {name: answer.value for name, answer in c.properties.items()} for c in changes}
    assert found == {"h7": {"head": 7}, "h8": {"head": 8}, "a": {"geometry": Place(28.9, 89.6, 0.0, 5.0)}}
    assert [(c.path, c.position) for c in changes] == [("/data/animals", (0,)), ("/data/animals", (1,)), ("/data", ())]


def test_an_entity_takes_over_nothing_that_was_left_empty_or_cannot_be_read():
    household = ENTITY.format("households", "a").replace("<meta>", "<meta><instanceID>uuid:1</instanceID>")
    for place in ("", "here"):
        sent = f'<data id="f" version="1"><place>{place}</place>{household}</data>'
        (change,) = read_submission(sent.encode(), read_schema(HOUSEHOLD_AND_HERD)).entities
        assert change.properties == {}

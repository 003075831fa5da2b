"""Submissions to tables: the quick reading says what the careful one says, whatever the form and the answers."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_forms.columns import MAIN, inner_path, tables
from survey_forms.compile import compile_form
from survey_forms.filling import fill
from survey_forms.submission import read_submission
from survey_forms.tabulate import Tabulator
from survey_forms.values import Place
from survey_forms.xform import read_schema

CHINA = ZoneInfo("Asia/Shanghai")

#: Every type of question, a repeat inside a repeat inside a group, two questions of one label.
ODDS = """
[languages]
zh = "中文 (zh)"
en = "English (en)"
[settings]
form_id = "odds"
version = "1"
[choices.colour]
red = { zh = "红", en = "Red" }
blue = { zh = "蓝", en = "Blue" }
[[survey]]
type = "text"
name = "who"
label = { zh = "姓名", en = "Name" }
[[survey]]
type = "note"
name = "hello"
label = { zh = "您好", en = "Hello" }
[[survey]]
type = "integer"
name = "age"
label = { zh = "年龄", en = "Age" }
[[survey]]
type = "decimal"
name = "land"
label = { zh = "草场（亩）", en = "Land" }
[[survey]]
type = "date"
name = "born"
label = { zh = "日期", en = "Date" }
[[survey]]
type = "dateTime"
name = "seen"
label = { zh = "日期", en = "Date" }
[[survey]]
type = "select_one colour"
name = "door"
label = { zh = "门", en = "Door" }
[[survey]]
type = "select_multiple colour"
name = "roofs"
label = { zh = "屋顶", en = "Roofs" }
[[survey]]
type = "geopoint"
name = "place"
label = { zh = "位置", en = "Place" }
[[survey]]
type = "begin_group"
name = "people"
label = { zh = "人", en = "People" }
[[survey]]
type = "begin_repeat"
name = "member"
label = { zh = "成员", en = "Member" }
[[survey]]
type = "text"
name = "name"
label = { zh = "名", en = "Name" }
[[survey]]
type = "image"
name = "photo"
label = { zh = "照片", en = "Photo" }
[[survey]]
type = "begin_repeat"
name = "job"
label = { zh = "工作", en = "Job" }
[[survey]]
type = "integer"
name = "wage"
label = { zh = "工资", en = "Wage" }
[[survey]]
type = "end_repeat"
[[survey]]
type = "end_repeat"
[[survey]]
type = "end_group"
"""


def schema_from(text):
    return read_schema(compile_form(text).xml)


@pytest.fixture(scope="module")
def odds():
    return schema_from(ODDS)


def filled(made, rows):
    """The cells that hold something, by column name, for each row."""
    return [
        (made[row.table].path, row.key, row.parent_key,
         {c.name: cell for c, cell in zip(made[row.table].columns, row.cells, strict=True) if cell is not None})
        for row in rows
    ]  # fmt: skip


def test_rows_of_repeats_name_the_row_they_belong_to(odds):
    members = [
        {"name": "甲", "job": [{"wage": 1}, {"wage": 2}]},
        {},
        {"name": "乙", "photo": "b.jpg"},
    ]
    xml = fill(odds, {"who": "户主", "member": members}, instance_id="uuid:1")
    made = tables([odds])
    assert [table.path for table in made] == [MAIN, "people/member", "people/member/job"]
    assert filled(made, Tabulator(made, odds).rows(xml, "uuid:1", folder="media/1")) == [
        ("", "uuid:1", "", {"who": "户主"}),
        ("people/member", "uuid:1/people/member[1]", "uuid:1", {"people/member/name": "甲"}),
        ("people/member/job", "uuid:1/people/member[1]/job[1]", "uuid:1/people/member[1]",
         {"people/member/job/wage": 1}),
        ("people/member/job", "uuid:1/people/member[1]/job[2]", "uuid:1/people/member[1]",
         {"people/member/job/wage": 2}),
        # the second was opened and left: it is no row, and the third keeps its number
        ("people/member", "uuid:1/people/member[3]", "uuid:1",
         {"people/member/name": "乙", "people/member/photo": "media/1/b.jpg"}),
    ]  # fmt: skip


def test_a_row_without_answers_stays_when_rows_inside_it_have_some(odds):
    xml = fill(odds, {"member": [{"job": [{"wage": 7}]}]}, instance_id="uuid:1")
    made = tables([odds])
    assert [row.key for row in Tabulator(made, odds).rows(xml, "k")] == [
        "k", "k/people/member[1]", "k/people/member[1]/job[1]",
    ]  # fmt: skip


def test_choices_are_written_as_codes_or_as_labels_in_a_language(odds):
    xml = fill(odds, {"door": "red", "roofs": ["red", "blue"]}, instance_id="uuid:1")
    made = tables([odds])

    def cells(language):
        ((*_, found),) = filled(made, Tabulator(made, odds, language=language).rows(xml, "k"))
        return found

    assert cells(None) == {"door": "red", "roofs": "red blue"}
    assert cells("zh") == {"door": "红", "roofs": "红、蓝"}
    assert cells("en") == {"door": "Red", "roofs": "Red; Blue"}


def test_a_question_with_several_choices_takes_a_column_for_each_when_asked_to(odds):
    made = tables([odds], split=True)
    reader = Tabulator(made, odds, split=True, language="zh")

    def cells(answer):
        ((*_, found),) = filled(made, reader.rows(fill(odds, {"roofs": answer}, instance_id="u", check=False), "k"))
        return found

    assert cells(["blue"]) == {"roofs/red": 0, "roofs/blue": 1}
    assert cells(None) == {}
    assert cells(["blue", "green"]) == {"roofs/red": "blue green", "roofs/blue": 1}  # better seen than lost
    assert "屋顶 [蓝]" in made[0].headings("zh")


def test_a_single_choice_has_its_column_too():
    one = schema_from(ODDS.replace('blue = { zh = "蓝", en = "Blue" }\n', ""))
    made = tables([one], split=True)
    xml = fill(one, {"roofs": ["red"]}, instance_id="u")
    assert filled(made, Tabulator(made, one, split=True, language="zh").rows(xml, "k"))[0][3] == {"roofs/red": 1}


def test_a_place_takes_four_columns_and_moments_are_written_in_one_zone(odds):
    answers = {
        "place": Place(28.9, 89.6, 4021.5, 6.5),
        "seen": dt.datetime(2018, 6, 20, 20, 30, tzinfo=dt.UTC),
        "born": dt.date(1980, 1, 2),
        "land": Decimal("12.50"),
    }
    made = tables([odds])
    ((*_, found),) = filled(made, Tabulator(made, odds, zone=CHINA).rows(fill(odds, answers, instance_id="u"), "k"))
    assert found == {
        "land": Decimal("12.50"), "born": "1980-01-02", "seen": "2018-06-21 04:30:00", "place/latitude": 28.9,
        "place/longitude": 89.6, "place/altitude": 4021.5, "place/accuracy": 6.5,
    }  # fmt: skip


def test_what_a_question_cannot_read_is_kept_as_its_text(odds):
    bad = {"age": "forty", "land": "much", "born": "1980", "seen": "now", "place": "here", "door": "green"}
    made = tables([odds])
    ((*_, found),) = filled(made, Tabulator(made, odds, language="zh").rows(
        fill(odds, bad, instance_id="u", check=False), "k"))  # fmt: skip
    assert found == {("place/latitude" if name == "place" else name): text for name, text in bad.items()}


def test_the_same_answer_again_is_the_same_cell_and_spaces_around_it_are_no_part_of_it(odds):
    reader = Tabulator(tables([odds]), odds, language="en")
    xml = fill(odds, {"who": "虚构", "door": "red", "age": 41}, instance_id="uuid:1").decode()
    for door, age in (("red", "41"), (" red\n", " 41"), ("red", "41"), ("", "41"), ("  ", "x" * 300), ("red", "41")):
        answered = xml.replace(">red<", f">{door}<").replace(">41<", f">{age}<")
        (row,) = reader.rows(answered.encode(), "uuid:1")
        wanted = ["虚构", int(age) if age.strip().isdigit() else age, *(["Red"] if door.strip() else [])]
        assert [cell for cell in row.cells if cell is not None] == wanted


def test_a_whole_number_written_as_phones_write_calculations_is_a_whole_number(odds):
    made = tables([odds])
    for sent, expected in (("12.0", 12), ("-3", -3), ("007", 7), ("9" * 19, "9" * 19), ("١٢", "١٢")):
        xml = fill(odds, {"age": sent}, instance_id="u", check=False)
        assert filled(made, Tabulator(made, odds).rows(xml, "k"))[0][3] == {"age": expected}


def test_two_questions_of_one_label_are_told_apart_and_a_note_has_no_column(odds):
    headings = tables([odds])[0].headings("zh")
    assert headings[3:5] == ["日期 (born)", "日期 (seen)"]
    assert "您好" not in headings
    assert tables([odds])[0].headings(None)[:3] == ["who", "age", "land"]
    assert tables([odds])[1].label("zh") == "成员"


def test_answers_are_concealed_where_whoever_reads_says_so(odds):
    made = tables([odds])
    reader = Tabulator(made, odds, conceal=lambda question: (lambda text: "*" * len(text)) if question.name in {
        "who", "age", "place"} else None)  # fmt: skip
    xml = fill(odds, {"who": "abc", "age": 41, "land": 3, "place": Place(1, 2)}, instance_id="u")
    assert filled(made, reader.rows(xml, "k"))[0][3] == {
        "who": "***", "age": "**", "land": Decimal(3), "place/latitude": "***",
    }  # fmt: skip


OLD = ODDS.replace('name = "age"', 'name = "years"').replace(
    'type = "integer"\nname = "wage"', 'type = "text"\nname = "wage"'
)
MOVED = ODDS.replace('version = "1"', 'version = "2"')


def test_versions_are_merged_and_an_old_question_stands_where_it_stood():
    new, old = schema_from(MOVED), schema_from(OLD)
    made = tables([new, old])
    names = made[0].headings(None)
    assert names[:4] == ["who", "years", "age", "land"]
    assert len(names) == len(set(names)) == len(tables([new])[0].columns) + 1
    row = filled(made, Tabulator(made, old).rows(fill(old, {"years": 41}, instance_id="u"), "k"))
    assert row[0][3] == {"years": 41}
    assert tables([new, old])[2].columns[0].question.type == "int"  # as the newest asks it


def test_a_form_of_no_version_has_no_tables():
    with pytest.raises(ValueError, match="no version"):
        tables([])


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "who": TEXT,
        "age": st.integers(-(10**17), 10**17) | TEXT,
        "land": st.decimals(-1000, 1000, places=2) | TEXT,
        "born": st.dates() | TEXT,
        "seen": st.builds(dt.datetime.combine, st.dates(), st.times(), st.just(dt.UTC)) | TEXT,
        "door": st.sampled_from(["red", "blue", "green"]),
        "roofs": st.lists(st.sampled_from(["red", "blue"]), max_size=3),
        "place": st.builds(Place, st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 9000), st.floats(0, 99))
        | TEXT,
        "member": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "name": TEXT,
                    "job": st.lists(st.fixed_dictionaries({}, optional={"wage": st.integers(0, 99)}), max_size=2),
                },
            ),
            max_size=3,
        ),
    },
)


@settings(max_examples=100, deadline=None)
@given(answers=ANSWERS)
def test_the_quick_reading_says_what_the_careful_one_says(odds, answers):
    xml = fill(odds, answers, instance_id="uuid:1", check=False)
    made = tables([odds])
    found = {}
    for path, key, _, cells in filled(made, Tabulator(made, odds, zone=dt.UTC).rows(xml, "k")):
        position = tuple(int(piece.rpartition("[")[2]) - 1 for piece in key.split("]")[:-1])
        found |= {(path, position, name): cell for name, cell in cells.items()}
    assert found == dict(expected(read_submission(xml, odds)))


def expected(sent):
    """The cells of a submission, made from the careful reading."""
    for answer in sent.answers:
        place = inner_path(answer.question.repeats[-1]) if answer.question.repeats else MAIN
        name, value = inner_path(answer.path), answer.value
        if isinstance(value, Place):
            parts = (value.latitude, value.longitude, value.altitude_m, value.accuracy_m)
            for part, cell in zip(("latitude", "longitude", "altitude", "accuracy"), parts, strict=True):
                if cell is not None:
                    yield (place, answer.position, f"{name}/{part}"), cell
            continue
        if answer.question.type == "geopoint":
            name += "/latitude"
        if value is None:
            value = answer.text.strip()
        elif isinstance(value, dt.datetime):
            value = value.astimezone(dt.UTC).isoformat(sep=" ", timespec="seconds")[:19]
        elif isinstance(value, dt.date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = " ".join(value)
        yield (place, answer.position, name), value

"""Blocks that forms share: every row in its place, and every slip named where it stands and where it is used."""

import pytest

from survey_forms.compile import compile_form
from survey_forms.errors import CompileError, SourceError
from survey_forms.xform import read_schema

FORM = """
[languages]
zh = "中文 (zh)"
en = "English (en)"
[settings]
form_id = "hello"
version = "1"
[[survey]]
type = "text"
name = "before"
label = { zh = "前" }
[[survey]]
use = "greeting"
with = { record = "visit", most = "9" }
[[survey]]
type = "select_one shared"
name = "after"
label = { zh = "后" }
"""
BLOCK = """
[choices.mood]
good = { zh = "好", en = "Good" }
[[survey]]
type = "select_one mood"
name = "mood"
label = { zh = "{record} 好吗？" }
evidence = "{record}.mood"
[[survey]]
type = "integer"
name = "guests"
label = { zh = "几人？" }
constraint = ". <= {most} and regex(${before}, '^[a-z]{1,9}$')"
constraint_message = { zh = "太多" }
"""
SHARED = '[choices.shared]\nyes = { zh = "是", en = "Yes" }\n'


@pytest.fixture
def compiled_with(tmp_path):
    """A function that compiles a form with blocks of its own beside it."""
    (tmp_path / "blocks").mkdir()

    def compile_them(form=FORM, block=BLOCK, shared=SHARED):
        (tmp_path / "blocks" / "greeting.toml").write_text(block, encoding="utf-8")
        (tmp_path / "blocks" / "choices.toml").write_text(shared, encoding="utf-8")
        path = tmp_path / "form.toml"
        path.write_text(form, encoding="utf-8")
        return compile_form(path)

    return compile_them


def test_a_block_stands_where_it_is_used_with_its_blanks_filled_and_its_choices(compiled_with):
    schema = read_schema(compiled_with().xml)
    assert [question.name for question in schema.questions] == ["before", "mood", "guests", "after"]
    mood = schema.by_path["/data/mood"]
    assert (mood.evidence, mood.label["zh"]) == ("visit.mood", "visit 好吗？")
    assert [choice.label["en"] for choice in mood.choices] == ["Good"]


def test_an_answer_and_a_count_in_a_pattern_are_no_blanks(compiled_with):
    assert b". &lt;= 9 and regex( /data/before , '^[a-z]{1,9}$')" in compiled_with().xml


def test_a_list_that_all_forms_share_is_found_when_it_is_named(compiled_with):
    assert [choice.name for choice in read_schema(compiled_with().xml).by_path["/data/after"].choices] == ["yes"]


def test_a_form_without_a_folder_uses_the_blocks_of_the_house():
    text = FORM.replace("greeting", "place").replace('most = "9"', 'needed = "yes"').replace("shared", "has")
    assert read_schema(compile_form(text).xml).by_path["/data/place"].evidence == "visit.place"


VERSION = '[settings]\nversion = "2"\n[[survey]]'
GUESTS = 'type = "integer"\nname = "guests"'
MOOD = "[choices.mood]\nbad = { zh = '坏' }\n[[survey]]"
IN_FORM = "form.toml, line 12"
IN_BLOCK = "blocks/greeting.toml, line 4, used in form.toml, line 12"


@pytest.mark.parametrize(
    ("part", "old", "new", "refusal", "where", "what"),
    [
        ("form", '"greeting"', '"greetings"', SourceError, IN_FORM, "no block 'greetings'"),
        ("form", '"greeting"', '"../form"', SourceError, IN_FORM, "no block's name"),
        ("form", ', most = "9"', "", SourceError, IN_BLOCK.replace("4", "9"), "{most}"),
        ("form", 'most = "9"', 'most = "9", least = "1"', SourceError, IN_FORM, "{least}"),
        ("form", '"9" }', "9 }", SourceError, IN_FORM, "table of texts"),
        ("form", 'use = "greeting"', 'use = "greeting"\nname = "x"', SourceError, IN_FORM, "'name' beside use"),
        ("form", "[[survey]]", MOOD, SourceError, "form.toml, line 14", "mood"),
        ("block", "[[survey]]", VERSION, SourceError, "blocks/greeting.toml", "settings"),
        ("block", GUESTS, 'use = "greeting"', SourceError, "blocks/greeting.toml, line 9", "inside"),
        ("block", "[choices.mood]", "[choices.mood", SourceError, "blocks/greeting.toml", "TOML"),
        ("block", "evidence =", "evidense =", SourceError, f"{IN_BLOCK} (mood)", "evidense"),
        ("block", 'zh = "{record} 好吗？"', 'en = "Well?"', SourceError, f"{IN_BLOCK} (mood), label", "zh"),
        ("block", '"select_one mood"', '"selekt"', CompileError, f"{IN_BLOCK} (mood)", "selekt"),
        ("block", '"select_one mood"', '"select_one"', CompileError, f"{IN_BLOCK} (mood)", "select_one"),
        ("block", "good = {", "good = 3 #", SourceError, "blocks/greeting.toml, [choices.mood] good", "table"),
        ("block", "[choices.mood]", "[[choices]]", SourceError, "blocks/greeting.toml", "choices"),
        ("shared", "[choices.shared]", "[choices.other]", CompileError, "form.toml, line 15 (after)", "shared"),
    ],
)  # fmt: skip
def test_a_slip_is_named_where_it_stands_and_where_the_block_is_used(  # noqa: PLR0917 - a table's columns
    compiled_with, part, old, new, refusal, where, what
):
    text = {"form": FORM, "block": BLOCK, "shared": SHARED}[part]
    assert old in text
    with pytest.raises(refusal) as caught:
        compiled_with(**{part: text.replace(old, new, 1)})
    assert caught.value.where == where
    assert what in caught.value.what

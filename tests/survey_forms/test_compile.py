"""Sources to XForms: the same bytes every time, errors at the line where the slip is."""

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from survey_forms.compile import compile_form, validate_xform
from survey_forms.errors import CompileError, FormError, SourceError, ValidatorMissingError
from survey_forms.xform import read_schema

HELLO = """
[languages]
zh = "中文 (zh)"
en = "English (en)"
bo = "བོད་ཡིག (bo)"

[settings]
form_id = "hello"
form_title = "你好"
version = "7"

[choices.yes_no]
yes = { zh = "是", en = "Yes" }
no = { zh = "否" }

[[survey]]
type = "select_one yes_no"
name = "well"
label = { zh = "好吗？" }
required = true
evidence = "visit.well"
"""
ROOT = Path(__file__).parents[2]


def test_a_form_says_who_it_is():
    form = compile_form(HELLO)
    assert (form.form_id, form.version, form.title, form.warnings) == ("hello", "7", "你好", ())


def test_the_hashes_are_of_the_exact_bytes():
    form = compile_form(HELLO)
    assert form.hash == "md5:" + hashlib.md5(form.xml).hexdigest()  # noqa: S324 - OpenRosa's own
    assert form.sha256 == hashlib.sha256(form.xml).hexdigest()


def test_another_process_makes_the_same_bytes():
    program = "from survey_forms.catalogue import compiled; print(compiled('home_visit').sha256)"
    made = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": zone},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    }
    assert len(made) == 1


def test_a_language_without_a_text_is_not_offered_and_a_missing_text_falls_back_to_the_default():
    schema = read_schema(compile_form(HELLO).xml)
    (question,) = schema.questions
    assert schema.languages == ("zh", "en")
    assert question.label == {"zh": "好吗？", "en": "好吗？"}
    assert [choice.label for choice in question.choices] == [{"zh": "是", "en": "Yes"}, {"zh": "否", "en": "否"}]


def test_one_tibetan_text_makes_tibetan_a_language_of_the_form():
    schema = read_schema(compile_form(HELLO.replace('en = "Yes"', 'en = "Yes", bo = "ཡིན"')).xml)
    assert schema.languages == ("zh", "en", "bo")
    assert schema.questions[0].choices[0].label["bo"] == "ཡིན"


@pytest.mark.parametrize(
    ("old", "new", "refusal", "where", "what"),
    [
        ("required = true", 'relevant = "${nope} = 1"', CompileError, "form.toml, line 16 (well)", "nope"),
        ('"select_one yes_no"', '"selekt"', CompileError, "form.toml, line 16 (well)", "selekt"),
        ('label = { zh = "好吗？" }', "", CompileError, "form.toml, line 16 (well)", "label"),
        ("required = true", 'relevent = "1"', SourceError, "form.toml, line 16 (well)", "relevent"),
        ("required = true", "default = 1.5", SourceError, "form.toml, line 16 (well), default", "float"),
        ('zh = "好吗？"', 'en = "Well?"', SourceError, "form.toml, line 16 (well), label", "zh"),
        ('zh = "好吗？"', 'zh = "好吗？", fr = "Ça va?"', SourceError, "form.toml, line 16 (well), label", "fr"),
        ('no = { zh = "否" }', "no = 3", SourceError, "form.toml, [choices.yes_no] no", "table"),
        ('version = "7"', "", SourceError, "form.toml, [settings]", "version"),
        ("[choices.yes_no]", "[chioces.yes_no]", SourceError, "form.toml", "chioces"),
        ("[languages]", "[languages", SourceError, "form.toml", "TOML"),
    ],
)
def test_a_slip_is_refused_at_its_place(old, new, refusal, where, what):
    assert old in HELLO
    with pytest.raises(refusal) as caught:
        compile_form(HELLO.replace(old, new))
    assert caught.value.where == where
    assert what in caught.value.what
    assert caught.value.advice


@pytest.mark.parametrize(
    "text",
    [
        "",
        'languages = 3\nsurvey = "x"',
        '[languages]\n[[survey]]\ntype = "text"',
        '[languages]\nzh = "a"\nen = "a"\n[[survey]]\ntype = "text"',
        '[languages]\nzh = "a"\n[choices]\nx = 3\n[[survey]]\ntype = "text"',
        'entities = 3\n[languages]\nzh = "a"\n[[survey]]\ntype = "text"',
        'survey = [{ type = "text", name = "a" }]\n[languages]\nzh = "a"\n[settings]\nform_id = "a"\nversion = "1"',
    ],
)
def test_text_of_another_shape_is_refused_before_it_is_read(text):
    with pytest.raises(SourceError):
        compile_form(text)


def _workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


SURVEY = [
    ["type", "name", "label::中文 (zh)", "bind::ruhu:evidence"],
    ["integer", "persons", "几口人？", "visit.members_count"],
]
SETTINGS = [
    ["form_id", "version", "default_language", "namespaces"],
    ["own", "1", "中文 (zh)", 'ruhu="urn:ruhu:evidence"'],
]


def test_a_countys_excel_form_compiles_and_declares_its_evidence():
    form = compile_form(_workbook(survey=SURVEY, settings=SETTINGS), file_type=".xlsx")
    (question,) = read_schema(form.xml).questions
    assert (question.type, question.evidence) == ("int", "visit.members_count")


def test_an_excel_form_without_a_version_is_refused():
    with pytest.raises(CompileError, match="no version"):
        compile_form(_workbook(survey=SURVEY, settings=[row[:1] + row[2:] for row in SETTINGS]), file_type=".xlsx")


def test_an_excel_form_that_forgot_to_declare_the_namespace_is_told_how():
    with pytest.raises(CompileError, match="urn:ruhu:evidence"):
        compile_form(_workbook(survey=SURVEY, settings=[row[:3] for row in SETTINGS]), file_type=".xlsx")


def test_a_misspelt_column_in_excel_is_warned_about_and_a_column_of_notes_is_not():
    survey = [[*SURVEY[0], "Relevent", "our notes"], [*SURVEY[1], "1 = 1", "ask slowly"]]
    warnings = compile_form(_workbook(survey=survey, settings=SETTINGS), file_type=".xlsx").warnings
    assert [w for w in warnings if "did you mean" in w] == [
        "survey sheet: column 'Relevent' is not read; did you mean 'relevant'?",
    ]


def test_an_error_in_excel_names_the_row():
    rows = [*SURVEY, ["integer", "persons", "再问一次", None]]
    with pytest.raises(CompileError) as caught:
        compile_form(_workbook(survey=rows, settings=SETTINGS), file_type=".xlsx")
    assert caught.value.where == "form.xlsx, row 3"


def test_a_damaged_workbook_is_refused_not_crashed_on():
    whole = _workbook(survey=SURVEY, settings=SETTINGS)
    refused = 0
    for at in range(30, len(whole), len(whole) // 40):
        damaged = whole[:at] + bytes(b ^ 0xA5 for b in whole[at : at + 8]) + whole[at + 8 :]
        try:
            compile_form(damaged, file_type=".xlsx")
        except FormError:
            refused += 1
    assert refused > 20


@pytest.mark.parametrize(
    ("source", "file_type"),
    [(b"x", None), (b"x", ".pdf"), (b"\xff", ".toml"), (Path("/nowhere/form.toml"), None), (b"plain text", ".xlsx")],
)
def test_what_is_no_form_at_all_is_refused(source, file_type):
    with pytest.raises(FormError):
        compile_form(source, file_type=file_type)


def test_without_java_validation_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ValidatorMissingError, match="default-jre-headless"):
        validate_xform(compile_form(HELLO).xml)

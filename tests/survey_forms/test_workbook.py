"""Forms written for Excel: what comes back from Excel is the same form."""

import io

import openpyxl
import pytest

from survey_forms.catalogue import CATALOGUE, compiled, schema_of, source_of
from survey_forms.compile import compile_form
from survey_forms.workbook import write_workbook
from survey_forms.xform import read_schema

each_form = pytest.mark.parametrize("form_id", [known.form_id for known in CATALOGUE])


@each_form
def test_the_workbook_compiles_to_the_same_form_with_the_same_evidence(form_id):
    again = compile_form(write_workbook(source_of(form_id)), file_type=".xlsx")
    assert again.warnings == ()
    assert read_schema(again.xml) == schema_of(form_id)
    assert again.xml == compiled(form_id).xml


@each_form
def test_a_workbook_saved_again_by_another_program_is_still_the_same_form(form_id):
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(source_of(form_id))))
    saved = io.BytesIO()
    book.save(saved)
    assert compile_form(saved.getvalue(), file_type=".xlsx").sha256 == compiled(form_id).sha256


def test_the_sheets_read_from_left_to_right_and_their_first_row_stays_in_view():
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(source_of("home_visit"))))
    assert book.sheetnames == ["survey", "choices", "settings", "entities"]
    survey = [cell.value for cell in next(book["survey"].iter_rows())]
    assert survey[:4] == ["type", "name", "label::中文 (zh)", "label::English (en)"]
    assert [cell.value for cell in next(book["choices"].iter_rows())][:2] == ["list_name", "name"]
    assert book["survey"].freeze_panes == "D2"


def test_an_expression_is_never_a_formula_of_excel():
    source = source_of("home_visit")
    source.workbook["survey"][0]["hint::中文 (zh)"] = "=1+1"
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(source)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "=1+1" in [cell.value for cell in cells]

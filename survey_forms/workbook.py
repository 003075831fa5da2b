"""A form as an Excel workbook, for people who change forms in Excel: compiled again it is the same form."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Final

import openpyxl
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from survey_forms.source import Source, column_place

_SHEETS: Final = ("survey", "choices", "settings", "entities")
_NARROWEST, _WIDEST = 10, 48
_HEAD: Final = PatternFill("solid", fgColor="DDE6EE")
_FRAME: Final = PatternFill("solid", fgColor="F2F2F2")  # rows that begin or end a group or a repeat


def write_workbook(source: Source) -> bytes:
    """Write a form as an Excel workbook.

    Parameters
    ----------
    source
        The form, its blocks in their places.

    Returns
    -------
    bytes
        An ``.xlsx`` with the sheets of an XLSForm. `compile_form` makes the same XForm of it.

    Notes
    -----
    The XLSForm standard is at xlsform.org. Every cell is text: Excel must neither compute nor re-format a form's
    expressions.

    Examples
    --------
    >>> from survey_forms.catalogue import compiled, source_of
    >>> from survey_forms.compile import compile_form
    >>> again = compile_form(write_workbook(source_of("home_visit")), file_type=".xlsx")
    >>> again.sha256 == compiled("home_visit").sha256
    True
    """
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in _SHEETS:
        if rows := source.workbook.get(name):
            _fill(book.create_sheet(name), rows)
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def _fill(sheet: Worksheet, rows: Sequence[Mapping[str, str]]) -> None:
    columns = sorted(dict.fromkeys(column for row in rows for column in row), key=column_place)
    for line, row in enumerate([dict(zip(columns, columns, strict=True)), *rows], start=1):
        framing = str(row.get("type", "")).startswith(("begin", "end"))
        for number, column in enumerate(columns, start=1):
            cell = sheet.cell(line, number)
            _write(cell, row.get(column))
            if line == 1:
                cell.font, cell.fill = Font(bold=True), _HEAD
            elif framing:
                cell.fill = _FRAME
    for number, column in enumerate(columns, start=1):
        longest = max(len(column), *(len(line) for row in rows for line in str(row.get(column, "")).split("\n")))
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 2, _NARROWEST), _WIDEST)
    sheet.freeze_panes = "D2" if "type" in columns else "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _write(cell: Cell, text: str | None) -> None:
    if text is None or text == "":
        return
    cell.value = text
    cell.data_type = "s"  # a text that begins with = is an expression of the form, not of Excel
    cell.alignment = Alignment(vertical="top", wrap_text=True)

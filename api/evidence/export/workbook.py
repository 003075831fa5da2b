"""Write tables as the sheets of a workbook, row by row; texts stay texts, days and numbers are what they are."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from api.evidence.export.csv_files import STARTS
from api.evidence.export.layout import Line, Sheet
from api.problems import Invalid
from survey_forms.tabulate import Cell

MOST_ROWS = 1_048_576  # of a sheet, its headings included
MOST_COLUMNS = 16_384
LONGEST_NAME = 31
LONGEST_TEXT = 32_767
MOST_DIGITS = 15  # a number with more is rounded by spreadsheets
WIDTH = 14
CUT = "…"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


class WorkbookFile:
    """One workbook with a sheet for each table, continued on a further sheet when it is full.

    Raises
    ------
    Invalid
        If a table has more columns than a sheet can.
    """

    def __init__(self, path: Path, sheets: Sequence[Sheet], *, most_rows: int = MOST_ROWS) -> None:
        if any(len(sheet.headings) > MOST_COLUMNS for sheet in sheets):
            raise Invalid("表格的列数超过 XLSX 的上限 {most}，请改为导出 CSV", where="format", most=MOST_COLUMNS)
        self._path = path
        self._most_rows = most_rows
        self._sheets = sheets
        self._book = Workbook(write_only=True)
        self._names = _Names()
        self._open = [self._begin(sheet) for sheet in sheets]
        self._rows = [1] * len(sheets)

    def add(self, lines: Sequence[Line]) -> None:
        """Take the lines of one submission."""
        for number, cells in lines:
            if self._rows[number] >= self._most_rows:
                self._end(number)
                self._open[number], self._rows[number] = self._begin(self._sheets[number]), 1
            sheet, moments = self._open[number], self._sheets[number].moments
            sheet.append([_cell(sheet, cell, at in moments) for at, cell in enumerate(cells)])
            self._rows[number] += 1

    def close(self) -> None:
        """Write the workbook."""
        for number in range(len(self._open)):
            self._end(number)
        self._book.save(self._path)
        self._book.close()

    def abandon(self) -> None:
        """Let go of everything; openpyxl keeps each sheet in a file of its own until it is saved."""
        for sheet in self._book.worksheets:
            with contextlib.suppress(OSError):
                sheet.close()
            with contextlib.suppress(OSError):
                sheet._writer.cleanup()  # noqa: SLF001 - nothing else removes it before the process ends

    def _begin(self, sheet: Sheet) -> Any:
        made = self._book.create_sheet(self._names(sheet.label))
        made.freeze_panes = "B2"
        for at in range(len(sheet.headings)):
            made.column_dimensions[get_column_letter(at + 1)].width = WIDTH
        made.append([_cell(made, heading, False) for heading in sheet.headings])
        return made

    def _end(self, number: int) -> None:
        last = get_column_letter(len(self._sheets[number].headings))
        self._open[number].auto_filter.ref = f"A1:{last}{self._rows[number]}"


def _cell(sheet: Any, cell: Cell, is_moment: bool) -> Any:
    if cell.__class__ is str:
        return _text(sheet, str(cell), is_moment)
    if cell.__class__ is int and len(str(cell)) > MOST_DIGITS:
        return str(cell)
    return float(cell) if isinstance(cell, Decimal) else cell


def _text(sheet: Any, text: str, is_moment: bool) -> Any:
    if is_moment:
        try:
            return datetime.fromisoformat(text) if len(text) > len("2026-07-01") else date.fromisoformat(text)
        except ValueError:
            pass
    text = ILLEGAL_CHARACTERS_RE.sub("�", text)
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + CUT
    if text[:1] not in STARTS:
        return text
    made = WriteOnlyCell(sheet, text)
    made.data_type = "s"  # openpyxl takes what begins with = for a formula
    made.quotePrefix = True  # and a spreadsheet would, once the cell is edited
    return made


class _Names:
    """Names of sheets: at most 31 characters, without what Excel forbids, and no two alike."""

    def __init__(self) -> None:
        self._taken: set[str] = {"history"}  # Excel keeps that one for itself

    def __call__(self, label: str) -> str:
        plain = _FORBIDDEN.sub(" ", label).strip().strip("'") or "1"
        for ending in _endings():
            name = plain[: LONGEST_NAME - len(ending)] + ending
            if name.lower() not in self._taken:
                self._taken.add(name.lower())
                return name
        raise AssertionError("endings have no end")


def _endings() -> Iterator[str]:
    yield ""
    number = 2
    while True:
        yield f" ({number})"
        number += 1

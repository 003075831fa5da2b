"""Write tables that people open in a spreadsheet: as CSV or XLSX, row by row, and never a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

MARK = "﻿"  # without it Excel takes UTF-8 for the machine's own encoding
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width ones too, in Chinese Excel
WIDTH = 16


def defuse(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula: an apostrophe goes in front of what begins like one.

    Examples
    --------
    >>> defuse("=HYPERLINK(1)"), defuse("虚构"), defuse(-3.5), defuse("@a")
    ("'=HYPERLINK(1)", '虚构', -3.5, "'@a")
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def write_csv(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    r"""Yield a CSV (UTF-8 with mark, as Excel wants it) in pieces of some rows.

    Examples
    --------
    >>> b"".join(write_csv([["姓名"], ["=1"]])).decode()
    "\ufeff姓名\r\n'=1\r\n"
    """
    buffer = io.StringIO()
    buffer.write(MARK)
    writer = csv.writer(buffer)
    for number, row in enumerate(rows, start=1):
        writer.writerow([defuse(value.isoformat() if isinstance(value, date) else value) for value in row])
        if number % 500 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_workbook(path: Path, rows: Iterable[Sequence[Any]], *, title: str) -> None:
    """Write an XLSX file row by row; the sheet is never in memory as a whole."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        if number == 0:
            for place in range(len(row)):
                sheet.column_dimensions[_letter(place)].width = WIDTH
        sheet.append([defuse(value) for value in row])
    book.save(path)
    book.close()


def _letter(place: int) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return (alphabet[place // 26 - 1] if place >= len(alphabet) else "") + alphabet[place % 26]

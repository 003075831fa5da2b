"""Open a roll file, whatever it is: Excel workbook or CSV, Chinese or Unicode encoding; yield its rows one by one.

Neither is ever held as a whole beyond a bound.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from api.problems import Invalid, TooLarge, WrongMediaType
from api.registry.roll_file.columns import BY_NAME, HEADINGS, REQUIRED, WAYS_TO_A_CODE, normal_heading
from api.registry.roll_file.workbook import open_workbook

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_ROWS = 500_000
ENCODINGS = ("utf-8", "gb18030")
ROWS_BEFORE_HEADINGS = 10  # counties put a title above
SURE_OF_HEADINGS = 3  # so many known headings in one row and it is the row of headings
READ_BYTES = 1 << 20


@dataclass
class RollFile:
    """An opened roll.

    Attributes
    ----------
    headings : dict
        Column name → the file's own heading.
    unknown : list of str
        Headings that mean nothing here; their columns are passed over.
    total : int
        Rows in the file, about.
    rows : iterator of (int, dict)
        Row number as Excel counts, and column name → cell; empty rows are left out.
    """

    headings: dict[str, str]
    unknown: list[str]
    total: int
    rows: Iterator[tuple[int, dict[str, Any]]]


def open_roll(path: Path) -> RollFile:
    """Open a roll file.

    Parameters
    ----------
    path : Path
        XLSX, XLS or CSV (UTF-8 with or without mark, or GB 18030); what it is shows in its bytes, not its name.

    Raises
    ------
    WrongMediaType
        If it is neither.
    TooLarge
        If it has too many rows, or unpacks to far more than it says.
    Invalid
        If the headings are not found, stand twice or lack a needed one.
    """
    with path.open("rb") as file:
        start = file.read(4)
    total, rows = open_workbook(path) if start in {ZIP, OLD_EXCEL} else _csv(path)
    if total > MOST_ROWS:
        raise TooLarge("文件有 {total} 行，超过上限 {most} 行，请按乡镇分开导入", total=total, most=MOST_ROWS)
    numbered = enumerate(rows, start=1)
    above: list[tuple[int, list[Any]]] = []
    for number, cells in numbered:
        above.append((number, cells))
        if sum(normal_heading(cell) in HEADINGS for cell in cells) >= SURE_OF_HEADINGS:
            headings, unknown, places = _headings(cells, number)
            return RollFile(headings, unknown, total, _rows(numbered, places))
        if number >= ROWS_BEFORE_HEADINGS:
            break
    seen = [str(cell) for cell in chain.from_iterable(cells for _, cells in above[:1]) if cell][:8]
    raise Invalid(
        "前 {rows} 行中找不到表头，请使用模板的表头 (如 户编码、姓名、身份证号); 第一行是：{seen}",
        where="1",
        rows=ROWS_BEFORE_HEADINGS,
        seen="、".join(seen) or "(空)",
    )


def _headings(cells: list[Any], number: int) -> tuple[dict[str, str], list[str], dict[int, str]]:
    headings: dict[str, str] = {}
    unknown: list[str] = []
    places: dict[int, str] = {}
    for place, cell in enumerate(cells):
        text = "" if cell is None else str(cell).strip()
        name = HEADINGS.get(normal_heading(text))
        if name is None:
            unknown.extend([text[:64]] if text else [])
            continue
        if name in headings:
            raise Invalid(
                "表头 {first} 与 {second} 是同一栏，请删去一列", where=str(number), first=headings[name], second=text
            )
        headings[name], places[place] = text[:64], name
    missing = [BY_NAME[name].heading for name in REQUIRED if name not in headings]
    if not any(all(name in headings for name in way) for way in WAYS_TO_A_CODE):
        missing.append("户编码 (或 村编码 + 户序号，或 乡镇 + 村 + 户序号)")
    if missing:
        raise Invalid("表头缺少：{missing}，请补充后重新上传", where=str(number), missing="、".join(missing))
    return headings, unknown, places


def _rows(numbered: Iterator[tuple[int, list[Any]]], places: dict[int, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, cells in numbered:
        row = {places[place]: cell for place, cell in enumerate(cells) if place in places and cell not in {None, ""}}
        if row:
            yield number, row


def _csv(path: Path) -> tuple[int, Iterator[list[str]]]:
    encoding, total = _encoding(path)
    return total + 1, _csv_rows(path, encoding)


def _encoding(path: Path) -> tuple[str, int]:
    """Return the first encoding in which the whole file makes sense, and its line breaks."""
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        lines, printable = 0, True
        try:
            with path.open("rb") as file:
                while piece := file.read(READ_BYTES):
                    lines += piece.count(b"\n")
                    printable = printable and b"\0" not in piece
                    decoder.decode(piece)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        if printable:
            return encoding, lines
    raise WrongMediaType("文件既不是 Excel 工作簿，也不是 UTF-8 或 GB18030 编码的 CSV, 请另存为 .xlsx 后重试")


def _csv_rows(path: Path, encoding: str) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        first = file.readline()
        file.seek(0)
        separator = max(",\t;", key=first.count)
        try:
            yield from csv.reader(file, delimiter=separator)
        except csv.Error as error:
            raise WrongMediaType("CSV 文件无法读取 ({error}), 请另存为 .xlsx 后重试", error=str(error)) from None

"""Workbooks: both readers see the same, in bounded memory, and no file of a few kilobytes fills a server."""

import io
import struct
import tracemalloc
import zipfile
from datetime import date

import openpyxl
import pytest

from api.problems import TooLarge, WrongMediaType
from api.registry.roll_file import workbook
from api.registry.roll_file.reading import open_roll
from api.registry.roll_file.workbook import open_workbook

HEADINGS = ["户编码", "姓名", "与户主关系", "身份证号", "保障类别", "月保障金额", "享受起始日期", "经度"]


def save(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    book.close()
    return path


def rows_of(count):
    yield ["江孜县农村低保名册"]
    yield []
    yield HEADINGS
    for number in range(count):
        yield [f"540222100201-{number:04d}", f"虚构{number}", "户主", "", "农村", 300.5, date(2018, 6, 1), None]


@pytest.fixture
def streamed(monkeypatch):
    """Even the smallest workbook counts as large."""
    monkeypatch.setattr(workbook, "HELD_BYTES", 0)


def test_a_large_workbook_is_read_as_a_small_one_is(tmp_path, monkeypatch):
    path = save(tmp_path / "roll.xlsx", rows_of(50))
    held = open_roll(path)
    small = list(held.rows)
    monkeypatch.setattr(workbook, "HELD_BYTES", 0)
    large = open_roll(path)
    assert large.headings == held.headings
    assert {held.total, large.total} <= {52, 53}  # about: the empty row is not written
    seen = list(large.rows)
    assert [number for number, _ in seen] == [number for number, _ in small] == list(range(4, 54))
    assert [{name: str(value)[:10] for name, value in row.items()} for _, row in seen] == [
        {name: str(value)[:10] for name, value in row.items()} for _, row in small
    ]


def test_a_large_workbook_takes_no_more_memory_with_more_rows(tmp_path, monkeypatch, streamed):
    monkeypatch.setattr(workbook, "READ_BYTES", 10_000)
    peaks = []
    for count in (500, 5_000):
        path = save(tmp_path / f"{count}.xlsx", [HEADINGS] * count)
        tracemalloc.start()
        assert sum(1 for _ in open_workbook(path)[1]) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 4_500 * 150  # the parser keeps an empty element for each row


def packed(path, sheet, *, name="xl/worksheets/sheet1.xml"):
    """A workbook with another sheet in the place of its own."""
    save(path, [HEADINGS])
    with zipfile.ZipFile(path) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    parts[name] = sheet
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return path


def test_a_workbook_that_unpacks_to_far_more_than_a_roll_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(TooLarge, match="解压后过大"):
        open_workbook(packed(tmp_path / "bomb.xlsx", b" " * 2_000_000))


def test_a_workbook_that_lies_about_what_it_unpacks_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_UNPACKED_BYTES", 1_000_000)
    path = packed(tmp_path / "bomb.xlsx", b" " * 2_000_000)
    content = path.read_bytes().replace(struct.pack("<L", 2_000_000), struct.pack("<L", 100))
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("xl/worksheets/sheet1.xml").file_size == 100
    with pytest.raises((TooLarge, WrongMediaType)):
        open_workbook(path)


def test_entities_that_multiply_are_refused(tmp_path, streamed):
    lines = [b'<!ENTITY a0 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">']
    lines += [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)]
    laughs = b'<?xml version="1.0"?><!DOCTYPE worksheet [' + b"".join(lines) + b"]><worksheet><sheetData>"
    laughs += b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row></sheetData></worksheet>'
    with pytest.raises(WrongMediaType, match="已损坏"):
        list(open_workbook(packed(tmp_path / "laughs.xlsx", laughs))[1])


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(
    "sheet",
    [b"", b"<worksheet><sheetData><row", b"not xml", b'<worksheet><sheetData><row r="1"><c t="s"><v>99</v></c></row>'],
)
def test_a_broken_sheet_is_refused_as_such(tmp_path, monkeypatch, sheet, large):
    monkeypatch.setattr(workbook, "HELD_BYTES", 0 if large else workbook.HELD_BYTES)
    with pytest.raises(WrongMediaType):
        list(open_workbook(packed(tmp_path / "broken.xlsx", sheet))[1])


def test_what_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "roll.xlsx"
    for content in (b"PK\x03\x04 and no more", b"\xd0\xcf\x11\xe0 and no more", zipped({"a.txt": b"a"})):
        path.write_bytes(content)
        with pytest.raises(WrongMediaType):
            list(open_workbook(path)[1])


def zipped(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()

"""Read the first sheet of an Excel workbook row by row, in bounded memory whatever its size.

One of usual size is read by calamine: as a whole and outside Python, twenty times faster than piece by piece, for
about 1.3 bytes a byte of its unpacked sheets. A larger one, or one that says so little of its size that it may be
one, is read by openpyxl as it is unpacked; only its table of texts is held.
"""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from copy import copy
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
import python_calamine

from api.problems import TooLarge, WrongMediaType

HELD_BYTES: Final = 64_000_000  # unpacked; about 60,000 rows of 24 columns
MOST_UNPACKED_BYTES: Final = 600_000_000  # 500,000 rows
MOST_TEXT_BYTES: Final = 100_000_000  # of the table of texts, for the readers hold it
TEXTS: Final = "xl/sharedStrings.xml"
READ_BYTES: Final = 1 << 20
ROW: Final = b"<row"

# What comes of a file that is none, or breaks off: the libraries have many words for it.
BROKEN: Final = (
    python_calamine.CalamineError, zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError, LookupError,
    ValueError, TypeError, AttributeError,
)  # fmt: skip


def open_workbook(path: Path) -> tuple[int, Iterator[list[Any]]]:
    """Return how many rows the first sheet has, about, and its rows from the top.

    Raises
    ------
    WrongMediaType
        If it is no workbook, is broken or has a password; also while the rows are taken.
    TooLarge
        If it unpacks to far more than a roll.
    """
    try:
        return _streamed(path) if _is_large(path) else _held(path)
    except python_calamine.PasswordError:
        raise WrongMediaType("工作簿有密码，请去掉密码后重新上传") from None
    except BROKEN as error:
        raise _broken() from error


def _is_large(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False  # the old format, which holds 65,536 rows at most
    unpacked = 0
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            room = MOST_TEXT_BYTES if entry.filename == TEXTS else MOST_UNPACKED_BYTES
            unpacked += _size_of(archive, entry, min(room, MOST_UNPACKED_BYTES - unpacked))
    return unpacked > HELD_BYTES


def _size_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> int:
    """Unpack a part to its true end: what it says of its size may be a lie, and calamine would go on unpacking."""
    honest, size = copy(entry), 0
    honest.file_size = room + 2 * READ_BYTES
    with archive.open(honest) as file:
        while size <= room and (piece := file.read(READ_BYTES)):
            size += len(piece)
    if size > room:
        raise TooLarge("工作簿解压后过大，请只保留名册一张表后重试")
    return size


def _held(path: Path) -> tuple[int, Iterator[list[Any]]]:
    sheet = python_calamine.load_workbook(path).get_sheet_by_index(0)
    return (sheet.total_height, sheet.iter_rows()) if sheet.start is not None else (0, iter(()))


def _streamed(path: Path) -> tuple[int, Iterator[list[Any]]]:
    with ExitStack() as undo:
        file = undo.enter_context(path.open("rb"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of decorations that it passes over
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size is not believed
        total = _count_rows(path, sheet._worksheet_path)  # noqa: SLF001 - it has no public name
        return total, _rows(sheet, undo.pop_all())


def _count_rows(path: Path, part: str) -> int:
    rows, end = 0, b""
    with zipfile.ZipFile(path) as archive, archive.open(part) as file:
        while piece := file.read(READ_BYTES):
            piece = end + piece
            rows += piece.count(ROW)
            end = piece[-len(ROW) + 1 :]
    return rows


def _rows(sheet: Any, opened: ExitStack) -> Iterator[list[Any]]:
    with opened:
        try:
            for row in sheet.iter_rows(values_only=True):
                yield list(row)
        except BROKEN as error:
            raise _broken() from error


def _broken() -> WrongMediaType:
    return WrongMediaType("工作簿已损坏或不是 Excel 文件，请用 Excel 另存为 .xlsx 后重试")

"""Write tables as CSV: one file, or several in one zip with the photos and other files they name."""

import contextlib
import csv
import io
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from api.evidence.export.layout import Line, Sheet
from api.registry.roll_file.writing import FORMULA_STARTS, MARK
from survey_forms.tabulate import Cell

STARTS = frozenset(FORMULA_STARTS)
PIECE_BYTES = 1 << 20
# what is packed already gains nothing from being packed again
PACKED = ("image/", "video/", "audio/", "application/zip", "application/pdf")


def defused(cells: Sequence[Cell]) -> list[Cell]:
    """Return cells that no spreadsheet takes for formulas; numbers stay numbers.

    Examples
    --------
    >>> defused(["=1+1", "虚构", -3, None])
    ["'=1+1", '虚构', -3, None]
    """
    return [f"'{cell}" if cell.__class__ is str and cell[:1] in STARTS else cell for cell in cells]


class CsvFiles:
    """One CSV file, or a zip of one for each table and whatever else is put in.

    In a zip the first table is written straight into it; the others wait beside it, for a zip takes one file at a time.
    """

    def __init__(self, path: Path, sheets: Sequence[Sheet], *, mark: bool, zipped: bool) -> None:
        self._mark = mark
        self._sheets = sheets
        self._waiting = [path.with_name(f"{number}.csv") for number in range(1, len(sheets))]
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) if zipped else None
        first = self._open(f"{sheets[0].name}.csv") if zipped else path.open("wb")
        self._files = [self._text(first), *(self._text(waiting.open("wb")) for waiting in self._waiting)]
        self._writers = [csv.writer(file) for file in self._files]
        for writer, sheet in zip(self._writers, sheets, strict=True):
            writer.writerow(defused(sheet.headings))

    def add(self, lines: Sequence[Line]) -> None:
        """Take the lines of one submission."""
        for number, cells in lines:
            self._writers[number].writerow(defused(cells))

    def close(self) -> None:
        """Write what is left."""
        self.close_tables()
        if self._zip is not None:
            self._zip.close()

    def abandon(self) -> None:
        """Let go of everything."""
        for part in (*self._files, self._zip):
            with contextlib.suppress(OSError, ValueError):  # a full disk refuses the last bytes as well
                if part is not None:
                    part.close()

    def close_tables(self) -> None:
        """Finish the tables; files may be put into the zip after that."""
        for file in self._files:
            file.close()
        for path, sheet in zip(self._waiting, self._sheets[1:], strict=True):
            if path.exists():
                with path.open("rb") as source, self._open(f"{sheet.name}.csv") as target:
                    shutil.copyfileobj(source, target, PIECE_BYTES)
                path.unlink()

    def put(self, name: str, source: IO[bytes], *, media_type: str) -> None:
        """Put a file into the zip, as it is if it is packed already."""
        with source, self._open(name, stored=media_type.startswith(PACKED)) as target:
            shutil.copyfileobj(source, target, PIECE_BYTES)

    def _open(self, name: str, *, stored: bool = False) -> IO[bytes]:
        if self._zip is None:
            raise ValueError("a single CSV holds no further files")
        # a name alone is packed as the zip says, which is set to be quick
        return self._zip.open(zipfile.ZipInfo(name) if stored else name, "w", force_zip64=True)

    def _text(self, file: IO[bytes]) -> io.TextIOWrapper:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        if self._mark:
            text.write(MARK)
        return text

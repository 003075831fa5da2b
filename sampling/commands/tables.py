"""Tables on a terminal and tables from spreadsheets."""

import csv
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from sampling.commands.refusals import AlreadyThere, MalformedTable


def width(text: str) -> int:
    """Return how many columns a text takes on a terminal: Chinese characters take two.

    Examples
    --------
    >>> width("共 9 户")
    7
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return an aligned table: numbers to the right, words to the left.

    Examples
    --------
    >>> print(table(["层", "户数"], [["甲", 12], ["乙乙", 3]]))
    层    户数
    甲      12
    乙乙     3
    """
    body = [[f"{v:,}" if isinstance(v, int) else str(v) for v in row] for row in rows]
    cells = [list(header), *body]
    widths = [max(width(row[i]) for row in cells) for i in range(len(header))]
    right = [
        bool(body) and all(row[i].replace(",", "").replace(".", "").rstrip("%").isdigit() for row in body)
        for i in range(len(header))
    ]
    lines = []
    for row in cells:
        padded = [
            " " * (w - width(v)) + v if r else v + " " * (w - width(v))
            for v, w, r in zip(row, widths, right, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def say(text: str) -> None:
    """Write a line of the answer."""
    sys.stdout.write(text + "\n")


def progress(text: str) -> None:
    """Write a line about what is being done, apart from the answer."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def read_table(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """Read a spreadsheet's CSV (UTF-8, with or without a byte-order mark) with at least some columns.

    Raises
    ------
    MalformedTable
        Not UTF-8, a column missing, no rows, or a row too short, named by its line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval=None)
            rows = list(reader)
            columns = reader.fieldnames or []
    except UnicodeDecodeError as error:
        raise MalformedTable(str(path), "is not UTF-8", "save it as CSV UTF-8") from error
    missing = [name for name in needed if name not in columns]
    if missing:
        raise MalformedTable(str(path), f"lacks the columns {', '.join(missing)}", "name the columns in line 1")
    if not rows:
        raise MalformedTable(str(path), "has no rows", "check the export")
    short = next((line for line, row in enumerate(rows, 2) if any(row[name] is None for name in needed)), None)
    if short is not None:
        raise MalformedTable(f"{path}, line {short}", "is too short", "fill every column")
    return rows


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet.

    Raises
    ------
    AlreadyThere
        Names the file.
    """
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise AlreadyThere(str(path), "is there already", "choose another folder; a draw is never changed") from error

"""Show answers to a person: in lines, the place of a fault marked; and two of them beside each other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from survey_forms.schema import FormSchema
from survey_forms.submission import Submission

MOST_SIGNS: Final = 400_000  # more is for downloading, no browser shows it well
_LINE: Final = re.compile(r"line (\d+), column (\d+)")
_BYTE: Final = re.compile(r"byte (\d+)")


@dataclass(frozen=True)
class Line:
    """One line as shown; the place of the fault, if it is here, stands between `before` and `after`."""

    number: int
    before: str
    marked: bool = False
    after: str = ""


def lines_of(xml: bytes, where: str) -> list[Line]:
    """Return answers as lines, one element each where they were sent in one piece.

    Parameters
    ----------
    where
        The place of the fault as the refusal named it; empty when there is none.

    Examples
    --------
    >>> [(line.before, line.marked, line.after) for line in lines_of(b"<a><b>1</c></a>", "line 1, column 8")]
    [('<a>', False, ''), ('<b>1', True, '</c>'), ('</a>', False, '')]
    """
    text = xml.decode("utf-8", errors="replace").replace("\0", "\ufffd")[:MOST_SIGNS]
    fault = _offset(text, xml, where)
    lines: list[Line] = []
    at = 0
    for piece in re.split(r"(?<=>)(?=<)|(?<=\n)", text):
        here = fault is not None and at <= fault < at + len(piece)
        if fault is not None and here:
            lines.append(Line(len(lines) + 1, piece[: fault - at], marked=True, after=piece[fault - at :].rstrip("\n")))
        elif piece.strip():
            lines.append(Line(len(lines) + 1, piece.rstrip("\n")))
        at += len(piece)
    if fault is not None and fault >= at:
        lines.append(Line(len(lines) + 1, "", marked=True))
    return lines


def place_in_words(where: str) -> tuple[str, dict[str, str]]:
    """Return a place as a sentence to be translated, with its values; as it is where there is no better word.

    Examples
    --------
    >>> place_in_words("line 3, column 7")
    ('第 {line} 行，第 {column} 个字', {'line': '3', 'column': '7'})
    """
    if found := _LINE.match(where):
        return "第 {line} 行，第 {column} 个字", {"line": found[1], "column": found[2]}
    if found := _BYTE.match(where):
        return "第 {byte} 字节", {"byte": found[1]}
    return where, {}


def _offset(text: str, xml: bytes, where: str) -> int | None:
    """Return how many signs stand before the fault."""
    if found := _LINE.match(where):
        line, column = int(found[1]), int(found[2])
        before = text.split("\n")[: line - 1]
        return min(sum(map(len, before)) + len(before) + max(0, column - 1), len(text))
    if found := _BYTE.match(where):
        return len(xml[: int(found[1])].decode("utf-8", errors="replace"))
    if where.endswith(("/meta/instanceID", "/meta")):
        meta = re.search(r"<(?:[\w-]+:)?meta\b", text)
        return meta.start() if meta else None
    if where:
        root = re.search(r"<[\w:]", text)
        return root.start() if root else None
    return None


@dataclass(frozen=True)
class Difference:
    """One answer that is not the same in two submissions."""

    path: str
    position: tuple[int, ...]
    label: Mapping[str, str]
    stored: str
    kept: str


def differences(stored: Submission, kept: Submission, schema: FormSchema) -> list[Difference]:
    """Return the answers in which a stored submission and one kept aside differ, in the order of the form."""
    ours, theirs = (
        {(answer.path, answer.position): answer.text for answer in one.answers} for one in (stored, kept)
    )  # fmt: skip
    order = {question: number for number, question in enumerate(schema.by_path)}
    places = sorted(ours.keys() | theirs.keys(), key=lambda place: (order.get(place[0], len(order)), *place))
    return [
        Difference(
            path,
            position,
            schema.by_path[path].label if path in schema.by_path else {},
            ours.get((path, position), ""),
            theirs.get((path, position), ""),
        )
        for path, position in places
        if ours.get((path, position)) != theirs.get((path, position))
    ]

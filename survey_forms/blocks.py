"""Rows that several forms share: a block takes the place of the row that uses it; every row knows where it stands."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from survey_forms.errors import SourceError

#: The blocks of the house, for forms that come without a folder of their own.
HOUSE: Final[Traversable] = files("survey_forms") / "sources" / "blocks"
#: The file whose lists of choices every form may name.
SHARED: Final = "choices"

_ROW: Final = re.compile(r"^\s*\[\[\s*survey\s*\]\]")
_NAME: Final = re.compile(r"[a-z][a-z_]*")
# {record}, but neither ${record}, which is an answer, nor {12} in a pattern
_BLANK: Final = re.compile(r"(?<!\$)\{([a-z][a-z_]*)\}")
_SELECT: Final = re.compile(r"(?:select_one|select_multiple|rank)\s+(\w+)\b(?!\.)")


@dataclass(frozen=True)
class Row:
    """One row of the survey sheet, and where it stands in the text.

    Attributes
    ----------
    cells : mapping
        Column to value, as written.
    place : str
        File and line, and of a block's row also where the block is used.
    """

    cells: Mapping[str, Any]
    place: str


@dataclass(frozen=True)
class Rows:
    """Every row of a form with its blocks in their places, and the lists of choices they name.

    Attributes
    ----------
    survey : tuple of Row
        In the order of the form.
    choices : mapping
        Lists of choices by name: the form's own first, then its blocks', then the shared ones it names.
    homes : mapping of str to str
        The file each list stands in.
    """

    survey: tuple[Row, ...]
    choices: Mapping[str, Mapping[str, Any]]
    homes: Mapping[str, str]


def read_tables(text: str, name: str) -> dict[str, Any]:
    r"""Read a text as TOML.

    Parameters
    ----------
    text
        The file's text.
    name
        Its name, for messages.

    Raises
    ------
    SourceError
        It is not TOML.

    Examples
    --------
    >>> read_tables('[settings]\nversion = "1"', "form.toml")
    {'settings': {'version': '1'}}
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(name, f"not TOML: {error}", "mend the line it names") from error


def put_in_place(tables: Mapping[str, Any], text: str, name: str, folder: Traversable | Path = HOUSE) -> Rows:
    """Put each block in the place of the row that uses it.

    Parameters
    ----------
    tables, text
        The form, as TOML and as text; their shape has been looked at.
    name
        The form's file, for messages.
    folder
        Where the blocks lie.

    Returns
    -------
    Rows
        Rows and lists of the whole form.

    Raises
    ------
    SourceError
        No such block, a blank that nothing is given for, something given that no blank asks for, a block inside
        a block, or a list of choices with two meanings.

    Examples
    --------
    >>> text = '''
    ... [[survey]]
    ... use = "place"
    ... with = { record = "visit", needed = "yes" }
    ... '''
    >>> [row] = put_in_place(read_tables(text, "form.toml"), text, "form.toml").survey
    >>> row.cells["evidence"], row.place
    ('visit.place', 'blocks/place.toml, line 3, used in form.toml, line 2')
    """
    choices = dict(tables.get("choices", {}))
    homes = dict.fromkeys(choices, name)
    survey: list[Row] = []
    for row in _rows(tables.get("survey", []), text, name):
        if "use" not in row.cells:
            survey.append(row)
            continue
        block = _Block.read(row, folder)
        survey += block.rows(row)
        for list_name, names in block.choices.items():
            if choices.setdefault(list_name, names) != names:
                what = f"{block.name} and {homes[list_name]} give the list {list_name!r} different choices"
                raise SourceError(row.place, what, "give one of them another name")
            homes.setdefault(list_name, block.name)
    shared = _Block.open(SHARED, folder)
    for row in survey:
        found = _SELECT.match(str(row.cells.get("type", "")))
        if shared and found and found[1] not in choices and found[1] in shared.choices:
            choices[found[1]], homes[found[1]] = shared.choices[found[1]], shared.name
    return Rows(tuple(survey), choices, homes)


@dataclass(frozen=True)
class _Block:
    name: str
    text: str
    tables: Mapping[str, Any]

    @classmethod
    def open(cls, block: str, folder: Traversable | Path) -> "_Block | None":
        file = folder / f"{block}.toml"
        if not file.is_file():
            return None
        text, name = file.read_text(encoding="utf-8"), f"blocks/{block}.toml"
        tables = read_tables(text, name)
        survey, choices = tables.get("survey", []), tables.get("choices", {})
        if strays := sorted(set(tables) - {"survey", "choices"}):
            raise SourceError(name, f"a table {strays[0]!r}", "a block holds survey and choices only")
        if not isinstance(survey, list) or not all(isinstance(row, dict) for row in survey):
            raise SourceError(name, "survey is not a list of rows", "begin each row with [[survey]]")
        if not isinstance(choices, dict) or not all(isinstance(names, dict) for names in choices.values()):
            raise SourceError(name, "choices is not a table of lists", "write [choices.name_of_the_list]")
        return cls(name, text, tables)

    @classmethod
    def read(cls, row: Row, folder: Traversable | Path) -> "_Block":
        """Open the block a row uses."""
        wanted, given = row.cells["use"], row.cells.get("with", {})
        if strays := sorted(set(row.cells) - {"use", "with"}):
            raise SourceError(row.place, f"{strays[0]!r} beside use", "write only use and with, the block has the rest")
        if not isinstance(wanted, str) or not _NAME.fullmatch(wanted):
            raise SourceError(row.place, f"{wanted!r} is no block's name", 'write use = "name_of_the_file"')
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise SourceError(row.place, "with is not a table of texts", 'write with = { record = "visit" }')
        found = cls.open(wanted, folder)
        if found is None:
            there = ", ".join(sorted(file.name.removesuffix(".toml") for file in _toml(folder)))
            raise SourceError(row.place, f"no block {wanted!r}", f"use one of: {there}")
        return found

    @property
    def choices(self) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = self.tables.get("choices", {})
        return found

    def rows(self, user: Row) -> Iterator[Row]:
        """Yield the block's rows with their blanks filled."""
        given: Mapping[str, str] = user.cells.get("with", {})
        wanted: set[str] = set()
        for row in _rows(self.tables.get("survey", []), self.text, self.name):
            if "use" in row.cells:
                raise SourceError(row.place, "a block inside a block", "use both in the form, one after the other")
            blanks = {name for value in _texts(row.cells) for name in _BLANK.findall(value)}
            if missing := sorted(blanks - set(given)):
                what = f"nothing is given for {{{missing[0]}}}"
                raise SourceError(f"{row.place}, used in {user.place}", what, f'add with = {{ {missing[0]} = "…" }}')
            wanted |= blanks
            yield Row(_filled(row.cells, given), f"{row.place}, used in {user.place}")
        if strays := sorted(set(given) - wanted):
            what = f"{self.name} has no blank {{{strays[0]}}}"
            raise SourceError(user.place, what, f"give only {', '.join(sorted(wanted)) or 'nothing'}")


def _rows(blocks: Sequence[Mapping[str, Any]], text: str, name: str) -> list[Row]:
    # TOML breaks lines at line feeds only; splitlines would count more
    lines = [number for number, line in enumerate(text.split("\n"), 1) if _ROW.match(line)]
    if len(lines) != len(blocks):
        raise SourceError(name, "a row that is no block of its own", "begin each row with [[survey]] on its own line")
    return [Row(block, f"{name}, line {line}") for block, line in zip(blocks, lines, strict=True)]


def _texts(cells: Mapping[str, Any]) -> Iterator[str]:
    for value in cells.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(value)


def _filled(cells: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for key, value in cells.items():
        if isinstance(value, str):
            filled[key] = _BLANK.sub(lambda blank: given[blank[1]], value)
        else:
            filled[key] = _filled(value, given) if isinstance(value, dict) else value
    return filled


def _toml(folder: Traversable | Path) -> Iterator[Traversable | Path]:
    if folder.is_dir():
        yield from (file for file in folder.iterdir() if file.name.endswith(".toml"))

"""A form as plain text: reads the TOML spelling of an XLSForm into the sheets pyxform takes."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from survey_forms.errors import SourceError
from survey_forms.hardened import EVIDENCE

#: What people write in the source, and the XLSForm column it is.
_SHORT_COLUMNS: Final = {"evidence": "bind::ruhu:evidence", "secret": "bind::ruhu:secret"}
_TABLES: Final = {"languages", "settings", "choices", "survey", "entities"}
#: Columns of the survey sheet; pyxform drops any other without a word, and a typing slip with it.
SURVEY_COLUMNS: Final = frozenset(
    {"type", "name", "label", "hint", "guidance_hint", "default", "appearance", "parameters", "read_only"}
    | {"required", "required_message", "relevant", "constraint", "constraint_message", "calculation"}
    | {"choice_filter", "repeat_count", "trigger", "save_to", "image", "big-image", "audio", "video", "autoplay"}
    | {"rows", "evidence", "secret"},
)
_BLOCK = re.compile(r"^\s*\[\[\s*survey\s*\]\]")


@dataclass(frozen=True)
class Source:
    """The sheets of a form and where its rows stand in the text.

    Attributes
    ----------
    name : str
        File name for messages.
    workbook : dict
        What ``pyxform.xls2xform.convert`` takes: rows per sheet, and each sheet's columns.
    lines : tuple of int
        Line of each ``[[survey]]`` block, from 1.
    """

    name: str
    workbook: dict[str, Any]
    lines: tuple[int, ...] = field(default=())


def read_source(text: str, name: str = "form.toml") -> Source:
    """Read the TOML spelling of an XLSForm.

    One ``[[survey]]`` block is one row of the survey sheet and each key one column. A table in the
    place of a text, ``label = { zh = "…", en = "…" }``, is one column per language. ``true`` and ``false``
    are XLSForm's ``yes`` and ``no``. A language nobody has written a text in is left out; where a language is
    used, a missing text shows the default language instead of an empty screen.

    Parameters
    ----------
    text
        The file's text.
    name
        Its name, for messages.

    Returns
    -------
    Source
        The workbook and the line of each row.

    Raises
    ------
    SourceError
        Not TOML, or a table, key or value the format does not know.

    Examples
    --------
    >>> source = read_source('''
    ... [languages]
    ... zh = "中文 (zh)"
    ... [settings]
    ... form_id = "hello"
    ... version = "1"
    ... [[survey]]
    ... type = "text"
    ... name = "who"
    ... label = { zh = "姓名" }
    ... ''')
    >>> source.workbook["survey"]
    [{'type': 'text', 'name': 'who', 'label::中文 (zh)': '姓名'}]
    >>> source.lines
    (7,)
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(name, f"not TOML: {error}", "mend the line it names") from error
    _check_tables(tables, name)
    survey, languages = tables["survey"], tables["languages"]
    # TOML breaks lines at line feeds only; splitlines would count more
    lines = tuple(n for n, line in enumerate(text.split("\n"), 1) if _BLOCK.match(line))
    if len(lines) != len(survey):
        raise SourceError(name, "a row that is no block of its own", "begin each row with [[survey]] on its own line")
    _check_columns(survey, lines, name)
    reader = _Sheets(name, frozenset(languages), _used(languages, tables))
    rows = {
        "survey": [reader.row(block, f"line {line}") for block, line in zip(survey, lines, strict=True)],
        "choices": reader.choices(tables.get("choices", {})),
        "settings": [reader.settings(tables.get("settings", {}), survey)],
        "entities": [reader.row(block, "[[entities]]") for block in tables.get("entities", [])],
    }
    workbook: dict[str, Any] = {"sheet_names": [sheet for sheet in rows if rows[sheet]]}
    for sheet in workbook["sheet_names"]:
        workbook[sheet] = rows[sheet]
        columns = dict.fromkeys(column for row in rows[sheet] for column in row)
        workbook[f"{sheet}_header"] = [columns]
    return Source(name, workbook, lines)


def _check_tables(tables: Mapping[str, Any], name: str) -> None:
    """Refuse what has not the shape of a form, before anything is read from it."""
    if unknown := sorted(set(tables) - _TABLES):
        raise SourceError(name, f"unknown table [{unknown[0]}]", f"use only {', '.join(sorted(_TABLES))}")
    for table in ("languages", "settings", "choices"):
        if not isinstance(tables.get(table, {}), dict):
            raise SourceError(name, f"{table} is not a table", f"write [{table}] on a line of its own")
    columns = list(tables.get("languages", {}).values())
    if not columns or not all(isinstance(column, str) and columns.count(column) == 1 for column in columns):
        raise SourceError(name, "no table [languages] of names", 'begin with [languages] and zh = "中文 (zh)"')
    if not all(isinstance(names, dict) for names in tables.get("choices", {}).values()):
        raise SourceError(f"{name}, [choices]", "a choice outside of a list", "write [choices.name_of_the_list]")
    for table in ("survey", "entities"):
        blocks = tables.get(table, [])
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            raise SourceError(name, f"{table} is not a list of blocks", f"begin each row with [[{table}]]")
    if not tables.get("survey"):
        raise SourceError(name, "no question", "add a [[survey]] block with type, name and label")


def _check_columns(survey: list[dict[str, Any]], lines: tuple[int, ...], name: str) -> None:
    for block, line in zip(survey, lines, strict=True):
        if slips := [key for key in block if key not in SURVEY_COLUMNS and "::" not in key]:
            near = difflib.get_close_matches(slips[0], SURVEY_COLUMNS, n=1)
            advice = f"did you mean {near[0]!r}?" if near else "remove it"
            raise SourceError(f"{name}, line {line} ({block.get('name', '?')})", f"unknown column {slips[0]!r}", advice)


def _used(languages: Mapping[str, str], tables: Mapping[str, Any]) -> dict[str, str]:
    """Languages in which at least one text is written; the default always."""
    default = next(iter(languages))
    texts = [value for block in tables.get("survey", []) for value in block.values() if isinstance(value, dict)]
    texts += [
        choice for names in tables.get("choices", {}).values() for choice in names.values() if isinstance(choice, dict)
    ]
    return {
        code: column for code, column in languages.items() if code == default or any(text.get(code) for text in texts)
    }


@dataclass(frozen=True)
class _Sheets:
    name: str
    declared: frozenset[str]
    languages: dict[str, str]

    def row(self, block: Mapping[str, Any], place: str) -> dict[str, str]:
        where = f"{self.name}, {place} ({block.get('name', block.get('type', '?'))})"
        row: dict[str, str] = {}
        for key, value in block.items():
            if isinstance(value, dict):
                if unknown := sorted(set(value) - self.declared):
                    what = f"unknown language {unknown[0]!r}"
                    raise SourceError(f"{where}, {key}", what, "declare it in [languages]")
                row |= self.texts(key, value, where)
            else:
                row[_SHORT_COLUMNS.get(key, key)] = _cell(value, f"{where}, {key}")
        return row

    def texts(self, key: str, texts: Mapping[str, Any], where: str) -> dict[str, str]:
        default = next(iter(self.languages))
        if not texts.get(default):
            raise SourceError(f"{where}, {key}", f"no text in {default}", "write the default language first")
        row = {}
        for code, column in self.languages.items():
            row[f"{key}::{column}"] = _cell(texts.get(code) or texts[default], f"{where}, {key}.{code}")
        return row

    def choices(self, lists: Mapping[str, Any]) -> list[dict[str, str]]:
        rows = []
        for list_name, choices in lists.items():
            for choice, cells in choices.items():
                where = f"{self.name}, [choices.{list_name}] {choice}"
                if not isinstance(cells, dict):
                    raise SourceError(where, "not a table of texts", f'write {choice} = {{ zh = "…", en = "…" }}')
                labels = self.texts("label", cells, where)
                others = {
                    column: _cell(value, f"{where}, {column}")
                    for column, value in cells.items()
                    if column not in self.declared
                }
                rows.append({"list_name": list_name, "name": choice} | labels | others)
        return rows

    def settings(self, settings: Mapping[str, Any], survey: list[dict[str, Any]]) -> dict[str, str]:
        for key in ("form_id", "version"):
            if not settings.get(key):
                raise SourceError(f"{self.name}, [settings]", f"no {key}", f'write {key} = "…"')
        row = {key: _cell(value, f"{self.name}, [settings] {key}") for key, value in settings.items()}
        row["default_language"] = next(iter(self.languages.values()))
        if any(column in block for block in survey for column in _SHORT_COLUMNS):
            row["namespaces"] = f'{row.get("namespaces", "")} ruhu="{EVIDENCE}"'.strip()
        return row


def _cell(value: object, where: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    raise SourceError(where, f"{type(value).__name__} in a cell", "write a text in quotes, a whole number, or true")

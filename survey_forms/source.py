"""A form as plain text: reads the TOML spelling of an XLSForm into the sheets pyxform takes."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from survey_forms.blocks import HOUSE, Row, Rows, put_in_place, read_tables
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
#: From left to right: what is asked, in which words, when, and what is accepted.
_ORDER: Final = (
    *("list_name", "type", "name", "label", "hint", "required", "required_message", "relevant", "constraint"),
    *("constraint_message", "calculation", "choice_filter", "repeat_count", "appearance", "parameters", "default"),
    *("bind::type", "bind::ruhu:evidence", "save_to"),
)


@dataclass(frozen=True)
class Source:
    """The sheets of a form and where its rows stand in the text.

    Attributes
    ----------
    name : str
        File name for messages.
    workbook : dict
        What ``pyxform.xls2xform.convert`` takes: rows per sheet, and each sheet's columns.
    places : tuple of str
        File and line of each row of the survey sheet.
    homes : mapping of str to str
        File of each list of choices.
    """

    name: str
    workbook: dict[str, Any]
    places: tuple[str, ...] = ()
    homes: Mapping[str, str] = field(default_factory=dict)


def read_source(text: str, name: str = "form.toml", *, blocks: Traversable | Path = HOUSE) -> Source:
    """Read the TOML spelling of an XLSForm.

    One ``[[survey]]`` block is one row of the survey sheet and each key one column. A table in the
    place of a text, ``label = { zh = "…", en = "…" }``, is one column per language. ``true`` and ``false``
    are XLSForm's ``yes`` and ``no``. A language nobody has written a text in is left out; where a language is
    used, a missing text shows the default language instead of an empty screen. A row that says only
    ``use = "place"`` stands for the rows of ``blocks/place.toml``, see README.

    Parameters
    ----------
    text
        The file's text.
    name
        Its name, for messages.
    blocks
        Folder of the blocks it may use; the house's unless said otherwise.

    Returns
    -------
    Source
        The workbook and the place of each row.

    Raises
    ------
    SourceError
        Not TOML, or a table, key, value or block the format does not know.

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
    >>> source.places
    ('form.toml, line 7',)
    """
    tables = read_tables(text, name)
    _check_tables(tables, name)
    languages = tables["languages"]
    whole = put_in_place(tables, text, name, blocks)
    _check_columns(whole.survey)
    reader = _Sheets(name, frozenset(languages), _used(languages, whole))
    rows = {
        "survey": [reader.row(row.cells, row.place) for row in whole.survey],
        "choices": reader.choices(whole),
        "settings": [reader.settings(tables.get("settings", {}), whole.survey)],
        "entities": [reader.row(block, f"{name}, [[entities]]") for block in tables.get("entities", [])],
    }
    workbook: dict[str, Any] = {"sheet_names": [sheet for sheet in rows if rows[sheet]]}
    for sheet in workbook["sheet_names"]:
        # the order in which a row was written must not change the bytes of the form
        rows[sheet] = [{column: row[column] for column in sorted(row, key=column_place)} for row in rows[sheet]]
        workbook[sheet] = rows[sheet]
        columns = dict.fromkeys(column for row in rows[sheet] for column in row)
        workbook[f"{sheet}_header"] = [columns]
    return Source(name, workbook, tuple(row.place for row in whole.survey), whole.homes)


def column_place(column: str) -> int:
    """Where a column stands in a sheet; the XForm's bytes depend on it.

    Parameters
    ----------
    column
        As in a sheet's first row; translations of a text stand at one place.

    Returns
    -------
    int
        From 0; a column nobody thought of stands last.

    Examples
    --------
    >>> sorted(["relevant", "label::English (en)", "type"], key=column_place)
    ['type', 'label::English (en)', 'relevant']
    """
    plain = column if column in _ORDER else column.partition("::")[0]
    return _ORDER.index(plain) if plain in _ORDER else len(_ORDER)


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


def _check_columns(survey: Sequence[Row]) -> None:
    for row in survey:
        if slips := [key for key in row.cells if key not in SURVEY_COLUMNS and "::" not in key]:
            near = difflib.get_close_matches(slips[0], SURVEY_COLUMNS, n=1)
            advice = f"did you mean {near[0]!r}?" if near else "remove it"
            raise SourceError(f"{row.place} ({row.cells.get('name', '?')})", f"unknown column {slips[0]!r}", advice)


def _used(languages: Mapping[str, str], whole: Rows) -> dict[str, str]:
    """Languages in which at least one text is written; the default always."""
    default = next(iter(languages))
    texts = [value for row in whole.survey for value in row.cells.values() if isinstance(value, dict)]
    texts += [choice for names in whole.choices.values() for choice in names.values() if isinstance(choice, dict)]
    return {
        code: column for code, column in languages.items() if code == default or any(text.get(code) for text in texts)
    }


@dataclass(frozen=True)
class _Sheets:
    name: str
    declared: frozenset[str]
    languages: dict[str, str]

    def row(self, block: Mapping[str, Any], place: str) -> dict[str, str]:
        where = f"{place} ({block.get('name', block.get('type', '?'))})"
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

    def choices(self, whole: Rows) -> list[dict[str, str]]:
        rows = []
        for list_name, choices in whole.choices.items():
            for choice, cells in choices.items():
                where = f"{whole.homes[list_name]}, [choices.{list_name}] {choice}"
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

    def settings(self, settings: Mapping[str, Any], survey: Sequence[Row]) -> dict[str, str]:
        for key in ("form_id", "version"):
            if not settings.get(key):
                raise SourceError(f"{self.name}, [settings]", f"no {key}", f'write {key} = "…"')
        row = {key: _cell(value, f"{self.name}, [settings] {key}") for key, value in settings.items()}
        row["default_language"] = next(iter(self.languages.values()))
        if any(column in row.cells for row in survey for column in _SHORT_COLUMNS):
            row["namespaces"] = f'{row.get("namespaces", "")} ruhu="{EVIDENCE}"'.strip()
        return row


def _cell(value: object, where: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    raise SourceError(where, f"{type(value).__name__} in a cell", "write a text in quotes, a whole number, or true")

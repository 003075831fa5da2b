"""Many submissions of a form to rows of tables, thousands a second.

`survey_forms.submission` reads one submission and says all that is doubtful about it. This says only what was
answered: the bytes were looked at when they came.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from survey_forms.columns import MAIN, Table, inner_path, parts, table_of, worded
from survey_forms.hardened import JAVAROSA, Element, parse
from survey_forms.schema import FormSchema, Question
from survey_forms.values import Place, Unreadable, Value, read_value

Cell = str | int | float | Decimal | None
#: Shows an answer's text in another way.
Show = Callable[[str], str]

_TEMPLATE: Final = f"{{{JAVAROSA}}}template"
_BETWEEN: Final = {"zh": "、"}
_MOST_DIGITS: Final = 18
#: Types of questions whose answers are few, or numbers and days near each other.
_COME_AGAIN: Final = frozenset({"int", "decimal", "date", "select_one", "select_multiple", "rank"})
_MOST_KNOWN, _LONGEST_KNOWN = 2000, 200  # texts of one question, and signs of one
_Read = Callable[[str], Cell]
_Write = Callable[[list[Cell], str], None]


@dataclass(slots=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    table : int
        Which of the tables.
    key, parent_key : str
        Its own, unique in the table, and that of the row it belongs to, empty in the table of submissions.
    cells : list
        One per column: str, int, float, Decimal, or None where nothing was answered.
    """

    table: int
    key: str
    parent_key: str
    cells: list[Cell]


@dataclass(slots=True)
class _Step:
    """What is to be done at an element: put its text at a column, or go into it, for a repeat with a new row."""

    at: int | None = None
    read: _Read = str
    known: "_Known | None" = None  # of a question whose answers come again and again
    write: _Write | None = None  # for an answer that takes several columns
    inside: dict[str, "_Step"] = field(default_factory=dict)
    table: int | None = None
    name: str = ""


class Tabulator:
    """Reads submissions of one version of a form into tables that may cover further versions.

    Parameters
    ----------
    tables : sequence of Table
        From `survey_forms.columns.tables`, of schemas of which `schema` is one.
    schema : FormSchema
        Of the version the submissions answer.
    split : bool
        As the tables were made with.
    language : str or None
        Choices are written with their labels in this language; None: with their names.
    zone : tzinfo
        Moments are written in its time, without an offset.
    conceal : callable, optional
        From a question to how its answers are shown; None from it: as they are.

    Examples
    --------
    >>> from survey_forms.catalogue import schema_of
    >>> from survey_forms.columns import tables
    >>> from survey_forms.filling import fill
    >>> schema = schema_of("home_visit")
    >>> made = tables([schema])
    >>> xml = fill(schema, {"outcome": "moved", "assets": [{"asset_kind": "vehicle"}]}, instance_id="uuid:1")
    >>> for row in Tabulator(made, schema, language="en").rows(xml, "uuid:1"):
    ...     print(row.key, [cell for cell in row.cells if cell is not None])
    uuid:1 ['Moved away']
    uuid:1/assets[1] ['Motor vehicle']
    """

    def __init__(
        self,
        tables: Sequence[Table],
        schema: FormSchema,
        *,
        split: bool = False,
        language: str | None = None,
        zone: dt.tzinfo = dt.UTC,
        conceal: Callable[[Question], Show | None] | None = None,
    ) -> None:
        self._split = split
        self._language = language
        self._zone = zone
        self._conceal = conceal
        self._empty: list[list[Cell]] = [[None] * len(table.columns) for table in tables]
        self._files: list[set[int]] = [set() for _ in tables]
        self._plan = _Step()
        self._make_plan(tables, schema)

    def rows(self, xml: bytes, key: str, *, folder: str = "") -> list[Row]:
        """Rows of one submission, that of the table of submissions first.

        Parameters
        ----------
        xml
            The submission's bytes.
        key
            Its key.
        folder
            Where its files lie: stands before their names, with a slash.

        Returns
        -------
        list of Row
            What the form does not ask is left out; of an answer that its question cannot read, the text is kept.

        Raises
        ------
        XMLSyntaxError
            The bytes are no XML.
        """
        found = [Row(0, key, "", self._empty[0][:])]
        self._walk(parse(xml), self._plan, found[0], found)
        if folder:
            for row in found:
                for at in self._files[row.table]:
                    if row.cells[at] is not None:
                        row.cells[at] = f"{folder}/{row.cells[at]}"
        return found

    def _walk(  # noqa: C901 - the innermost loop of an export: a call more for each answer is felt
        self, element: Element, plan: _Step, row: Row, found: list[Row]
    ) -> None:
        counts: dict[str, int] = {}
        steps, cells = plan.inside, row.cells
        for child in element:
            tag: str = child.tag
            if tag[0] == "{":
                tag = tag[tag.rindex("}") + 1 :]
            step = steps.get(tag)
            if step is None:
                continue
            if step.at is not None:
                text, at = child.text, step.at
                # of several answers outside of a repeat the first counts
                if not text or cells[at] is not None or len(child):
                    continue
                if step.known is not None:
                    cells[at] = step.known[text]
                elif text := text.strip():
                    if step.write is None:
                        cells[at] = step.read(text)
                    else:
                        step.write(cells, text)
            elif step.table is None:
                self._walk(child, step, row, found)
            elif child.get(_TEMPLATE) is None:
                counts[tag] = number = counts.get(tag, 0) + 1
                inner = Row(step.table, f"{row.key}/{step.name}[{number}]", row.key, self._empty[step.table][:])
                before = len(found)
                found.append(inner)
                self._walk(child, step, inner, found)
                if len(found) == before + 1 and inner.cells == self._empty[step.table]:
                    found.pop()  # opened and left

    def _make_plan(self, tables: Sequence[Table], schema: FormSchema) -> None:
        numbers = {table.path: number for number, table in enumerate(tables)}
        columns = [{(c.path, c.part): at for at, c in enumerate(table.columns)} for table in tables]
        for repeat in schema.repeats:
            step, path = self._step(repeat.path), inner_path(repeat.path)
            step.table = numbers[path]
            around = inner_path(repeat.repeats[-1]) if repeat.repeats else MAIN
            step.name = path.removeprefix(f"{around}/") if around else path
        for question in schema.questions:
            number, path = numbers[table_of(question)], inner_path(question.path)
            places = {part: columns[number][path, part] for part in parts(question, split=self._split)}
            if places:
                step = self._step(question.path)
                step.at = next(iter(places.values()))
                concealed = self._conceal(question) if self._conceal else None
                step.read = concealed or self._reader(question)
                if concealed is None and question.type in _COME_AGAIN and places.keys() == {""}:
                    step.known = _Known(step.read)
                if concealed is None and places.keys() != {""}:
                    several = list(places.values())
                    step.write = _place(question, several) if question.type == "geopoint" else _ticks(places)
                if question.type == "binary":
                    self._files[number].add(step.at)

    def _step(self, path: str) -> _Step:
        step = self._plan
        for name in inner_path(path).split("/"):
            step = step.inside.setdefault(name, _Step())
        return step

    def _reader(self, question: Question) -> _Read:
        reads: dict[str, Callable[[Value], Cell]] = {
            "int": _integer, "decimal": _decimal, "date": str, "dateTime": self._moment,
        }  # fmt: skip
        if question.type in reads:
            return _typed(question, reads[question.type])
        labels = self._labels(question)
        if question.type in {"select_multiple", "rank"}:
            between = " " if self._language is None else _BETWEEN.get(self._language, "; ")
            return lambda text: between.join([labels[name] for name in text.split()])
        return labels.__getitem__ if labels else str

    def _labels(self, question: Question) -> "_Labels":
        if self._language is None:
            return _Labels()
        labels = {choice.name: worded(choice.label, self._language) for choice in question.choices or ()}
        return _Labels({name: label for name, label in labels.items() if label})

    def _moment(self, value: Value) -> str:
        if not isinstance(value, dt.datetime):
            return str(value)
        try:
            return value.astimezone(self._zone).isoformat(sep=" ", timespec="seconds")[:19]
        except OverflowError:  # the last day of the calendar lies in no other zone
            return str(value)


class _Known(dict[str, Cell]):
    """Cells by the text they were read from: most answers of a form are some few, and reading costs more."""

    def __init__(self, read: _Read) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Cell:
        bare = text.strip()
        cell = self._read(bare) if bare else None
        if len(self) < _MOST_KNOWN and len(text) <= _LONGEST_KNOWN:
            self[text] = cell
        return cell


class _Labels(dict[str, str]):
    """Labels by name; a name without one stands for itself."""

    def __missing__(self, name: str) -> str:
        return name


def _integer(value: Value) -> Cell:
    return value if isinstance(value, int) else None


def _decimal(value: Value) -> Cell:
    return value if isinstance(value, Decimal) else None


def _typed(question: Question, shown: Callable[[Value], Cell]) -> _Read:
    whole = question.type == "int"

    def read(text: str) -> Cell:
        if whole and text.isdigit() and text.isascii() and len(text) <= _MOST_DIGITS:
            return int(text)  # nearly every number: the long way costs ten times as much
        try:
            return shown(read_value(question, text))
        except Unreadable:
            return text

    return read


def _place(question: Question, places: list[int]) -> _Write:
    latitude, longitude, altitude, accuracy = places

    def write(cells: list[Cell], text: str) -> None:
        try:
            place = read_value(question, text)
        except Unreadable:
            place = None
        if isinstance(place, Place):
            cells[latitude], cells[longitude] = place.latitude, place.longitude
            cells[altitude], cells[accuracy] = place.altitude_m, place.accuracy_m
        else:
            cells[latitude] = text

    return write


def _ticks(places: dict[str, int]) -> _Write:
    first = next(iter(places.values()))

    def write(cells: list[Cell], text: str) -> None:
        chosen = set(text.split())
        for name, at in places.items():
            cells[at] = 1 if name in chosen else 0
        if not chosen <= places.keys():  # a name that is none of the choices: better seen than lost
            cells[first] = text

    return write

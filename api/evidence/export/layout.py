"""The tables of one export with their headings: what every kind of file is written from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from api.collection.forms import HOUSE, schema_of
from api.collection.households import HOUSEHOLD_FIELD
from api.evidence.export.conceal import conceal
from api.evidence.export.forms import versions_of
from api.evidence.export.metadata import COLUMNS, LINKS, headings
from api.evidence.export.wanted import Wanted
from api.evidence.reading import CHINA
from api.people.access import Viewer
from survey_forms.columns import Column, Table, distinct, tables
from survey_forms.tabulate import Cell, Tabulator

RECEIVED_AT = list(COLUMNS).index("_received_at")
MOMENTS = frozenset({"date", "dateTime"})


# a row as it is written: the number of its sheet, and all its cells
Line = tuple[int, list[Cell]]


class Sink(Protocol):
    """Where the lines of submissions go; the file is whole once it is closed."""

    def add(self, lines: Sequence[Line]) -> None:
        """Take the lines of one submission, that of the first sheet first."""

    def close(self) -> None:
        """Write what is left."""

    def abandon(self) -> None:
        """Let go of everything; what was written is worth nothing."""


@dataclass(frozen=True)
class Sheet:
    """One table as it is written.

    Attributes
    ----------
    name : str
        For programs: the form's id, and the repeat's path.
    label : str
        For people.
    headings : list of str
        Of all columns, those before the answers included.
    moments : frozenset of int
        Columns that hold days or moments.
    """

    name: str
    label: str
    headings: list[str]
    moments: frozenset[int]


@dataclass(frozen=True)
class Layout:
    """The sheets of an export, and what reads each version of its form into them."""

    sheets: tuple[Sheet, ...]
    tables: tuple[Table, ...]
    readers: dict[tuple[str, str], Tabulator]  # by county, empty for the house's, and version
    households: tuple[tuple[int, ...], ...]  # of each table: the columns whose answers name a household
    files: tuple[tuple[int, ...], ...]  # of each table: the columns whose answers name a file
    place: tuple[int, int] | None  # in a line of the first sheet: longitude and latitude

    def reader(self, county_code: str, version: str) -> Tabulator | None:
        """Return what reads a submission: its county's own version of the form, else the house's."""
        return self.readers.get((county_code, version)) or self.readers.get((HOUSE, version))


def lay_out(session: Session, viewer: Viewer, wanted: Wanted) -> Layout:
    """Return the layout of an export: all versions of its form in one, the newest setting the order."""
    versions = versions_of(session, viewer, wanted)
    schemas = {(form.area_code, form.version): schema_of(session, form) for form in versions}
    found = tables(list(schemas.values()), split=wanted.split)
    readers = {
        key: Tabulator(
            found, schema, split=wanted.split, language=wanted.language if wanted.answers == "label" else None,
            zone=CHINA, conceal=None if wanted.unmasked else conceal,
        )
        for key, schema in schemas.items()
    }  # fmt: skip
    return Layout(
        sheets=_sheets(found if wanted.repeats else found[:1], wanted, versions[0].title),
        tables=found,
        readers=readers,
        households=tuple(_columns(table, _names_household) for table in found),
        files=tuple(_columns(table, lambda column: column.question.type == "binary") for table in found),
        place=_place(found[0]),
    )


def _sheets(found: Sequence[Table], wanted: Wanted, title: str) -> tuple[Sheet, ...]:
    language = wanted.language if wanted.headings == "label" else None
    made: list[Sheet] = []
    for table in found:
        before = LINKS if made else COLUMNS
        labels = headings(before, language) + [
            column.label(language) if language else column.name for column in table.columns
        ]
        moments = {len(before) + at for at in _columns(table, lambda column: column.question.type in MOMENTS)}
        name, label = wanted.form_id, title
        if made:
            name, label = f"{wanted.form_id}-{table.path.replace('/', '-')}", table.label(language or "")
            if label in made[0].headings or any(label == other.label for other in made):
                label = f"{label} ({table.path})"
        sheet = Sheet(
            name=name,
            label=label if language else name,
            headings=distinct(labels, [*before, *table.headings(None)]),
            moments=frozenset(moments if made else moments | {RECEIVED_AT}),
        )
        made.append(sheet)
    return tuple(made)


def _columns(table: Table, fits: Callable[[Column], bool]) -> tuple[int, ...]:
    return tuple(at for at, column in enumerate(table.columns) if fits(column))


def _names_household(column: Column) -> bool:
    return (column.question.evidence or "").endswith(f".{HOUSEHOLD_FIELD}")


def _place(main: Table) -> tuple[int, int] | None:
    """Return the columns of longitude and latitude: of the place that is evidence, else of the first place."""
    places = sorted(
        _columns(main, lambda column: column.question.type == "geopoint" and column.part == "latitude"),
        key=lambda at: main.columns[at].question.evidence is None,
    )
    return (len(COLUMNS) + places[0] + 1, len(COLUMNS) + places[0]) if places else None

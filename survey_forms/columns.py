"""The tables and columns that many submissions of a form make: all its versions together, in the order of the form."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from survey_forms.schema import FormSchema, Question, Repeat

#: Path of the table that has one row per submission.
MAIN: Final = ""

_PLACE: Final[Mapping[str, Mapping[str, str]]] = {
    "latitude": {"zh": "纬度", "en": "latitude"},
    "longitude": {"zh": "经度", "en": "longitude"},
    "altitude": {"zh": "海拔 (米)", "en": "altitude, m"},
    "accuracy": {"zh": "精度 (米)", "en": "accuracy, m"},
}
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    path : str
        The question's, without the root: ``economy/income/wages``.
    part : str
        Which part of the answer, where one answer takes several columns: ``latitude``, ``longitude``, ``altitude``,
        ``accuracy`` of a place, or a choice of a question with several; else empty.
    question : Question
        The question, as the newest version that has it asks it.
    """

    path: str
    part: str
    question: Question

    @property
    def name(self) -> str:
        """Name for programs: unique in its table and the same in every language."""
        return f"{self.path}/{self.part}" if self.part else self.path

    def label(self, language: str) -> str:
        """Words for people; the name where the form has none."""
        words = worded(self.question.label, language) or self.path
        if not self.part:
            return words
        if self.question.type == "geopoint":
            return f"{words} [{worded(_PLACE[self.part], language)}]"
        choices = self.question.choices or ()
        chosen = next((worded(choice.label, language) for choice in choices if choice.name == self.part), "")
        return f"{words} [{chosen or self.part}]"


@dataclass(frozen=True)
class Table:
    """One table: that of the submissions, or that of a repeat's rows.

    Attributes
    ----------
    path : str
        The repeat's path without the root, `MAIN` for the table of submissions.
    columns : tuple of Column
        In the order of the form.
    repeat : Repeat or None
        The repeat, None for the table of submissions.
    """

    path: str
    columns: tuple[Column, ...]
    repeat: Repeat | None = None

    def label(self, language: str) -> str:
        """Words for people; the path where the form has none."""
        return (worded(self.repeat.label, language) if self.repeat else "") or self.path

    def headings(self, language: str | None) -> list[str]:
        """One heading per column, no two alike.

        Parameters
        ----------
        language
            Of the labels; None for the names.
        """
        if language is None:
            return [column.name for column in self.columns]
        return distinct([column.label(language) for column in self.columns], self.headings(None))


def tables(schemas: Sequence[FormSchema], *, split: bool = False) -> tuple[Table, ...]:
    """Tables that submissions of a form make.

    Parameters
    ----------
    schemas
        Of the form's versions, the newest first.
    split
        A question with several choices takes one column for each instead of one for all.

    Returns
    -------
    tuple of Table
        The table of submissions first, then the repeats' in the order of the form. A question asked by several
        versions at the same path is one column; one that only an older version asks stands where it stood there.
        Places take four columns. Notes, which hold no answer, have none.

    Raises
    ------
    ValueError
        No schema was given.

    Examples
    --------
    >>> from survey_forms.catalogue import schema_of
    >>> main, _members, assets = tables([schema_of("home_visit")])
    >>> assets.path, assets.headings("en")[:2]
    ('assets', ['What is it?', 'In whose name?'])
    >>> [column.name for column in main.columns if column.part][:2]
    ['place/latitude', 'place/longitude']
    """
    if not schemas:
        raise ValueError("no version of the form")
    paths: list[str] = [MAIN]
    repeats: dict[str, Repeat] = {}
    columns: dict[str, list[tuple[str, str]]] = {}
    questions: dict[tuple[str, tuple[str, str]], Question] = {}
    for schema in schemas:
        _merge(paths, [MAIN, *(inner_path(repeat.path) for repeat in schema.repeats)])
        for repeat in schema.repeats:
            repeats.setdefault(inner_path(repeat.path), repeat)
        found: dict[str, list[tuple[str, str]]] = {}
        for question in schema.questions:
            for part in parts(question, split=split):
                table, key = table_of(question), (inner_path(question.path), part)
                found.setdefault(table, []).append(key)
                questions.setdefault((table, key), question)
        for table, keys in found.items():
            _merge(columns.setdefault(table, []), keys)
    return tuple(
        Table(
            path,
            tuple(Column(*key, questions[path, key]) for key in columns.get(path, ())),
            repeats.get(path),
        )
        for path in paths
    )


def distinct(labels: Sequence[str], names: Sequence[str]) -> list[str]:
    """Labels, no two alike: where several are, the name stands behind each.

    Examples
    --------
    >>> distinct(["Date", "Age", "Date"], ["visit/date", "age", "money/date"])
    ['Date (visit/date)', 'Age', 'Date (money/date)']
    """
    often = Counter(labels)
    return [f"{label} ({name})" if often[label] > 1 else label for label, name in zip(labels, names, strict=True)]


def inner_path(path: str) -> str:
    """Path without the form's root.

    Examples
    --------
    >>> inner_path("/data/assets/asset_kind")
    'assets/asset_kind'
    """
    return path.split("/", 2)[2]


def table_of(question: Question) -> str:
    """Path of the table a question's answers go to: its innermost repeat's.

    Examples
    --------
    >>> table_of(Question("/data/assets/asset_kind", repeats=("/data/assets",)))
    'assets'
    """
    return inner_path(question.repeats[-1]) if question.repeats else MAIN


def parts(question: Question, *, split: bool) -> Iterator[str]:
    """Parts of an answer that take a column each; one empty part for an answer in one column, none for a note.

    Examples
    --------
    >>> list(parts(Question("/data/place", "geopoint"), split=False))
    ['latitude', 'longitude', 'altitude', 'accuracy']
    """
    if question.shown_only:
        return
    if question.type == "geopoint":
        yield from _PLACE
    elif split and question.type == "select_multiple" and question.choices:
        yield from dict.fromkeys(choice.name for choice in question.choices)
    else:
        yield ""


def worded(words: Mapping[str, str], language: str) -> str:
    """Text in a language, else in the first there is, on one line.

    Examples
    --------
    >>> worded({"zh": "姓名", "en": "Name"}, "en"), worded({"default": "Name"}, "zh"), worded({}, "zh")
    ('Name', 'Name', '')
    """
    return " ".join((words.get(language) or next(iter(words.values()), "")).split())


def _merge(order: list[_Key], others: Sequence[_Key]) -> None:
    """Put what is missing behind what it stands behind."""
    at = 0
    for key in others:
        if key in order:
            at = order.index(key) + 1
        else:
            order.insert(at, key)
            at += 1

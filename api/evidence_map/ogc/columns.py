"""Which columns a layer has: the same ones for every feature, whatever was answered, as GIS tools want it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.forms import OfferedForm, schema_of
from api.collection.households import HOUSEHOLD_FIELD
from api.collection.tables import FormVersion
from api.evidence.export.conceal import SHORTEST
from api.evidence.masking import Masks, mask_value
from api.people.access import Viewer
from api.people.roles import Permission
from survey_forms.schema import Question

ANSWER: Final = "answer_"  # before the name of an answer, so that no form can take a name of ours
_TYPES: Final = {"int": "integer", "decimal": "number", "boolean": "boolean"}
_FEN: Final = "(分)"
_NO_SCALAR: Final = ("binary", "geopoint")  # a file or the place itself

Reader = tuple[str, str, Callable[[list[Any]], list[Any]]]  # field of the content, name of the column, its values


@dataclass(frozen=True)
class Column:
    """One column of a layer.

    Attributes
    ----------
    name
        ASCII, as in files and addresses.
    type
        As JSON Schema names it: ``string``, ``integer``, ``number``, ``boolean``; ``date-time`` is a string that says a
        moment.
    title
        In Chinese.
    """

    name: str
    type: str
    title: str

    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema."""
        if self.type == "date-time":
            return {"title": self.title, "type": "string", "format": "date-time"}
        return {"title": self.title, "type": self.type}


BASE: Final = (
    Column("kind", "string", "种类"),
    Column("purpose", "string", "来源"),
    Column("household", "string", "户编码"),
    Column("county_code", "string", "县编码"),
    Column("township_code", "string", "乡镇编码"),
    Column("township", "string", "乡镇"),
    Column("village_code", "string", "村编码"),
    Column("village", "string", "村"),
    Column("worker_id", "string", "上报人账号"),
    Column("worker", "string", "上报人"),
    Column("collected_at", "date-time", "手机时间"),
    Column("received_at", "date-time", "收到时间"),
    Column("accuracy_m", "number", "位置误差 (米)"),
    Column("altitude_m", "number", "海拔 (米)"),
    Column("state", "string", "审核状态"),
    Column("severity", "string", "疑点程度"),
    Column("doubts", "integer", "疑点数"),
    Column("rules", "string", "未通过的规则"),
    Column("photo_count", "integer", "照片数"),
    Column("photos", "string", "照片地址"),
    Column("submission_id", "string", "答卷编号"),
)
ALL_ANSWERS: Final = Column("answers", "string", "答案 (JSON)")


def answers_of(session: Session, viewer: Viewer) -> dict[str, dict[str, Column]]:
    """Return by kind of evidence, and by name in its content, the columns of its answers.

    They are those that any version of any form declares that is in use where the viewer reads evidence. Where versions
    disagree about the type, and where an answer may be several, it is a text.
    """
    areas = viewer.areas(Permission.EVIDENCE_READ)
    rows = session.execute(
        sa.select(FormVersion.area_code, *(getattr(FormVersion, name) for name in OfferedForm._fields)).order_by(
            FormVersion.form_id, FormVersion.version
        )
    ).all()
    found: dict[str, dict[str, Column]] = {}
    for own, *offered in rows:
        if own and not any(area.startswith(own) or own.startswith(area) for area in areas):
            continue
        seen: set[tuple[str, str]] = set()
        for question in schema_of(session, OfferedForm(*offered)).questions:
            if question.evidence is None or question.type in _NO_SCALAR:
                continue
            kind, _, field = question.evidence.partition(".")
            if field == HOUSEHOLD_FIELD:
                continue
            column = _column(question, field)
            columns = found.setdefault(kind, {})
            key = column.name.removeprefix(ANSWER)
            known = columns.get(key)
            if (kind, key) in seen or (known is not None and known.type != column.type):
                column = Column(column.name, "string", column.title)
            seen.add((kind, key))
            columns[key] = column
    return found


def _column(question: Question, field: str) -> Column:
    type_ = "string" if question.secret else _TYPES.get(question.type, "string")
    title = next((question.label[code] for code in ("zh", *question.label) if question.label.get(code)), field)
    if "_yuan" in field and type_ in {"integer", "number"}:
        field, type_ = field.replace("_yuan", "_fen"), "integer"  # as everywhere behind the forms
        title = title + " " + _FEN
    return Column(ANSWER + field, type_, title)


def scalar(column: Column, value: Any) -> Any:
    """Return an answer as its column holds it; what cannot be that is None.

    Examples
    --------
    >>> scalar(Column("answer_area", "number", ""), "12.50"), scalar(Column("answer_told", "string", ""), ["a", "b"])
    (12.5, 'a, b')
    >>> scalar(Column("answer_sheep", "integer", ""), [3, 4]) is None
    True
    """
    if value is None:
        return None
    try:
        match column.type:
            case "integer":
                return int(value)
            case "number":
                return float(value)
            case "boolean":
                return value if isinstance(value, bool) else str(value) == "true"
    except (TypeError, ValueError):
        return None
    return text_of(value)


def text_of(value: Any) -> str:
    """Return an answer as a text; several are separated by commas.

    Examples
    --------
    >>> text_of(["shop", "vehicle"]), text_of([[89.6, 28.9]])
    ('shop, vehicle', '[[89.6, 28.9]]')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ", ".join(text_of(one) for one in value)
    return json.dumps(value, ensure_ascii=False)


def readers_of(kind: str, columns: Mapping[str, Column], masks: Masks) -> list[Reader]:
    """Return how each column of a kind is filled."""
    return [(field, column.name, _reader(column, masks.get((kind, field)))) for field, column in columns.items()]


def flat_answers(contents: Sequence[Mapping[str, Any]], readers: Sequence[Reader]) -> list[dict[str, Any]]:
    """Return what pieces of one kind answer under its columns, masked; what was not answered is None.

    Column by column: with sixty answers of each of many rows, a call for each answer would be most of the work.

    Examples
    --------
    >>> readers = readers_of("visit", {"note": Column("answer_note", "string", "")}, {})
    >>> flat_answers([{"note": "电话13812345678"}, {}], readers)
    [{'answer_note': '电话138******78'}, {'answer_note': None}]
    """
    names = [name for _, name, _ in readers]
    columns = [read([content.get(field) for content in contents]) for field, _, read in readers]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)] or [{} for _ in contents]


def _reader(column: Column, secret: str | None) -> Callable[[list[Any]], list[Any]]:
    def masked(value: Any) -> Any:
        return scalar(column, mask_value(value, secret))

    # what nearly all answers are goes straight through: it fits its column, and no number of a person is in it
    plain = {"integer": int, "number": float}.get(column.type)
    if secret is not None or column.type == "boolean":
        return lambda values: [masked(one) for one in values]
    if plain is not None:
        return lambda values: [one if one is None or type(one) is plain else masked(one) for one in values]
    return lambda values: [
        one if one is None or (type(one) is str and len(one) < SHORTEST) else masked(one) for one in values
    ]

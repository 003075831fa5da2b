"""Say what a piece of evidence answers in the words of its form: labels, choices, yuan; numbers of persons masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from api.collection.forms import find_form, schema_of
from api.collection.tables import Submission
from api.evidence.masking import mask_content, masks_of
from api.evidence.tables import Evidence
from survey_forms.schema import FormSchema, Question

FEN_PER_YUAN: Final = 100
CALCULATED: Final = {  # the phone adds these up and asks nobody: they have no words in the form
    "income_farming_yuan_per_year": "种养采挖收入合计",
    "income_total_yuan_per_year": "全家年收入合计",
    "income_yuan_per_person_year": "人均年收入",
}
SAID_ELSEWHERE: Final = frozenset({"started_at", "ended_at", "date"})  # shown as the time of the visit


@dataclass(frozen=True)
class Answered:
    """One answer as a person reads it.

    Attributes
    ----------
    field
        Its name in the evidence.
    label
        The form's own question, or the name where no form asks it.
    value
        In words; several apart by 、.
    """

    field: str
    label: str
    value: str


def answers_in_words(session: Session, piece: Evidence, language: str) -> list[Answered]:
    """Return what a piece of evidence answers, in the order of its form.

    Parameters
    ----------
    language
        One of the form's; Chinese where the form does not speak it.
    """
    content = mask_content(piece.kind, piece.content, masks_of(session))
    return in_words(piece.kind, content, _schema(session, piece), language)


def in_words(kind: str, content: Mapping[str, Any], schema: FormSchema | None, language: str) -> list[Answered]:
    """Return the answers of some content in the words of a schema; what the schema does not know comes last."""
    asked: dict[str, Question] = {}
    for question in schema.questions if schema is not None else ():
        record, _, name = (question.evidence or "").partition(".")
        if record == kind:
            asked.setdefault(name.replace("_yuan", "_fen"), question)
    order = {name: at for at, name in enumerate(asked)}
    names = sorted(set(content) - SAID_ELSEWHERE, key=lambda name: (order.get(name, len(order)), name))
    return [
        Answered(name, _label(asked.get(name), name, language), _value(name, content[name], asked.get(name), language))
        for name in names
    ]


def _schema(session: Session, piece: Evidence) -> FormSchema | None:
    submission = session.get_one(Submission, (piece.county_code, piece.submission_id))
    newest = max(submission.versions, key=lambda version: version.number, default=None)
    if newest is None:
        return None
    form = find_form(session, submission.form_id, newest.form_version, [submission.village_code])
    return schema_of(session, form) if form is not None else None


def _label(question: Question | None, name: str, language: str) -> str:
    label = question.label if question is not None else {}
    return label.get(language) or label.get("zh") or CALCULATED.get(name.replace("_fen", "_yuan"), name)


def _value(name: str, value: Any, question: Question | None, language: str) -> str:
    if isinstance(value, list):
        return "、".join(_value(name, one, question, language) for one in value)
    if "_fen" in name and isinstance(value, int) and not isinstance(value, bool):
        return f"¥{value / FEN_PER_YUAN:,.2f}".removesuffix(".00")
    if question is not None and question.choices:
        words = {choice.name: choice.label.get(language) or choice.label.get("zh", "") for choice in question.choices}
        return "、".join(words.get(one) or one for one in str(value).split(" "))
    if isinstance(value, int) and not isinstance(value, bool) and "year" not in name:
        return f"{value:,}"
    return str(value)

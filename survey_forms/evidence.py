"""Answers to evidence records, by what the form itself declares: a changed form needs no code."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey_forms.schema import FormSchema
from survey_forms.submission import Answer, Submission
from survey_forms.values import Value


@dataclass(frozen=True)
class Record:
    """One thing a submission shows: a visit, an asset.

    Attributes
    ----------
    kind : str
        The first half of the roles, ``visit`` or ``asset``.
    position : tuple of int
        Row of the repeats the record stands in, from 0; empty outside of repeats.
    fields : mapping of str to tuple of Answer
        By the second half of the roles, in the order of the answers; only what was answered and is readable.
    """

    kind: str
    position: tuple[int, ...]
    fields: Mapping[str, tuple[Answer, ...]]

    def value(self, field: str) -> Value | None:
        """First answer to a field, None when there is none."""
        return next(iter(self.values(field)), None)

    def values(self, field: str) -> tuple[Value, ...]:
        """Every answer to a field: several questions may share one role."""
        return tuple(answer.value for answer in self.fields.get(field, ()) if answer.value is not None)


def records(submission: Submission) -> tuple[Record, ...]:
    """Evidence a submission holds.

    Parameters
    ----------
    submission
        Read with its form's schema; without one there are no roles and so no records.

    Returns
    -------
    tuple of Record
        One per kind and repeat row with at least one readable answer, in the order of the answers.

    Examples
    --------
    >>> from survey_forms.xform import read_schema
    >>> from survey_forms.submission import read_submission
    >>> schema = read_schema(b'''<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms"
    ... xmlns:ruhu="urn:ruhu:evidence"><h:head><model><instance><data id="hello"><code/></data></instance>
    ... <bind nodeset="/data/code" ruhu:evidence="visit.household"/></model></h:head><h:body/></h:html>''')
    >>> sent = b'<data id="hello"><code>H-7</code><meta><instanceID>uuid:1</instanceID></meta></data>'
    >>> [(r.kind, r.value("household")) for r in records(read_submission(sent, schema))]
    [('visit', 'H-7')]
    """
    found: dict[tuple[str, tuple[int, ...]], dict[str, list[Answer]]] = {}
    for answer in submission.answers:
        if answer.question is None or answer.question.evidence is None or answer.value is None:
            continue
        kind, _, name = answer.question.evidence.partition(".")
        found.setdefault((kind, answer.position), {}).setdefault(name, []).append(answer)
    return tuple(
        Record(kind, position, {name: tuple(answers) for name, answers in fields.items()})
        for (kind, position), fields in found.items()
    )


def unanswerable(schema: FormSchema, kind: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Fields a record kind needs which no question of a form can give: asked before a form is published.

    Parameters
    ----------
    schema
        The form's.
    kind
        Record kind.
    wanted
        Fields without which the record is worth nothing.

    Returns
    -------
    tuple of str
        Those of `wanted` that are missing, in the same order.

    Examples
    --------
    >>> from survey_forms.catalogue import schema_of
    >>> unanswerable(schema_of("home_visit"), "visit", ("household", "weather"))
    ('weather',)
    """
    return tuple(field for field in wanted if not schema.with_evidence(f"{kind}.{field}"))

"""How two versions of a form differ, and which differences are dangerous for what has been collected."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from survey_forms.schema import FormSchema, Question

HOUSEHOLD: Final = "household"
ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference.

    Attributes
    ----------
    kind : str
        ``added``, ``removed`` or ``changed``.
    what : str
        ``question``, ``type``, ``evidence``, ``required``, ``label``, ``choices``, ``place`` or ``household``.
    name : str
        The question's; empty where it is the form as a whole.
    before, after : str
        What stood and what stands there.
    dangerous : bool
        Answers would no longer mean, or show, what they did.
    """

    kind: str
    what: str
    name: str = ""
    before: str = ""
    after: str = ""
    dangerous: bool = False


def compare(old: FormSchema, new: FormSchema, *, language: str = "zh") -> list[Difference]:
    """Return the differences from one version to another, the dangerous ones first.

    A question is known again by its path, or by its name where that occurs once in each version.

    Parameters
    ----------
    language
        Whose words are compared.
    """
    pairs = _pairs(old, new)
    matched = {question.path for question in pairs.values()}
    found = [_household(old, new)]
    for question in old.questions:
        if (now := pairs.get(question.path)) is None:
            lost = question.evidence or ""
            found.append(
                Difference(kind=REMOVED, what="question", name=question.name, before=lost or question.type,
                           dangerous=bool(lost) and not new.with_evidence(lost))
            )  # fmt: skip
        else:
            found += _changes(question, now, new, language)
    found += [
        Difference(kind=ADDED, what="question", name=question.name, after=question.evidence or question.type)
        for question in new.questions
        if question.path not in matched
    ]
    return sorted(filter(None, found), key=lambda difference: not difference.dangerous)


def _pairs(old: FormSchema, new: FormSchema) -> dict[str, Question]:
    """Return the newer question for each older one's path."""
    pairs = {question.path: new.by_path[question.path] for question in old.questions if question.path in new.by_path}
    taken = {question.path for question in pairs.values()}
    once_before, once_now = (Counter(question.name for question in form.questions) for form in (old, new))
    by_name = {question.name: question for question in new.questions if question.path not in taken}
    for question in old.questions:
        moved = by_name.get(question.name)
        if question.path not in pairs and moved and once_before[moved.name] == once_now[moved.name] == 1:
            pairs[question.path] = moved
    return pairs


def _changes(old: Question, new: Question, form: FormSchema, language: str) -> Iterator[Difference]:
    name = new.name
    if old.type != new.type:
        yield Difference(kind=CHANGED, what="type", name=name, before=old.type, after=new.type, dangerous=True)
    if old.evidence != new.evidence:
        lost = old.evidence is not None and not form.with_evidence(old.evidence)
        yield Difference(
            kind=CHANGED, what="evidence", name=name, before=old.evidence or "", after=new.evidence or "",
            dangerous=lost,
        )  # fmt: skip
    if old.repeats != new.repeats:
        yield Difference(
            kind=CHANGED, what="place", name=name, before=old.path, after=new.path, dangerous=bool(old.evidence)
        )
    elif old.path != new.path:
        yield Difference(kind=CHANGED, what="place", name=name, before=old.path, after=new.path)
    if old.required != new.required:
        said = {True: "required", False: "optional"}
        yield Difference(
            kind=CHANGED, what="required", name=name, before=said[old.required], after=said[new.required]
        )  # fmt: skip
    yield from _choices(old, new)
    before, after = (_words(question, language) for question in (old, new))
    if before != after:
        yield Difference(kind=CHANGED, what="label", name=name, before=before, after=after)


def _choices(old: Question, new: Question) -> Iterator[Difference]:
    before, after = ({choice.name for choice in question.choices or ()} for question in (old, new))
    if before != after and old.choices is not None and new.choices is not None:
        gone, come = sorted(before - after), sorted(after - before)
        yield Difference(
            kind=CHANGED, what="choices", name=new.name, before=" ".join(gone), after=" ".join(come),
            dangerous=bool(gone) and new.evidence is not None,
        )  # fmt: skip


def _words(question: Question, language: str) -> str:
    return question.label.get(language) or next(iter(question.label.values()), "")


def _household(old: FormSchema, new: FormSchema) -> Difference | None:
    """Say when answers would no longer know of which household they speak."""
    before, after = (
        [q.evidence for q in form.questions if q.evidence and q.evidence.partition(".")[2] == HOUSEHOLD]
        for form in (old, new)
    )
    if not before or after:
        return None
    return Difference(kind=REMOVED, what=HOUSEHOLD, before=str(before[0]), dangerous=True)

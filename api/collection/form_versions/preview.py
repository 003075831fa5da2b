"""What a form asks, question by question, as a supervisor reads it: words, type, when it is asked, what it means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_forms.hardened import local, parse
from survey_forms.schema import FormSchema, Question

_PATH = re.compile(r"(?:/[\w.-]+(?::[\w.-]+)?)+")


@dataclass(frozen=True)
class Asked:
    """One question.

    Attributes
    ----------
    question : Question
        As the schema has it.
    relevant : str
        When it is asked, the conditions of its groups included, with ``${name}`` for answers; empty: always.
    """

    question: Question
    relevant: str

    def label(self, language: str) -> str:
        """Return its words in a language, else in the form's own."""
        words = self.question.label
        return words.get(language) or next(iter(words.values()), "")


def questions_asked(xform: bytes, schema: FormSchema) -> list[Asked]:
    """Return the questions of a form in their order.

    Parameters
    ----------
    xform
        Its frozen bytes.
    schema
        What they ask.

    Examples
    --------
    >>> from survey_forms.catalogue import compiled, schema_of
    >>> asked = questions_asked(compiled("home_visit").xml, schema_of("home_visit"))
    >>> next(one.relevant for one in asked if one.question.name == "withheld_amount")
    "(${met} = 1) and (${withheld} = 'yes')"
    """
    conditions = _conditions(parse(xform))
    names = {question.path for question in schema.questions}
    return [Asked(question, _relevant(question.path, conditions, names)) for question in schema.questions]


def _conditions(root: Any) -> dict[str, str]:
    binds = root.iterfind("{*}head/{*}model/{*}bind")
    return {
        (bind.get("nodeset") or bind.get("ref") or ""): text
        for bind in binds
        if local(bind) == "bind" and (text := (bind.get("relevant") or "").strip())
    }


def _relevant(path: str, conditions: Mapping[str, str], names: set[str]) -> str:
    steps = path.split("/")
    above = ["/".join(steps[:end]) for end in range(2, len(steps) + 1)]
    found = [conditions[here] for here in above if here in conditions]
    plain = [_readable(text, names) for text in found]
    return plain[0] if len(plain) == 1 else " and ".join(f"({text})" for text in plain)


def _readable(text: str, names: set[str]) -> str:
    """Write ``${name}`` where the form writes a path."""

    def short(found: re.Match[str]) -> str:
        return "${" + found[0].rpartition("/")[2] + "}" if found[0] in names else found[0]

    return re.sub(r"\s+", " ", _PATH.sub(short, text)).strip()

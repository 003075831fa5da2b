"""Tell from a phone's log in which order a form was answered, and how many questions were passed in a moment."""

import re
from itertools import pairwise
from typing import Final, NamedTuple

from survey_forms.paradata import AuditLog
from survey_forms.schema import FormSchema

QUICK_MS: Final = 1000  # nobody asks a question, hears the answer and enters it in a second
ANSWERING: Final = frozenset({"question", "group questions"})
_ROW: Final = re.compile(r"\[(\d{1,6})\]")


class Answering(NamedTuple):
    """How a form was answered.

    Attributes
    ----------
    questions
        Screens of questions that were asked of a person, each counted once.
    backward
        How often the next screen seen for the first time stands before the one just seen.
    quick
        Screens open for less than `QUICK_MS` in all.
    """

    questions: int
    backward: int
    quick: int


def answering(log: AuditLog, schema: FormSchema) -> Answering:
    r"""Compare the order of a log with that of its form.

    One jump, such as taking the photos first, is one step back however many questions follow. What is only shown or
    filled by the phone is left out, and so is what the form does not ask.

    Examples
    --------
    >>> from survey_forms.paradata import read_audit
    >>> from survey_forms.xform import read_schema
    >>> schema = read_schema(b'''<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms">
    ... <h:head><model><instance><data id="x"><a/><b/><c/></data></instance></model></h:head>
    ... <h:body><input ref="/data/a"/><input ref="/data/b"/><input ref="/data/c"/></h:body></h:html>''')
    >>> log = read_audit(b"event,node,start,end\nquestion,/data/c,0,9000\nquestion,/data/a,9000,9300\n"
    ... b"question,/data/b,9300,9900\nquestion,/data/a,9900,9950\n")
    >>> answering(log, schema)
    Answering(questions=3, backward=1, quick=2)
    """
    places: dict[str, int] = {}
    for at, question in enumerate(schema.questions):
        if question.asked and not question.shown_only:
            steps = question.path.split("/")
            for end in range(2, len(steps) + 1):
                places.setdefault("/".join(steps[:end]), at)
    spent = log.duration_by_question
    seen: dict[str, tuple[tuple[int, int], ...]] = {}
    for event in log.events:
        if event.event in ANSWERING and event.node not in seen and _ROW.sub("", event.node) in places:
            seen[event.node] = _place(event.node, places)
    order = list(seen.values())
    backward = sum(later < earlier for earlier, later in pairwise(order))
    return Answering(len(seen), backward, sum(spent.get(node, QUICK_MS) < QUICK_MS for node in seen))


def _place(node: str, places: dict[str, int]) -> tuple[tuple[int, int], ...]:
    """Return where a node stands: for each group around it, and for itself, its place in the form and its row."""
    found: list[tuple[int, int]] = []
    path = ""
    for step in node.strip("/").split("/"):
        row = _ROW.search(step)
        path += "/" + _ROW.sub("", step)
        found.append((places.get(path, 0), int(row[1]) if row else 0))
    return tuple(found)

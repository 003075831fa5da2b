"""Say answers and differences as people do: yuan and not fen, the form's own choices, in the reader's language."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from api.spot_checks.comparison.compare import CLASSES, Line, number_of, set_of
from api.spot_checks.comparison.questions import Question, Rule, questions

Say = Callable[..., str]
NOTHING: Final = "—"
YEARS: Final = frozenset({"birth_year"})  # written without a comma


class Words:
    """The words of comparisons in one language.

    Parameters
    ----------
    language : str
        Which of the form's languages; Chinese where it has no such text.
    say : callable
        Gives a Chinese text in that language (`api.edge.text`).
    """

    def __init__(self, language: str, say: Say) -> None:
        self._language = language
        self._say = say

    def label(self, key: str) -> str:
        """Name a question."""
        return self._of(questions()[key].label)

    def of_line(self, line: Line) -> str:
        """Name a line: the question, and which member or property it is about."""
        return f"{line.row}: {self.label(line.key)}" if line.row else self.label(line.key)

    def answer(self, key: str, value: Any) -> str:
        """Say an answer."""
        if value is None or value == []:
            return NOTHING
        question = questions()[key]
        match question.type:
            case "number" | "money":
                number = None if question.field in YEARS else number_of(question, value)
                return str(value) if number is None else f"{_plain(number)} {self._unit(question)}".rstrip()
            case "one":
                return self._choice(question, str(value))
            case "many":
                return "、".join(self._choice(question, one) for one in sorted(set_of(value)))
            case "rows":
                return self._row(question.record, value)
        return str(value)

    def difference(self, line: Line) -> str:
        """Say how the county's answer differs from the township's; empty where it does not."""
        if line.delta:
            unit = self._unit(questions()[line.key])
            by = f"{'+' if line.delta > 0 else ''}{_plain(line.delta)} {unit}".rstrip()
            return by if line.percent is None else f"{by} ({'+' if line.percent > 0 else ''}{line.percent} %)"
        question = questions()[line.key]
        parts = []
        for message, found in (("县级多出：{choices}", line.added), ("县级没有：{choices}", line.removed)):
            if found:
                parts.append(self._say(message, choices="、".join(self._choice(question, one) for one in found)))
        if question.type == "rows" and line.result != "agree":
            parts.append(self._say("只有县级列出") if line.township is None else self._say("只有乡镇列出"))
        return "；".join(parts)

    def result(self, line: Line) -> str:
        """Name how a line came out."""
        return self._say(CLASSES[line.result])

    def rule(self, key: str, rule: Rule) -> str:
        """Say how a question is compared."""
        match rule.kind:
            case "relative":
                return self._say("相差不超过 {percent} %", percent=rule.tolerance)
            case "absolute":
                return self._say("相差不超过 {number} {unit}", number=rule.tolerance, unit=self._unit(questions()[key]))
            case "set":
                return self._say("选项相同")
            case "rows":
                return self._say("两边都有")
            case "ignore":
                return self._say("不比对")
        return self._say("完全一致")

    def _row(self, record: str, row: Mapping[str, Any]) -> str:
        listed = questions()
        said = [
            self.answer(key, row[question.field])
            for key, question in listed.items()
            if question.record == record and question.type != "rows" and row.get(question.field) is not None
        ]
        return "，".join(said[:4]) or self._say("已列出")

    def _choice(self, question: Question, code: str) -> str:
        return self._of(question.choices[code]) if code in question.choices else code

    def _unit(self, question: Question) -> str:
        return self._say(question.unit) if question.unit else ""

    def _of(self, label: Mapping[str, str]) -> str:
        return label.get(self._language) or self._say(label["zh"])


def _plain(number: Decimal) -> str:
    """Return a number without noughts that say nothing.

    Examples
    --------
    >>> _plain(Decimal("1200.00")), _plain(Decimal("-3.50"))
    ('1,200', '-3.5')
    """
    text = f"{number:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""Compare two visits of one household, question by question, by declared tolerances; nothing here asks a database."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from api.spot_checks.comparison.questions import NO_ANSWER, Question, Rule, derived, questions, questions_of

CLASSES: Final = {
    "agree": "一致",
    "within": "在允许范围内",
    "differs": "不一致",
    "finding": "新发现",
    "one_side": "只有一边有答案",
    "ignored": "不比对",
}
FEN: Final = 100
DOTS: Final = "·•・‧.。"  # written between the parts of a name, or not

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Sighting:
    """What one visit says: its own answers, and the people and property it lists."""

    visit: Content
    members: Sequence[Content] = ()
    assets: Sequence[Content] = ()

    @property
    def met(self) -> bool:
        """Whether anybody of the household was met."""
        return derived(self.visit).get("met") == "met"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One question beside the other.

    Attributes
    ----------
    key : str
        Of `questions`.
    row : str
        Which member or piece of property; empty for the household itself.
    township, county
        The answers as evidence has them; None where there is none.
    result : str
        A key of `CLASSES`.
    decides : bool
        Whether it alone makes the household count as discrepant.
    delta : Decimal or None
        County less township, in the unit of the question.
    percent : Decimal or None
        The same of the county's answer, to a tenth, where the tolerance is in per cent.
    added, removed : tuple of str
        Choices only the county's, only the township's.
    """

    key: str
    township: Any
    county: Any
    result: str
    row: str = ""
    decides: bool = False
    delta: Decimal | None = None
    percent: Decimal | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def different(self) -> bool:
        """Whether the visits contradict each other here, or the county found something new."""
        return self.result in {"differs", "finding"}


@dataclass(frozen=True)
class Comparison:
    """Two visits of a household beside each other."""

    lines: tuple[Line, ...] = field(repr=False)

    @property
    def deciding(self) -> tuple[Line, ...]:
        """The lines that make the household count as discrepant."""
        return tuple(line for line in self.lines if line.decides)

    @property
    def discrepant(self) -> bool:
        """Whether any question of weight differs."""
        return any(line.decides for line in self.lines)

    def count(self, *results: str) -> int:
        """Return how many lines came out in one of these ways."""
        return sum(line.result in results for line in self.lines)


def compare(rules: Mapping[str, Rule], township: Sighting, county: Sighting) -> Comparison:
    """Put two visits beside each other.

    Parameters
    ----------
    rules : mapping
        By key of `questions`; a question without a rule is compared as the house does.

    Returns
    -------
    Comparison
        A question that neither visit answered has no line.

    Notes
    -----
    Amounts that are asked only of those who have them (a source of income, animals) count as nought where somebody
    was met and nothing was said. "Not known" is no answer. A tolerance in percent is of the county's answer.
    """
    both_met = township.met and county.met
    first, second = derived(township.visit), derived(county.visit)
    lines: list[Line] = []
    lines += _beside("visit", rules, first, second, both_met=both_met)
    lines += _rows("member", rules, pairs_by_name(township.members, county.members), both_met=both_met)
    lines += _rows("asset", rules, pairs_of_assets(township.assets, county.assets), both_met=both_met)
    return Comparison(tuple(lines))


def plain_name(name: object) -> str:
    """Return a name as it is compared: one width, no spaces, no dots.

    Examples
    --------
    >>> plain_name(" 扎西 · 次仁 ") == plain_name("扎西•次仁")
    True
    """
    text = unicodedata.normalize("NFKC", str(name or "")).casefold()
    return "".join(sign for sign in text if not sign.isspace() and sign not in DOTS)


Pair = tuple[Content | None, Content | None]


def pairs_by_name(township: Sequence[Content], county: Sequence[Content]) -> list[Pair]:
    """Match people by name; of several of one name, those born in the same year first.

    Examples
    --------
    >>> pairs_by_name([{"name": "甲"}], [{"name": " 甲 "}, {"name": "乙"}])
    [({'name': '甲'}, {'name': ' 甲 '}), (None, {'name': '乙'})]
    """

    def by_name_and_year(row: Content) -> object:
        return plain_name(row.get("name")), row.get("birth_year")

    return _matched(township, county, (by_name_and_year, lambda row: plain_name(row.get("name"))))


def pairs_of_assets(township: Sequence[Content], county: Sequence[Content]) -> list[Pair]:
    """Match property by kind and identifier; where one side wrote no identifier, by kind alone.

    Examples
    --------
    >>> car, plate = {"kind": "vehicle"}, {"kind": "vehicle", "identifier": "藏D 1"}
    >>> pairs_of_assets([car], [plate]) == [(car, plate)]
    True
    >>> pairs_of_assets([{"kind": "vehicle", "identifier": "藏D2"}], [plate])[1]
    (None, {'kind': 'vehicle', 'identifier': '藏D 1'})
    """

    def whole(row: Content) -> object:
        return row.get("kind"), plain_name(row.get("identifier"))

    pairs = _matched(township, county, (whole,))
    left = [first for first, second in pairs if first is not None and second is None]
    right = [second for first, second in pairs if first is None and second is not None]
    done: list[Pair] = [pair for pair in pairs if None not in pair]
    for first in left:
        same = (
            second for second in right
            if second.get("kind") == first.get("kind") and not (first.get("identifier") and second.get("identifier"))
        )  # fmt: skip
        second = next(same, None)
        if second is not None:
            right = [one for one in right if one is not second]
        done.append((first, second))
    return done + [(None, second) for second in right]


def _matched(township: Sequence[Content], county: Sequence[Content], by: Iterable[Any]) -> list[Pair]:
    left, right = list(enumerate(township)), list(enumerate(county))
    found: list[tuple[int, Pair]] = []
    for key in by:
        waiting: dict[object, list[tuple[int, Content]]] = {}
        for at, row in right:
            waiting.setdefault(key(row), []).append((at, row))
        rest, taken = [], set()
        for at, row in left:
            same = waiting.get(key(row))
            if same:
                place, other = same.pop(0)
                taken.add(place)
                found.append((at, (row, other)))
            else:
                rest.append((at, row))
        left, right = rest, [(at, row) for at, row in right if at not in taken]
    found += [(at, (row, None)) for at, row in left]
    ordered: list[Pair] = [pair for _, pair in sorted(found, key=lambda one: one[0])]
    return ordered + [(None, row) for _, row in right]


def _rows(record: str, rules: Mapping[str, Rule], pairs: Iterable[Pair], *, both_met: bool) -> Iterator[Line]:
    presence = rules.get(record, questions()[record].default)
    for township, county in pairs:
        row = _named(record, county or township or {})
        if township is not None and county is not None:
            yield from _beside(record, rules, township, county, both_met=both_met, row=row)
            continue
        result = "finding" if township is None else "differs"
        result = "ignored" if presence.kind == "ignore" else result if both_met else "one_side"
        decides = _decides(presence, result)
        yield Line(key=record, row=row, township=township, county=county, result=result, decides=decides)


def _named(record: str, row: Content) -> str:
    name = row.get("name") if record == "member" else row.get("identifier")
    return str(name or "").strip()


def _beside(
    record: str, rules: Mapping[str, Rule], township: Content, county: Content, *, both_met: bool, row: str = ""
) -> Iterator[Line]:
    for question in questions_of(record):
        first, second = township.get(question.field), county.get(question.field)
        if first is None and second is None:
            continue
        rule = rules.get(question.key, question.default)
        values: dict[str, Any] = {"key": question.key, "row": row, "township": first, "county": second}
        if rule.kind == "ignore":
            yield Line(**values, result="ignored")
            continue
        found = _JUDGES[question.type](question, rule, first, second, both_met)
        yield Line(**values, **found, decides=_decides(rule, found["result"]))


def _decides(rule: Rule, result: str) -> bool:
    return (result == "finding" and rule.decides != "never") or (result == "differs" and rule.decides == "always")


def _number(question: Question, rule: Rule, township: Any, county: Any, both_met: bool) -> dict[str, Any]:
    first, second = number_of(question, township), number_of(question, county)
    if question.nil and both_met:
        first, second = first or Decimal(0), second or Decimal(0)
    if first is None or second is None:
        return {"result": "one_side"}
    delta = second - first
    percent = round(delta * 100 / second, 1) if second and rule.kind == "relative" else None
    found = {"delta": delta, "percent": percent}
    if not delta:
        return {"result": "agree"}
    allowed = {"relative": abs(second) * rule.tolerance / 100, "absolute": Decimal(rule.tolerance)}
    if abs(delta) <= allowed.get(rule.kind, Decimal(0)):
        return {"result": "within", **found}
    return {"result": "finding" if question.nil and not first else "differs", **found}


def _choice(question: Question, _rule: Rule, township: Any, county: Any, both_met: bool) -> dict[str, Any]:
    first, second = (None if value == "unknown" else value for value in (township, county))
    if first == second:
        return {"result": "agree" if first is not None else "one_side"}
    if both_met and second in question.telling:
        return {"result": "finding"}
    return {"result": "one_side" if first is None or second is None else "differs"}


def _choices(_question: Question, _rule: Rule, township: Any, county: Any, _met: bool) -> dict[str, Any]:
    if township is None or county is None or "unknown" in set_of(township) | set_of(county):
        return {"result": "one_side"}
    first, second = set_of(township) - NO_ANSWER, set_of(county) - NO_ANSWER
    added, removed = tuple(sorted(second - first)), tuple(sorted(first - second))
    result = "finding" if added else "differs" if removed else "agree"
    return {"result": result, "added": added, "removed": removed}


def _text(_question: Question, _rule: Rule, township: Any, county: Any, _met: bool) -> dict[str, Any]:
    if township is None or county is None:
        return {"result": "one_side"}
    return {"result": "agree" if plain_name(township) == plain_name(county) else "differs"}


_JUDGES: Final = {"number": _number, "money": _number, "one": _choice, "many": _choices, "text": _text}


def number_of(question: Question, value: Any) -> Decimal | None:
    """Return an answer as a number in the question's unit (yuan, not fen); None when it is none."""
    try:
        found = Decimal(str(value)) if value is not None and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    if found is None or not found.is_finite():
        return None
    return found / FEN if question.type == "money" else found


def set_of(value: Any) -> set[str]:
    """Return the choices of a select of several: evidence keeps a single one bare."""
    return set(value) if isinstance(value, list | tuple) else {str(value)} if value is not None else set()

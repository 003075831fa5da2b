"""Which answers of two visits stand beside each other, in the form's own words, and how far they may differ."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from api.evidence.answers import CALCULATED
from api.spot_checks.outcomes import GONE, MET
from survey_forms.catalogue import schema_of
from survey_forms.schema import Question as Asked

FORMS: Final = ("home_visit", "spot_check_visit")
RECORDS: Final = {"visit": "本户", "member": "家庭成员", "asset": "财产"}
KINDS: Final = {
    "exact": "须完全一致",
    "relative": "允许相差百分之几",
    "absolute": "允许相差多少",
    "set": "选项须相同",
    "rows": "两边须都有",
    "ignore": "不比对，只列出",
}
KINDS_OF: Final = {
    "number": ("exact", "relative", "absolute", "ignore"),
    "money": ("exact", "relative", "absolute", "ignore"),
    "one": ("exact", "ignore"),
    "many": ("set", "ignore"),
    "text": ("exact", "ignore"),
    "rows": ("rows", "ignore"),
}
DECIDES: Final = {
    "always": "有差异，本户即算不一致",
    "finding": "县级有新发现，本户才算不一致",
    "never": "只记差异，不影响本户",
}
NO_ANSWER: Final = frozenset({"none", "unknown"})
MONTHS_IN: Final = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}

# never compared: of the phone, of who signs, of the place; the page shows time, person and distance by themselves
APART: Final = frozenset({
    "started_at", "ended_at", "date", "household", "outcome_note", "companions", "household_signs",
    "household_declines_why", "second_surveyor", "note",
})  # fmt: skip
TYPES: Final = {"int": "number", "decimal": "number", "select_one": "one", "select_multiple": "many", "string": "text"}
UNITS: Final = {"members_count": "人", "members_paid": "人", "housing_m2": "平方米", "birth_year": "年"}
# asked only of those who said that they have it: no answer means none
NIL: Final = (
    "income_",
    "cropland_",
    "grassland_",
    "yaks",
    "cattle",
    "sheep",
    "goats",
    "other_animals",
    "withheld_yuan",
)
TELLING: Final = {  # answers that are news when the township heard otherwise
    "visit.withheld": {"yes"},
    "visit.card_holder": {"cadre"},
    "visit.assets_seen": {"yes"},
    "visit.receives": {"never", "stopped"},
    "visit.list_posted": {"never"},
    "member.public_payroll": {"yes"},
    "member.registered_elsewhere": {"yes"},
}


@dataclass(frozen=True)
class Rule:
    """How one answer is compared.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    tolerance : int
        Whole percent of the county's answer (``relative``), or whole yuan, people, mu… (``absolute``); else 0.
    decides : str
        A key of `DECIDES`: what makes the household count as discrepant.
    """

    kind: str
    tolerance: int = 0
    decides: str = "never"


@dataclass(frozen=True)
class Question:
    """One answer that both visits may have given.

    Attributes
    ----------
    key : str
        ``record.field``, as in a rule.
    field : str
        Its name in the evidence's content.
    type : str
        A key of `KINDS_OF`.
    label : mapping
        Text by language code; Chinese at least.
    choices : mapping
        Answer → text by language code.
    nil : bool
        No answer means none, where somebody was met.
    telling : set of str
        Answers that are news when the township heard otherwise.
    default : Rule
        As the house compares it.
    """

    key: str
    field: str
    type: str
    label: Mapping[str, str]
    unit: str = ""
    choices: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    nil: bool = False
    telling: frozenset[str] = frozenset()
    default: Rule = Rule("ignore")

    @property
    def record(self) -> str:
        """A key of `RECORDS`."""
        return self.key.partition(".")[0]


EXACT: Final = Rule("exact")
DEFAULTS: Final[Mapping[str, Rule]] = {
    "visit.met": Rule("exact", decides="always"),
    "visit.members_count": Rule("exact", decides="always"),
    "visit.members_paid": EXACT,
    "visit.income_yuan_per_person_year": Rule("relative", 10, "always"),
    "visit.withheld": Rule("exact", decides="always"),
    "visit.card_holder": Rule("exact", decides="finding"),
    "visit.received_yuan_per_month": Rule("relative", 10),
    "visit.receives": Rule("exact", decides="finding"),
    "visit.outcome": Rule("ignore"),
    "visit.received_yuan": Rule("ignore"),
    "visit.received_every": Rule("ignore"),
    "visit.income_sources": Rule("set"),
    "visit.withheld_yuan": Rule("relative", 10),
    "member": Rule("rows"),
    "member.birth_year": Rule("absolute", 1),
    "member.public_payroll": Rule("exact", decides="finding"),
    "asset": Rule("rows", decides="finding"),
    "asset.value_yuan": Rule("relative", 20),
    "asset.kind": EXACT,
}
LOOSE: Final = ("spending_", "housing_m2", "cropland_", "grassland_")  # estimated, by whoever was at home


@cache
def questions() -> Mapping[str, Question]:
    """Return everything that can be compared, by key, in the order of the form."""
    return {one.key: one for one in _questions()}


@cache
def questions_of(record: str) -> tuple[Question, ...]:
    """Return what is asked of one record, without the presence of its rows."""
    return tuple(one for one in questions().values() if one.record == record and one.type != "rows")


def default_rules() -> dict[str, Rule]:
    """Return the rules of the house."""
    return {key: one.default for key, one in questions().items()}


def derived(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a visit's answers with what follows from them: whether somebody was met, and money by the month.

    Examples
    --------
    >>> found = derived({"outcome": "met_member", "received_fen": 90000, "received_every": "quarter"})
    >>> found["met"], found["received_fen_per_month"]
    ('met', 30000)
    """
    outcome = content.get("outcome")
    found = dict(content)
    if outcome:
        found["met"] = "met" if outcome in MET else "gone" if outcome in GONE else "not_met"
    received, months = content.get("received_fen"), MONTHS_IN.get(str(content.get("received_every")))
    if isinstance(received, int) and months:
        found["received_fen_per_month"] = round(received / months)
    return found


def _questions() -> Iterator[Question]:
    met = {"met": {"zh": "见到家人"}, "not_met": {"zh": "没有见到人"}, "gone": {"zh": "已不在"}}
    yield _made("visit.met", "one", "是否见到家人", choices=met)
    both = {asked.evidence for asked in schema_of(FORMS[0]).questions}
    rows_said = set()
    for asked in schema_of(FORMS[1]).questions:
        if asked.evidence is None or asked.evidence not in both:
            continue
        record, _, name = asked.evidence.partition(".")
        if record not in RECORDS or name in APART or asked.type not in TYPES:
            continue
        if record != "visit" and record not in rows_said:
            rows_said.add(record)
            yield _made(record, "rows", RECORDS[record])
        if asked.evidence == "member.name":
            continue  # by it the rows are matched
        yield _asked(asked, record, name)
        if name == "received_every":
            yield _made("visit.received_yuan_per_month", "money", "折合每月到手", unit="元")


def _asked(asked: Asked, record: str, name: str) -> Question:
    key = f"{record}.{name}"
    kind = "money" if "_yuan" in name else TYPES[asked.type]
    return Question(
        key=key,
        field=name.replace("_yuan", "_fen"),
        type=kind,
        label=asked.label or {"zh": CALCULATED.get(name, name)},
        unit="元" if kind == "money" else UNITS.get(name, ""),
        choices={choice.name: choice.label for choice in asked.choices or ()},
        nil=name.startswith(NIL) and kind in {"number", "money"} and name != "income_yuan_per_person_year",
        telling=frozenset(TELLING.get(key, ())),
        default=DEFAULTS.get(key) or _usual(name, kind),
    )


def _made(key: str, kind: str, label: str, **values: Any) -> Question:
    name = key.partition(".")[2] or "rows"
    return Question(
        key=key, field=name.replace("_yuan", "_fen"), type=kind, label={"zh": label}, default=DEFAULTS[key], **values
    )


def _usual(name: str, kind: str) -> Rule:
    match kind:
        case "number" | "money":
            return Rule("relative", 20 if name.startswith(LOOSE) else 10)
        case "many":
            return Rule("set")
        case "one":
            return EXACT
    return Rule("ignore")

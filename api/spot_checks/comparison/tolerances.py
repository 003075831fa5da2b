"""Declare how far two answers may differ: versions that only follow each other, per campaign and county."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Conflict, Invalid
from api.spot_checks.comparison.questions import DECIDES, KINDS_OF, Question, Rule, default_rules, questions
from api.spot_checks.comparison.tables import ToleranceVersion

SHORTEST_NOTE: Final = 5  # characters; a dash is no reason
LONGEST_NOTE: Final = 400
MOST: Final = {"relative": 100, "absolute": 1_000_000}


@dataclass(frozen=True)
class Declared:
    """One declared set of rules, as people read it."""

    number: int
    note: str
    by: str
    at: datetime
    changed: dict[str, Rule]  # what is otherwise than in the one before


def rules_in_force(session: Session, county_code: str, campaign_id: UUID) -> tuple[int, dict[str, Rule]]:
    """Return the number of the version in force and its rules; 0 and the rules of the house where none was declared."""
    row = session.scalar(_versions(county_code, campaign_id).order_by(ToleranceVersion.number.desc()).limit(1))
    return (0, default_rules()) if row is None else (row.number, rules_of(row))


def rules_of(row: ToleranceVersion) -> dict[str, Rule]:
    """Return the rules of a version; a question that is newer than it is compared as the house does."""
    kept = {one["key"]: Rule(one["kind"], one["tolerance"], one["decides"]) for one in row.rules}
    return default_rules() | {key: rule for key, rule in kept.items() if key in questions()}


def declared(session: Session, county_code: str, campaign_id: UUID) -> list[Declared]:
    """Return all versions, the newest first, each with what it changed."""
    rows = session.execute(
        _versions(county_code, campaign_id, Account.display_name)
        .join(Account, Account.id == ToleranceVersion.by_id)
        .order_by(ToleranceVersion.number)
    ).all()
    before, found = default_rules(), []
    for row, name in rows:
        rules = rules_of(row)
        changed = {key: rule for key, rule in rules.items() if rule != before[key]}
        found.append(Declared(row.number, row.note, name, row.at, changed))
        before = rules
    return found[::-1]


def declare_tolerances(
    session: Session, viewer: Viewer, campaign: Campaign, county_code: str, *, changes: Mapping[str, Rule], note: str
) -> ToleranceVersion:
    """Declare another set of rules: the one in force with some of them changed.

    Parameters
    ----------
    changes : mapping
        By key of `questions`; what is not named stays.
    note : str
        Why, five characters at least.

    Raises
    ------
    Invalid
        A question that is not compared, a rule that does not fit its question, no reason, nothing changed.
    Conflict
        When somebody declared another set meanwhile.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, county_code)
    note = note.strip()
    if len(note) < SHORTEST_NOTE:
        raise Invalid("请写明为什么改比对规则 (至少 {least} 个字)", where="note", least=SHORTEST_NOTE)
    number, rules = rules_in_force(session, county_code, campaign.id)
    for key, rule in changes.items():
        _check(key, rule)
    changed = {key: rule for key, rule in changes.items() if rule != rules[key]}
    if not changed:
        raise Invalid("规则没有改动，不必再存一次", where="rules")
    row = ToleranceVersion(
        county_code=county_code, campaign_id=campaign.id, number=number + 1, note=note[:LONGEST_NOTE],
        rules=as_rows(rules | changed), by_id=viewer.account_id,
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("刚才有人改了比对规则，请刷新后再改", where="rules") from None
    record(
        session, viewer, "tolerances.declare", "tolerance_version", row.id, division_code=county_code,
        number=row.number, note=row.note, changed=as_rows(changed),
    )  # fmt: skip
    return row


def as_rows(rules: Mapping[str, Rule]) -> list[dict[str, Any]]:
    """Return rules as they are kept and as programs see them."""
    return [{"key": key, **asdict(rule)} for key, rule in rules.items()]


def _check(key: str, rule: Rule) -> None:
    question: Question | None = questions().get(key)
    if question is None:
        raise Invalid("问题 {key} 不在两次入户都问的问题之中", where=key, key=key)
    if rule.kind not in KINDS_OF[question.type]:
        raise Invalid("“{label}”不能这样比对", where=key, label=question.label["zh"])
    if rule.decides not in DECIDES:
        raise Invalid("请选择“{label}”有差异时怎样算", where=key, label=question.label["zh"])
    if not 0 <= rule.tolerance <= MOST.get(rule.kind, 0):
        raise Invalid(
            "“{label}”允许相差的数须在 0 到 {most} 之间",
            where=key,
            label=question.label["zh"],
            most=MOST.get(rule.kind, 0),
        )


def _versions(county_code: str, campaign_id: UUID, *columns: Any) -> sa.Select[Any]:
    same = sa.and_(ToleranceVersion.county_code == county_code, ToleranceVersion.campaign_id == campaign_id)
    return sa.select(ToleranceVersion, *columns).where(same)

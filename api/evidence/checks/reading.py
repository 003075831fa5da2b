"""Read what the checks found, always behind the rule of what the reader may see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.checks.rules import BY_KEY, RULES, SEVERITIES, Rule
from api.evidence.checks.tables import FieldCheck, JudgedEvidence
from api.evidence.checks.thresholds import in_force
from api.evidence.tables import Evidence
from api.evidence.visible import visible_evidence
from api.people.access import Viewer, inside
from api.people.tables import Account


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which doubtful evidence is wanted; empty means all."""

    rule: str = ""
    severity: str = ""
    area: str = ""
    worker: UUID | None = None
    household: str = ""


@dataclass(frozen=True)
class Check:
    """One rule that a piece of evidence does not pass, ready to be said."""

    rule: Rule
    numbers: Mapping[str, Any]
    found_at: datetime


@dataclass(frozen=True)
class Doubtful:
    """A piece of evidence with every check it did not pass, doubts first."""

    evidence: Evidence
    worker: str
    checks: tuple[Check, ...]


def checks_of(session: Session, county_code: str, evidence_ids: Collection[UUID]) -> dict[UUID, list[Check]]:
    """Return what was found of some pieces of evidence, doubts first; who found nothing wrong has no key.

    It does not ask who reads: call it with pieces that the reader may see, and show him what `checks_for` gives.
    """
    found: dict[UUID, list[Check]] = {}
    if not evidence_ids:
        return found
    rows = session.scalars(
        sa.select(FieldCheck).where(
            FieldCheck.county_code == county_code, FieldCheck.evidence_id.in_(evidence_ids), _known()
        )
    )
    order = {rule.key: (list(SEVERITIES).index(rule.severity), at) for at, rule in enumerate(RULES)}
    for row in sorted(rows, key=lambda one: order[one.rule]):
        found.setdefault(row.evidence_id, []).append(Check(BY_KEY[row.rule], row.numbers, row.found_at))
    return found


def checks_for(
    session: Session, viewer: Viewer, county_code: str, evidence_ids: Collection[UUID]
) -> dict[UUID, list[Check]]:
    """Return the same as its reader may be told it: households of which he may see nothing stay unnamed."""
    found = checks_of(session, county_code, evidence_ids)
    _leave_unnamed(session, viewer, county_code, found)
    return found


def doubtful(
    session: Session, viewer: Viewer, county_code: str, filters: Filters, *, limit: int, offset: int = 0
) -> tuple[list[Doubtful], int]:
    """Return one page of evidence that some rule doubts, the most doubts first, and how many pieces there are."""
    hits = (
        sa.select(
            FieldCheck.evidence_id,
            sa.func.sum(sa.case((FieldCheck.rule.in_(_keys("doubt")), 1), else_=0)).label("doubts"),
            sa.func.count().label("checks"),
        )
        .where(FieldCheck.county_code == county_code, _known())
        .group_by(FieldCheck.evidence_id)
        .subquery()
    )
    condition = sa.and_(*_conditions(viewer, county_code, filters))
    total = session.scalar(
        sa.select(sa.func.count()).select_from(Evidence).join(hits, hits.c.evidence_id == Evidence.id).where(condition)
    )
    rows = session.execute(
        sa.select(Evidence, Account.display_name)
        .join(hits, hits.c.evidence_id == Evidence.id)
        .join(Account, Account.id == Evidence.account_id)
        .where(condition)
        .order_by(hits.c.doubts.desc(), hits.c.checks.desc(), Evidence.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()
    checks = checks_for(session, viewer, county_code, [evidence.id for evidence, _ in rows])
    return [Doubtful(one, worker, tuple(checks.get(one.id, ()))) for one, worker in rows], total or 0


def _leave_unnamed(session: Session, viewer: Viewer, county_code: str, checks: Mapping[UUID, list[Check]]) -> None:
    """Take the code of another household out of a check whose reader may see nothing of that household."""
    named = {check.numbers["household"] for found in checks.values() for check in found if "household" in check.numbers}
    if not named:
        return
    seen = set(
        session.scalars(
            sa.select(Evidence.household_code)
            .where(Evidence.county_code == county_code, Evidence.household_code.in_(named), visible_evidence(viewer))
            .distinct()
        )
    )
    for found in checks.values():
        found[:] = [
            replace(check, numbers={**check.numbers, "household": None})
            if "household" in check.numbers and check.numbers["household"] not in seen
            else check
            for check in found
        ]


def counts(session: Session, viewer: Viewer, county_code: str, filters: Filters) -> dict[str, int]:
    """Return how many pieces each rule doubts, whatever rule the filters name."""
    wanted = Filters(area=filters.area, worker=filters.worker, household=filters.household)
    rows = session.execute(
        sa.select(FieldCheck.rule, sa.func.count())
        .join(Evidence, _of_evidence())
        .where(_known(), *_conditions(viewer, county_code, wanted))
        .group_by(FieldCheck.rule)
    )
    return {str(rule): int(number) for rule, number in rows}


def judged(session: Session, viewer: Viewer, county_code: str) -> tuple[int, int]:
    """Return how many visible pieces of evidence have been judged by what holds now, and how many there are."""
    row = session.execute(
        sa.select(sa.func.count(JudgedEvidence.id), sa.func.count())
        .select_from(Evidence)
        .outerjoin(
            JudgedEvidence,
            sa.and_(
                JudgedEvidence.county_code == Evidence.county_code,
                JudgedEvidence.id == Evidence.id,
                JudgedEvidence.thresholds == in_force(session, county_code).name,
            ),
        )
        .where(Evidence.county_code == county_code, visible_evidence(viewer))
    ).one()
    return int(row[0]), int(row[1])


def workers(session: Session, viewer: Viewer, county_code: str) -> Sequence[tuple[UUID, str]]:
    """Return who made the doubtful evidence that the viewer may see."""
    rows = session.execute(
        sa.select(Account.id, Account.display_name)
        .join(Evidence, Evidence.account_id == Account.id)
        .join(FieldCheck, _of_evidence())
        .where(Evidence.county_code == county_code, visible_evidence(viewer))
        .distinct()
        .order_by(Account.display_name)
        .limit(500)
    )
    return [(key, name) for key, name in rows]


def _conditions(viewer: Viewer, county_code: str, filters: Filters) -> list[sa.ColumnElement[bool]]:
    found = [visible_evidence(viewer), Evidence.county_code == county_code]
    keys = [filters.rule] if filters.rule else _keys(filters.severity) if filters.severity else []
    if keys:
        found.append(sa.exists().where(_of_evidence(), FieldCheck.rule.in_(keys)))
    if filters.area:
        found.append(inside(Evidence.village_code, [filters.area]))
    if filters.worker is not None:
        found.append(Evidence.account_id == filters.worker)
    if filters.household:
        found.append(Evidence.household_code == filters.household)
    return found


def _of_evidence() -> sa.ColumnElement[bool]:
    return sa.and_(FieldCheck.county_code == Evidence.county_code, FieldCheck.evidence_id == Evidence.id)


def _known() -> sa.ColumnElement[bool]:
    """Leave out what a rule said that is no more, until everything is judged again."""
    return FieldCheck.rule.in_(list(BY_KEY))


def _keys(severity: str) -> list[str]:
    return [rule.key for rule in RULES if rule.severity == severity]

"""What speaks for a closer look at a household: signs from the registry, points, a band, and every reason kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.stages import standard_for
from api.campaigns.tables import Campaign
from api.registry.tables import DeclaredRelative, DepartmentRecord, Household, Member, Official
from sampling.risk import Indicator, RiskModel, band_by_cuts, score_risk

# One table of signs, with their points. A point is a step of suspicion, not of guilt: it only moves a visit forward.
MODEL = RiskModel(
    (
        Indicator("relative", 10, "家庭成员是干部或经办人员申报的近亲属"),  # 人情保，关系保: always visited
        Indicator("official", 10, "家庭成员本人是登记在册的干部或经办人员"),
        Indicator("payroll", 6, "家庭成员有财政供养记录"),  # excluded by rule, so one sign suffices for the high band
        Indicator("death", 6, "家庭成员有死亡登记，可能死亡未退"),
        Indicator("income_over", 6, "申报人均收入达到或超过保障标准"),
        Indicator("company", 5, "家庭成员有工商登记"),
        Indicator("vehicle", 4, "家庭成员名下有机动车"),
        Indicator("property", 4, "家庭成员名下另有房产"),
        Indicator("machinery", 3, "家庭成员名下有大型农机具"),  # common on farms, and many are shared
        Indicator("income_near", 2, "申报人均收入接近保障标准"),
        Indicator("unchanged", 2, "保障待遇多年未调整"),  # dynamic management may have been forgotten
        Indicator("subsidy", 1, "家庭成员领取其他财政补贴"),  # counts as income, seldom decides
    )
)
CERTAIN_SIGNS = frozenset({"relative", "official"})
RECORD_SIGNS = frozenset({"payroll", "death", "company", "vehicle", "property", "machinery", "subsidy"})

CERTAIN = "certain"
BANDS = ("low", "middle", "high")  # from below; the certain band stands apart and is taken whole
CUTS = (2, 5)  # points from which a household is middle, high
BAND_NAMES = {CERTAIN: "必查", "high": "高", "middle": "中", "low": "低"}
# The share of wrong households expected in a band before anything is known: what moves visits towards risk.
EXPECTED_WRONG = {"low": 0.05, "middle": 0.15, "high": 0.35}

NEAR_STANDARD_PERCENT = 90
UNCHANGED_YEARS = 3

Detail = dict[str, Any]  # a text in Chinese with {names}, and its values
Sign = tuple[UUID, str, Detail]  # household, indicator, what the source says


@dataclass(frozen=True)
class Risk:
    """A household's band and why it is in it.

    Attributes
    ----------
    score : int
        Sum of the points.
    band : str
        ``certain``, ``high``, ``middle`` or ``low``.
    reasons : list of dict
        ``indicator``, ``points``, ``text`` and ``details`` (what the sources say, each as ``text`` with its
        ``values``; may be empty), weightiest first.
    """

    score: int
    band: str
    reasons: list[dict[str, Any]]


def assess_risk(
    session: Session, campaign: Campaign, county_code: str, household_ids: Sequence[UUID], day: date
) -> list[Risk]:
    """Score households of one county by what the registry holds of them.

    Parameters
    ----------
    household_ids : sequence of UUID, shape (N,)
        Which, in the order of the answer.
    day : date
        What "for years" and the standard's year are counted from.

    Returns
    -------
    list of Risk, length N

    Notes
    -----
    Set-based: four queries for a county, whatever its size; people are matched by the keyed hash of their identity
    number, never by name.
    """
    if not household_ids:
        return []
    row_of = {identity: row for row, identity in enumerate(household_ids)}
    values = np.zeros((len(household_ids), len(MODEL.indicators)))
    details: dict[tuple[int, str], list[Detail]] = {}
    for identity, sign, detail in _signs(session, campaign, county_code, day):
        if (row := row_of.get(identity)) is None:
            continue
        values[row, MODEL.names.index(sign)] = 1
        if detail not in (kept := details.setdefault((row, sign), [])):
            kept.append(detail)
    scores = score_risk(MODEL, values)
    bands = band_by_cuts(scores.score, CUTS).band.tolist()
    certain = np.flatnonzero(values[:, [MODEL.names.index(sign) for sign in sorted(CERTAIN_SIGNS)]].any(axis=1))
    always = frozenset(certain.tolist())
    found = []
    for row, score in enumerate(scores.score.tolist()):
        reasons = [
            {
                "indicator": part.name,
                "points": int(part.points),
                "text": part.label,
                "details": sorted(details.get((row, part.name), []), key=str),
            }
            for part in (scores.explain(row) if score else ())
        ]
        found.append(Risk(int(score), CERTAIN if row in always else BANDS[bands[row]], reasons))
    return found


def _signs(session: Session, campaign: Campaign, county_code: str, day: date) -> Iterator[Sign]:
    """Yield (household, sign, what the source says)."""
    persons = _persons(county_code)
    relatives = (
        sa.select(persons.c.household_id, DeclaredRelative.relation, Official.body, Official.post)
        .join(
            DeclaredRelative,
            sa.and_(
                DeclaredRelative.county_code == county_code, DeclaredRelative.identity_hash == persons.c.identity_hash
            ),
        )
        .join(Official, sa.and_(Official.county_code == county_code, Official.id == DeclaredRelative.official_id))
    )
    for household, relation, body, post in session.execute(relatives):
        yield household, "relative", _said("{body}{post}的{relation}", body=body, post=post, relation=relation)
    officials = sa.select(persons.c.household_id, Official.body, Official.post).join(
        Official, sa.and_(Official.county_code == county_code, Official.identity_hash == persons.c.identity_hash)
    )
    for household, body, post in session.execute(officials):
        yield household, "official", _said("{body}{post}", body=body, post=post)
    records = sa.select(
        persons.c.household_id, DepartmentRecord.kind, DepartmentRecord.department, DepartmentRecord.description
    ).join(
        DepartmentRecord,
        sa.and_(DepartmentRecord.county_code == county_code, DepartmentRecord.identity_hash == persons.c.identity_hash),
    )
    for household, kind, department, description in session.execute(records):
        if kind in RECORD_SIGNS:
            yield household, kind, _said("{department} {description}", department=department, description=description)
    yield from _roll_signs(session, campaign, county_code, day)


def _persons(county_code: str) -> sa.Subquery:
    """Return everybody of the county's households once: members, and householders who are no member row."""
    members = sa.select(Member.household_id, Member.identity_hash).where(
        Member.county_code == county_code, Member.identity_hash.is_not(None)
    )
    heads = sa.select(Household.id, Household.head_identity_hash).where(
        Household.county_code == county_code, Household.head_identity_hash.is_not(None)
    )
    return members.union(heads).subquery("person")


def _roll_signs(session: Session, campaign: Campaign, county_code: str, day: date) -> Iterator[Sign]:
    stale = _years_before(day, UNCHANGED_YEARS)
    lines = {scheme: standard_for(campaign, county_code, scheme, day.year) for scheme in ("urban", "rural")}
    statement = sa.select(
        Household.id, Household.scheme, Household.benefit_since, Household.income_fen_per_person_year
    ).where(
        Household.county_code == county_code,
        sa.or_(Household.benefit_since.is_not(None), Household.income_fen_per_person_year.is_not(None)),
    )
    for household, scheme, since, income in session.execute(statement):
        if since is not None and since <= stale:
            yield household, "unchanged", _said("自 {since} 起", since=since.isoformat())
        line = lines[scheme]
        if line is None or income is None:
            continue
        said = _said("申报 {income} 元，标准 {line} 元", income=f"{income // 100:,}", line=f"{line // 100:,}")
        if income >= line:
            yield household, "income_over", said
        elif 100 * income >= NEAR_STANDARD_PERCENT * line:
            yield household, "income_near", said


def _said(text: str, **values: str) -> Detail:
    """Keep a text apart from its values, so that it can be shown in the reader's language."""
    return {"text": text, "values": values}


def _years_before(day: date, years: int) -> date:
    # 29 February has no namesake in most years; the day before serves
    return date(day.year - years, day.month, min(day.day, 28) if day.month == 2 else day.day)  # noqa: PLR2004 - February

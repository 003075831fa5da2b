"""Signs of the roll itself: income against the standard, the gap, who is counted, and what a village has in common."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from api.registry.tables import Household, Member
from api.spot_checks.risk.said import Asked, Detail, Signs, said, years_before, yuan

SCHEMES: Final = ("urban", "rural")
NEAR_STANDARD_PERCENT: Final = 90
UNCHANGED_YEARS: Final = 3
MONTHS: Final = 12
ABOVE_GAP_PERCENT: Final = 10  # more than this above the gap, and
ABOVE_GAP_FEN: Final = 2_000  # more than this a month: rounding to ten yuan is no error
FEWEST_ALIKE: Final = 4  # households of a village that have something in common
ALIKE_SHARE: Final = 3  # and at least a third of its households
RECENT_YEARS: Final = 2  # longer ago, a common first day was a common first roll


def roll_signs(asked: Asked) -> Signs:
    """Yield what the roll's own figures say: one reading of the county's households."""
    stale, lines = years_before(asked.day, UNCHANGED_YEARS), {scheme: asked.line_of(scheme) for scheme in SCHEMES}
    rows = asked.session.execute(
        sa.select(
            Household.id, Household.village_code, Household.scheme, Household.on_roll, Household.persons,
            Household.benefit_fen_per_month, Household.benefit_since, Household.income_fen_per_person_year,
        ).where(Household.county_code == asked.county_code)
    ).all()  # fmt: skip
    for row in rows:
        if row.benefit_since is not None and row.benefit_since <= stale:
            yield row.id, "unchanged", said("自 {since} 起", since=row.benefit_since.isoformat())
        line, income = lines[row.scheme], row.income_fen_per_person_year
        if line is None or income is None:
            continue
        over, near = income >= line, 100 * income >= NEAR_STANDARD_PERCENT * line
        if near:
            words = said("申报 {income} 元，标准 {line} 元", income=yuan(income), line=yuan(line))
            yield row.id, "income_over" if over else "income_near", words
        if not over and (detail := _above_gap(row, line)):
            yield row.id, "above_gap", detail
    yield from _village_signs(asked, [row for row in rows if row.on_roll])


def _above_gap(row: Any, line: int) -> Detail | None:
    gap = (line - row.income_fen_per_person_year) * row.persons // MONTHS
    paid = row.benefit_fen_per_month
    if not row.on_roll or 100 * paid <= (100 + ABOVE_GAP_PERCENT) * gap or paid - gap <= ABOVE_GAP_FEN:
        return None
    return said("每月发放 {paid} 元，差额测算 {gap} 元", paid=yuan(paid), gap=yuan(gap))


def part_signs(asked: Asked) -> Signs:
    """Yield households of which the roll pays only some members (保人不保户)."""
    rows = asked.session.execute(
        sa.select(
            Member.household_id,
            sa.func.count().label("members"),
            sa.func.sum(sa.case((Member.receives.is_(True), 1), else_=0)).label("paid"),
        )
        .where(Member.county_code == asked.county_code)
        .group_by(Member.household_id)
        .having(sa.func.count() > sa.func.sum(sa.case((Member.receives.is_(True), 1), else_=0)))
    )
    for row in rows:
        yield (
            row.household_id,
            "part_paid",
            said("名册 {members} 人，只保障 {paid} 人", members=str(row.members), paid=str(row.paid)),
        )


def _village_signs(asked: Asked, rows: Sequence[Any]) -> Signs:
    """Yield what many households of one village and scheme have in common: the amount, or the day it began."""
    villages: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        villages.setdefault((row.village_code, row.scheme), []).append(row)
    recent = years_before(asked.day, RECENT_YEARS)
    for members in villages.values():
        for amount, alike in _alike(members, [row.benefit_fen_per_month or None for row in members]):
            if len({(row.persons, row.income_fen_per_person_year) for row in alike}) == 1:
                continue  # equal amounts for equal households are right
            for row in alike:
                yield row.id, "equal_shares", said(
                    "本村 {n} 户中 {alike} 户每月都是 {amount} 元",
                    n=str(len(members)), alike=str(len(alike)), amount=yuan(amount),
                )  # fmt: skip
        since = [row.benefit_since if row.benefit_since and row.benefit_since > recent else None for row in members]
        for day, alike in _alike(members, since):
            for row in alike:
                yield row.id, "same_start", said(
                    "本村 {n} 户中 {alike} 户都自 {since} 起",
                    n=str(len(members)), alike=str(len(alike)), since=day.isoformat(),
                )  # fmt: skip


def _alike(members: Sequence[Any], values: Sequence[Any]) -> Iterable[tuple[Any, list[Any]]]:
    for value, number in Counter(value for value in values if value is not None).items():
        if number >= FEWEST_ALIKE and ALIKE_SHARE * number >= len(members):
            yield value, [row for row, one in zip(members, values, strict=True) if one == value]

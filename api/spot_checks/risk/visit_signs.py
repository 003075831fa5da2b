"""Signs of what was seen in the field: the township's own visits, neighbours, and property that was looked at."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from api.evidence.tables import Evidence
from api.registry.tables import Household
from api.spot_checks.risk.said import Asked, Detail, Sign, Signs, day_of, said, yuan

MET: Final = frozenset({"met_householder", "met_member"})
GONE: Final = {
    "moved": "{day} 入户：已搬走", "deceased": "{day} 入户：全户已去世", "no_such_household": "{day} 入户：查无此户",
}  # fmt: skip
NOT_MET: Final = {
    "nobody_home": "{day} 入户：家中无人", "away": "{day} 入户：全家外出", "refused": "{day} 入户：拒绝调查",
}  # fmt: skip
MONEY: Final = {"stopped": "{day} 入户：称以前领过、现在停了", "never": "{day} 入户：称从来没有领到过"}
ASSETS: Final = {
    "vehicle": "{day} 看到机动车辆，约值 {value} 元",
    "farm_machinery": "{day} 看到大型农机具，约值 {value} 元",
    "house": "{day} 看到其他住房或门面房，约值 {value} 元",
    "business": "{day} 看到店铺、企业或股份，约值 {value} 元",
    "savings": "{day} 看到存款或有价证券，约值 {value} 元",
}
UNVALUED: Final = "—"
TOLD: Final = (
    ("vehicle", "yes", "邻里反映有汽车或大型农机具"),
    ("shop", "yes", "邻里反映有店铺或出租房"),
    ("kin_in_office", "yes", "邻里反映有近亲当干部或办低保"),
    ("withheld", "yes", "邻里反映低保金被扣留、代管或平分"),
    ("compared", "better", "邻里反映日子比多数人家好"),
)
LIVELIHOODS: Final = {"business": "邻里反映做生意、跑运输或开店", "public_post": "邻里反映有财政供养人员"}


def visit_signs(asked: Asked) -> Signs:
    """Yield what the township's last visit of each household contradicts; earlier visits stand corrected by it."""
    answers = ("outcome", "withheld", "receives", "card_holder", "members_count", "income_fen_per_person_year")
    rows = asked.session.execute(
        sa.select(
            Evidence.household_id, Evidence.received_at, Evidence.collected_at, Household.scheme, Household.persons,
            *(Evidence.content[name].as_string().label(name) for name in answers),
        )
        .join(
            Household,
            sa.and_(Household.county_code == Evidence.county_code, Household.id == Evidence.household_id),
        )
        .where(
            Evidence.county_code == asked.county_code, Evidence.kind == "visit", Evidence.purpose == "township_visit"
        )
        .order_by(Evidence.received_at, Evidence.id)
    )  # fmt: skip
    last = {row.household_id: row for row in rows}
    lines = {scheme: asked.line_of(scheme) for scheme in ("urban", "rural")}
    for household, row in last.items():
        day = day_of(row.collected_at or row.received_at)
        for sign, detail in _contradicted(row, day, lines[row.scheme]):
            yield household, sign, detail


def _contradicted(row: Any, day: str, line: int | None) -> Iterator[tuple[str, Detail]]:
    if row.outcome in GONE:
        yield "visit_gone", said(GONE[row.outcome], day=day)
    elif row.outcome in NOT_MET:
        yield "visit_unmet", said(NOT_MET[row.outcome], day=day)
    if row.outcome not in MET:
        return
    income, members = _number(row.income_fen_per_person_year), _number(row.members_count)
    if line is not None and income is not None and income >= line:
        yield (
            "visit_income",
            said("{day} 入户人均 {income} 元，标准 {line} 元", day=day, income=yuan(income), line=yuan(line)),
        )
    if row.withheld == "yes":
        yield "visit_money", said("{day} 入户：称低保金被扣留、代领或平分", day=day)
    if row.receives in MONEY:
        yield "visit_money", said(MONEY[row.receives], day=day)
    if row.card_holder == "cadre":
        yield "visit_card", said("{day} 入户：一卡通由村干部或工作人员保管", day=day)
    if members is not None and members < row.persons:
        yield (
            "visit_members",
            said("{day} 入户看到 {seen} 人，名册 {listed} 人", day=day, seen=str(members), listed=str(row.persons)),
        )


def asset_signs(asked: Asked) -> Signs:
    """Yield property that somebody looked at or was told of in the house, one detail a thing."""
    rows = asked.session.execute(
        sa.select(
            Evidence.household_id, Evidence.received_at, Evidence.collected_at,
            Evidence.content["kind"].as_string().label("kind"),
            Evidence.content["value_fen"].as_string().label("value_fen"),
        )
        .where(*_of_households(asked, "asset"))
        .order_by(Evidence.received_at, Evidence.id)
    )  # fmt: skip
    for row in rows:
        if row.kind in ASSETS:
            value = _number(row.value_fen)
            words = said(ASSETS[row.kind], day=_day(row), value=UNVALUED if value is None else yuan(value))
            yield row.household_id, "asset_seen", words


def interview_signs(asked: Asked) -> Signs:
    """Yield what neighbours said against the household's own word; never who said it."""
    rows = asked.session.execute(
        sa.select(Evidence.household_id, Evidence.content).where(*_of_households(asked, "interview"))
    )
    for household, content in rows:
        for name, answer, words in TOLD:
            if content.get(name) == answer:
                yield _told(household, words)
        livelihood = content.get("livelihood", ())
        for name in [livelihood] if isinstance(livelihood, str) else livelihood:
            if name in LIVELIHOODS:
                yield _told(household, LIVELIHOODS[name])


def _told(household: Any, words: str) -> Sign:
    # no day: in a small village it would tell whom the surveyor was seen with
    return household, "neighbours", said(words)


def _of_households(asked: Asked, kind: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Evidence.county_code == asked.county_code,
        Evidence.kind == kind,
        Evidence.purpose == "township_visit",  # what the county's checks found is history, see `history_signs`
        Evidence.household_id.is_not(None),
    )


def _day(row: Any) -> str:
    moment: datetime = row.collected_at or row.received_at
    return day_of(moment)


def _number(text: str | None) -> int | None:
    try:
        return int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None  # a form of one's own may ask for it in words

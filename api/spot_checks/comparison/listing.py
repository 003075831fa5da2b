"""Pick from the compared households those that a supervisor wants to read next, the heaviest first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.reach import campaign_of_county
from api.spot_checks.commit import draws_of, frame_of, result_of
from api.spot_checks.comparison.reading import Compared, Compares
from api.spot_checks.rounds import Round, round_of
from api.spot_checks.tables import Draw

SHOWS: Final = {
    "compared": "已比对",
    "no_township": "县级已查、乡镇没有入户",
    "no_check": "乡镇已入户、等待抽查",
    "unreached": "抽查没有见到人",
}
RESULTS: Final = {
    "discrepant": "不一致",
    "consistent": "一致",
    "finding": "有新发现",
    "edited": "抽查到达后改过",
    "to_read": "不一致、主管还没有下结论",
    "overruled": "主管改了抽查员的结论",
}
ORDERS: Final[Mapping[str, Callable[[Compared], Any]]] = {
    "weight": lambda one: one.weight,
    "code": lambda one: one.outcome.household_code,
    "differing": lambda one: one.comparison.count("differs", "finding") if one.comparison else 0,
    "received": lambda one: one.county.received_at.timestamp() if one.county else 0,
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a reader wants to see; empty means everything."""

    show: str = "compared"
    township: str = ""
    surveyor: str = ""
    result: str = ""
    verdict: str = ""
    kind: str = ""
    text: str = ""
    order: str = "-weight"  # a key of `ORDERS`, with a minus the largest first


def pick(compares: Compares, wanted: Wanted) -> list[Compared]:
    """Return the households that are wanted, in the order that is wanted; equal ones by code."""
    rows = [one for one in compares.rows if shown_as(one) == wanted.show and _fits(one, wanted)]
    turned = wanted.order.startswith("-")
    return sorted(rows, key=ORDERS[wanted.order.removeprefix("-")], reverse=turned)


def shown_as(one: Compared) -> str:
    """Return the list a household belongs to: a key of `SHOWS`, or nothing where nobody has been yet."""
    if one.comparison is not None:
        return "compared"
    if one.outcome.counts:
        return "no_township"
    if one.outcome.state == "unreached":
        return "unreached"
    return "no_check" if one.township is not None and one.outcome.role == "base" else ""


def neighbours(rows: list[Compared], household_id: UUID) -> tuple[int, Compared | None, Compared | None]:
    """Return the place of a household in a list, from 1, with the one before and the one after; 0 when it is not."""
    place = next((at for at, one in enumerate(rows) if one.outcome.household_id == household_id), None)
    if place is None:
        return 0, None, rows[0] if rows else None
    before = rows[place - 1] if place else None
    after = rows[place + 1] if place + 1 < len(rows) else None
    return place + 1, before, after


def county_draw(session: Session, county_code: str, number: int | None = None) -> tuple[Draw | None, list[Draw]]:
    """Return a county's newest draw of its roll of which the dice are thrown, or any of a number, and all of them.

    Draws of the missed and a city's sub-rounds are shown when they are asked for.
    """
    campaign = campaign_of_county(session, county_code)
    made = draws_of(session, county_code, campaign.id) if campaign is not None else []
    drawn = [draw for draw in made if result_of(session, draw) is not None]
    if number is not None:
        return next((draw for draw in drawn if draw.number == number), None), drawn
    of_roll = [draw for draw in drawn if round_of(frame_of(session, draw)) == Round("on_roll")]
    return next(reversed(of_roll or drawn), None), drawn


def drawn_one(session: Session, draw_id: UUID) -> Draw | None:
    """Return a draw by its id alone: who may see what of it is for the caller to decide."""
    return session.scalar(sa.select(Draw).where(Draw.id == draw_id))


def _fits(one: Compared, wanted: Wanted) -> bool:
    outcome, judged = one.outcome, one.judged
    return (
        (not wanted.township or outcome.township_code == wanted.township)
        and (not wanted.surveyor or (one.township is not None and str(one.township.account_id) == wanted.surveyor))
        and (not wanted.verdict or (judged is not None and judged.verdict == wanted.verdict))
        and (not wanted.kind or (judged is not None and wanted.kind in judged.error_kinds))
        and (not wanted.text or wanted.text in outcome.household_code or wanted.text in one.head_name)
        and (not wanted.result or _RESULTS[wanted.result](one))
    )


_RESULTS: Final[Mapping[str, Callable[[Compared], bool]]] = {
    "discrepant": lambda one: one.discrepant,
    "consistent": lambda one: not one.discrepant,
    "finding": lambda one: one.comparison is not None and one.comparison.count("finding") > 0,
    "edited": lambda one: bool(one.edited_by_township or one.edited_by_checker),
    "to_read": lambda one: one.discrepant and (one.judged is None or one.judged.source == "checker"),
    "overruled": lambda one: (
        one.judged is not None and one.judged.source == "supervisor" and one.judged.verdict != one.outcome.verdict
    ),
}

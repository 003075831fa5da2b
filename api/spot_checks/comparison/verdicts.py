"""What each checked household comes to: the checker's verdict, or the supervisor's where one has read both visits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.stages import standard_for
from api.campaigns.tables import Campaign
from api.evidence.reading import CHINA
from api.people.tables import Account
from api.spot_checks.comparison.tables import Verdict
from api.spot_checks.outcomes import Outcome, outcomes_of
from api.spot_checks.tables import Draw

VERDICTS: Final = {  # as the checker's form has them
    "right": "符合条件，金额也对",
    "amount_high": "符合条件，金额偏高",
    "amount_low": "符合条件，金额偏低",
    "not_eligible": "不符合条件，应当退出",
    "cannot_tell": "不能判断",
}
MONTHS: Final = 12


@dataclass(frozen=True)
class Judged:
    """What became clear of one household.

    Attributes
    ----------
    verdict : str
        A key of `VERDICTS`.
    error_kinds : tuple of str
        As the checker's form names them, without ``none``.
    correct_fen_per_month : int or None
        What ought to be paid; None where nobody can say.
    source : {'checker', 'supervisor'}
        Whose verdict it is.
    by, at
        Who gave it and when it was given or arrived.
    """

    verdict: str
    error_kinds: tuple[str, ...]
    correct_fen_per_month: int | None
    source: Literal["checker", "supervisor"]
    by: UUID | None = None
    at: datetime | None = None


def verdicts_of(session: Session, draw: Draw, *, outcomes: Iterable[Outcome] | None = None) -> dict[UUID, Judged]:
    """Return the verdict of every household of a draw's list that has one, by household.

    A supervisor's goes before a checker's, the newest before older ones. A checker's counts where his visit counts
    (`Outcome.counts`).

    Parameters
    ----------
    outcomes : iterable of Outcome, optional
        Of this draw, when the caller has them already.

    Notes
    -----
    What ought to be paid, by the checker's verdict: ``right``, what is paid; ``not_eligible``, or a household that is
    gone, nothing; ``amount_high`` and ``amount_low``, what his visit comes to by the campaign's standard
    (`reckoned`); ``cannot_tell``, None. By the supervisor's: the same, but the amount he wrote down goes first.
    """
    decided = newest_verdicts(session, draw)
    campaign = session.get_one(Campaign, draw.campaign_id)
    found: dict[UUID, Judged] = {}
    for one in outcomes_of(session, draw) if outcomes is None else outcomes:
        if (row := decided.get(one.household_id)) is not None:
            found[one.household_id] = _by_supervisor(campaign, one, row)
        elif (judged := by_checker(campaign, one)) is not None:
            found[one.household_id] = judged
    return found


def by_checker(campaign: Campaign, one: Outcome) -> Judged | None:
    """Return what the checker's visit concludes, whatever a supervisor said; None when it concludes nothing."""
    gone = one.state == "gone"
    verdict = one.verdict or ("not_eligible" if gone else "")
    if not one.counts or verdict not in VERDICTS:
        return None
    amount = 0 if gone else _amount(campaign, one, verdict)
    return Judged(verdict, one.error_kinds, amount, "checker", one.account_id, one.received_at)


def newest_verdicts(session: Session, draw: Draw) -> dict[UUID, Verdict]:
    """Return the supervisors' newest verdict of each household that has one."""
    rows = session.scalars(
        sa.select(Verdict)
        .where(Verdict.county_code == draw.county_code, Verdict.draw_id == draw.id)
        .order_by(Verdict.at, Verdict.id)
    )
    return {row.household_id: row for row in rows}


def verdict_history(session: Session, draw: Draw, household_id: UUID) -> list[tuple[Verdict, str]]:
    """Return all verdicts that supervisors gave of a household, each with who gave it, the newest first."""
    rows = session.execute(
        sa.select(Verdict, Account.display_name)
        .join(Account, Account.id == Verdict.by_id)
        .where(
            Verdict.county_code == draw.county_code,
            Verdict.draw_id == draw.id,
            Verdict.household_id == household_id,
        )
        .order_by(Verdict.at.desc(), Verdict.id.desc())
    )
    return [(row, name) for row, name in rows]


def reckoned(campaign: Campaign, one: Outcome) -> int | None:
    """Return the fen per month that the checker's visit comes to: what is missing to the standard, times the members.

    None when the visit says no income or members, or the campaign names no standard.
    """
    scheme = one.stratum.split("|")[1]
    year = one.received_at.astimezone(CHINA).year if one.received_at else 0
    standard = standard_for(campaign, one.village_code, scheme, year)
    return entitlement(standard, one.content)


def entitlement(standard_fen_per_person_year: int | None, content: Mapping[str, Any]) -> int | None:
    """Return (standard - income) x members / 12 in whole fen, halves up; never below nought.

    Examples
    --------
    >>> entitlement(486_000, {"income_fen_per_person_year": 366_000, "members_count": 3})
    30000
    >>> entitlement(486_000, {"income_fen_per_person_year": 900_000, "members_count": 3})
    0
    >>> entitlement(486_000, {"members_count": 3}) is None
    True
    """
    income, members = content.get("income_fen_per_person_year"), content.get("members_count")
    if standard_fen_per_person_year is None or not isinstance(income, int) or not isinstance(members, int):
        return None
    gap = max(0, standard_fen_per_person_year - income)
    return (2 * gap * max(0, members) + MONTHS) // (2 * MONTHS)


def _amount(campaign: Campaign, one: Outcome, verdict: str) -> int | None:
    match verdict:
        case "right":
            return one.paid_fen_per_month
        case "not_eligible":
            return 0
        case "cannot_tell":
            return None
    return reckoned(campaign, one)


def _by_supervisor(campaign: Campaign, one: Outcome, row: Verdict) -> Judged:
    amount = row.correct_fen_per_month
    if amount is None:
        amount = _amount(campaign, one, row.verdict)
    return Judged(row.verdict, tuple(row.error_kinds), amount, "supervisor", row.by_id, row.at)

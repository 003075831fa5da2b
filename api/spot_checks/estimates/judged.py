"""What each check concludes of its household, and what would have been right to pay by what the checker saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from api.campaigns.stages import standard_for
from api.campaigns.tables import Campaign
from api.spot_checks.outcomes import COUNTS, Outcome, outcomes_of
from api.spot_checks.tables import Draw

VERDICTS: Final = ("right", "amount_high", "amount_low", "not_eligible", "cannot_tell")
MONTHS: Final = 12


@dataclass(frozen=True)
class Judged:
    """One household's verdict.

    Attributes
    ----------
    verdict : str
        ``right``, ``amount_high``, ``amount_low``, ``not_eligible`` or ``cannot_tell``.
    error_kinds : tuple of str
        As the form names them.
    correct_fen_per_month : int or None
        What should be paid; None where the visit cannot tell.
    source : {'checker', 'supervisor'}
        Whose verdict it is.
    """

    verdict: str
    error_kinds: tuple[str, ...]
    correct_fen_per_month: int | None
    source: Literal["checker", "supervisor"]


def verdicts_of(session: Session, draw: Draw) -> dict[UUID, Judged]:
    """Return the checkers' verdicts on the households of a draw that were visited with a result, by household id."""
    campaign = session.get_one(Campaign, draw.campaign_id)
    year = draw.committed_at.year
    standards: dict[tuple[str, str], int | None] = {}
    found = {}
    for one in outcomes_of(session, draw):
        if one.state not in COUNTS:
            continue
        scheme = one.stratum.split("|")[1]
        place = (one.township_code, scheme)
        if place not in standards:
            standards[place] = standard_for(campaign, one.township_code, scheme, year)
        found[one.household_id] = judge(one, standards[place])
    return found


def judge(one: Outcome, standard_fen: int | None) -> Judged:
    """Return the verdict on one household that counts as checked.

    Parameters
    ----------
    standard_fen : int or None
        The income line per person and year.
    """
    verdict = one.verdict if one.verdict in VERDICTS else "cannot_tell"
    if one.state == "gone":
        verdict = "not_eligible"
    correct = None
    if verdict == "not_eligible":
        correct = 0
    elif verdict == "right":
        correct = one.paid_fen_per_month
    elif verdict != "cannot_tell" and standard_fen is not None:
        correct = reckon(one.content, standard_fen)
    return Judged(verdict, one.error_kinds, correct, "checker")


def reckon(content: Mapping[str, Any], standard_fen: int) -> int | None:
    """Return the allowance per month that fills the gap between a visit's income and the standard; None if unknown.

    Examples
    --------
    >>> reckon({"income_fen_per_person_year": 200_000, "members_count": 3}, 444_000)
    61000
    >>> reckon({"income_fen_per_person_year": 500_000, "members_count": 3}, 444_000)
    0
    >>> reckon({"members_count": 3}, 444_000)
    """
    income, members = content.get("income_fen_per_person_year"), content.get("members_count")
    if not isinstance(income, int) or not isinstance(members, int):
        return None
    return max(0, standard_fen - income) * members // MONTHS

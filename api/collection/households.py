"""Which household or village a submission speaks of, whose area that is, and whether it is the township's or a check.

The words below are the evidence convention's: any form that uses them is understood.
"""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Assignment, Submission
from api.database import now
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.roles import GRANTED, Permission, Role
from api.registry.tables import Division, Household
from survey_forms.evidence import records
from survey_forms.submission import Submission as Answers

HOUSEHOLD_FIELD = "household"  # the evidence field that names the household, whatever the record's kind
VILLAGE_FIELD = "village"  # the same of the village, for what is seen of a village as a whole
LONGEST_CODE = 32
VISIT_KINDS = {"township_visit": {"visit", "missed"}, "spot_check": {"visit"}}  # what completes an assignment
Flag = dict[str, Any]

# Made once and run past the mapper: every submission asks and says this.
HOUSEHOLD: Final = sa.select(
    Household.id,
    Household.village_code,
    sa.exists()
    .where(
        Assignment.county_code == Household.county_code,
        Assignment.household_id == Household.id,
        Assignment.account_id == sa.bindparam("account_id"),
        Assignment.purpose == "spot_check",
        Assignment.withdrawn_at.is_(None),
    )
    .label("is_checked_by_sender"),
).where(Household.county_code == sa.bindparam("county_code"), Household.code == sa.bindparam("code"))
COMPLETE: Final = (
    sa.update(Assignment)
    .where(
        Assignment.county_code == sa.bindparam("in_county"),
        Assignment.account_id == sa.bindparam("whose"),
        Assignment.household_id == sa.bindparam("household"),
        Assignment.purpose == sa.bindparam("visited_for"),
        Assignment.withdrawn_at.is_(None),
        Assignment.completed_at.is_(None),
    )
    .values(completed_at=sa.bindparam("moment"))
)


def household_code(answers: Answers) -> str | None:
    """Return the household code that was answered, None when there is none.

    One named inside a repeat is that row's own, as in a vote on each household of a village.
    """
    return _named(answers, HOUSEHOLD_FIELD)


def village_code(answers: Answers) -> str | None:
    """Return the village code that was answered, None when there is none."""
    return _named(answers, VILLAGE_FIELD)


def _named(answers: Answers, field: str) -> str | None:
    for found in records(answers):
        if not found.position and (value := found.value(field)) is not None:
            return str(value).strip()[:LONGEST_CODE] or None
    return None


def find_household(session: Session, county_code: str, code: str) -> Household | None:
    """Return a household by its code, None when the registry has none of this code in the county."""
    return session.scalar(
        sa.select(Household).where(Household.county_code == county_code, Household.code == code)
    )  # fmt: skip


def county_of(sender: Viewer, code: str | None) -> str:
    """Return the county a submission belongs to: the sender's; for wider areas the one a household or village names.

    Examples
    --------
    >>> from uuid import UUID
    >>> def worker(area):
    ...     return Viewer(account_id=UUID(int=1), name="w", display_name="w", grants=((Role.SURVEYOR, area),))
    >>> county_of(worker("540222100"), "540221100201-0001"), county_of(worker("5402"), "540221100201-0001")
    ('540222', '540221')
    """
    areas = sender.areas(Permission.SUBMISSION_SEND)
    counties = {area[:COUNTY_LENGTH] for area in areas}
    if len(counties) == 1 and len(county := next(iter(counties))) == COUNTY_LENGTH:
        return county
    named = (code or "")[:COUNTY_LENGTH]
    is_county = len(named) == COUNTY_LENGTH and named.isascii() and named.isdigit()
    if is_county and (named in counties or sender.may(Permission.SUBMISSION_SEND, named)):
        return named
    return areas[0].ljust(COUNTY_LENGTH, "0")[:COUNTY_LENGTH]


def locate(
    session: Session, submission: Submission, answers: Answers, sender: Viewer, *, again: bool = False
) -> list[Flag]:
    """Write down which household and village a submission is of, and for which purpose; return what is doubtful.

    A household or village outside the sender's area is never refused, only flagged: what was seen may be true and the
    area wrong.

    Parameters
    ----------
    again
        The submission arrived earlier: the purpose and the village that were concluded from the sender's roles and
        areas stay, he may hold others by now.
    """
    code, village = household_code(answers), village_code(answers)
    areas = sender.areas(Permission.SUBMISSION_SEND) or ("",)
    household = None
    if code is not None:
        asked = {"county_code": submission.county_code, "code": code, "account_id": submission.account_id}
        household = session.connection().execute(HOUSEHOLD, asked).one_or_none()
    place: str | None = None
    if household is not None:
        place = household.village_code
    elif village is not None and _is_village(session, submission.county_code, village):
        place = village
    submission.household_code = code
    submission.household_id = household.id if household is not None else None
    if place is not None or not again:
        submission.village_code = place or areas[0]
    if household is not None and household.is_checked_by_sender:
        submission.purpose = "spot_check"
    elif not again:
        submission.purpose = _purpose_of(sender)
    if any(found.kind in VISIT_KINDS[submission.purpose] for found in records(answers)):
        _complete(session, submission)
    return list(_doubts(code, village, place, known=household is not None, areas=areas))


def _doubts(
    code: str | None, village: str | None, place: str | None, *, known: bool, areas: tuple[str, ...]
) -> Iterator[Flag]:
    """Yield what is doubtful about where a submission belongs."""
    if code is not None and not known:
        yield {"from": "reading", "kind": "unknown-household", "text": code}
    elif place is None:
        kind = "unknown-village" if village else "no-household"
        yield {"from": "reading", "kind": kind, "text": village or ""}
    if place is not None and not any(place.startswith(area) for area in areas):
        yield {"from": "reading", "kind": "outside-area", "text": code or place}


def _is_village(session: Session, county_code: str, code: str) -> bool:
    known = sa.select(Division.code).where(Division.code == code, Division.level == "village")
    return code.startswith(county_code) and session.scalar(known) is not None


def _purpose_of(sender: Viewer) -> str:
    """Tell a check from a township's visit by the sender's roles, where no assignment tells it."""
    senders = {role for role in sender.roles if Permission.SUBMISSION_SEND in GRANTED[role]}
    return "spot_check" if senders == {Role.SPOT_CHECKER} else "township_visit"


def _complete(session: Session, submission: Submission) -> None:
    """Mark the sender's own assignment of the household as done: his visit is in, he need not be blind any more."""
    if submission.household_id is None:
        return
    session.connection().execute(
        COMPLETE,
        {
            "in_county": submission.county_code,
            "whose": submission.account_id,
            "household": submission.household_id,
            "visited_for": submission.purpose,
            "moment": now(),
        },
    )

"""Which household or village a submission speaks of, whose area that is, and whether it is the township's or a check.

The words below are the evidence convention's: any form that uses them is understood.
"""

from typing import Any

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


def locate(session: Session, submission: Submission, answers: Answers, sender: Viewer) -> list[Flag]:
    """Write down which household and village a submission is of, and for which purpose; return what is doubtful.

    A household or village outside the sender's area is never refused, only flagged: what was seen may be true and the
    area wrong.
    """
    code, village = household_code(answers), village_code(answers)
    areas = sender.areas(Permission.SUBMISSION_SEND) or ("",)
    household = find_household(session, submission.county_code, code) if code is not None else None
    place: str | None = None
    if household is not None:
        place = household.village_code
    elif village is not None and _is_village(session, submission.county_code, village):
        place = village
    submission.household_code = code
    submission.household_id = household.id if household is not None else None
    submission.village_code = place or areas[0]
    flags: list[Flag] = []
    if code is not None and household is None:
        flags.append({"from": "reading", "kind": "unknown-household", "text": code})
    elif place is None:
        kind = "unknown-village" if village else "no-household"
        flags.append({"from": "reading", "kind": kind, "text": village or ""})
    if place is not None and not any(place.startswith(area) for area in areas):
        flags.append({"from": "reading", "kind": "outside-area", "text": code or place})
    submission.purpose = _purpose(session, submission, sender)
    if any(found.kind in VISIT_KINDS[submission.purpose] for found in records(answers)):
        _complete(session, submission)
    return flags


def _is_village(session: Session, county_code: str, code: str) -> bool:
    known = sa.select(Division.code).where(Division.code == code, Division.level == "village")
    return code.startswith(county_code) and session.scalar(known) is not None


def _purpose(session: Session, submission: Submission, sender: Viewer) -> str:
    """Tell a check from a township's visit: by the assignment, else by the role."""
    if submission.household_id is not None:
        checks = sa.select(Assignment.id).where(
            *_own_assignments(submission), Assignment.purpose == "spot_check", Assignment.withdrawn_at.is_(None)
        )
        if session.scalar(checks.limit(1)) is not None:
            return "spot_check"
    senders = {role for role in sender.roles if Permission.SUBMISSION_SEND in GRANTED[role]}
    return "spot_check" if senders == {Role.SPOT_CHECKER} else "township_visit"


def _complete(session: Session, submission: Submission) -> None:
    """Mark the sender's own assignment of the household as done: his visit is in, he need not be blind any more."""
    if submission.household_id is None:
        return
    session.execute(
        sa.update(Assignment)
        .where(
            *_own_assignments(submission),
            Assignment.purpose == submission.purpose,
            Assignment.withdrawn_at.is_(None),
            Assignment.completed_at.is_(None),
        )
        .values(completed_at=now())
    )


def _own_assignments(submission: Submission) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Assignment.county_code == submission.county_code,
        Assignment.account_id == submission.account_id,
        Assignment.household_id == submission.household_id,
    )

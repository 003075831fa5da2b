"""Which household a submission speaks of, whose area that is, and whether it is the township's visit or a check."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Assignment, Submission
from api.database import now
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.roles import GRANTED, Permission, Role
from api.registry.tables import Household
from survey_forms.evidence import records
from survey_forms.submission import Submission as Answers

HOUSEHOLD_FIELD = "household"  # the evidence field that names the household, whatever the record's kind
LONGEST_CODE = 32
Flag = dict[str, Any]

# Made once and run past the mapper: every new submission asks and says this.
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
    .label("checked"),
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


@dataclass(frozen=True, kw_only=True)
class Located:
    """Where a submission belongs.

    Attributes
    ----------
    household_code, household_id
        As answered; the id is None when the registry knows no such code.
    village_code
        Of the household, or the sender's area.
    purpose
        The township's visit or a spot check.
    flags
        What is doubtful.
    """

    household_code: str | None
    household_id: UUID | None
    village_code: str
    purpose: str
    flags: tuple[Flag, ...] = ()


def household_code(answers: Answers) -> str | None:
    """Return the household code that was answered, None when there is none."""
    for found in records(answers):
        if (value := found.value(HOUSEHOLD_FIELD)) is not None:
            return str(value).strip()[:LONGEST_CODE] or None
    return None


def county_of(sender: Viewer, code: str | None) -> str:
    """Return the county a submission belongs to: the sender's; for wider areas the one the household code names.

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


def look_up(session: Session, county_code: str, answers: Answers, sender: Viewer) -> Located:
    """Find out which household and village answers are of, and for which purpose.

    A household outside the sender's area is never refused, only flagged: the visit may be true and the area wrong.
    """
    code = household_code(answers)
    areas = sender.areas(Permission.SUBMISSION_SEND) or ("",)
    found = None
    if code is not None:
        asked = {"county_code": county_code, "code": code, "account_id": sender.account_id}
        found = session.connection().execute(HOUSEHOLD, asked).one_or_none()
    senders = {role for role in sender.roles if Permission.SUBMISSION_SEND in GRANTED[role]}
    # by the assignment, else by the role
    is_check = (found is not None and found.checked) or senders == {Role.SPOT_CHECKER}
    purpose = "spot_check" if is_check else "township_visit"
    if found is None:
        flag = {"from": "reading", "kind": "unknown-household" if code else "no-household", "text": code or ""}
        return Located(
            household_code=code, household_id=None, village_code=areas[0], purpose=purpose, flags=(flag,)
        )  # fmt: skip
    outside = not any(found.village_code.startswith(area) for area in areas)
    return Located(
        household_code=code,
        household_id=found.id,
        village_code=found.village_code,
        purpose=purpose,
        flags=({"from": "reading", "kind": "outside-area", "text": code},) if outside else (),
    )


def locate(session: Session, submission: Submission, answers: Answers, sender: Viewer) -> tuple[Flag, ...]:
    """Write down where a submission belongs, now or again; return what is doubtful."""
    located = look_up(session, submission.county_code, answers, sender)
    submission.household_code = located.household_code
    submission.household_id = located.household_id
    submission.village_code = located.village_code
    submission.purpose = located.purpose
    complete(session, submission, answers)
    return located.flags


def complete(session: Session, submission: Submission, answers: Answers) -> None:
    """Mark the sender's own assignment of the household as done: his visit is in, he need not be blind any more."""
    if submission.household_id is None or not any(found.kind == "visit" for found in records(answers)):
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

"""Propose what a visit would change, once per version of a submission; again as often as its bytes are read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.registry.proposals.difference import Difference, Visited, difference
from api.registry.proposals.tables import HouseholdProposal
from api.registry.secrecy import Secrecy
from api.registry.tables import Household


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Where proposals come from: the present version of a submission."""

    county_code: str
    submission_id: UUID
    instance_id: str
    account_id: UUID
    received_at: datetime


def propose(
    session: Session, visit: Visit, visited: Sequence[Visited], *, secrecy: Callable[[], Secrecy]
) -> list[HouseholdProposal]:
    """Keep what a visit says otherwise than the roll, for a person to decide.

    What was decided stays decided. What an earlier version of the submission proposed and nobody has decided, and
    what this version proposes no more, is superseded.

    Returns
    -------
    list of HouseholdProposal
        Those of this version, decided or not.
    """
    before = session.scalars(
        sa.select(HouseholdProposal)
        .where(
            HouseholdProposal.county_code == visit.county_code,
            HouseholdProposal.submission_id == visit.submission_id,
        )
        .with_for_update()
    ).all()
    present = {row.household_id: row for row in before if row.instance_id == visit.instance_id}
    kept = []
    for one in visited:
        household = session.get_one(Household, (visit.county_code, one.household_id))
        row = present.get(household.id)
        if row is not None and row.decided_at is not None:
            kept.append(row)
        elif found := difference(session, household, one, secrecy):
            row = row or _begun(session, visit, household, one)
            _say(row, household, found)
            kept.append(row)
    for row in before:
        if row.state == "open" and row not in kept:
            row.state = "superseded"
    session.flush()
    return kept


def _begun(session: Session, visit: Visit, household: Household, one: Visited) -> HouseholdProposal:
    known = one.trunk_version if one.trunk_version is not None else one.base_version
    row = HouseholdProposal(
        county_code=visit.county_code,
        household_id=household.id,
        household_code=household.code,
        account_id=visit.account_id,
        submission_id=visit.submission_id,
        instance_id=visit.instance_id,
        received_at=visit.received_at,
        base_version=one.base_version,
        # no phone can have seen more than there is
        seen_version=household.version if known is None else min(known, household.version),
        before={},
        before_phone_sealed=household.phone_sealed,
    )
    session.add(row)
    return row


def _say(row: HouseholdProposal, household: Household, found: Difference) -> None:
    row.village_code = household.village_code
    row.before = {**found.before, **row.before}  # what the roll said when it was first proposed
    row.after, row.phone_sealed, row.distance_m = found.after, found.phone_sealed, found.distance_m
    row.changes = " ".join(found.fields)
    row.state = "open"

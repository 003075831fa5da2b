"""Write down an act: its row, the assignments it began and ended, and who got or lost what in the audit log."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.assignments.reach import in_parts
from api.collection.assignments.tables import ActItem, AssignmentAct
from api.collection.tables import Assignment
from api.database import now
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.audit import record
from api.people.tables import Account
from api.registry.tables import Household

DIVISION_LENGTHS = (12, 9, COUNTY_LENGTH)


@dataclass
class Changes:
    """What an act does: assignments begun, and assignments ended."""

    begun: list[Assignment] = field(default_factory=list)
    ended: list[Assignment] = field(default_factory=list)


def write_act(
    session: Session, viewer: Viewer, kind: str, changes: Changes, *, area: str = "", worker: Account | None = None,
    **details: Any,
) -> AssignmentAct:  # fmt: skip
    """Carry out changes and write them down as one act.

    Parameters
    ----------
    kind : str
        One of `api.collection.assignments.tables.ACT_KINDS`.
    changes
        Assignments not yet in the session, and open ones to be ended.
    area : str
        A division code, when the act may have no household at all.
    worker
        Who is stopped by it.
    **details
        JSON values for the page that tells what was done.
    """
    everything = [*changes.begun, *changes.ended]
    county = everything[0].county_code if everything else area[:COUNTY_LENGTH]
    codes = codes_of(session, county, {one.household_id for one in everything})
    act = AssignmentAct(
        county_code=county,
        kind=kind,
        area_code=narrowest([village_of(code) for code in codes.values()]) or area,
        checks=any(one.purpose == "spot_check" for one in everything),
        worker_id=worker.id if worker else None,
        by_id=viewer.account_id,
    )
    session.add(act)
    moment = now()
    for one in changes.ended:
        one.withdrawn_at = moment
    session.flush()  # the places must be free before they are taken again
    session.add_all(changes.begun)
    session.flush()
    for effect, ones in (("ended", changes.ended), ("begun", changes.begun)):
        session.add_all(ActItem(county_code=county, act_id=act.id, assignment_id=one.id, effect=effect) for one in ones)
        for account_id, households in by_worker(ones, codes).items():
            record(
                session, viewer, f"assignment.{effect}", "assignment_act", act.id, division_code=county, act=kind,
                worker=str(account_id), households=households,
            )  # fmt: skip
    act.details = {**details, "begun": _counts(changes.begun), "ended": _counts(changes.ended)}
    session.flush()
    return act


def narrowest(codes: Iterable[str]) -> str:
    """Return the smallest division that holds all of these, empty for none.

    Examples
    --------
    >>> narrowest(["540222100201", "540222100202"]), narrowest(["540222100201"]), narrowest([])
    ('540222100', '540222100201', '')
    """
    codes = list(codes)
    for length in DIVISION_LENGTHS:
        if len({code[:length] for code in codes}) == 1:
            return codes[0][:length]
    return ""


def village_of(household_code: str) -> str:
    """Return the village part of a household code."""
    return household_code.partition("-")[0]


def codes_of(session: Session, county_code: str, households: Iterable[UUID]) -> dict[UUID, str]:
    """Return the codes of households, by their ids."""
    found: dict[UUID, str] = {}
    for some in in_parts(sorted(households)):
        statement = sa.select(Household.id, Household.code)
        found.update(
            session.execute(statement.where(Household.county_code == county_code, Household.id.in_(some))).all()
        )
    return found


def by_worker(ones: Iterable[Assignment], codes: dict[UUID, str]) -> dict[UUID, list[str]]:
    """Return the codes of the households of some assignments for each worker, sorted."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for one in ones:
        found[one.account_id].append(codes[one.household_id])
    return {account_id: sorted(households) for account_id, households in found.items()}


def _counts(ones: Iterable[Assignment]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for one in ones:
        found[str(one.account_id)] += 1
    return dict(found)

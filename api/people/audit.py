"""Write down who did what, when, on which object; the rows are sealed into a chain by `sealing`."""

from typing import Any

from sqlalchemy.orm import Session

from api.database import insert_at_once
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.tables import AuditEntry

NO_COUNTY = "000000"  # the chain of what belongs to no county: accounts of the city, settings of the system


def record(
    session: Session,
    viewer: Viewer | None,
    action: str,
    object_kind: str,
    object_id: object,
    *,
    division_code: str = "",
    **details: Any,
) -> None:
    """Add one entry to the log, in the caller's transaction: what is rolled back was not done.

    Parameters
    ----------
    viewer : Viewer or None
        Who did it; None means the system itself.
    action : str
        What was done, ``noun.verb``: ``draw.commit``, ``household.unmask``.
    object_kind, object_id
        On what.
    division_code : str
        Any division code of the object; its first six digits name the chain.
    **details
        JSON values that explain the action; never an identity number, a phone or a card.
    """
    county = division_code[:COUNTY_LENGTH] if len(division_code) >= COUNTY_LENGTH else NO_COUNTY
    insert_at_once(
        session,
        AuditEntry,
        [
            {
                "county_code": county,
                "actor_id": viewer.account_id if viewer else None,
                "actor_name": viewer.name if viewer else "系统",
                "action": action,
                "object_kind": object_kind,
                "object_id": str(object_id),
                "details": details,
            }
        ],
    )

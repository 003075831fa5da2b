"""Which households a person is to check himself and has not yet: of these he sees nothing that others sent."""

import sqlalchemy as sa

from api.collection.tables import Assignment
from api.people.access import Viewer
from api.people.roles import GRANTED, Permission, Role
from api.registry.tables import Household


def check_is_open(
    viewer: Viewer, county_code: sa.SQLColumnExpression[str], household_id: sa.SQLColumnExpression[object]
) -> sa.ColumnElement[bool]:
    """Return the condition that a row speaks of a household whose spot check by the viewer is open.

    Parameters
    ----------
    county_code, household_id
        The row's.
    """
    return sa.exists().where(
        Assignment.county_code == county_code,
        Assignment.household_id == household_id,
        *open_check_of(viewer),
    )


def check_of_code_is_open(viewer: Viewer, household_code: sa.SQLColumnExpression[str | None]) -> sa.ColumnElement[bool]:
    """Return the same condition for a row that knows the household by its code only."""
    to_check = (
        sa.select(Household.code)
        .join(
            Assignment,
            sa.and_(Assignment.county_code == Household.county_code, Assignment.household_id == Household.id),
        )
        .where(*open_check_of(viewer))
    )
    return sa.and_(household_code.is_not(None), household_code.in_(to_check))


def reads_evidence(viewer: Viewer, village_code: str) -> bool:
    """Tell whether a person may read evidence of a village by another role than that of a spot checker.

    A checker's own reading depends on the household; `api.evidence.visible` knows.
    """
    return any(
        Permission.EVIDENCE_READ in GRANTED[role] and role is not Role.SPOT_CHECKER and village_code.startswith(area)
        for role, area in viewer.grants
    )


def open_check_of(viewer: Viewer) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions on `Assignment` that it is a spot check of the viewer which is still to be made."""
    return (
        Assignment.account_id == viewer.account_id,
        Assignment.purpose == "spot_check",
        Assignment.withdrawn_at.is_(None),
        Assignment.completed_at.is_(None),
    )

"""Which evidence a person may see: the one condition for every reader of evidence, or of what follows from it."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from api.collection.blindness import check_is_open, open_check_of
from api.collection.tables import Assignment, Submission
from api.evidence.tables import Evidence
from api.people.access import Viewer, inside
from api.people.roles import GRANTED, Permission, Role
from api.registry.proposals.tables import HouseholdProposal
from api.registry.tables import Household

Rows = type[Evidence] | type[Submission] | type[HouseholdProposal]


def visible_evidence(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Return the condition on `Evidence` that keeps out what this person may not see.

    Three rules:

    1. The area: a row's village lies within an area in which the person may read evidence.
    2. Blindness by assignment: who has an open spot check of a household (neither withdrawn nor done) sees nobody
       else's evidence of it, whatever else the person is.
    3. Blindness by role: where a person reaches a row only as a spot checker, he sees his own evidence, and that
       of households his own check of which has arrived.

    Returns
    -------
    ColumnElement
        For ``select(Evidence).where(…)``. It looks at `Evidence` itself, not at an alias.

    Examples
    --------
    >>> from uuid import UUID
    >>> nobody = Viewer(account_id=UUID(int=1), name="n", display_name="n", grants=())
    >>> print(visible_evidence(nobody))  # no role, no row
    false
    """
    return visible_rows(viewer, Evidence)


def visible_submissions(viewer: Viewer, permission: Permission) -> sa.ColumnElement[bool]:
    """Return the same condition on `Submission`, for areas in which a permission is held.

    It reaches submissions that show no evidence as well: those of a form that declares none, or not derived yet.
    """
    return visible_rows(viewer, Submission, permission)


def open_checks(viewer: Viewer) -> sa.Select[UUID, str]:
    """Return the statement for id and code of the households of which a person has an open spot check."""
    return (
        sa.select(Household.id, Household.code)
        .join(
            Assignment,
            sa.and_(Assignment.county_code == Household.county_code, Assignment.household_id == Household.id),
        )
        .where(*open_check_of(viewer))
        .distinct()
    )


def is_blind(session: Session, viewer: Viewer) -> bool:
    """Tell whether a person may see less evidence than lies in his areas: a checker, or who has an open check."""
    checker = any(role is Role.SPOT_CHECKER for role, _ in viewer.grants)
    return checker or session.execute(open_checks(viewer).limit(1)).first() is not None


def visible_rows(
    viewer: Viewer, rows: Rows, permission: Permission = Permission.EVIDENCE_READ
) -> sa.ColumnElement[bool]:
    """Return the condition of `visible_evidence` on rows that were made of evidence, or that it was made of."""
    own = rows.account_id == viewer.account_id
    readers = [(role, area) for role, area in viewer.grants if permission in GRANTED[role]]
    if not readers:
        return sa.false()
    otherwise = {area for role, area in readers if role is not Role.SPOT_CHECKER}
    as_checker = {area for role, area in readers if role is Role.SPOT_CHECKER}
    reached = inside(rows.village_code, otherwise)
    if as_checker:
        checked = sa.or_(own, _own_check_is_in(viewer, rows))
        reached = sa.or_(reached, sa.and_(inside(rows.village_code, as_checker), checked))
    return sa.and_(reached, sa.or_(own, sa.not_(check_is_open(viewer, rows.county_code, rows.household_id))))


def _own_check_is_in(viewer: Viewer, rows: Rows) -> sa.ColumnElement[bool]:
    check = aliased(Evidence)
    return sa.exists().where(
        check.county_code == rows.county_code,
        check.household_id == rows.household_id,
        check.account_id == viewer.account_id,
        check.purpose == "spot_check",
        check.kind == "visit",
    )

"""Which evidence a person may see: the one condition that every reader of evidence goes through."""

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from api.collection.blindness import check_is_open
from api.evidence.tables import Evidence
from api.people.access import Viewer, inside
from api.people.roles import GRANTED, Permission, Role


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
    own = Evidence.account_id == viewer.account_id
    readers = [(role, area) for role, area in viewer.grants if Permission.EVIDENCE_READ in GRANTED[role]]
    if not readers:
        return sa.false()
    otherwise = {area for role, area in readers if role is not Role.SPOT_CHECKER}
    as_checker = {area for role, area in readers if role is Role.SPOT_CHECKER}
    reached = sa.or_(
        inside(Evidence.village_code, otherwise),
        sa.and_(inside(Evidence.village_code, as_checker), sa.or_(own, _own_check_is_in(viewer))),
    )
    return sa.and_(reached, sa.or_(own, sa.not_(check_is_open(viewer, Evidence.county_code, Evidence.household_id))))


def _own_check_is_in(viewer: Viewer) -> sa.ColumnElement[bool]:
    check = aliased(Evidence)
    return sa.exists().where(
        check.county_code == Evidence.county_code,
        check.household_id == Evidence.household_id,
        check.account_id == viewer.account_id,
        check.purpose == "spot_check",
        check.kind == "visit",
    )

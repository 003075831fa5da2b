"""Which assignments and visits belong to a city's sub-round, and which to the county's own rounds.

A household of a sub-round is visited twice for a check: by the county, and again for the city. Neither visit may
decide in the other's draw, or the county's result would be overwritten by the visit that examines it.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Assignment
from api.evidence.tables import Evidence
from api.people.access import COUNTY_LENGTH
from api.people.roles import Role
from api.people.tables import Account, RoleGrant
from api.spot_checks.tables import Draw, Frame, Recheck


def assigned_in(draw: Draw) -> sa.ColumnElement[bool]:
    """Return the condition that an `Assignment` was given in the round of a draw: the city's, or the county's."""
    same = (Recheck.county_code == Assignment.county_code, Recheck.assignment_id == Assignment.id)
    return _in_round(draw, *same)


def seen_in(draw: Draw) -> sa.ColumnElement[bool]:
    """Return the condition that an `Evidence` was brought by a checker of the round of a draw."""
    same = (
        Recheck.county_code == Evidence.county_code,
        Recheck.household_id == Evidence.household_id,
        Recheck.account_id == Evidence.account_id,
    )
    return _in_round(draw, *same)


def city_checkers(session: Session, county_code: str) -> list[Account]:
    """Return the active spot checkers whose area lies above a county and holds it, by name."""
    above = [county_code[:length] for length in (2, 4)]
    grant = sa.and_(
        RoleGrant.account_id == Account.id, RoleGrant.role == Role.SPOT_CHECKER, RoleGrant.area_code.in_(above)
    )
    return list(
        session.scalars(sa.select(Account).where(Account.active, sa.exists().where(grant)).order_by(Account.name))
    )


def is_of_city(account: Account, county_code: str) -> bool:
    """Tell whether an account checks for an authority above a county."""
    return any(
        grant.role == Role.SPOT_CHECKER
        and len(grant.area_code) < COUNTY_LENGTH
        and county_code.startswith(grant.area_code)
        for grant in account.grants
    )


def _in_round(draw: Draw, *same: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    subround = sa.exists().where(
        Frame.county_code == draw.county_code, Frame.id == draw.frame_id, Frame.within_draw_id.is_not(None)
    )
    of_city = sa.exists().where(*same)
    return sa.or_(sa.and_(subround, sa.exists().where(*same, Recheck.draw_id == draw.id)), sa.and_(~subround, ~of_city))

"""Read the list of a draw the way a person goes: township by township, village by village, household by household."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Assignment
from api.people.access import inside
from api.people.tables import Account
from api.registry.tables import Division
from api.spot_checks.commit import frame_of
from api.spot_checks.lists.tables import Replacement
from api.spot_checks.recheck import assigned_in
from api.spot_checks.tables import Draw, FrameUnit, Selection

ROLES = {"base": "正选", "reserve": "备选"}


def selected(draw: Draw, *, area: str = "", role: str = "") -> sa.Select[*tuple[Any, ...]]:
    """Return the statement for a draw's list with what the frame says of each household.

    Parameters
    ----------
    area : str
        A township's or village's code; empty for all.
    role : str
        ``base`` or ``reserve``; empty for both.

    Returns
    -------
    Select
        Rows with the columns of `api.spot_checks.schemas.SelectionSchema`.
    """
    in_frame = sa.and_(
        FrameUnit.county_code == Selection.county_code,
        FrameUnit.frame_id == draw.frame_id,
        FrameUnit.leaf == Selection.leaf,
    )
    conditions = [Selection.county_code == draw.county_code, Selection.draw_id == draw.id]
    if area:
        conditions.append(inside(Selection.village_code, [area]))
    if role:
        conditions.append(Selection.role == role)
    return (
        sa.select(
            Selection.leaf,
            Selection.household_id,
            Selection.household_code,
            Selection.village_code,
            Selection.stratum,
            Selection.role,
            Selection.position,
            Selection.inclusion_n,
            Selection.inclusion_of,
            FrameUnit.head_name,
            FrameUnit.reasons,
            FrameUnit.longitude,
            FrameUnit.latitude,
        )
        .join(FrameUnit, in_frame)
        .where(*conditions)
        .order_by(Selection.village_code, Selection.role, Selection.household_code)
    )


def on_list(draw: Draw) -> sa.ColumnElement[bool]:
    """Return the condition that a `Selection` is to be visited: drawn into the base list, or released as a reserve."""
    released = sa.exists().where(
        Replacement.county_code == Selection.county_code,
        Replacement.draw_id == Selection.draw_id,
        Replacement.released_leaf == Selection.leaf,
    )
    return sa.and_(
        Selection.county_code == draw.county_code,
        Selection.draw_id == draw.id,
        sa.or_(Selection.role == "base", released),
    )


def how_many(session: Session, draw: Draw, *, area: str = "", role: str = "") -> int:
    """Return how many rows `selected` has."""
    statement = selected(draw, area=area, role=role).order_by(None)
    return session.scalar(sa.select(sa.func.count()).select_from(statement.subquery())) or 0


def place_names(session: Session, county_code: str) -> dict[str, str]:
    """Return the names of a county, its townships and villages by code."""
    rows = session.execute(sa.select(Division.code, Division.name).where(inside(Division.code, [county_code])))
    return dict(rows.all())


def checkers_of(session: Session, draw: Draw) -> dict[Any, str]:
    """Return who is to visit each household of a draw: household id → the checker's name."""
    rows = session.execute(
        sa.select(Assignment.household_id, Account.display_name)
        .join(Account, Account.id == Assignment.account_id)
        .join(
            Selection,
            sa.and_(
                Selection.county_code == Assignment.county_code,
                Selection.draw_id == draw.id,
                Selection.household_id == Assignment.household_id,
            ),
        )
        .where(
            Assignment.county_code == draw.county_code,
            Assignment.campaign_id == draw.campaign_id,
            Assignment.purpose == "spot_check",
            Assignment.withdrawn_at.is_(None),
            assigned_in(draw),
        )
    )
    return dict(rows.all())


def counted(session: Session, draw: Draw) -> list[tuple[str, int, int]]:
    """Return (township code, households in the frame, base list) as the stored rows have them, by code."""
    frame = frame_of(session, draw)
    township = sa.func.substr(FrameUnit.stratum, 1, 9)
    is_base = sa.and_(
        Selection.county_code == FrameUnit.county_code,
        Selection.draw_id == draw.id,
        Selection.leaf == FrameUnit.leaf,
        Selection.role == "base",
    )
    rows = session.execute(
        sa.select(township, sa.func.count(), sa.func.count(Selection.leaf))
        .select_from(FrameUnit)
        .outerjoin(Selection, is_base)
        .where(FrameUnit.county_code == frame.county_code, FrameUnit.frame_id == frame.id)
        .group_by(township)
        .order_by(township)
    )
    return [(code, size, base) for code, size, base in rows]

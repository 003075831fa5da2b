"""Which assignments a person may read or change: by the household's area, and spot checks only by who may know them."""

from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Assignment
from api.people.access import Viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.registry.tables import Household

Item = TypeVar("Item")

# A township that knew which of its households are drawn could prepare them.
READERS = {"township_visit": Permission.ASSIGNMENT_READ, "spot_check": Permission.SPOT_CHECK_READ}
MANAGERS = {"township_visit": Permission.ASSIGNMENT_MANAGE, "spot_check": Permission.SPOT_CHECK_DRAW}

OF_HOUSEHOLD = sa.and_(Household.county_code == Assignment.county_code, Household.id == Assignment.household_id)
IS_OPEN = sa.and_(Assignment.withdrawn_at.is_(None), Assignment.completed_at.is_(None))


def reachable(viewer: Viewer, permissions: dict[str, Permission]) -> sa.ColumnElement[bool]:
    """Return the condition on `Assignment` joined with `Household` that leaves what the viewer has a permission for.

    Parameters
    ----------
    permissions
        `READERS` or `MANAGERS`.
    """
    return sa.or_(
        *(
            sa.and_(Assignment.purpose == purpose, viewer.within(Household.village_code, permission))
            for purpose, permission in permissions.items()
        )
    )


def find_assignments(session: Session, viewer: Viewer, ids: list[UUID]) -> list[Assignment]:
    """Return assignments that the viewer may change, open or not, in the order of the households' codes.

    Raises
    ------
    NotFound
        When one of them does not exist, or is out of his reach: he learns no difference.
    """
    found: list[Assignment] = []
    for some in in_parts(sorted(set(ids))):
        statement = sa.select(Assignment).join(Household, OF_HOUSEHOLD).where(Assignment.id.in_(some))
        found += session.scalars(statement.where(reachable(viewer, MANAGERS)))
    if len(found) != len(set(ids)):
        raise NotFound("所选的任务中有的已不存在，或不在您的管辖范围内，请刷新页面后重试", where="assignments")
    return found


def open_of_worker(session: Session, viewer: Viewer, account_id: UUID, purpose: str = "") -> list[Assignment]:
    """Return what a worker still has to visit, as far as the viewer may change it."""
    statement = (
        sa.select(Assignment)
        .join(Household, OF_HOUSEHOLD)
        .where(Assignment.account_id == account_id, IS_OPEN, reachable(viewer, MANAGERS))
        .order_by(Household.code)
    )
    if purpose:
        statement = statement.where(Assignment.purpose == purpose)
    return list(session.scalars(statement))


def open_of_households(
    session: Session, viewer: Viewer, campaign_id: UUID, codes: list[str], purpose: str
) -> list[Assignment]:
    """Return the open assignments of households in a campaign, as far as the viewer may change them."""
    found: list[Assignment] = []
    for some in in_parts(sorted(set(codes))):
        statement = (
            sa.select(Assignment)
            .join(Household, OF_HOUSEHOLD)
            .where(
                Household.code.in_(some), IS_OPEN, Assignment.campaign_id == campaign_id,
                Assignment.purpose == purpose, reachable(viewer, MANAGERS),
            )
            .order_by(Household.code)
        )  # fmt: skip
        found += session.scalars(statement)
    return found


def in_parts(items: list[Item], size: int = 1000) -> list[list[Item]]:
    """Return a list in parts that a statement can carry.

    Examples
    --------
    >>> in_parts([1, 2, 3], 2)
    [[1, 2], [3]]
    """
    return [items[start : start + size] for start in range(0, len(items), size)]

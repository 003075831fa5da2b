"""Whom a worker asks for help: the people of his township, else of his county, by name."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.people.roles import Role
from api.people.tables import Account, RoleGrant

MOST_NAMES = 2


def whom_to_ask(session: Session, worker: Account) -> list[str]:
    """Return the names of the reviewers of a worker's township, else of the supervisors of his county."""
    area = worker.grants[0].area_code
    for role, length in ((Role.TOWNSHIP_REVIEWER, 9), (Role.COUNTY_SUPERVISOR, 6)):
        names = session.scalars(
            sa.select(Account.display_name)
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .where(Account.active, RoleGrant.role == role, RoleGrant.area_code == area[:length])
            .order_by(Account.name)
            .limit(MOST_NAMES)
        ).all()
        if names:
            return list(names)
    return []

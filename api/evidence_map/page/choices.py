"""What can be chosen on the map page: only what its reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.tables import Evidence
from api.evidence.visible import visible_evidence
from api.people.access import Viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.registry.tables import Division

MOST_WORKERS = 500
CHOSEN = ("county", "township")


@dataclass(frozen=True)
class Choices:
    """Counties and townships, and whose evidence there is."""

    divisions: Sequence[Division]
    workers: Sequence[tuple[UUID, str]]


def find_choices(session: Session, viewer: Viewer) -> Choices:
    """Return the divisions in which the viewer reads evidence, and who made what he may see, by name."""
    divisions = session.scalars(
        sa.select(Division)
        .where(Division.level.in_(CHOSEN), viewer.within(Division.code, Permission.EVIDENCE_READ))
        .order_by(Division.code)
    ).all()
    made = sa.exists().where(Evidence.account_id == Account.id, visible_evidence(viewer))
    workers = session.execute(
        sa.select(Account.id, Account.display_name).where(made).order_by(Account.display_name).limit(MOST_WORKERS)
    ).all()
    return Choices(divisions, [(row[0], row[1]) for row in workers])


def find_extent(session: Session, viewer: Viewer) -> tuple[float, float, float, float] | None:
    """Return the box around all evidence the viewer may see; None when there is none with a place."""
    x, y = sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place)
    row = session.execute(
        sa.select(sa.func.min(x), sa.func.min(y), sa.func.max(x), sa.func.max(y)).where(visible_evidence(viewer))
    ).one()
    return (row[0], row[1], row[2], row[3]) if row[0] is not None else None

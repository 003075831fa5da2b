"""What can be chosen on the map page: only what its reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Submission
from api.evidence.visible import visible_submissions
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
    # by submissions, of which an index knows who sent them: nearly all show evidence
    sent = sa.exists().where(
        Submission.account_id == Account.id, visible_submissions(viewer, Permission.EVIDENCE_READ)
    )  # fmt: skip
    workers = session.execute(
        sa.select(Account.id, Account.display_name).where(sent).order_by(Account.display_name).limit(MOST_WORKERS)
    ).all()
    return Choices(divisions, [(row[0], row[1]) for row in workers])

"""Pick pieces of evidence by a selection, by their ids, or by a ring drawn on the map."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.ring import Ring, in_ring
from api.evidence.sorts import severity_of, state_of
from api.evidence.tables import Evidence
from api.evidence_map.selection import Selection, selected
from api.people.access import Viewer
from api.people.tables import Account
from api.problems import Invalid

MOST_IDS: Final = 90  # an address holds no more


@dataclass(frozen=True)
class Picked:
    """One piece in a list."""

    id: UUID
    county_code: str
    submission_id: UUID
    household_code: str | None
    kind: str
    purpose: str
    village_code: str
    at: datetime
    worker: str
    state: str
    severity: str


def read_ids(written: str) -> list[UUID]:
    """Read ids apart by spaces or commas.

    Raises
    ------
    Invalid
        If one is none, or there are too many.
    """
    parts = written.replace(",", " ").split()
    if len(parts) > MOST_IDS:
        raise Invalid("一次最多列出 {most} 条取证，请缩小范围", where="ids", most=MOST_IDS)
    try:
        return [UUID(part) for part in parts]
    except ValueError:
        raise Invalid("取证编号写得不对", where="ids") from None


def pick_pieces(
    session: Session, viewer: Viewer, selection: Selection, *, ids: Sequence[UUID] = (), ring: Ring = (),
    limit: int, offset: int = 0,
) -> tuple[list[Picked], int]:  # fmt: skip
    """Return one page of what is picked and may be seen, the most doubtful first, and how many there are.

    Parameters
    ----------
    ids
        Only these.
    ring
        Only what lies in it, its edge included.
    """
    condition = selected(viewer, selection)
    if ids:
        condition = sa.and_(condition, Evidence.id.in_(ids))
    if ring:
        condition = sa.and_(condition, in_ring(ring))
    severity = severity_of().label("severity")
    at = sa.func.coalesce(Evidence.collected_at, Evidence.received_at, type_=Evidence.received_at.type).label("at")
    total = session.scalars(sa.select(sa.func.count()).select_from(Evidence).where(condition)).one()
    rows = session.execute(
        sa.select(
            Evidence.id, Evidence.county_code, Evidence.submission_id, Evidence.household_code, Evidence.kind,
            Evidence.purpose, Evidence.village_code, at, Account.display_name, state_of().label("state"), severity,
        )
        .join(Account, Account.id == Evidence.account_id)
        .where(condition)
        .order_by(sa.case((severity == "doubt", 0), (severity == "look", 1), else_=2), at.desc(), Evidence.id)
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    return [Picked(*row) for row in rows], total

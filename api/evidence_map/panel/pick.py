"""Pick pieces of evidence by a selection, by their ids, or by a ring drawn on the map."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.sorts import severity_of, state_of
from api.evidence.tables import Evidence
from api.evidence_map.selection import Selection, selected
from api.evidence_map.tiles.nearby import lies_in
from api.people.access import Viewer
from api.people.tables import Account
from api.problems import Invalid

MOST_IDS: Final = 90  # an address holds no more
MOST_IN_RING: Final = 20_000  # pieces looked at in the box around a ring
LEAST_CORNERS: Final = 3
EAST, NORTH = 180.0, 90.0
Ring = tuple[tuple[float, float], ...]


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


def read_ring(written: str) -> Ring:
    """Read a ring as an address writes it: longitude and latitude of each corner, corners apart by spaces.

    Raises
    ------
    Invalid
        Unless it is three corners or more of the globe.

    Examples
    --------
    >>> read_ring("89.4,28.7 89.8,28.7 89.8,29.1")
    ((89.4, 28.7), (89.8, 28.7), (89.8, 29.1))
    """
    corners = []
    for corner in written.split():
        east, comma, north = corner.partition(",")
        try:
            place = (float(east), float(north))
        except ValueError:
            comma = ""
        if not comma or not (abs(place[0]) <= EAST and abs(place[1]) <= NORTH):
            raise Invalid("圈出的范围须为以空格分开的 经度,纬度，例如 89.4,28.7 89.8,28.7 89.8,29.1", where="polygon")
        corners.append(place)
    if len(corners) < LEAST_CORNERS:
        raise Invalid("圈出的范围至少要有 3 个角", where="polygon")
    return tuple(corners)


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

    Raises
    ------
    Invalid
        If too many lie in the box around the ring to look at each.
    """
    condition = selected(viewer, selection)
    if ids:
        condition = sa.and_(condition, Evidence.id.in_(ids))
    if ring:
        condition = sa.and_(condition, Evidence.id.in_(_in_ring(session, condition, ring)))
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


def _in_ring(session: Session, condition: sa.ColumnElement[bool], ring: Ring) -> list[UUID]:
    drawn = shapely.Polygon(ring)
    west, south, east, north = drawn.bounds
    polygon = shapely.make_valid(drawn)  # a hand crosses its own line: what lies on either side of it is meant
    rows = session.execute(
        sa.select(Evidence.id, sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place))
        .where(condition, lies_in(Evidence, (west, south, east, north)))
        .limit(MOST_IN_RING + 1)
    ).all()
    if len(rows) > MOST_IN_RING:
        raise Invalid("圈出的范围里取证太多 (超过 {most} 条)，请圈小一些，或先筛选", where="polygon", most=MOST_IN_RING)
    if not rows:
        return []
    inside = shapely.intersects_xy(polygon, [row[1] for row in rows], [row[2] for row in rows])
    return [row[0] for row, here in zip(rows, inside.tolist(), strict=True) if here]

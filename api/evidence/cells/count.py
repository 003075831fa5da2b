"""Count the cells of townships whose evidence has changed."""

import time
from collections import Counter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import Database, insert_at_once
from api.evidence.cells.tables import GRIDS, NOWHERE, CellsCounted, EvidenceCell
from api.evidence.sorts import severity_of, state_of
from api.evidence.square import world
from api.evidence.tables import Evidence, EvidenceChange
from api.people.access import inside

SWEEP_SECONDS: Final = 20.0  # then other work has its turn
AT_ONCE: Final = 5_000  # rows a statement
COLUMNS: Final = ("grid", "x", "y", "kind", "purpose", "state", "severity", "pieces", "east", "south")


def count_township(session: Session, county_code: str, township_code: str) -> int:
    """Count the cells of one township anew; return how many pieces there are, with a place or without.

    A shorter code than a township's stands for what lies in no township of it.
    """
    version = session.scalar(
        sa.select(EvidenceChange.version).where(
            EvidenceChange.county_code == county_code, EvidenceChange.township_code == township_code
        )
    )
    own = (EvidenceCell.county_code == county_code, EvidenceCell.township_code == township_code)
    session.execute(sa.delete(EvidenceCell).where(*own).execution_options(synchronize_session=False))
    counted = (CellsCounted.county_code == county_code, CellsCounted.township_code == township_code)
    session.execute(sa.delete(CellsCounted).where(*counted).execution_options(synchronize_session=False))
    rows = session.execute(
        sa.select(
            sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place), Evidence.kind, Evidence.purpose,
            state_of(), severity_of(),
        ).where(Evidence.county_code == county_code, in_township(township_code))
    ).all()  # fmt: skip
    placed = [row for row in rows if row[0] is not None]
    nowhere = Counter(tuple(row[2:]) for row in rows if row[0] is None)
    common = {"county_code": county_code, "township_code": township_code}
    east, south = world([row[0] for row in placed], [row[1] for row in placed])
    made = [
        common | dict(zip(COLUMNS, (NOWHERE, 0, 0, *sort, pieces, 0.0, 0.0), strict=True))
        for sort, pieces in nowhere.items()
    ]
    for grid in GRIDS:
        sums: dict[tuple[Any, ...], list[float]] = {}
        for x, y, row in zip(east.tolist(), south.tolist(), placed, strict=True):
            sum_of = sums.setdefault((int(x * (1 << grid)), int(y * (1 << grid)), *row[2:]), [0, 0.0, 0.0])
            sum_of[0] += 1
            sum_of[1] += x
            sum_of[2] += y
        made += [common | dict(zip(COLUMNS, (grid, *sort, *sum_of), strict=True)) for sort, sum_of in sums.items()]
    for at in range(0, len(made), AT_ONCE):
        insert_at_once(session, EvidenceCell, made[at : at + AT_ONCE])
    session.add(CellsCounted(**common, version=version or 0))
    session.flush()
    return len(rows)


def in_township(code: str) -> sa.ColumnElement[bool]:
    """Return the condition on `Evidence` for what `note_change` notes under a code."""
    whole = 9  # digits of a township's code
    return inside(Evidence.village_code, [code]) if len(code) == whole else Evidence.village_code == code


def old_townships(session: Session, areas: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return county and township code where evidence has changed since its cells were counted, longest ago first."""
    rows = session.execute(
        sa.select(EvidenceChange.county_code, EvidenceChange.township_code)
        .outerjoin(
            CellsCounted,
            sa.and_(
                CellsCounted.county_code == EvidenceChange.county_code,
                CellsCounted.township_code == EvidenceChange.township_code,
            ),
        )
        .where(
            inside(EvidenceChange.township_code, areas),
            sa.func.coalesce(CellsCounted.version, -1) != EvidenceChange.version,
        )
        .order_by(CellsCounted.counted_at.is_not(None), CellsCounted.counted_at, EvidenceChange.township_code)
    )
    return [(str(county), str(township)) for county, township in rows]


def sweep(database: Database, *, seconds: float = SWEEP_SECONDS) -> int:
    """Count the cells of every township that has changed, for so long; return how many townships were counted.

    Each in a transaction of its own, so that phones can send between.
    """
    until, done = time.monotonic() + seconds, 0
    with database.read() as session:
        old = old_townships(session, ("",))
    for county, township in old:
        with database.transaction() as session:
            count_township(session, county, township)
        done += 1
        if time.monotonic() >= until:
            break
    return done


def sweep_once(database: Database) -> None:
    """Count what has changed since the last time."""
    sweep(database)

"""How much fits a selection, and where it lies."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.cells.count import old_townships
from api.evidence.cells.tables import GRIDS, NOWHERE, EvidenceCell
from api.evidence.sorts import severity_of, state_of
from api.evidence.square import degrees
from api.evidence.tables import Evidence
from api.evidence.visible import is_blind
from api.evidence_map.selection import Selection, selected
from api.evidence_map.tiles.counted import kept_conditions, kept_say, lead_to
from api.people.access import Viewer
from api.people.roles import Permission

Row = Sequence[Any]  # kind, state, severity, pieces, of these placed, west, south, east, north


def summarise(session: Session, viewer: Viewer, selection: Selection) -> dict[str, Any]:
    """Return how many pieces fit and may be seen, by kind, state and severity, and the box around them.

    The box is None when none has a place. Counted from the kept cells where these say what is asked, as tiles are:
    then the box is that of the cells, a kilometre too wide at most.
    """
    rows = _counted(session, viewer, selection)
    kinds, states, severities = Counter[str](), Counter[str](), Counter[str]()
    for kind, state, severity, pieces, *_ in rows:
        kinds[kind] += int(pieces)
        states[state] += int(pieces)
        severities[severity] += int(pieces)
    boxes = [row[5:] for row in rows if row[5] is not None]
    return {
        "pieces": kinds.total(),
        "placed": sum(int(row[4]) for row in rows),
        "doubt": severities["doubt"],
        "look": severities["look"],
        "by_kind": dict(sorted(kinds.items())),
        "by_state": dict(sorted(states.items())),
        "bbox": [
            min(box[0] for box in boxes), min(box[1] for box in boxes),
            max(box[2] for box in boxes), max(box[3] for box in boxes),
        ] if boxes else None,
    }  # fmt: skip


def _counted(session: Session, viewer: Viewer, selection: Selection) -> list[Row]:
    condition = selected(viewer, selection)
    if not kept_say(selection, viewer) or is_blind(session, viewer):
        return _rows(session, condition)
    old = old_townships(session, viewer.areas(Permission.EVIDENCE_READ))
    found = _kept(session, viewer, selection, but=[township for _, township in old])
    for theirs in lead_to(old):
        found += _rows(session, sa.and_(theirs, condition))
    return found


def _rows(session: Session, condition: sa.ColumnElement[bool]) -> list[Row]:
    x, y = sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place)
    sorts = (
        sa.select(
            Evidence.kind.label("kind"), state_of().label("state"), severity_of().label("severity"), x.label("x"),
            y.label("y"),
        )
        .where(condition)
        .subquery()
    )  # fmt: skip
    c = sorts.c
    return list(
        session.execute(
            sa.select(
                c.kind,
                c.state,
                c.severity,
                sa.func.count(),
                sa.func.count(c.x),
                sa.func.min(c.x),
                sa.func.min(c.y),
                sa.func.max(c.x),
                sa.func.max(c.y),
            ).group_by(c.kind, c.state, c.severity)
        )
    )


def _kept(session: Session, viewer: Viewer, selection: Selection, *, but: Sequence[str]) -> list[Row]:
    cell, finest = EvidenceCell, GRIDS[-1]
    rows = session.execute(
        sa.select(
            cell.grid, cell.kind, cell.state, cell.severity, sa.func.sum(cell.pieces), sa.func.min(cell.x),
            sa.func.max(cell.y), sa.func.max(cell.x), sa.func.min(cell.y),
        )
        .where(cell.grid.in_([NOWHERE, finest]), *kept_conditions(viewer, selection, but=but))
        .group_by(cell.grid, cell.kind, cell.state, cell.severity)
    )  # fmt: skip
    found: list[Row] = []
    for grid, kind, state, severity, pieces, west, south, east, north in rows:
        if grid == NOWHERE:
            found.append((kind, state, severity, pieces, 0, None, None, None, None))
            continue
        corner = degrees(west / (1 << finest), (south + 1) / (1 << finest))
        other = degrees((east + 1) / (1 << finest), north / (1 << finest))
        found.append((kind, state, severity, pieces, pieces, *corner, *other))
    return found

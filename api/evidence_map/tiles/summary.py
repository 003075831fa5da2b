"""How much fits a selection, and where it lies."""

from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.sorts import severity_of, state_of
from api.evidence.tables import Evidence
from api.evidence_map.selection import Selection, selected
from api.people.access import Viewer


def summarise(session: Session, viewer: Viewer, selection: Selection) -> dict[str, Any]:
    """Return how many pieces fit and may be seen, by kind, state and severity, and the box around them.

    The box is None when none has a place.
    """
    x, y = sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place)
    sorts = (
        sa.select(
            Evidence.kind.label("kind"), state_of().label("state"), severity_of().label("severity"), x.label("x"),
            y.label("y"),
        )
        .where(selected(viewer, selection))
        .subquery()
    )  # fmt: skip
    rows = session.execute(
        sa.select(
            sorts.c.kind, sorts.c.state, sorts.c.severity, sa.func.count().label("pieces"),
            sa.func.count(sorts.c.x).label("placed"), sa.func.min(sorts.c.x).label("west"),
            sa.func.min(sorts.c.y).label("south"), sa.func.max(sorts.c.x).label("east"),
            sa.func.max(sorts.c.y).label("north"),
        ).group_by(sorts.c.kind, sorts.c.state, sorts.c.severity)
    ).all()  # fmt: skip
    kinds, states, severities = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        kinds[row.kind] += row.pieces
        states[row.state] += row.pieces
        severities[row.severity] += row.pieces
    boxes = [row for row in rows if row.west is not None]
    return {
        "pieces": kinds.total(),
        "placed": sum(row.placed for row in rows),
        "doubt": severities["doubt"],
        "look": severities["look"],
        "by_kind": dict(sorted(kinds.items())),
        "by_state": dict(sorted(states.items())),
        "bbox": [
            min(row.west for row in boxes), min(row.south for row in boxes),
            max(row.east for row in boxes), max(row.north for row in boxes),
        ] if boxes else None,
    }  # fmt: skip

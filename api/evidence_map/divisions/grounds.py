"""Give the ground of divisions as a map draws it, and keep what was simplified until any of it changes."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from geoalchemy2.shape import to_shape
from sqlalchemy.orm import Session

from api.evidence_map.divisions.scope import LENGTHS, areas_asked
from api.evidence_map.divisions.simplify import Shapes, simplified
from api.people.access import Viewer, inside
from api.registry.tables import Division, DivisionBoundary

# how far a boundary may move where nobody says otherwise: a few pixels at the zoom at which the level is looked at
TOLERANCES_M: Final = {"county": 300.0, "township": 150.0, "village": 60.0}
MOST_KEPT: Final = 24  # of at most 1 MB each

_kept: OrderedDict[tuple[Any, ...], Shapes] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class DivisionGround:
    """One division with its ground, as a GeoJSON geometry."""

    code: str
    name: str
    synthetic: bool  # made up for the demo: say so wherever it is drawn
    geometry: str


def division_grounds(
    session: Session, viewer: Viewer, *, level: str, within: str = "", tolerance_m: float | None = None
) -> list[DivisionGround]:
    """Return the divisions of a level whose ground is known, by code.

    Parameters
    ----------
    level : {'county', 'township', 'village'}
    within : str
        A division code; empty for everything the reader has.
    tolerance_m : float, optional
        About how far a boundary may move; by default what suits the level.

    Raises
    ------
    NotFound
        If nothing of what is asked for is the reader's.
    """
    areas = areas_asked(viewer, within)
    rows = session.execute(
        sa.select(Division.code, Division.name, DivisionBoundary.synthetic)
        .join(DivisionBoundary, DivisionBoundary.division_code == Division.code)
        .where(*_wanted(areas, level))
        .order_by(Division.code)
    ).all()
    shapes = _shapes(session, areas, level, TOLERANCES_M[level] if tolerance_m is None else tolerance_m)
    return [DivisionGround(code, name, synthetic, shapes[code]) for code, name, synthetic in rows if code in shapes]


def _wanted(areas: Sequence[str], level: str) -> tuple[sa.ColumnElement[bool], ...]:
    code = DivisionBoundary.division_code
    return inside(code, areas), sa.func.length(code) == LENGTHS[level]


def _shapes(session: Session, areas: Sequence[str], level: str, tolerance_m: float) -> Shapes:
    """Return simplified ground, made anew only when some of it changed."""
    last = session.execute(
        sa.select(sa.func.count(), sa.func.max(DivisionBoundary.changed_at)).where(*_wanted(areas, level))
    ).one()
    key = (str(session.get_bind().engine.url), tuple(areas), level, tolerance_m)
    with _lock:
        if (found := _kept.get((*key, *last))) is not None:
            _kept.move_to_end((*key, *last))
            return found
    rows = session.scalars(sa.select(DivisionBoundary).where(*_wanted(areas, level)))
    made = simplified({row.division_code: to_shape(row.ground) for row in rows}, tolerance_m)
    with _lock:
        for old in [one for one in _kept if one[: len(key)] == key]:
            del _kept[old]
        _kept[(*key, *last)] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made

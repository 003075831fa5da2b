"""Which divisions a question about the map reaches: what is asked for, cut to the reader's own areas."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.people.access import COUNTY_LENGTH, Viewer, inside
from api.people.roles import Permission
from api.problems import NotFound
from api.registry.tables import Division

LENGTHS: Final = {"county": COUNTY_LENGTH, "township": 9, "village": 12}  # digits of a code of each level


def areas_asked(viewer: Viewer, within: str) -> tuple[str, ...]:
    """Return the areas, none inside another, that lie both within what is asked for and where evidence may be read.

    Parameters
    ----------
    within : str
        A division code; empty for everything the reader has.

    Raises
    ------
    NotFound
        If nothing of it is the reader's.
    """
    held = viewer.areas(Permission.EVIDENCE_READ)
    if any(within.startswith(area) for area in held):
        return (within,)
    if found := tuple(area for area in held if area.startswith(within)):
        return found
    raise NotFound("没有编码为 {code} 的区划，或不在您的管辖范围内", where="within", code=within)


def divisions_in(session: Session, areas: Sequence[str], level: str) -> list[Division]:
    """Return the divisions of a level in some areas, by code."""
    statement = sa.select(Division).where(inside(Division.code, areas), sa.func.length(Division.code) == LENGTHS[level])
    return list(session.scalars(statement.order_by(Division.code)))

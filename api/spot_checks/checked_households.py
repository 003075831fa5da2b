"""The list a checker works through: as the roll was frozen for the draw, so that no visit shows through it."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.entity_lists import EntityList, standing
from api.collection.tables import Assignment
from api.people.access import Viewer
from api.people.roles import Permission
from api.registry.tables import Division, Household
from api.spot_checks.tables import Draw, DrawResult, FrameUnit, Selection

VILLAGE_LENGTH: Final = 12  # a household's code begins with its village's


class Checked(NamedTuple):
    """One household to be checked, as its frame has it."""

    key: UUID
    version: int
    code: str
    head_name: str
    village: str
    longitude: float | None
    latitude: float | None


def _rows(session: Session, worker: Viewer) -> Iterator[Checked]:
    """Yield the worker's checks, village by village.

    An assignment follows the last draw that had been made by then. One that follows no draw shows the household's
    code and village alone, for the roll of today may hold what a visit has corrected.
    """
    found = []
    for key, group in groupby(session.execute(_drawn(worker)), key=lambda row: row.id):
        draws = list(group)
        code = draws[0].code
        frozen = [row for row in draws if row.drawn_at is not None and row.drawn_at <= row.assigned_at]
        unit = frozen[-1] if frozen else None
        village_code = unit.village_code if unit else code[:VILLAGE_LENGTH]
        if worker.may(Permission.SUBMISSION_SEND, village_code):
            found.append((village_code, code, key, unit))
    villages = _villages(session, {village_code for village_code, *_ in found})
    for village_code, code, key, unit in sorted(found, key=itemgetter(0, 1)):
        village, renamed = villages.get(village_code, (village_code, 0))
        shown = (unit.head_name, village, unit.longitude, unit.latitude) if unit else ("", village, None, None)
        yield Checked(key, 1 + renamed, code, *shown)  # a frame never changes: only the village's name can


def _drawn(worker: Viewer) -> sa.Select[Any]:
    """Return the statement for a worker's checks, each with every draw of the campaign that chose the household."""
    chosen = (
        sa.select(
            Selection.county_code, Selection.household_id, Draw.campaign_id, Draw.number, DrawResult.drawn_at,
            FrameUnit.head_name, FrameUnit.village_code, FrameUnit.longitude, FrameUnit.latitude,
        )
        .join(Draw, sa.and_(Draw.county_code == Selection.county_code, Draw.id == Selection.draw_id))
        .join(DrawResult, sa.and_(DrawResult.county_code == Draw.county_code, DrawResult.draw_id == Draw.id))
        .join(
            FrameUnit,
            sa.and_(
                FrameUnit.county_code == Selection.county_code,
                FrameUnit.frame_id == Draw.frame_id,
                FrameUnit.leaf == Selection.leaf,
            ),
        )
        .subquery()
    )  # fmt: skip
    return (
        sa.select(
            Assignment.id, Assignment.assigned_at, Household.code, chosen.c.number, chosen.c.drawn_at,
            chosen.c.head_name, chosen.c.village_code, chosen.c.longitude, chosen.c.latitude,
        )
        .join(
            Household,
            sa.and_(Household.county_code == Assignment.county_code, Household.id == Assignment.household_id),
        )
        .outerjoin(
            chosen,
            sa.and_(
                chosen.c.county_code == Assignment.county_code,
                chosen.c.household_id == Assignment.household_id,
                chosen.c.campaign_id == Assignment.campaign_id,
            ),
        )
        .where(standing(worker, "spot_check"))
        .order_by(Assignment.id, chosen.c.number)
    )  # fmt: skip


def _villages(session: Session, codes: set[str]) -> dict[str, tuple[str, int]]:
    rows = session.execute(sa.select(Division.code, Division.name, Division.renamed).where(Division.code.in_(codes)))
    return {row.code: (row.name, row.renamed) for row in rows}


def _state(session: Session, worker: Viewer) -> str:
    return ";".join(f"{row.key}:{row.version}" for row in _rows(session, worker))


def _keys(session: Session, worker: Viewer) -> Iterator[UUID]:
    return (row.key for row in _rows(session, worker))


CHECKED_HOUSEHOLDS: Final = EntityList(
    "spot_check_households", ("code", "head_name", "village", "geometry"), _state, _keys, _rows
)

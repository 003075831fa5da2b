"""What the roll says now against what was frozen: who joined, who left, who changed; the frame itself stays."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.registry.tables import Household
from api.spot_checks.frame import belongs
from api.spot_checks.tables import Frame, FrameUnit

KINDS: Final = {"joined": "新进", "left": "退出", "changed": "变更"}
FIELDS: Final = {
    "head_name": "户主",
    "village_code": "村",
    "persons": "人口",
    "benefit_fen_per_month": "每月保障金",
}


def changes_since(frame: Frame, *, area: str = "", kind: str = "") -> sa.Select[*tuple[Any, ...]]:
    """Return the statement for what has changed of a frame's households since it was frozen, by village and code.

    Joined: of the population now, not in the frame. Left: in the frame, of the population no more, or gone from the
    register. Changed: in both, with another householder, village, number of persons or amount. The band is not worked
    out again: the frame's is what counts. Of a sub-round nobody joins, since its list was drawn.

    Parameters
    ----------
    area : str
        A township's or village's code; empty for all.
    kind : {'', 'joined', 'left', 'changed'}

    Returns
    -------
    Select
        Rows with ``kind``, ``household_code``, ``place_code`` (the village, as now if there is one, else as then) and
        for each of `FIELDS` ``<field>_then`` and ``<field>_now``.
    """
    same = sa.and_(Household.county_code == FrameUnit.county_code, Household.code == FrameUnit.household_code)
    of_frame = sa.and_(FrameUnit.county_code == frame.county_code, FrameUnit.frame_id == frame.id)
    still = belongs(frame.population)
    unit = sa.select(*_columns("left", FrameUnit.household_code)).select_from(FrameUnit).outerjoin(Household, same)
    parts = [
        unit.where(of_frame, sa.or_(Household.id.is_(None), ~still)),
        sa.select(*_columns("changed", FrameUnit.household_code))
        .select_from(FrameUnit)
        .join(Household, same)
        .where(of_frame, still, sa.or_(*(_differs(name) for name in FIELDS))),
    ]
    if frame.within_draw_id is None:
        frozen = sa.and_(same, FrameUnit.frame_id == frame.id)
        parts.append(
            sa.select(*_columns("joined", Household.code))
            .select_from(Household)
            .outerjoin(FrameUnit, frozen)
            .where(Household.county_code == frame.county_code, still, FrameUnit.leaf.is_(None))
        )
    rows = sa.union_all(*parts).subquery("change")
    statement = sa.select(rows)
    if kind:
        statement = statement.where(rows.c.kind == kind)
    if area:
        statement = statement.where(rows.c.place_code >= area, rows.c.place_code < f"{int(area) + 1:0{len(area)}d}")
    return statement.order_by(rows.c.place_code, rows.c.household_code)


def counts_of_changes(session: Session, frame: Frame) -> Mapping[str, Mapping[str, int]]:
    """Return how many of each kind, by township code; townships without a change are left out."""
    rows = changes_since(frame).order_by(None).subquery()
    township = sa.func.substr(rows.c.place_code, 1, 9)
    counts: dict[str, dict[str, int]] = {}
    for code, kind, number in session.execute(
        sa.select(township, rows.c.kind, sa.func.count()).group_by(township, rows.c.kind).order_by(township)
    ):
        counts.setdefault(code, dict.fromkeys(KINDS, 0))[kind] = number
    return counts


def frozen_counts(session: Session, frame: Frame) -> Sequence[tuple[str, int]]:
    """Return N by stratum as frozen, by name."""
    rows = session.execute(
        sa.select(FrameUnit.stratum, sa.func.count())
        .where(FrameUnit.county_code == frame.county_code, FrameUnit.frame_id == frame.id)
        .group_by(FrameUnit.stratum)
        .order_by(FrameUnit.stratum)
    )
    return [(stratum, number) for stratum, number in rows]


def _columns(kind: str, code: sa.SQLColumnExpression[str]) -> list[sa.ColumnElement[Any]]:
    columns: list[sa.ColumnElement[Any]] = [
        sa.literal(kind).label("kind"),
        code.label("household_code"),
        sa.func.coalesce(Household.village_code, FrameUnit.village_code).label("place_code"),
    ]
    for name in FIELDS:
        columns += [getattr(FrameUnit, name).label(f"{name}_then"), getattr(Household, name).label(f"{name}_now")]
    return columns


def _differs(name: str) -> sa.ColumnElement[bool]:
    then = getattr(FrameUnit, name)
    return sa.and_(then.is_not(None), then != getattr(Household, name))  # older frames know no amounts

"""The layers that are no evidence: homes on the roll, and the ground of divisions."""

from typing import Any, Final
from uuid import UUID

import shapely
import sqlalchemy as sa
from geoalchemy2.shape import to_shape
from sqlalchemy.orm import Session

from api.degrees import DECIMALS, rounded
from api.evidence.nearby import in_boxes
from api.evidence_map.ogc.asked import Asked, read_key, write_key
from api.evidence_map.ogc.columns import Column
from api.people.access import Viewer
from api.people.roles import Permission
from api.registry.reading import division_names
from api.registry.tables import Division, DivisionBoundary, Household

HOME_COLUMNS: Final = (
    Column("household", "string", "户编码"),
    Column("county_code", "string", "县编码"),
    Column("township_code", "string", "乡镇编码"),
    Column("township", "string", "乡镇"),
    Column("village_code", "string", "村编码"),
    Column("village", "string", "村"),
    Column("scheme", "string", "城乡"),
    Column("on_roll", "boolean", "在册"),
    Column("registered_poor", "boolean", "建档立卡"),
    Column("persons", "integer", "人口"),
)
DIVISION_COLUMNS: Final = (
    Column("code", "string", "编码"),
    Column("level", "string", "级别"),
    Column("name", "string", "名称"),
    Column("parent_code", "string", "上级编码"),
    Column("synthetic", "boolean", "虚构的演示边界"),
    Column("source", "string", "来源"),
)
Found = tuple[list[dict[str, Any]], int | None, str]


def homes_page(session: Session, viewer: Viewer, asked: Asked, *, home: UUID | None = None) -> Found:
    """Return homes as features, how many there are, and where the next page begins.

    Nothing of them says whether anybody was there: whoever reads this layer may be blind to that.
    """
    exact: dict[str, Any] = {
        "household": Household.code, "county_code": Household.county_code, "township_code": Household.township_code,
        "village_code": Household.village_code, "scheme": Household.scheme,
    }  # fmt: skip
    condition = sa.and_(
        viewer.within(Household.village_code, Permission.REGISTRY_READ),
        Household.place.is_not(None),
        *(exact[name] == value for name, value in asked.filters.items()),
        *([in_boxes(Household.place, asked.boxes)] if asked.boxes else []),
        *([Household.id == home] if home is not None else []),
    )
    statement = (
        sa.select(
            Household.county_code, Household.id, Household.code, Household.township_code, Household.village_code,
            Household.scheme, Household.on_roll, Household.registered_poor, Household.persons,
            sa.func.ST_X(Household.place).label("x"), sa.func.ST_Y(Household.place).label("y"),
        )
        .where(condition)
        .order_by(Household.county_code, Household.id)
        .limit(asked.limit + 1)
    )  # fmt: skip
    if (after := read_key(asked.after)) is not None:
        statement = statement.where(sa.tuple_(Household.county_code, Household.id) > after)
    found = session.execute(statement).all()
    more, found = len(found) > asked.limit, found[: asked.limit]
    codes = {row.village_code for row in found}
    names = division_names(session, codes | {code[:9] for code in codes}) if codes else {}
    matched = None
    if after is None:
        matched = session.scalar(sa.select(sa.func.count()).select_from(Household).where(condition)) or 0
    following = write_key((found[-1].county_code, found[-1].id)) if more else ""
    return [_home(row, names) for row in found], matched, following


def _home(row: Any, names: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": str(row.id),
        "geometry": {"type": "Point", "coordinates": [rounded(row.x), rounded(row.y)]},
        "properties": {
            "household": row.code,
            "county_code": row.county_code,
            "township_code": row.township_code,
            "township": names.get(row.township_code),
            "village_code": row.village_code,
            "village": names.get(row.village_code),
            "scheme": row.scheme,
            "on_roll": row.on_roll,
            "registered_poor": row.registered_poor,
            "persons": row.persons,
        },
    }


def divisions_page(session: Session, viewer: Viewer, asked: Asked, *, code: str = "") -> Found:
    """Return divisions with their ground as features, how many there are, and where the next page begins."""
    exact: dict[str, Any] = {"code": Division.code, "level": Division.level, "parent_code": Division.parent_code}
    condition = sa.and_(
        viewer.within(Division.code, Permission.EVIDENCE_READ),
        *(exact[name] == value for name, value in asked.filters.items()),
        *([in_boxes(DivisionBoundary.ground, asked.boxes)] if asked.boxes else []),
        *([Division.code == code] if code else []),
    )
    joined = sa.join(Division, DivisionBoundary, DivisionBoundary.division_code == Division.code)
    statement = (
        sa.select(Division, DivisionBoundary)
        .select_from(joined)
        .where(condition)
        .order_by(Division.code)
        .limit(asked.limit + 1)
    )
    if asked.after:
        statement = statement.where(Division.code > asked.after)
    found = session.execute(statement).all()
    more, found = len(found) > asked.limit, found[: asked.limit]
    matched = None
    if not asked.after:
        matched = session.scalar(sa.select(sa.func.count()).select_from(joined).where(condition)) or 0
    return [_division(*row) for row in found], matched, found[-1][0].code if more else ""


def _division(division: Division, boundary: DivisionBoundary) -> dict[str, Any]:
    ground = shapely.set_precision(to_shape(boundary.ground), 10**-DECIMALS, mode="pointwise")
    ground = shapely.orient_polygons(ground)  # RFC 7946: outer rings against the clock
    return {
        "type": "Feature",
        "id": division.code,
        "geometry": shapely.geometry.mapping(ground),
        "properties": {
            "code": division.code,
            "level": division.level,
            "name": division.name,
            "parent_code": division.parent_code,
            "synthetic": boundary.synthetic,
            "source": boundary.source,
        },
    }

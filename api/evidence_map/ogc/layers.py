"""The layers: all evidence, each kind with its answers as columns, homes on the roll, and boundaries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.kinds import KINDS
from api.evidence.nearby import in_boxes
from api.evidence.sorts import severity_of
from api.evidence.tables import Evidence
from api.evidence_map.ogc.asked import Asked, read_key, write_key
from api.evidence_map.ogc.columns import ALL_ANSWERS, BASE, Column, answers_of
from api.evidence_map.ogc.places import DIVISION_COLUMNS, HOME_COLUMNS, divisions_page, homes_page
from api.evidence_map.ogc.rows import Row, Ways, read_rows
from api.evidence_map.selection import Selection, selected
from api.people.access import Viewer, inside
from api.people.roles import Permission
from api.problems import BadRequest, NotFound
from api.registry.tables import Division

Feature = dict[str, Any]
# kinds that have a place of their own; members, votes and objections are rows of another's
PLACED: Final = ("visit", "interview", "inspection", "asset", "certificate", "letter", "appraisal", "posting", "missed")
# as a selection has them; the rest are equality with a column
SELECTS: Final = ("area", "kind", "purpose", "household", "state", "rule", "doubt", "drawn", "band", "search")
EVIDENCE_FILTERS: Final = (
    *SELECTS, "county_code", "township_code", "village_code", "township", "village", "worker_id", "severity",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """Some features, how many there are in all (None: not counted again), and where the next page begins."""

    features: list[Feature]
    matched: int | None
    following: str


@dataclass(frozen=True)
class Layer:
    """One collection.

    Attributes
    ----------
    kind
        Of evidence; empty for all kinds, and for layers that are no evidence.
    permission
        Who lacks it does not see the layer.
    dated
        Whether ``datetime`` means anything.
    """

    name: str
    title: str
    about: str
    filters: tuple[str, ...]
    kind: str = ""
    permission: Permission = Permission.EVIDENCE_READ
    dated: bool = True
    geometry: str = "point"


EVIDENCE: Final = Layer("evidence", "全部取证", "有位置的全部取证，答案合为一栏 JSON", EVIDENCE_FILTERS)
HOMES: Final = Layer(
    "homes", "名册上的住处", "名册上有位置的家庭，不含姓名和证件号码",
    ("household", "county_code", "township_code", "village_code", "scheme"),
    permission=Permission.REGISTRY_READ, dated=False,
)  # fmt: skip
DIVISIONS: Final = Layer(
    "divisions", "区划边界", "有边界的区划；synthetic 为真的是虚构的演示边界", ("code", "level", "parent_code"),
    dated=False, geometry="multipolygon",
)  # fmt: skip
LAYERS: Final = {
    layer.name: layer
    for layer in (
        EVIDENCE,
        *(Layer(kind, KINDS[kind], "有位置的这一种取证，每个答案一栏", EVIDENCE_FILTERS, kind=kind) for kind in PLACED),
        HOMES,
        DIVISIONS,
    )
}


def layers_of(viewer: Viewer) -> list[Layer]:
    """Return the layers that a person may open."""
    return [layer for layer in LAYERS.values() if viewer.may(layer.permission)]


def find_layer(viewer: Viewer, name: str) -> Layer:
    """Return a layer.

    Raises
    ------
    NotFound
        There is none, or none for this person.
    """
    layer = LAYERS.get(name)
    if layer is None or not viewer.may(layer.permission):
        raise NotFound("没有名为 {name} 的图层，可用的图层见 /ogc/collections", where="collection", name=name[:40])
    return layer


def columns_of(session: Session, viewer: Viewer, layer: Layer) -> list[Column]:
    """Return the columns of a layer, the same for each of its features."""
    if layer is HOMES:
        return list(HOME_COLUMNS)
    if layer is DIVISIONS:
        return list(DIVISION_COLUMNS)
    if not layer.kind:
        return [*BASE, ALL_ANSWERS]
    return [*BASE, *answers_of(session, viewer).get(layer.kind, {}).values()]


def read_page(session: Session, viewer: Viewer, layer: Layer, asked: Asked, *, address: str) -> Page:
    """Return one page of a layer; all there are are counted with the first page only.

    Raises
    ------
    BadRequest
        A filter makes no sense.
    """
    if layer is HOMES:
        return Page(*homes_page(session, viewer, asked))
    if layer is DIVISIONS:
        return Page(*divisions_page(session, viewer, asked))
    condition = _condition(viewer, layer, asked)
    ways = Ways.now(session, viewer, address=address, flat=bool(layer.kind))
    after = read_key(asked.after)
    rows, following = read_rows(session, condition, ways, limit=asked.limit, after=after)
    matched = None
    if after is None:
        matched = len(rows) if following is None else _count(session, condition)
    return Page([feature(row) for row in rows], matched, write_key(following) if following else "")


def find_feature(session: Session, viewer: Viewer, layer: Layer, name: str, *, address: str) -> Feature:
    """Return one feature of a layer.

    Raises
    ------
    NotFound
        There is none that this person may see.
    """
    found: list[Feature] = []
    if layer is DIVISIONS:
        found = divisions_page(session, viewer, Asked(), code=name)[0]
    else:
        try:
            number = UUID(name)
        except ValueError:
            number = None
        if number is not None and layer is HOMES:
            found = homes_page(session, viewer, Asked(), home=number)[0]
        elif number is not None:
            condition = sa.and_(_condition(viewer, layer, Asked()), Evidence.id == number)
            ways = Ways.now(session, viewer, address=address, flat=bool(layer.kind))
            found = [feature(row) for row in read_rows(session, condition, ways, limit=1)[0]]
    if not found:
        raise NotFound("图层中没有这个要素", where="featureId")
    return found[0]


def feature(row: Row) -> Feature:
    """Return a row as a GeoJSON feature."""
    place = {"type": "Point", "coordinates": list(row.place)} if row.place else None
    return {"type": "Feature", "id": str(row.key[1]), "geometry": place, "properties": row.properties}


def _count(session: Session, condition: sa.ColumnElement[bool]) -> int:
    return session.scalars(sa.select(sa.func.count()).select_from(Evidence).where(condition)).one()


def _condition(viewer: Viewer, layer: Layer, asked: Asked) -> sa.ColumnElement[bool]:
    found = [selected(viewer, Selection(**asked.selection)), Evidence.place.is_not(None)]
    if layer.kind:
        found.append(Evidence.kind == layer.kind)
    found += [_OWN[name](value) for name, value in asked.filters.items()]
    if asked.boxes:
        found.append(in_boxes(Evidence.place, asked.boxes))
    seen_at = sa.func.coalesce(Evidence.collected_at, Evidence.received_at, type_=Evidence.received_at.type)
    if asked.since is not None:
        found.append(seen_at >= asked.since)
    if asked.until is not None:
        found.append(seen_at <= asked.until)
    return sa.and_(*found)


def _number(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise BadRequest("账号编号 worker_id 无效", where="worker_id") from None


def _within(value: str) -> sa.ColumnElement[bool]:
    if not (value.isascii() and value.isdigit() and len(value) in {6, 9, 12}):
        raise BadRequest("区划编码应为 6、9 或 12 位数字", where="code")
    return inside(Evidence.village_code, [value])


def _named(level: str, code: sa.SQLColumnExpression[str]) -> Callable[[str], sa.ColumnElement[bool]]:
    return lambda value: code.in_(sa.select(Division.code).where(Division.level == level, Division.name == value))


_OWN: Final[dict[str, Callable[[str], sa.ColumnElement[bool]]]] = {
    "county_code": _within,
    "township_code": _within,
    "village_code": _within,
    "township": _named("township", sa.func.substr(Evidence.village_code, 1, 9)),
    "village": _named("village", Evidence.village_code),
    "worker_id": lambda value: Evidence.account_id == _number(value),
    "severity": lambda value: severity_of() == value,
}

"""Find what lies in a box by the spatial index: PostGIS takes it by itself, SpatiaLite must be asked."""

from collections.abc import Collection
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from api.evidence.tables import Evidence
from api.registry.tables import Household

Box = tuple[float, float, float, float]


class in_box(GenericFunction[bool]):  # noqa: N801 - written in statements like any function
    """Whether the place of a row lies in a box: table, west, south, east, north."""

    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Self:  # noqa: ARG002 - what it stands beside does not matter
        """Stand bare: where booleans are numbers it would be written `… = 1`, which no index leads."""
        return self


@compiles(in_box, "sqlite")
def _in_box_embedded(element: in_box, compiler: object, **kw: object) -> str:
    table, west, south, east, north = (compiler.process(part, **kw) for part in element.clauses)  # type: ignore[attr-defined]
    name = table.strip("'\"")
    # the index keeps single precision rounded outwards: a little more is found, never less
    return (
        f"({name}.rowid in (select pkid from idx_{name}_place "
        f"where xmin <= {east} and xmax >= {west} and ymin <= {north} and ymax >= {south}))"
    )


@compiles(in_box, "postgresql")
def _in_box_server(element: in_box, compiler: object, **kw: object) -> str:
    table, *corners = (compiler.process(part, **kw) for part in element.clauses)  # type: ignore[attr-defined]
    name = table.strip("'\"")
    return f"({name}.place && ST_MakeEnvelope({', '.join(corners)}, 4326))"


def lies_in(table: type[Evidence] | type[Household], box: Box) -> sa.ColumnElement[bool]:
    """Return the condition that a row's place lies in a box of degrees; near its edge it may be a little too kind."""
    return in_box(sa.literal_column(f"'{table.__tablename__}'"), *(sa.literal(number, sa.Float()) for number in box))


def lies_between(table: type[Evidence] | type[Household], box: Box) -> sa.ColumnElement[bool]:
    """Return the same condition for a statement that another index leads: each row found is looked at."""
    west, south, east, north = box
    x, y = sa.func.ST_X(table.place), sa.func.ST_Y(table.place)
    return sa.and_(x >= west, x <= east, y >= south, y <= north)


def in_boxes(place: Any, boxes: Collection[Box]) -> sa.ColumnElement[bool]:
    """Return the condition that a place, which is never null, touches any of some boxes."""
    return sa.or_(*(sa.func.ST_Intersects(place, _ground(box), type_=sa.Boolean()) for box in boxes))


def _ground(box: Box) -> sa.ColumnElement[Any]:
    """Return a box as a geometry; one without width is a line or a point, which a flat polygon would not touch."""
    west, south, east, north = box
    low, high = f"{west!r} {south!r}", f"{east!r} {north!r}"
    if west == east or south == north:
        text = f"POINT({low})" if low == high else f"LINESTRING({low}, {high})"
    else:
        text = f"POLYGON(({low}, {east!r} {south!r}, {high}, {west!r} {north!r}, {low}))"
    return sa.func.ST_GeomFromText(text, 4326)

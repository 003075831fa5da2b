"""What lies in the cells of a tile: from the kept counts where they are fresh and say it, else from the rows."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.cells.count import in_township, old_townships
from api.evidence.cells.tables import GRIDS, EvidenceCell
from api.evidence.nearby import Box, lies_between, lies_in
from api.evidence.sorts import severity_of, state_of
from api.evidence.square import EXTENT, Tile, world
from api.evidence.tables import Evidence
from api.evidence.visible import is_blind
from api.evidence_map.selection import Selection, selected
from api.people.access import Viewer, inside
from api.people.roles import Permission

FINER: Final = 3  # a tile has 2 to the power 3 cells along its edge: drawn, one is as wide as a large circle
AT_ONCE: Final = 12  # townships whose rows are read by one statement
LEADS: Final = 10  # from this zoom on a tile holds fewer rows than a township: its box leads to them, not the codes
TOWNSHIP: Final = 9  # digits
WAITING: Final = frozenset({"received", "in_review"})


class Counted(NamedTuple):
    """One cell: the middle of the pieces in it, in units of the tile, and how many of which sort they are."""

    x: int
    y: int
    pieces: int
    doubt: int
    look: int
    waiting: int
    returned: int


def count_cells(session: Session, viewer: Viewer, selection: Selection, tile: Tile) -> list[Counted]:
    """Return the cells of a tile that hold something the viewer may see, each piece in exactly one cell of one tile."""
    grid, condition = grid_of(tile.zoom), selected(viewer, selection)
    if not kept_say(selection, viewer) or is_blind(session, viewer):
        return _together(tile, _rows(session, tile, grid, condition, _near(tile)))
    old = old_townships(session, viewer.areas(Permission.EVIDENCE_READ))
    found = _kept(session, viewer, selection, tile, but=[township for _, township in old])
    if old and tile.zoom >= LEADS:
        of_old = sa.func.substr(Evidence.village_code, 1, TOWNSHIP).in_([township for _, township in old])
        found += _rows(session, tile, grid, sa.and_(of_old, condition), _near(tile))
    else:
        for theirs in lead_to(old):
            found += _rows(session, tile, grid, sa.and_(theirs, condition), lies_between(Evidence, _box(tile)))
    return _together(tile, found)


def lead_to(townships: Sequence[tuple[str, str]]) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions on `Evidence` that hold of townships, some at once, so that an index leads to their rows."""
    for at in range(0, len(townships), AT_ONCE):
        part = townships[at : at + AT_ONCE]
        yield sa.or_(*(sa.and_(Evidence.county_code == county, in_township(code)) for county, code in part))


def grid_of(zoom: int) -> int:
    """Return the grid for the tiles of a zoom: a kept one as far as there are, then as fine as the tile asks.

    Examples
    --------
    >>> [grid_of(zoom) for zoom in (0, 6, 12, 15)]
    [8, 9, 15, 18]
    """
    wanted = zoom + FINER
    return next((grid for grid in GRIDS if grid >= wanted), wanted)


def kept_say(selection: Selection, viewer: Viewer) -> bool:
    """Tell whether the kept counts say what is asked: they know township, kind, purpose, state and severity."""
    asked = (
        selection.household, selection.worker, selection.since, selection.until, selection.rule, selection.drawn,
        selection.band, selection.search, selection.bbox,
    )  # fmt: skip
    areas = [*viewer.areas(Permission.EVIDENCE_READ), selection.area or ""]
    return not any(asked) and all(len(area) <= TOWNSHIP for area in areas)


def kept_conditions(viewer: Viewer, selection: Selection, *, but: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on `EvidenceCell` for what a selection asks, all townships but some."""
    cell = EvidenceCell
    wanted = [inside(cell.township_code, viewer.areas(Permission.EVIDENCE_READ))]
    if but:
        wanted.append(cell.township_code.not_in(but))
    if selection.area:
        wanted.append(inside(cell.township_code, [selection.area]))
    exact = {cell.kind: selection.kind, cell.purpose: selection.purpose, cell.state: selection.state}
    wanted += [column == value for column, value in exact.items() if value]
    if selection.doubt:
        severities = {"any": ["doubt", "look"], "none": [""]}.get(selection.doubt, [selection.doubt])
        wanted.append(cell.severity.in_(severities))
    return wanted


Row = Sequence[Any]  # column, line, state, severity, pieces, sums of their places


def _kept(session: Session, viewer: Viewer, selection: Selection, tile: Tile, *, but: list[str]) -> list[Row]:
    """Return the kept counts of all townships but some."""
    cell, grid = EvidenceCell, grid_of(tile.zoom)
    shift = grid - tile.zoom
    wanted = [
        cell.grid == grid,
        cell.x >= tile.x << shift, cell.x < (tile.x + 1) << shift,
        cell.y >= tile.y << shift, cell.y < (tile.y + 1) << shift,
        *kept_conditions(viewer, selection, but=but),
    ]  # fmt: skip
    return list(
        session.execute(
            sa.select(
                cell.x,
                cell.y,
                cell.state,
                cell.severity,
                sa.func.sum(cell.pieces),
                sa.func.sum(cell.east),
                sa.func.sum(cell.south),
            )
            .where(*wanted)
            .group_by(cell.x, cell.y, cell.state, cell.severity)
        )
    )


def _box(tile: Tile) -> Box:
    """Return a box a little larger than a tile: which rows are its own is told by their cells."""
    return tile.box(around=1 / EXTENT)


def _near(tile: Tile) -> sa.ColumnElement[bool]:
    return lies_in(Evidence, _box(tile)) if tile.zoom else Evidence.place.is_not(None)


def _rows(
    session: Session, tile: Tile, grid: int, condition: sa.ColumnElement[bool], near: sa.ColumnElement[bool]
) -> list[Row]:
    """Count rows: those near the tile, then exactly by the cell they lie in."""
    rows = session.execute(
        sa.select(sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place), state_of(), severity_of()).where(
            condition, near
        )
    ).all()
    if not rows:
        return []
    east, south = world([row[0] for row in rows], [row[1] for row in rows])
    xs, ys = ((part * (1 << grid)).astype(int) for part in (east, south))
    shift = grid - tile.zoom
    within = (xs >> shift == tile.x) & (ys >> shift == tile.y)
    columns = (xs.tolist(), ys.tolist(), east.tolist(), south.tolist(), within.tolist())
    return [
        (x, y, row[2], row[3], 1, part, down)
        for x, y, part, down, here, row in zip(*columns, rows, strict=True)
        if here
    ]


def _together(tile: Tile, rows: list[Row]) -> list[Counted]:
    found: dict[tuple[int, int], list[float]] = {}
    for x, y, state, severity, pieces, east, south in rows:
        sums = found.setdefault((x, y), [0, 0, 0, 0, 0, 0.0, 0.0])
        number = int(pieces)
        sums[0] += number
        sums[1] += number * (severity == "doubt")
        sums[2] += number * (severity == "look")
        sums[3] += number * (state in WAITING)
        sums[4] += number * (state == "returned")
        sums[5] += east
        sums[6] += south
    units = EXTENT << tile.zoom
    return [
        Counted(
            int(sums[5] / sums[0] * units) - tile.x * EXTENT, int(sums[6] / sums[0] * units) - tile.y * EXTENT,
            *(int(number) for number in sums[:5]),
        )
        for _, sums in sorted(found.items())
    ]  # fmt: skip

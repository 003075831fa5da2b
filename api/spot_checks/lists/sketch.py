"""A small sketch of one day's way for its paper: where the numbered doors lie; no map, nothing from outside."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.spot_checks.lists.places import Point

EARTH_RADIUS_M: Final = 6_371_008.8
WIDTH: Final = 720.0  # units of the drawing; its height follows what it shows
LEAST_HEIGHT, MOST_HEIGHT = 170.0, 330.0
MARGIN: Final = 46.0  # around the outermost places: room for marks that step aside
FOOT: Final = 34.0  # below: the scale bar
MARK: Final = 11.0  # radius of a numbered mark
LEAST_SPAN_M: Final = 200.0  # a day in one yard is not drawn larger than this across
BAR_SHARE: Final = 0.25  # of the width, at most
AROUND: Final = 8  # directions in which a mark steps aside


@dataclass(frozen=True)
class Mark:
    """One numbered door: the place itself (x, y), and where its number is written, aside if another stands there."""

    number: int
    x: float
    y: float
    label_x: float
    label_y: float
    own_place: bool

    @property
    def aside(self) -> bool:
        """Whether the number stands beside its place."""
        return (self.x, self.y) != (self.label_x, self.label_y)


@dataclass(frozen=True)
class Bar:
    """The scale bar: its length on the paper and on the ground."""

    length: float
    metres: int


@dataclass(frozen=True)
class Sketch:
    """What is drawn, in units of the drawing; north is up."""

    width: float
    height: float
    start: tuple[float, float] | None
    marks: list[Mark]
    line: list[tuple[float, float]]
    bar: Bar
    missing: list[int]  # numbers of stops that have no place at all

    @property
    def path(self) -> str:
        """The way in the order of the stops, as the points of an SVG polyline."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.line)


def sketch_tour(start: Point | None, stops: Sequence[tuple[Point | None, bool]]) -> Sketch | None:
    """Lay a tour out on paper, equally large in both directions at the tour's latitude.

    Parameters
    ----------
    start : Point or None
        Where the team sets out and comes back to.
    stops : sequence of (Point or None, bool)
        In the order of the day: the place, and whether it is the household's own.

    Returns
    -------
    Sketch or None
        None when no stop has a place.
    """
    known = [point for point, _ in stops if point is not None]
    if not known:
        return None
    places = [start, *known] if start else known
    west, east = min(p.longitude for p in places), max(p.longitude for p in places)
    south, north = min(p.latitude for p in places), max(p.latitude for p in places)
    m_per_degree = math.radians(1) * EARTH_RADIUS_M
    m_per_degree_east = m_per_degree * math.cos(math.radians((south + north) / 2))
    wide, high = (east - west) * m_per_degree_east, (north - south) * m_per_degree
    inner = WIDTH - 2 * MARGIN
    m_per_unit = max(wide / inner, high / (MOST_HEIGHT - 2 * MARGIN - FOOT), LEAST_SPAN_M / inner)
    height = max(LEAST_HEIGHT, high / m_per_unit + 2 * MARGIN + FOOT)
    middle_x, middle_y = WIDTH / 2, (height - FOOT) / 2

    def on_paper(point: Point) -> tuple[float, float]:
        return (
            middle_x + (point.longitude - (west + east) / 2) * m_per_degree_east / m_per_unit,
            middle_y - (point.latitude - (south + north) / 2) * m_per_degree / m_per_unit,
        )

    begin = on_paper(start) if start else None
    taken = [begin] if begin else []
    marks: list[Mark] = []
    for number, (point, own) in enumerate(stops, 1):
        if point is None:
            continue
        at = on_paper(point)
        label = _free(at, taken, height)
        taken.append(label)
        marks.append(Mark(number, *at, *label, own_place=own))
    way = [(one.x, one.y) for one in marks]
    line = [begin, *way, begin] if begin else way
    metres = round_length(WIDTH * BAR_SHARE * m_per_unit)
    missing = [number for number, (point, _) in enumerate(stops, 1) if point is None]
    return Sketch(WIDTH, height, begin, marks, line, Bar(metres / m_per_unit, metres), missing)


def round_length(most_m: float) -> int:
    """Return the longest of 1, 2, 5, 10, 20, … metres that is not longer.

    Examples
    --------
    >>> round_length(990), round_length(1999), round_length(52.0)
    (500, 1000, 50)
    """
    power = 10 ** math.floor(math.log10(max(most_m, 1)))
    return int(max(step * power for step in (1, 2, 5) if step * power <= max(most_m, 1)))


def _free(at: tuple[float, float], taken: Sequence[tuple[float, float]], height: float) -> tuple[float, float]:
    """Return the nearest spot for a mark on the paper that touches no other mark."""
    apart = 2 * MARK + 1
    tries = [at]
    for ring in range(1, 8):
        for turn in range(AROUND * ring):
            angle = 2 * math.pi * turn / (AROUND * ring)
            tries.append((at[0] + ring * apart * math.cos(angle), at[1] + ring * apart * math.sin(angle)))
    for x, y in tries:
        inside = MARK < x < WIDTH - MARK and MARK < y < height - FOOT - MARK
        if inside and all(math.hypot(x - other_x, y - other_y) >= apart - 1 for other_x, other_y in taken):
            return x, y
    return at

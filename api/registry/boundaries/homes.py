"""Hold ground against the homes recorded there: a wrong code, a swapped row or a shifted map shows at once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from api.people.access import COUNTY_LENGTH, inside
from api.registry.tables import Household

M_PER_DEGREE: Final = 111_195.0  # of latitude, on a sphere of 6,371 km
NEAR_M: Final = 200.0  # no boundary is drawn finer, no phone's place is surer than that in a valley
FEWEST: Final = 3  # of fewer homes nothing can be said
MOST_OUTSIDE: Final = 0.5
SHIFTS_M: Final = (200, 300, 400, 500, 600, 700)  # a GCJ-02 map lies some hundred metres beside the truth
DIRECTIONS: Final = 16
FEWEST_MISSED: Final = 20  # a shift is spoken of only when it explains at least so many homes
EXPLAINS: Final = 0.5  # and leaves at most this share of them outside
MOST_TRIED: Final = 5_000

Places = NDArray[np.float64]


@dataclass(frozen=True)
class Homes:
    """The homes of one division: how many have a place, and how many of these lie off its ground."""

    all: int
    outside: int

    @property
    def far(self) -> bool:
        """Whether the ground can hardly be that of this division."""
        return self.all >= FEWEST and self.outside > MOST_OUTSIDE * self.all


@dataclass(frozen=True)
class Shift:
    """One movement of the whole file after which far more homes lie where they belong."""

    metres: int
    bearing: int  # in degrees from north, towards which the file would have to be moved
    outside: int
    outside_then: int


def read_homes(session: Session, code: str) -> Places:
    """Return the places of a division's households, longitude and latitude, shape (n, 2)."""
    rows = session.execute(
        sa.select(sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place)).where(
            inside(Household.county_code, [code[:COUNTY_LENGTH]]),
            inside(Household.village_code, [code]),
            Household.place.is_not(None),
        )
    ).all()
    return np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 2)


def count_outside(ground: shapely.MultiPolygon, homes: Places, *, near_m: float = NEAR_M) -> Homes:
    """Count homes that lie further from the ground than can be explained.

    Examples
    --------
    >>> ground = shapely.MultiPolygon([shapely.box(89.5, 28.8, 89.7, 29.0)])
    >>> count_outside(ground, np.array([[89.6, 28.9], [89.701, 28.9], [89.9, 28.9]]))
    Homes(all=3, outside=1)
    """
    if not len(homes):
        return Homes(0, 0)
    off = homes[~shapely.contains_xy(ground, homes)]
    if not len(off):
        return Homes(len(homes), 0)
    distance = shapely.distance(_in_metres(ground, homes[0]), shapely.points(_metres(off, homes[0])))
    return Homes(len(homes), int((distance > near_m).sum()))


def find_shift(grounds: Mapping[str, shapely.MultiPolygon], homes: Mapping[str, Places]) -> Shift | None:
    """Return the movement of the file that explains most homes off their ground, when one does.

    A reference system cannot tell a map that was shifted on purpose (GCJ-02); homes seen by satellite can. It is a
    hint and no proof, so it is said and nothing is moved.
    """
    some = {code: homes[code] for code in grounds if len(homes.get(code, ()))}
    step = max(1, math.ceil(sum(map(len, some.values())) / MOST_TRIED))
    tried = {code: places[::step] for code, places in some.items() if len(places[::step])}
    for code in tried:
        shapely.prepare(grounds[code])

    def outside(east_m: float, north_m: float) -> int:
        # moving the file one way is moving the homes the other
        return sum(
            int((~shapely.contains_xy(grounds[code], places - _degrees(east_m, north_m, places[0, 1]))).sum())
            for code, places in tried.items()
        )

    now = outside(0, 0)
    if now < FEWEST_MISSED:
        return None
    tried_shifts = {}
    for metres in SHIFTS_M:
        for at in range(DIRECTIONS):
            angle = 2 * math.pi * at / DIRECTIONS
            shift = (metres * math.sin(angle), metres * math.cos(angle))
            tried_shifts[shift] = outside(*shift)
    least = min(tried_shifts.values())
    if least > EXPLAINS * now:
        return None
    # several often explain as much: the truth is somewhere in their middle
    east_m, north_m = np.mean([shift for shift, then in tried_shifts.items() if then == least], axis=0)
    bearing = round(math.degrees(math.atan2(east_m, north_m))) % 360
    return Shift(int(round(math.hypot(east_m, north_m), -1)), bearing, now, least)


def _degrees(east_m: float, north_m: float, latitude: float) -> Places:
    return np.array([east_m / (M_PER_DEGREE * math.cos(math.radians(latitude))), north_m / M_PER_DEGREE])


def _metres(places: Places, around: Places) -> Places:
    scale = np.array([M_PER_DEGREE * math.cos(math.radians(float(around[1]))), M_PER_DEGREE])
    turned: Places = (places - around) * scale
    return turned


def _in_metres(ground: shapely.MultiPolygon, around: Places) -> shapely.Geometry:
    return shapely.transform(ground, lambda places: _metres(places, around))

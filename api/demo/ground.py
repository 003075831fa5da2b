"""Where the villages lie: strung along four valleys that meet at the town, in metres on a flat sheet.

The valleys follow the real rivers near 28.9 N 89.6 E roughly; which village lies where on them is made up.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.demo.chance import dice

CENTRE = (89.60, 28.91)
M_PER_DEGREE = 111_320.0  # of latitude
ALTITUDE_M = 4_000

# Each from the town outwards: (longitude, latitude).
VALLEYS = (
    ((89.56, 28.93), (89.48, 28.97), (89.36, 29.03), (89.24, 29.08), (89.14, 29.14)),
    ((89.56, 28.88), (89.46, 28.83), (89.36, 28.77), (89.28, 28.70)),
    ((89.63, 28.88), (89.70, 28.82), (89.76, 28.74), (89.82, 28.66), (89.84, 28.58)),
    ((89.65, 28.92), (89.78, 28.95), (89.90, 28.91), (90.02, 28.87), (90.12, 28.85)),
)
SIDE_M = 900  # how far from the river a village may lie
APART_M = 900  # at least this far from each other
HOUSE_SPREAD_M = 160  # standard deviation of a house's distance from its village's middle, either way
HOUSE_FARTHEST_M = 420  # under half of APART_M: a house lies in its own village's cell


@dataclass(frozen=True)
class Spot:
    """A place on the flat sheet, metres east and north of the town."""

    east_m: float
    north_m: float

    @property
    def lonlat(self) -> tuple[float, float]:
        """Longitude and latitude, WGS 84, to about a decimetre."""
        latitude = CENTRE[1] + self.north_m / M_PER_DEGREE
        return round(CENTRE[0] + self.east_m / _m_per_degree_east(), 6), round(latitude, 6)

    def moved(self, east_m: float, north_m: float) -> "Spot":
        """Return the place so many metres away."""
        return Spot(self.east_m + east_m, self.north_m + north_m)

    def distance_m(self, other: "Spot") -> float:
        """Return how far another place is."""
        return math.hypot(self.east_m - other.east_m, self.north_m - other.north_m)


def _m_per_degree_east() -> float:
    return M_PER_DEGREE * math.cos(math.radians(CENTRE[1]))


def spot_at(longitude: float, latitude: float) -> Spot:
    """Return the place on the flat sheet of a longitude and latitude."""
    return Spot((longitude - CENTRE[0]) * _m_per_degree_east(), (latitude - CENTRE[1]) * M_PER_DEGREE)


def lay_out(village_codes: Sequence[str]) -> dict[str, Spot]:
    """Return the middle of each village: the first township around the town, the others along the valleys in order.

    Parameters
    ----------
    village_codes : sequence of str
        Twelve digits each, of one county.
    """
    rng = dice("ground")
    codes = sorted(village_codes)
    town = codes[0][:9]
    around = [code for code in codes if code.startswith(town)]
    along = [code for code in codes if not code.startswith(town)]
    middles: dict[str, Spot] = {}
    for code in around:
        middles[code] = _apart(rng, Spot(0.0, 0.0), 1_400, middles)
    lines = [[spot_at(*point) for point in valley] for valley in VALLEYS]
    step = sum(map(_length, lines)) / max(1, len(along))
    for code, station in zip(along, _stations(lines, step), strict=False):  # the stations never end
        middles[code] = _apart(rng, station, SIDE_M, middles)
    return middles


def house_in(rng: random.Random, middle: Spot) -> Spot:
    """Return the place of a house: near the middle of its village, never beyond half-way to the next one."""
    while True:
        spot = middle.moved(rng.gauss(0, HOUSE_SPREAD_M), rng.gauss(0, HOUSE_SPREAD_M))
        if spot.distance_m(middle) <= HOUSE_FARTHEST_M:
            return spot


def _apart(rng: random.Random, near: Spot, within_m: float, others: dict[str, Spot]) -> Spot:
    """Return a place near another and apart from all that are taken, looking wider while there is none."""
    while True:
        for _ in range(40):
            spot = near.moved(rng.uniform(-within_m, within_m), rng.uniform(-within_m, within_m))
            if all(spot.distance_m(other) >= APART_M for other in others.values()):
                return spot
        within_m *= 1.2


def _length(line: Sequence[Spot]) -> float:
    return sum(line[at].distance_m(line[at + 1]) for at in range(len(line) - 1))


def _stations(lines: Sequence[Sequence[Spot]], step: float) -> Iterator[Spot]:
    """Yield places at even steps along all lines, one line after the other."""
    gone = step / 2
    for line in lines:
        for at in range(len(line) - 1):
            start, end = line[at], line[at + 1]
            length = start.distance_m(end)
            while gone < length:
                part = gone / length
                yield start.moved(part * (end.east_m - start.east_m), part * (end.north_m - start.north_m))
                gone += step
            gone -= length
    while True:  # a rounding error must not lose a village
        yield lines[-1][-1]

"""What a plan costs on the ground: households, team-days, kilometres."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import Final
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError
from sqlalchemy.orm import Session

from api.spot_checks.lists.places import Point, middle_of
from api.spot_checks.planning.options import PlanOptions
from api.spot_checks.planning.way import KM_PER_DEGREE, Starts, way_to
from api.spot_checks.tables import Frame, FrameUnit
from sampling.certificate import Plan

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# A tour through many places is longer than the tree that joins them by the ratio of their constants, 0.7124 / 0.6331
# (Applegate et al. 2006, ch. 1; Cortina-Borja & Robinson 2000).
TOUR_PER_TREE: Final = 1.125
DETOUR: Final = 1.4  # roads in valleys against straight lines
SMALL: Final = 12  # places up to which all distances are looked at
KEPT: Final = 32  # frames whose lengths are remembered; a frame never changes


@dataclass(frozen=True)
class Ground:
    """What a frame says of the ground, whatever is planned.

    Attributes
    ----------
    units : mapping of (str, str) to int
        Households by village and stratum.
    tree_km : mapping of str to float
        Length of the shortest tree through the places of each village.
    between_km : float
        Of the shortest tree through the middles of the villages.
    placed : float
        Share of households whose place is known.
    centres : mapping of str to Point
        Middle of the households of each village, township and the county, by code.
    """

    units: Mapping[tuple[str, str], int]
    tree_km: Mapping[str, float]
    between_km: float
    placed: float
    centres: Mapping[str, Point]

    @property
    def sizes(self) -> dict[str, int]:
        """N by stratum."""
        sizes: Counter[str] = Counter()
        for (_, stratum), units in self.units.items():
            sizes[stratum] += units
        return sizes


@dataclass(frozen=True)
class Workload:
    """What a plan costs.

    Attributes
    ----------
    team_days : int
        Households divided by what a team visits in a day, rounded up.
    days : int
        That, shared among the teams, rounded up.
    enough : bool
        Whether the days given suffice.
    km : float
        Expected: within villages, from one to the next, and each team-day out and back.
    way_km : float
        Of these, out and back.
    starts : Starts
        From where.
    placed : float
        Share of households whose place is known; without places no kilometres.
    """

    households: int
    team_days: int
    days: int
    enough: bool
    km: float
    way_km: float
    starts: Starts
    placed: float


_remembered: dict[UUID, Ground] = {}
_lock = Lock()


def ground_of(session: Session, frame: Frame) -> Ground:
    """Return what a frame says of the ground; remembered, because no frame changes."""
    with _lock:
        known = _remembered.get(frame.id)
    if known is not None:
        return known
    rows = session.execute(
        sa.select(FrameUnit.village_code, FrameUnit.stratum, FrameUnit.longitude, FrameUnit.latitude).where(
            FrameUnit.county_code == frame.county_code, FrameUnit.frame_id == frame.id
        )
    ).all()
    villages, strata, *degrees = zip(*rows, strict=True) if rows else ((), (), (), ())
    numbered = {village: number for number, village in enumerate(dict.fromkeys(villages))}
    places = np.array(degrees, dtype=np.float64).T.reshape(-1, 2)
    placed = np.flatnonzero(np.isfinite(places[:, 0]) & np.isfinite(places[:, 1]))
    group = np.fromiter(map(numbered.__getitem__, villages), np.int64, len(rows))[placed]
    on_plane = kilometres(places[placed])
    households = np.bincount(group, minlength=len(numbered))
    there = households > 0
    east, north = (np.bincount(group, axis, len(numbered)) for axis in places[placed].T)
    sums = np.column_stack([np.bincount(group, axis, len(numbered)) for axis in on_plane.T])
    lengths = tree_lengths(on_plane, group, len(numbered)).tolist()
    found = Ground(
        units=Counter(zip(villages, strata, strict=True)),
        tree_km={village: lengths[number] for village, number in numbered.items() if there[number]},
        between_km=tree_length(sums[there] / households[there, None]),
        placed=len(placed) / max(len(rows), 1),
        centres=middle_of(
            (village, int(households[number]), float(east[number]), float(north[number]))
            for village, number in numbered.items()
            if there[number]
        ),
    )
    with _lock:
        while len(_remembered) >= KEPT:
            _remembered.pop(next(iter(_remembered)), None)
        _remembered[frame.id] = found
    return found


def workload_of(ground: Ground, plan: Plan, options: PlanOptions, starts: Starts) -> Workload:
    """Return what visiting the base list of a plan will cost.

    Notes
    -----
    Kilometres: of a village with N places joined by a shortest tree of L km, the n that are expected to be drawn
    need about L·√(n/N) (Beardwood, Halton & Hammersley 1959: a shortest tour through n places of an area A grows as
    √(nA)), turned from tree to tour by `TOUR_PER_TREE`; then the tree through the villages' middles once; all times
    `DETOUR`. To this each team-day adds the way from its start to where it works and back: twice the mean distance of
    the households drawn (Daganzo 1984, Transportation Science 18(4): a tour of vehicles that hold C is about
    2·r·n/C + k·√(nA)).
    """
    chance = {name: planned.n / planned.size for name, planned in plan.strata.items()}
    here: dict[str, list[float]] = {}
    for (village, stratum), units in ground.units.items():
        sums = here.setdefault(village, [0.0, 0.0])
        sums[0] += units * chance.get(stratum, 0.0)
        sums[1] += units
    within = sum(
        length * (here[village][0] / here[village][1]) ** 0.5
        for village, length in ground.tree_km.items()
        if village in here
    )
    expected = {village: drawn for village, (drawn, _) in here.items()}
    households = sum(planned.n for planned in plan.strata.values())
    team_days = -(-households // options.per_day)
    out_and_back = 2 * way_to(ground.centres, expected, starts.points) * team_days * DETOUR
    return Workload(
        households=households,
        team_days=team_days,
        days=-(-team_days // options.teams),
        enough=team_days <= options.teams * options.days,
        km=(within + ground.between_km) * TOUR_PER_TREE * DETOUR + out_and_back,
        way_km=out_and_back,
        starts=starts,
        placed=ground.placed,
    )


def kilometres(degrees: Floats) -> Floats:
    """Return longitudes and latitudes as kilometres on a plane; good to a few parts in a thousand in a county.

    Examples
    --------
    >>> kilometres(np.array([[89.0, 29.0], [90.0, 29.0]])).round(1).tolist()
    [[8655.5, 3224.7], [8752.8, 3224.7]]
    """
    plane = degrees * KM_PER_DEGREE
    if len(plane):
        plane[:, 0] *= np.cos(np.radians(degrees[:, 1].mean()))
    return plane


def tree_length(xy: Floats) -> float:
    """Return the length of the shortest tree that joins places of a plane.

    Examples
    --------
    >>> tree_length(np.array([[0.0, 0.0], [0.0, 2.0], [3.0, 0.0], [3.0, 0.0]]))
    5.0
    >>> tree_length(np.array([[x % 5, x // 5] for x in range(30)]))
    29.0
    """
    return float(tree_lengths(xy, np.zeros(len(xy), dtype=np.int64), 1)[0])


def tree_lengths(xy: Floats, group: Integers, groups: int) -> Floats:
    """Return the lengths of the shortest trees, each joining the places of one group: all of them at one go.

    Of many places only the edges of a Delaunay triangulation are looked at, which hold a shortest tree.

    Examples
    --------
    >>> tree_lengths(np.array([[0.0, 0.0], [9.0, 9.0], [0.0, 2.0]]), np.array([1, 2, 1]), 3).tolist()
    [0.0, 2.0, 0.0]
    """
    order = np.lexsort((xy[:, 1], xy[:, 0], group))
    xy, group = xy[order], group[order]
    apart = np.ones(len(xy), dtype=bool)
    apart[1:] = (np.diff(group) != 0) | (np.diff(xy, axis=0) != 0).any(axis=1)
    xy, group = xy[apart], group[apart]
    firsts = np.searchsorted(group, np.arange(groups + 1)).tolist()
    edges = np.vstack([first + _edges(xy[first:end]) for first, end in pairwise(firsts)])
    once = np.unique(edges.min(axis=1) * len(xy) + edges.max(axis=1))
    ends = np.divmod(once, max(len(xy), 1))
    length = np.hypot(*(xy[ends[0]] - xy[ends[1]]).T)
    forest = minimum_spanning_tree(coo_array((length, ends), shape=(len(xy), len(xy)))).tocoo()
    lengths: Floats = np.bincount(group[forest.row], forest.data, groups).astype(np.float64)
    return lengths


def _edges(xy: Floats) -> Integers:
    """Return pairs of places that hold the edges of a shortest tree; the places are in order of x, then of y."""
    if len(xy) > SMALL:
        try:
            return Delaunay(xy).simplices[:, [0, 1, 1, 2, 0, 2]].reshape(-1, 2).astype(np.int64)
        except QhullError:  # all on one line
            return np.column_stack([np.arange(len(xy) - 1), np.arange(1, len(xy))])
    return np.column_stack(np.triu_indices(len(xy), 1)).astype(np.int64)

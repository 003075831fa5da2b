"""What a plan costs on the ground: households, team-days, kilometres."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError
from scipy.spatial.distance import pdist, squareform
from sqlalchemy.orm import Session

from api.spot_checks.planning.options import PlanOptions
from api.spot_checks.tables import Frame, FrameUnit
from sampling.certificate import Plan

Floats = NDArray[np.float64]

KM_PER_DEGREE: Final = 111.195  # of a great circle, on a sphere of 6,371 km
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
    """

    units: Mapping[tuple[str, str], int]
    tree_km: Mapping[str, float]
    between_km: float
    placed: float


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
        Expected, within villages and from one to the next; not from the county town and back.
    placed : float
        Share of households whose place is known; without places no kilometres.
    """

    households: int
    team_days: int
    days: int
    enough: bool
    km: float
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
    units: dict[tuple[str, str], int] = {}
    places: dict[str, list[tuple[float, float]]] = {}
    for village, stratum, longitude, latitude in rows:
        units[village, stratum] = units.get((village, stratum), 0) + 1
        if longitude is not None and latitude is not None:
            places.setdefault(village, []).append((longitude, latitude))
    on_plane = {village: kilometres(np.array(found)) for village, found in places.items()}
    middles = (
        kilometres(np.array([np.mean(found, axis=0) for found in places.values()])) if places else np.empty((0, 2))
    )
    found = Ground(
        units=units,
        tree_km={village: tree_length(xy) for village, xy in on_plane.items()},
        between_km=tree_length(middles),
        placed=sum(map(len, places.values())) / max(len(rows), 1),
    )
    with _lock:
        while len(_remembered) >= KEPT:
            _remembered.pop(next(iter(_remembered)), None)
        _remembered[frame.id] = found
    return found


def workload_of(ground: Ground, plan: Plan, options: PlanOptions) -> Workload:
    """Return what visiting the base list of a plan will cost.

    Notes
    -----
    Kilometres: of a village with N places joined by a shortest tree of L km, the n that are expected to be drawn
    need about L·√(n/N) (Beardwood, Halton & Hammersley 1959: a shortest tour through n places of an area A grows as
    √(nA)), turned from tree to tour by `TOUR_PER_TREE`; then the tree through the villages' middles once; all times
    `DETOUR`.
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
    households = sum(planned.n for planned in plan.strata.values())
    team_days = -(-households // options.per_day)
    return Workload(
        households=households,
        team_days=team_days,
        days=-(-team_days // options.teams),
        enough=team_days <= options.teams * options.days,
        km=(within + ground.between_km) * TOUR_PER_TREE * DETOUR,
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

    Of many places only the edges of a Delaunay triangulation are looked at, which hold a shortest tree.

    Examples
    --------
    >>> tree_length(np.array([[0.0, 0.0], [0.0, 2.0], [3.0, 0.0], [3.0, 0.0]]))
    5.0
    >>> tree_length(np.array([[x % 5, x // 5] for x in range(30)]))
    29.0
    """
    apart = np.unique(xy, axis=0) if len(xy) else xy
    if len(apart) < 2:  # noqa: PLR2004 - one place needs no way
        return 0.0
    if len(apart) > SMALL:
        try:
            corners = Delaunay(apart).simplices
        except QhullError:  # all on one line
            return float(np.hypot(*(apart.max(axis=0) - apart.min(axis=0))))
        edges = np.unique(
            np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1), axis=0
        )
        length = np.hypot(*(apart[edges[:, 0]] - apart[edges[:, 1]]).T)
        return float(minimum_spanning_tree(coo_array((length, edges.T), shape=(len(apart), len(apart)))).sum())
    return float(minimum_spanning_tree(squareform(pdist(apart))).sum())

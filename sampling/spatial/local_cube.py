"""The local cube method: balanced on known totals and spread over the ground in one draw."""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from sampling.selection.checks import probabilities
from sampling.selection.result import Selection
from sampling.selection.strata import CountsLike, Floats, Integers, Strata, StrataLike
from sampling.spatial.cube import balancing, fly_across, landed
from sampling.spatial.ground import apart, by_cells, nearest, places
from sampling.spatial.moves import moved, scaled, undecided

# neighbours looked up at once, as a multiple of those one move needs
FORESIGHT = 3


def local_cube(
    pi: npt.ArrayLike,
    x: npt.ArrayLike,
    xy: npt.ArrayLike,
    strata: StrataLike | None = None,
    *,
    rng: np.random.Generator,
    across: bool = True,
    reserve: CountsLike = 0,
) -> Selection:
    """Draw a doubly balanced sample within strata: totals of `x` kept, places `xy` spread.

    A unit and its q + 1 nearest undecided neighbours in the stratum make a move of the cube method among
    themselves, so that one decided in is paid for by neighbours decided out (Grafström & Tillé 2013,
    *Environmetrics* 24, 120-131). Clusters that share no unit do not affect each other and move at once.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Inclusion probabilities, 0 < π ≤ 1, with whole totals per stratum.
    x : array_like, shape (N,) or (N, q)
        Variables to balance on, the most important first.
    xy : array_like, shape (N, d)
        Coordinates to spread over, in one unit.
    strata : Strata or array_like, shape (N,), optional
        Labels; None is one stratum.
    rng : numpy.random.Generator
        Source of chance.
    across : bool
        Whether to balance what strata leave over all of them together.
    reserve : int, mapping or array_like, shape (H,)
        Reserves per stratum: units not drawn, in Pareto order on π.

    Returns
    -------
    Selection
        With exact first-order probabilities and fixed sizes per stratum.

    Raises
    ------
    ProbabilityOutOfRange, FractionalTotal, NotFinite, WrongLength
        If probabilities, variables or places are not usable.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> draw = local_cube([0.25] * 80, rng.random(80), rng.random((80, 2)), rng=rng)
    >>> draw.sample.size
    20
    """
    parts = Strata.of(len(np.asarray(pi)) if strata is None else strata)
    target, n = probabilities(pi, parts)
    reserves = parts.per_stratum(reserve, where="reserve")
    site = places(xy, units=parts.units)
    a = scaled(balancing(x, parts.units), target)
    p = target.copy()
    walked = by_cells(site, parts)
    _fly_near(p, a, (apart(site, parts, rng), walked), parts, rng)
    if across:
        fly_across(p, a, walked, parts.code, rng)
    return landed(p, a, (parts, target, n, reserves), walked, rng, design="local cube method within strata")


def _fly_near(p: Floats, a: Floats, at: tuple[Floats, Integers], parts: Strata, rng: np.random.Generator) -> None:
    ground, walked = at
    window = a.shape[1] + 2
    while True:
        unit = walked[undecided(p[walked])]
        # a stratum with fewer units than one move needs is left to the landing
        unit = unit[np.bincount(parts.code[unit], minlength=parts.count)[parts.code[unit]] >= window]
        if not unit.size:
            return
        _fly_on_one_tree(p, a, ground[unit], (unit, parts.code[unit]), rng)


def _fly_on_one_tree(
    p: Floats, a: Floats, ground: Floats, units: tuple[Integers, Integers], rng: np.random.Generator
) -> None:
    """Move disjoint clusters until the lists of neighbours of most units are used up."""
    unit, code = units
    window = a.shape[1] + 2
    tree = cKDTree(ground, leafsize=16, balanced_tree=False, compact_nodes=False)
    near = nearest(tree, ground, min(FORESIGHT * window, unit.size))[1]
    share = p[unit]
    begun = unit.size
    while True:
        live = undecided(share)
        centre = np.flatnonzero(live)
        known = live[near[centre]] & (code[near[centre]] == code[centre][:, None])
        enough = np.count_nonzero(known, axis=1) >= window
        centre, known = centre[enough], known[enough]
        if not centre.size or (centre.size * 2 < live.sum() and live.sum() < begun):
            break
        # the first `window` live neighbours, the unit itself among them
        column = np.argsort(~known, axis=1, kind="stable")[:, :window]
        cluster = np.take_along_axis(near[centre], column, axis=1).T
        lead = rng.permutation(centre.size)
        best = np.full(unit.size, centre.size)
        np.minimum.at(best, cluster.ravel(), np.broadcast_to(lead, cluster.shape).ravel())
        chosen = cluster[:, np.all(best[cluster] == lead, axis=0)]  # a cluster first on each of its units
        chance: Floats = rng.random((int(chosen.shape[1]),))
        around = np.ascontiguousarray(np.moveaxis(a[unit[chosen]], 2, 0))
        share[chosen] = moved(share[chosen], around, chance)
    p[unit] = share

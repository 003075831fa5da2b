"""The local pivotal method: nearest neighbours duel for their probabilities, so a sample keeps its distances."""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from sampling.selection.checks import chances, probabilities
from sampling.selection.result import Selection
from sampling.selection.spare import left_over
from sampling.selection.strata import CountsLike, Floats, Integers, Strata, StrataLike
from sampling.selection.systematic import gathered
from sampling.spatial.ground import nearest, places, to_one_density

# strata are taken together up to so many units: their arrays stay in the processor's cache
BLOCK = 1 << 16
# neighbours within reach per unit: with fewer the tree is grown too often, with more most pairs come to nothing
NEIGHBOURS = 2.5
# beyond this many a radius is halved: a town in an empty county would be all pairs
CROWD = 20
# no radius is smaller: units this near lie on one spot, even after the shake
SPOT = 1e-12
# units that tell the radius, and neighbours asked of each
PROBES = 200
PROBED = 12
# a duel's arithmetic leaves a winner this near 1
DECIDED = 1e-9


def local_pivotal(
    pi: npt.ArrayLike,
    xy: npt.ArrayLike,
    strata: StrataLike | None = None,
    *,
    rng: np.random.Generator,
    reserve: CountsLike = 0,
) -> Selection:
    """Draw by the local pivotal method (LPM 1) within strata.

    Two units that are each other's nearest among the undecided duel: their probabilities are joined until one of
    them is decided (Grafström, Lundström & Schelin 2012, *Biometrics* 68, 514-520). A pair of mutual neighbours
    stays one, whatever other pairs do, so the order of duels does not matter and all mutual pairs duel at once:
    this is LPM 1 itself, in some tens of rounds instead of N steps. Only units within a radius of each other are
    paired; when none of them is left the radius grows.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Inclusion probabilities, 0 < π ≤ 1, with whole totals per stratum.
    xy : array_like, shape (N, d)
        Coordinates (or standardised auxiliary variables) to spread over, in one unit.
    strata : Strata or array_like, shape (N,), optional
        Labels; None is one stratum. Only units of one stratum duel.
    rng : numpy.random.Generator
        Source of chance; it also breaks ties of distance.
    reserve : int, mapping or array_like, shape (H,)
        Reserves per stratum: units not drawn, in Pareto order on π.

    Returns
    -------
    Selection
        With exact first-order probabilities and fixed sizes.

    Raises
    ------
    ProbabilityOutOfRange, FractionalTotal, NotFinite, WrongLength
        If probabilities or places are not usable.

    Examples
    --------
    >>> xy = [[0.0, 0.0], [0.1, 0.0], [9.0, 0.0], [9.1, 0.0]]
    >>> draw = local_pivotal([0.5] * 4, xy, rng=np.random.default_rng(1))
    >>> (draw.sample < 2).sum()  # one on each side
    np.int64(1)
    """
    parts = Strata.of(len(np.asarray(pi)) if strata is None else strata)
    target, n = probabilities(pi, parts)
    reserves = parts.per_stratum(reserve, where="reserve")
    site = places(xy, units=parts.units)
    p = target.copy()
    for units in _blocks(parts):
        _decide(p, site, units, parts.code, rng)
    drawn = p[parts.grouped] >= 1
    sample = gathered(parts, parts.grouped[drawn], parts.grouped[:0])
    spare = chances(parts.units, rng, None) if reserves.any() else None
    return Selection(
        design="local pivotal method (LPM 1)",
        strata=parts,
        n=n,
        probability=target,
        exact=True,
        sample=sample,
        reserve=left_over(parts, target, sample, reserves, spare),
        reserves=reserves,
    )


def _blocks(parts: Strata) -> list[Integers]:
    """Units of whole strata, some ten thousand at a time."""
    ends = np.searchsorted(parts.start, np.arange(BLOCK, parts.units + BLOCK, BLOCK))
    cuts = parts.start[np.unique(np.minimum(ends, parts.count))]
    return [block for block in np.split(parts.grouped, cuts) if block.size]


def _decide(p: Floats, site: Floats, unit: Integers, code: Integers, rng: np.random.Generator) -> None:
    """Let the undecided units of some strata duel until none is left; changes `p`."""
    while True:
        unit = unit[(p[unit] > 0) & (p[unit] < 1)]
        last = np.bincount(code[unit])[code[unit]] == 1
        p[unit[last]] = np.rint(p[unit[last]])  # totals are whole: the last one is decided
        unit = unit[~last]
        if not unit.size:
            return
        ground, reach = to_one_density(site[unit], code[unit], rng)
        p[unit] = _duels(p[unit], *_pairs(ground, reach), rng)


def _pairs(ground: Floats, reach: float) -> tuple[Integers, Integers]:
    """All pairs of units of one stratum that are nearer than some radius, the farthest pair first."""
    tree = cKDTree(ground, leafsize=16, balanced_tree=False, compact_nodes=False)
    probes = ground[:: max(1, len(ground) // PROBES)]
    gaps = np.sort(nearest(tree, probes, min(PROBED, len(ground)))[0][:, 1:], axis=None)
    radius = max(SPOT, min(reach, float(gaps[min(gaps.size - 1, int(NEIGHBOURS * len(probes)))])))
    while radius > SPOT and np.mean(tree.query_ball_point(probes, radius, return_length=True)) > CROWD:
        radius /= 2
    while not (pairs := tree.query_pairs(radius, output_type="ndarray")).size:
        radius = min(reach, radius * 1.5)
    one, two = np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
    gap = np.zeros(one.size)
    for along in np.ascontiguousarray(ground.T):
        gap += (along[one] - along[two]) ** 2
    far_first = np.argsort(gap)[::-1]
    return one[far_first], two[far_first]


def _duels(share: Floats, one: Integers, two: Integers, rng: np.random.Generator) -> Floats:
    """Fight all pairs, those of mutual nearest first, until each has a unit that is decided."""
    live = np.ones(share.size, dtype=np.bool_)
    nearest_pair = np.empty(share.size, dtype=np.int64)
    while one.size:
        pair = np.arange(one.size)
        nearest_pair[np.column_stack((one, two))] = pair[:, None]  # the last one written stays: a unit's nearest
        mutual = np.flatnonzero(nearest_pair[one] == pair)
        mutual = mutual[nearest_pair[two[mutual]] == mutual]
        left, right = one[mutual], two[mutual]
        share[left], share[right] = duel(share[left], share[right], rng.random(mutual.size))
        for fought in (left, right):
            live[fought] = (share[fought] > 0) & (share[fought] < 1)
        both = np.flatnonzero(live[one])
        both = both[live[two[both]]]
        one, two = one[both], two[both]
    return share


def duel(one: Floats, two: Floats, chance: Floats) -> tuple[Floats, Floats]:
    """Join the probabilities of pairs until one of each is 0 or 1 (Deville & Tillé 1998, *Biometrika* 85, 89-101).

    Parameters
    ----------
    one, two : ndarray, shape (M,)
        Probabilities in (0, 1).
    chance : ndarray, shape (M,)
        Uniform numbers.

    Returns
    -------
    tuple of ndarray
        The new probabilities; means are kept, totals too.

    Examples
    --------
    >>> duel(np.array([0.25]), np.array([0.5]), np.array([0.9]))
    (array([0.]), array([0.75]))
    """
    total = one + two
    low = total < 1
    with np.errstate(invalid="ignore", divide="ignore"):
        first = chance < np.where(low, one / total, (1 - two) / (2 - total))
    winner = np.where(low, total, 1.0)
    loser = np.where(low, 0.0, total - 1)
    return _settled(np.where(first, winner, loser)), _settled(np.where(first, loser, winner))


def _settled(p: Floats) -> Floats:
    settled: Floats = np.where(p < DECIDED, 0.0, np.where(p > 1 - DECIDED, 1.0, p))
    return settled

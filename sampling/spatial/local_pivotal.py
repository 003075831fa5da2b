"""The local pivotal method: nearest neighbours duel for their probabilities, so a sample keeps its distances."""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from sampling.selection.checks import chances, probabilities
from sampling.selection.result import Selection
from sampling.selection.spare import left_over
from sampling.selection.strata import Booleans, CountsLike, Floats, Integers, Strata, StrataLike
from sampling.selection.systematic import gathered
from sampling.spatial.ground import apart, by_cells, nearest, places

# neighbours looked up at once; the tree is grown anew when they are mostly used up
NEIGHBOURS = 6
# a duel's arithmetic leaves a winner this near 1
DECIDED = 1e-9


def local_pivotal(
    pi: npt.ArrayLike,
    xy: npt.ArrayLike,
    strata: StrataLike | None = None,
    *,
    rng: np.random.Generator,
    reserve: CountsLike = 0,
    workers: int = 1,
) -> Selection:
    """Draw by the local pivotal method (LPM 1) within strata.

    Two units that are each other's nearest among the undecided duel: their probabilities are joined until one of
    them is decided (Grafström, Lundström & Schelin 2012, *Biometrics* 68, 514-520). A pair of mutual neighbours
    stays one, whatever other pairs do, so the order of duels does not matter and all mutual pairs duel at once:
    this is LPM 1 itself, in some thirty rounds instead of N steps.

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
    workers : int
        Threads of the neighbour search, which is most of the work; -1 for all cores. The draw is the same.

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
    ground = apart(site, parts, rng)
    walked = by_cells(site, parts)
    undecided = walked[p[walked] < 1]
    while undecided.size:
        _duels(p, ground[undecided], (undecided, parts.code[undecided]), rng, workers)
        undecided = undecided[(p[undecided] > 0) & (p[undecided] < 1)]
        alone = np.bincount(parts.code[undecided], minlength=parts.count)[parts.code[undecided]] == 1
        p[undecided[alone]] = np.rint(p[undecided[alone]])  # totals are whole: the last one is decided
        undecided = undecided[~alone]
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


def _duels(p: Floats, ground: Floats, units: tuple[Integers, Integers], rng: np.random.Generator, workers: int) -> None:
    """Let mutual neighbours duel on one tree until too few units still know their nearest."""
    unit, code = units
    many = unit.size
    known = min(NEIGHBOURS + 1, many)
    tree = cKDTree(ground, leafsize=16, balanced_tree=False, compact_nodes=False)
    near = nearest(tree, ground, known, workers)[1]
    own = np.arange(many)
    share = p[unit]
    live: Booleans = np.ones(many, dtype=np.bool_)
    waiting = own
    # column 0 is the unit itself (a shake keeps places distinct); `column` is the nearest not yet decided
    column = np.ones(many, dtype=np.int64)
    first_round = True
    while True:
        closest = _nearest(near, column, waiting, live, code)
        rival = closest[waiting]
        mutual = (rival > waiting) & (closest[np.maximum(rival, 0)] == waiting)
        one = waiting[mutual]
        if not one.size and first_round:
            one = _closest(near, ground, waiting, closest)
        if not one.size:
            break
        two = closest[one]
        share[one], share[two] = duel(share[one], share[two], rng.random(one.size))
        live[one] = (share[one] > 0) & (share[one] < 1)
        live[two] = (share[two] > 0) & (share[two] < 1)
        waiting = waiting[live[waiting]]
        first_round = False
        if one.size * 10 < waiting.size:
            break
    p[unit] = share


def _nearest(near: Integers, column: Integers, waiting: Integers, live: Booleans, code: Integers) -> Integers:
    """Nearest undecided neighbour of each waiting unit, -1 where the list is used up or another stratum begins."""
    closest = np.full(live.size, -1)
    open_ = waiting
    last = near.shape[1] - 1
    while open_.size:
        open_ = open_[column[open_] <= last]
        candidate = near[open_, column[open_]]
        good = live[candidate] & (candidate != open_)
        closest[open_[good]] = candidate[good]
        open_ = open_[~good]
        column[open_] += 1
    found = waiting[closest[waiting] >= 0]
    closest[found[code[closest[found]] != code[found]]] = -1
    return closest


def _closest(near: Integers, ground: Floats, waiting: Integers, closest: Integers) -> Integers:
    """One pair, the closest, where ties of distance left no mutual neighbours."""
    known = waiting[closest[waiting] >= 0]
    if not known.size:
        raise AssertionError(f"no neighbours among {near.shape[0]} places")  # two units of a stratum always are
    gap = np.linalg.norm(ground[known] - ground[closest[known]], axis=1)
    return known[[int(gap.argmin())]]


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

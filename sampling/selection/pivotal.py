"""Ordered pivotal sampling: neighbours on a list duel for their probabilities, so the sample spreads along it."""

import numpy as np
import numpy.typing as npt

from sampling.selection.checks import chances, probabilities
from sampling.selection.result import Selection
from sampling.selection.spare import left_over
from sampling.selection.strata import Booleans, CountsLike, Floats, Integers, Strata, StrataLike
from sampling.selection.systematic import gathered
from sampling.selection.walk import Walk


def ordered_pivotal(
    pi: npt.ArrayLike,
    strata: StrataLike | None = None,
    *,
    order: npt.ArrayLike | None = None,
    rng: np.random.Generator | None = None,
    uniforms: npt.ArrayLike | None = None,
    spare_uniforms: npt.ArrayLike | None = None,
    reserve: CountsLike = 0,
) -> Selection:
    """Draw by the ordered pivotal method, without walking the duels one by one.

    The list is cut where the cumulated probability passes a whole number. Each piece yields one unit: a candidate
    from its interior (or the unit carried into it) duels with the unit lying across the cut, and the loser is
    carried into the next piece. This is Deville's systematic design and equals the duels in order (Chauvet 2012,
    *Bernoulli* 18, 1320-1340), yet needs only two random numbers per drawn unit and no loop.

    Along a Hilbert curve it is a spatially balanced design for any probabilities, at the cost of a sort.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Inclusion probabilities, 0 < π ≤ 1, with whole totals per stratum.
    strata : Strata or array_like, shape (N,), optional
        Labels; None is one stratum.
    order : array_like, shape (N,), optional
        Value to walk along within a stratum, for instance `sampling.spatial.hilbert_order`; None walks in frame
        order.
    rng : numpy.random.Generator, optional
        Source of chance; give either this or `uniforms`.
    uniforms : array_like, shape (2, n), optional
        Two numbers in [0, 1) per drawn uncertain unit over all strata: for the candidate and for the duel.
    spare_uniforms : array_like, shape (N,), optional
        Numbers that order the reserves, needed only with `uniforms` and `reserve`.
    reserve : int, mapping or array_like, shape (H,)
        Reserves per stratum: units not drawn, in Pareto order on π.

    Returns
    -------
    Selection
        With exact first-order probabilities and fixed sizes.

    Raises
    ------
    ProbabilityOutOfRange, FractionalTotal, NotFinite, WrongLength
        If the probabilities are not usable.
    NoSourceOfChance, UniformOutOfRange
        If the random numbers are missing or wrong.

    Examples
    --------
    >>> draw = ordered_pivotal([0.5, 0.5, 0.5, 0.5], uniforms=[[0.1, 0.1], [0.9, 0.1]])
    >>> draw.sample.tolist()
    [0, 3]
    """
    parts = Strata.of(len(np.asarray(pi)) if strata is None else strata)
    target, n = probabilities(pi, parts)
    reserves = parts.per_stratum(reserve, where="reserve")
    walk = Walk.along(parts, target, n, order)
    pieces = int(walk.n.sum())
    given = None if uniforms is None else np.asarray(uniforms, dtype=np.float64).ravel()
    chance = chances(2 * pieces, rng, given).reshape(2, pieces)
    won = walk.unit[_winners(walk, chance[0], chance[1])] if pieces else walk.unit[:0]
    sample = gathered(parts, walk.certain, won)
    spare = chances(parts.units, rng, spare_uniforms, where="spare_uniforms") if reserves.any() else None
    return Selection(
        design="ordered pivotal sampling",
        strata=parts,
        n=n,
        probability=target,
        exact=True,
        sample=sample,
        reserve=left_over(parts, target, sample, reserves, spare),
        reserves=reserves,
    )


def _winners(walk: Walk, pick: Floats, duel: Floats) -> Integers:
    """Place in the walk of the one unit each piece yields."""
    pieces = pick.size
    piece = np.arange(1, pieces + 1)
    across = np.searchsorted(walk.total, piece, side="left")  # the unit on which each piece ends
    earlier = np.concatenate(([-1], across[:-1]))
    inside = piece - walk.previous()[across]  # its part within the piece
    beyond = walk.total[across] - piece  # its part carried on
    brought = np.concatenate(([0.0], beyond[:-1]))  # probability carried in by the last loser
    point = pick * (1.0 - inside)
    interior = np.searchsorted(walk.total, piece - 1 + point, side="right")
    interior = np.clip(interior, earlier + 1, across - 1)
    alone = across - earlier <= 1  # no unit between the cuts: the carried one is the only candidate
    from_carried: Booleans = (point < brought) | alone
    across_wins: Booleans = duel * (1.0 - beyond) < inside
    # who is carried on: the loser. Where that is the unit already carried, look further back.
    loser = np.where(across_wins, interior, across)
    known = np.where(across_wins & from_carried, -1, np.arange(pieces))
    carried = loser[np.maximum(np.maximum.accumulate(known), 0)]
    carried_in = np.concatenate(([0], carried[:-1]))
    candidate = np.where(from_carried, carried_in, interior)
    winners: Integers = np.where(across_wins, across, candidate)
    return winners

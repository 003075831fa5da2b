"""Reserves for designs that have no order of their own: the units left over, ranked by Pareto on their chances."""

import numpy as np

from sampling.selection.errors import NoSourceOfChance
from sampling.selection.order import ranks
from sampling.selection.ranking import head, ranked
from sampling.selection.strata import Floats, Integers, Strata


def left_over(parts: Strata, pi: Floats, sample: Integers, reserves: Integers, chance: Floats | None) -> Integers:
    """Rank the units not drawn and give the first few of each stratum.

    Parameters
    ----------
    parts : Strata
        The partition of N units.
    pi : ndarray, shape (N,)
        Chances of the draw; equal ones make a simple random order.
    sample : ndarray of int
        Positions already drawn.
    reserves : ndarray of int, shape (H,)
        Wanted per stratum.
    chance : ndarray, shape (N,), or None
        Uniform numbers; may be None if no reserve is wanted.

    Returns
    -------
    ndarray of int
        Positions, stratum after stratum.

    Raises
    ------
    NoSourceOfChance
        If reserves are wanted without random numbers to order them.
    SampleAboveStratum
        If sample and reserves together exceed a stratum.
    """
    if not reserves.any():
        return np.empty(0, dtype=np.int64)
    if chance is None:
        raise NoSourceOfChance("reserve", "is wanted without random numbers", "give numbers to order the reserves")
    key = ranks(pi, chance) + np.finfo(float).tiny
    key[sample] = 0.0  # ahead of everybody else, so that the reserves begin behind the sample
    taken = np.bincount(parts.code[sample], minlength=parts.count)
    return head(parts, ranked(parts, key), taken, reserves)[1]

"""The flight of the cube method, in lanes: every stratum is flown in many places at once, then its rests together."""

import numpy as np

from sampling.selection.strata import Floats, Integers
from sampling.spatial.moves import moved, undecided

# wide enough that numpy's cost per call vanishes, narrow enough to stay in the processor's cache
LANES = 8192
# rests of so many lanes are joined into one
JOIN = 8


def fly(p: Floats, a: Floats, walked: Integers, code: Integers, rng: np.random.Generator) -> None:
    """Decide units within groups, keeping each group's total and balances, until too few are left to move.

    Units enter a window of q + 2 in the order of `walked`; whenever one is decided the next takes its place. Many
    windows move at once over different stretches of the list; any stretch keeps totals and balances by itself, so
    joining their rests keeps those of the whole.

    Parameters
    ----------
    p : ndarray, shape (N,)
        Probabilities; changed in place. Decided units are passed over.
    a : ndarray, shape (N, q)
        Balancing variables over probability.
    walked : ndarray of int
        Positions of the units, group after group, in the order in which they shall meet.
    code : ndarray of int, shape (N,)
        Group of each unit.
    rng : numpy.random.Generator
        Source of chance.
    """
    window = a.shape[1] + 2
    walked = walked[undecided(p[walked])]
    lanes = LANES
    while walked.size:
        first = np.flatnonzero(np.concatenate(([True], code[walked][1:] != code[walked][:-1])))
        size = np.diff(np.append(first, walked.size))
        # lanes in proportion to a group's size, each with work for a few moves at least
        share = np.maximum(1, np.minimum(lanes * size // walked.size, size // (4 * window)))
        _fly_lanes(p, a, walked, _cut(first, size, share), rng)
        walked = walked[undecided(p[walked])]
        if int(share.max()) == 1:
            return
        lanes = max(1, lanes // JOIN)


def _cut(first: Integers, size: Integers, share: Integers) -> tuple[Integers, Integers]:
    """Begin and end of each lane when group h is cut into share[h] stretches of nearly equal length."""
    group = np.repeat(np.arange(share.size), share)
    rank = np.arange(group.size) - np.repeat(np.cumsum(share) - share, share)
    begin = first[group] + rank * size[group] // share[group]
    end = first[group] + (rank + 1) * size[group] // share[group]
    return begin, end


def _fly_lanes(
    p: Floats, a: Floats, walked: Integers, lanes: tuple[Integers, Integers], rng: np.random.Generator
) -> None:
    window = a.shape[1] + 2
    begin, end = lanes
    long_enough = end - begin >= window
    begin, end = begin[long_enough], end[long_enough]
    if not begin.size:
        return
    unit = walked[begin[None, :] + np.arange(window)[:, None]]  # (window, G)
    after = begin + window
    share = p[unit]
    around = np.ascontiguousarray(np.moveaxis(a[unit], 2, 0))  # (q, window, G)
    while True:
        share = moved(share, around, rng.random(share.shape[1]))
        # refill; where several were decided at once the extra places are filled before the next move
        while True:
            done = ~undecided(share)
            spent = done.any(axis=0) & (after >= end)
            if spent.any():  # nothing left to bring in: the lane is flown
                p[unit[:, spent]] = share[:, spent]
                keep = ~spent
                unit, share, around = unit[:, keep], share[:, keep], around[:, :, keep]
                after, end, done = after[keep], end[keep], done[:, keep]
            if not share.shape[1]:
                return
            lane = np.flatnonzero(done.any(axis=0))
            if not lane.size:
                break
            slot = done[:, lane].argmax(axis=0)
            p[unit[slot, lane]] = share[slot, lane]
            comer = walked[after[lane]]
            unit[slot, lane] = comer
            share[slot, lane] = p[comer]
            around[:, slot, lane] = a[comer].T
            after[lane] += 1

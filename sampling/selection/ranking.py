"""Sorting all strata in one pass: the engine under every design that takes the smallest keys of a stratum."""

import numpy as np

from sampling.selection.errors import SampleAboveStratum
from sampling.selection.strata import Floats, Integers, Strata, group, within


def ranked(strata: Strata, key: Floats) -> Integers:
    """Positions stratum after stratum, by ascending key, ties by position in the frame.

    A plain sort of packed integers (stratum, leading bits of the key, place in the stratum) is about four times
    faster than an indirect sort of floats; the few keys that agree in their leading bits are then put right by
    their full value, so that the order is exact.

    Parameters
    ----------
    strata : Strata
        The partition of N units.
    key : ndarray, shape (N,)
        Non-negative keys; infinity is allowed.

    Returns
    -------
    ndarray of int, shape (N,)
        The ranking.
    """
    place_bits = int(strata.sizes.max() - 1).bit_length()
    code_bits = int(strata.count - 1).bit_length()
    key_bits = min(52, 64 - place_bits - code_bits)
    if key_bits < 16:  # noqa: PLR2004 - too few bits would leave mostly ties
        along = np.argsort(key, kind="stable")
        exact: Integers = along[group(strata.code[along], strata.count)]
        return exact
    ordered_key = key[strata.grouped]
    top = float(key.max(initial=0.0))
    if top >= 1:  # squeeze any positive key into [0, 1), keeping order
        with np.errstate(invalid="ignore"):
            ordered_key = np.where(np.isinf(ordered_key), 1.0, ordered_key / (1.0 + ordered_key))
    packed = np.minimum(ordered_key * 2.0**key_bits, 2.0**key_bits - 1).astype(np.uint64)
    packed <<= np.uint64(place_bits)
    packed |= within(strata).astype(np.uint64)
    if code_bits:
        codes = np.arange(strata.count, dtype=np.uint64) << np.uint64(place_bits + key_bits)
        packed |= np.repeat(codes, strata.sizes)
    packed.sort()
    place = (packed & np.uint64((1 << place_bits) - 1)).astype(np.int64)
    ranking = strata.grouped[place + np.repeat(strata.start[:-1], strata.sizes)]
    packed >>= np.uint64(place_bits)
    return _ties_settled(ranking, packed, key)


def _ties_settled(ranking: Integers, leading: "np.ndarray[tuple[int], np.dtype[np.uint64]]", key: Floats) -> Integers:
    same = leading[1:] == leading[:-1]
    if same.any():
        tied = np.zeros(ranking.size, dtype=np.bool_)
        tied[1:] |= same
        tied[:-1] |= same
        where = np.flatnonzero(tied)
        unit = ranking[where]
        ranking[where] = unit[np.lexsort((unit, key[unit], leading[where]))]
    return ranking


def head(
    strata: Strata, ranking: Integers, n: Integers, reserves: Integers, *, where: str = "reserve"
) -> tuple[Integers, Integers]:
    """First n of each stratum in a ranking, and the next ones as reserves.

    Raises
    ------
    SampleAboveStratum
        If n and the reserves together exceed a stratum.
    """
    if np.any(over := n + reserves > strata.sizes):
        first = int(np.flatnonzero(over)[0])
        raise SampleAboveStratum(
            where,
            f"of {reserves[first]} beside a sample of {n[first]} exceeds the {strata.sizes[first]} units of stratum "
            f"{strata.labels[first]!s} ({int(over.sum())} strata so)",
            "ask for at most N - n reserves",
        )
    return (
        ranking[spans(strata.start[:-1], n)],
        ranking[spans(strata.start[:-1] + n, reserves)],
    )


def spans(first: Integers, length: Integers) -> Integers:
    """The integers of the ranges first[h] … first[h] + length[h] - 1, one range after the other.

    Examples
    --------
    >>> spans(np.array([0, 10]), np.array([2, 3])).tolist()
    [0, 1, 10, 11, 12]
    """
    end = np.cumsum(length)
    joined: Integers = np.repeat(first - end + length, length) + np.arange(int(end[-1]) if end.size else 0)
    return joined

"""The three statutory designs, in integers only: simple random, Pareto, systematic."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sampling.frame import Frame
from sampling.frame.units import CHUNK, by_stratum
from sampling.tickets.refusals import MissingSize, SampleAboveStratum, UnknownDesign
from sampling.tickets.seed import ticket, ticket_heads

METHODS = ("srs", "pareto", "systematic")
_UNITS = 2**257  # u = (2·ticket + 1) / 2**257: never 0, never 1
_ALL = np.uint64(2**64 - 1)
_FINE = 128  # bits after the point of a rank's first comparison


class Ask(NamedTuple):
    """What is asked of one stratum.

    Parameters
    ----------
    n, reserve : int
        How many, and how many more in reserve.
    method : {'srs', 'pareto', 'systematic'}
    """

    n: int
    reserve: int = 0
    method: str = "srs"


@dataclass(frozen=True, eq=False)
class Drawn:
    """Which rows of a frame one stratum gave.

    Parameters
    ----------
    sample, reserve : ndarray of intp
        Row positions in the frame, in the order of the lottery.
    """

    sample: NDArray[np.intp]
    reserve: NDArray[np.intp]


def draw_strata(frame: Frame, wanted: Mapping[str, Ask], seed: bytes) -> dict[str, Drawn]:
    """Draw every named stratum.

    Parameters
    ----------
    frame : Frame
    wanted : mapping of str to Ask
        By stratum name.
    seed : bytes
        32 bytes, from `seed_of`.

    Returns
    -------
    dict of str to Drawn
        By stratum, in the order of `wanted`.

    Raises
    ------
    SampleAboveStratum
        n + reserve above N, or negative.
    MissingSize
        Pareto without a size, systematic without an order.
    UnknownDesign
        Any other method.
    MissingStratum
        A stratum the frame does not have.

    Notes
    -----
    One hash per unit and one partial sort per stratum; independent of row order, machine and library.
    For ``srs`` a larger n contains the smaller. Source: ruhu-draw/1, *Ticket*; Rivest, arXiv 1808.10016;
    Ohlsson (1995) for permanent random numbers; Rosén (1997) for Pareto.

    Examples
    --------
    >>> frame = Frame.build([c * 64 for c in "abcdef"], ["540222100|rural|1"] * 6)
    >>> drawn = draw_strata(frame, {"540222100|rural|1": Ask(2, 1)}, bytes(32))
    >>> drawn["540222100|rural|1"].sample.size, drawn["540222100|rural|1"].reserve.size
    (2, 1)
    """
    for stratum, ask in wanted.items():
        _check(frame, stratum, ask)
    heads = ticket_heads(seed, frame.leaf)
    drawn: dict[str, Drawn] = {}
    places = {name: place for place, name in enumerate(frame.strata)}
    ordered, begins = _ordered(frame, heads, {places[name]: ask for name, ask in wanted.items()}, seed)
    starts = begins.tolist()
    for stratum, ask in wanted.items():
        place = places[stratum]
        rows = ordered[starts[place] : starts[place + 1]]
        if ask.method == "srs":
            drawn[stratum] = Drawn(rows[: ask.n], rows[ask.n : ask.n + ask.reserve])
        elif ask.method == "pareto":
            ranked = _pareto(frame, rows, ask.n, seed)
            drawn[stratum] = Drawn(ranked[: ask.n], ranked[ask.n : ask.n + ask.reserve])
        else:
            drawn[stratum] = _systematic(frame, rows, seed, ask)
    return drawn


def systematic_positions(start: int, size: int, n: int) -> list[int]:
    """Return the positions of a systematic draw: ``((T + k·2²⁵⁶)·N) // (n·2²⁵⁶)``, k = 0 … n - 1.

    Parameters
    ----------
    start : int
        The stratum's ticket T, below 2**256.
    size : int
        N.
    n : int
        At most N, so that the positions differ.

    Returns
    -------
    list of int
        Ascending, all different, below N.

    Examples
    --------
    >>> systematic_positions(2**255, 10, 4)
    [1, 3, 6, 8]
    """
    return [((start + (k << 256)) * size) // (n << 256) for k in range(n)]


def pareto_probabilities(sizes: Sequence[int], n: int) -> list[Fraction]:
    """Return exact π = n·size/Σsize, those at or above 1 taken and the rest recomputed until none is left.

    Parameters
    ----------
    sizes : sequence of int
        At least 1 each.
    n : int
        At most the number of sizes.

    Returns
    -------
    list of Fraction
        One per size, summing to n.

    Examples
    --------
    >>> [str(p) for p in pareto_probabilities([100, 1, 2, 1], 2)]
    ['1', '1/4', '1/2', '1/4']
    """
    certain, rest_n, rest_size = _take_all(sizes, n)
    return [Fraction(1) if c else Fraction(rest_n * s, rest_size) for c, s in zip(certain, sizes, strict=True)]


def _check(frame: Frame, stratum: str, ask: Ask) -> None:
    size = frame.counts[stratum] if stratum in frame.counts else frame.rows_of(stratum).size  # which refuses it
    if ask.method not in METHODS:
        raise UnknownDesign(stratum, f"method is {ask.method!r}", f"use one of {', '.join(METHODS)}")
    if ask.n < 0 or ask.reserve < 0 or ask.n + ask.reserve > size:
        raise SampleAboveStratum(
            stratum,
            f"asks for {ask.n} and {ask.reserve} in reserve of N = {size}",
            f"ask for at most {size} together",
        )
    if ask.method == "pareto" and frame.size is None:
        raise MissingSize(stratum, "is drawn by size, the frame has none", "freeze the frame with sizes")
    if ask.method == "systematic" and frame.order is None:
        raise MissingSize(stratum, "is drawn along an order, the frame has none", "freeze it with orders")


def _ordered(
    frame: Frame, heads: NDArray[np.uint64], wanted: Mapping[int, Ask], seed: bytes
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows by (stratum, ticket, leaf), and where each stratum starts.

    A simple random stratum shows at least the rows it was asked for, the other designs all of theirs: tickets
    are spread evenly, so a limit a little above n/N leaves out most rows before anything is sorted.
    """
    counts = np.bincount(frame.stratum, minlength=len(frame.strata))
    needed = np.zeros(counts.size, dtype=np.int64)
    needed[list(wanted)] = [
        ask.n + ask.reserve if ask.method == "srs" else counts[place] for place, ask in wanted.items()
    ]
    limit = _limits(needed, counts)
    while True:
        near = _below(heads, frame.stratum, limit)
        found = np.bincount(frame.stratum[near], minlength=counts.size)
        short = found < needed
        if not np.any(short):
            break
        limit[short] = _ALL  # a stratum out of the ordinary shows everybody
    # one sort of numbers, one linear regrouping, no loop over strata
    near = near[np.argsort(heads[near])]
    tied = np.any(np.diff(heads[near]) == 0)
    near = near[by_stratum(frame.stratum[near], counts.size)]
    starts = np.zeros(counts.size + 1, dtype=np.intp)
    np.cumsum(found, out=starts[1:])
    if tied:
        _settle_ties(frame, heads, near, seed)
    return near, starts


def _below(heads: NDArray[np.uint64], stratum: NDArray[np.int32], limit: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the rows whose head is within their stratum's limit, looking at a piece of the frame at a time."""
    pieces = []
    for start in range(0, heads.size, CHUNK):
        here = slice(start, start + CHUNK)
        pieces.append(np.flatnonzero(heads[here] <= limit[stratum[here]]) + start)
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=np.intp)


def _limits(needed: NDArray[np.int64], counts: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Return heads below which n of N tickets lie, six standard deviations to the safe side."""
    share = (needed + 6 * np.sqrt(needed) + 10) / np.maximum(counts, 1)
    everybody = (share >= 1) | (needed == counts)
    limit = np.full(counts.size, _ALL, dtype=np.uint64)
    limit[~everybody] = (share[~everybody] * 2.0**64).astype(np.uint64)
    return limit


def _settle_ties(frame: Frame, heads: NDArray[np.uint64], ordered: NDArray[np.intp], seed: bytes) -> None:
    """Put rows of one stratum with equal heads in order of (whole ticket, leaf); changes `ordered`."""
    head, stratum = heads[ordered], frame.stratum[ordered]
    equal = np.flatnonzero((head[1:] == head[:-1]) & (stratum[1:] == stratum[:-1]))
    for run in np.split(equal, np.flatnonzero(np.diff(equal) > 1) + 1) if equal.size else []:
        same = slice(int(run[0]), int(run[-1]) + 2)
        ordered[same] = sorted(ordered[same].tolist(), key=lambda row: _ticket_and_leaf(frame, row, seed))


def _ticket_and_leaf(frame: Frame, row: int, seed: bytes) -> tuple[int, bytes]:
    leaf = bytes(frame.leaf[row])
    return ticket(seed, leaf.decode()), leaf


def _take_all(sizes: Sequence[int], n: int) -> tuple[list[bool], int, int]:
    """Return who is certain, and n and the sum of sizes of the rest."""
    certain = [False] * len(sizes)
    rest_n, rest_size = n, sum(sizes)
    while True:
        more = [i for i, s in enumerate(sizes) if not certain[i] and rest_n > 0 and rest_n * s >= rest_size]
        if not more:
            return certain, rest_n, rest_size
        for i in more:
            certain[i] = True
        rest_n -= len(more)
        rest_size -= sum(sizes[i] for i in more)


def _pareto(frame: Frame, rows: NDArray[np.intp], n: int, seed: bytes) -> NDArray[np.intp]:
    """Return all rows, given by (ticket, leaf): the certain ones so, then the others by rank, ties by leaf."""
    if frame.size is None or n == 0:
        return rows[:0]
    sizes = frame.size[rows].tolist()
    certain, rest_n, rest_size = _take_all(sizes, n)
    taken = [row for row, c in zip(rows.tolist(), certain, strict=True) if c]
    rest = []
    for row, c, size in zip(rows.tolist(), certain, sizes, strict=True):
        if not c:
            number, leaf = _ticket_and_leaf(frame, row, seed)
            u, p = 2 * number + 1, rest_n * size
            rest.append((u * (rest_size - p), (_UNITS - u) * p, leaf, row))
    return np.array(taken + [entry[3] for entry in _by_rank(rest)], dtype=np.intp)


_Entry = tuple[int, int, bytes, int]


def _by_rank(entries: list[_Entry]) -> Iterable[_Entry]:
    """Sort by numerator/denominator exactly, ties by leaf.

    The quotient to 128 bits after the point sorts almost all of them with one division each; where it is
    equal, the cross-multiplied integers decide.
    """
    keyed = sorted(((top << _FINE) // below, i) for i, (top, below, _, _) in enumerate(entries))
    for _, run in groupby(keyed, key=lambda pair: pair[0]):
        yield from sorted((entries[i] for _, i in run), key=cmp_to_key(_compare))


def _compare(a: _Entry, b: _Entry) -> int:
    left, right = a[0] * b[1], b[0] * a[1]
    if left != right:
        return -1 if left < right else 1
    return (a[2] > b[2]) - (a[2] < b[2])


def _systematic(frame: Frame, rows: NDArray[np.intp], seed: bytes, ask: Ask) -> Drawn:
    """Take the sample along the order; sample and reserve keep the (ticket, leaf) order of `rows`."""
    if frame.order is None:  # refused by _check; said again for the type checker
        raise MissingSize("frame", "has no order", "freeze the frame with orders")
    by_leaf = np.argsort(rows)  # rows of a frame ascend by leaf
    along = by_leaf[np.argsort(frame.order[rows[by_leaf]], kind="stable")]
    start = ticket(seed, frame.strata[frame.stratum[rows[0]]])
    chosen = np.zeros(rows.size, dtype=np.bool_)
    chosen[along[systematic_positions(start, rows.size, ask.n)]] = True
    return Drawn(rows[chosen], rows[~chosen][: ask.reserve])

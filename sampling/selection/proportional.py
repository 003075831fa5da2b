"""Inclusion probabilities proportional to size, with the units that are too large for chance taken whole."""

from typing import Any

import numpy as np
import numpy.typing as npt

from sampling.selection.checks import numbers
from sampling.selection.errors import NegativeValue, SampleAboveStratum, ZeroSize
from sampling.selection.strata import CountsLike, Floats, Strata, StrataLike


def inclusion_probabilities(
    size: npt.ArrayLike,
    n: CountsLike,
    strata: StrataLike | None = None,
    *,
    allow_zero: bool = False,
) -> Floats:
    """Probabilities proportional to size, with take-all recursion, in all strata at once.

    Units with n·size/Σsize ≥ 1 get probability 1 and leave; the rest are scaled again for the rest of n, until no
    more leave (Tillé 2006, *Sampling Algorithms*, §2.10).

    Parameters
    ----------
    size : array_like, shape (N,)
        Size of each unit, any unit of measure, finite and positive.
    n : int, mapping or array_like, shape (H,)
        Units wanted per stratum.
    strata : Strata or array_like, shape (N,), optional
        Labels; None is one stratum.
    allow_zero : bool
        Give units of size zero probability 0 instead of refusing them. No design here will draw from such a frame:
        they must be taken off it first.

    Returns
    -------
    ndarray, shape (N,)
        Probabilities adding up to n in every stratum.

    Raises
    ------
    NegativeValue, ZeroSize, NotFinite, WrongLength
        If the sizes are not usable.
    SampleAboveStratum
        If n exceeds the units (of positive size) of a stratum.

    Examples
    --------
    >>> inclusion_probabilities([1, 2, 3, 100], 2).round(4).tolist()
    [0.1667, 0.3333, 0.5, 1.0]
    """
    wanted_units = np.asarray(size).shape[0] if np.ndim(size) else 0
    parts = Strata.of(wanted_units if strata is None else strata)
    sizes = numbers(size, parts.units, "size")
    wanted = parts.per_stratum(n)
    if np.any(sizes < 0):
        row = int(np.flatnonzero(sizes < 0)[0])
        raise NegativeValue("size", f"is {sizes[row]:g} in row {row}", "give sizes above 0")
    positive = sizes > 0
    if not allow_zero and not np.all(positive):
        rows = np.flatnonzero(~positive)
        raise ZeroSize(
            "size",
            f"is 0 in {rows.size} rows, first row {rows[0]}",
            "give every unit a size above 0 (a small one will do), or take it off the frame",
        )
    usable = np.bincount(parts.code[positive], minlength=parts.count)
    if np.any(over := wanted > usable):
        first = int(np.flatnonzero(over)[0])
        raise SampleAboveStratum(
            "n",
            f"is {wanted[first]} but stratum {parts.labels[first]!s} has {usable[first]} units of positive size",
            "ask for fewer, or give the others a size",
        )
    return _taken_until_none_left(sizes, wanted, parts)


# sizes that are all equal may miss 1 by a rounding
CERTAIN = 1 - 1e-13


def _taken_until_none_left(
    sizes: Floats, wanted: "np.ndarray[tuple[int], np.dtype[np.int64]]", parts: Strata
) -> Floats:
    scale = _scale(wanted.astype(np.float64), parts.totals(sizes))
    pi: Floats = sizes * scale[parts.code]
    certain = pi >= CERTAIN
    unsettled = np.bincount(parts.code[certain], minlength=parts.count) > 0
    while unsettled.any():
        # only strata that have just lost a unit are looked at again; each pass settles at least one unit
        unit = np.flatnonzero(unsettled[parts.code])
        code = parts.code[unit]
        taken = np.bincount(parts.code[unit[certain[unit]]], minlength=parts.count)
        rest = parts.totals(np.where(certain, 0.0, sizes))
        scale = _scale((wanted - taken).astype(np.float64), rest)
        pi[unit] = np.where(certain[unit], 1.0, sizes[unit] * scale[code])
        more = ~certain[unit] & (pi[unit] >= CERTAIN)
        certain[unit[more]] = True
        unsettled = np.bincount(code[more], minlength=parts.count) > 0
    pi[certain] = 1.0
    return pi


def _scale(wanted: Floats, total: npt.NDArray[Any]) -> Floats:
    scale: Floats = np.divide(wanted, total, out=np.zeros_like(wanted), where=total > 0)
    return scale

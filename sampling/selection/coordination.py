"""Permanent random numbers: how much two rounds share, decided by where each begins on the circle of numbers."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sampling.selection.checks import chances
from sampling.selection.errors import UnknownStratum, WrongLength
from sampling.selection.result import Selection
from sampling.selection.strata import CountsLike, Floats, Integers, Strata, StrataLike


def shifted(uniforms: npt.ArrayLike, start: npt.ArrayLike, *, direction: Literal["up", "down"] = "up") -> Floats:
    """Move the zero of permanent random numbers, so that a draw begins elsewhere on the circle.

    Drawing with the same numbers repeats as many units as possible (positive coordination); drawing from a start
    beyond the last number used avoids them (negative coordination). Ohlsson (1995), in Cox et al., *Business
    Survey Methods*, ch. 9.

    Parameters
    ----------
    uniforms : array_like, shape (N,)
        Permanent random numbers in [0, 1).
    start : float or array_like, shape (N,)
        The new zero, in [0, 1); one for all units or one for each.
    direction : {"up", "down"}
        Whether a draw takes units upwards or downwards from the start.

    Returns
    -------
    ndarray, shape (N,)
        Numbers in [0, 1) to draw with.

    Raises
    ------
    UniformOutOfRange, NotFinite, WrongLength
        If numbers or starts are not in [0, 1).

    Examples
    --------
    >>> shifted([0.75, 0.25], 0.5).tolist(), shifted([0.75, 0.25], 0.5, direction="down").tolist()
    ([0.25, 0.75], [0.75, 0.25])
    """
    number = chances(np.size(uniforms), None, uniforms)
    origin = np.asarray(start, dtype=np.float64)
    if origin.shape not in {(), number.shape}:
        raise WrongLength("start", f"has shape {origin.shape} for {number.size} units", "give one start, or one each")
    chances(origin.size, None, origin.ravel(), where="start")
    ahead = np.mod(number - origin, 1.0)
    if direction == "down":
        ahead = np.where(ahead == 0, 0.0, 1.0 - ahead)
    # a hair behind the start is a whole turn ahead: last, never first
    result: Floats = np.minimum(ahead, np.nextafter(1.0, 0.0))
    return result


def next_start(draw: Selection) -> Floats:
    """Starts, unit by unit, behind the last number a draw by order has used in the unit's stratum.

    A simple random draw with `shifted(draw.uniforms, next_start(draw))` shares no unit with the first one as long
    as both together do not exceed the stratum, and as few as can be beyond that.

    Parameters
    ----------
    draw : Selection
        A simple random draw, which keeps its uniforms.

    Returns
    -------
    ndarray, shape (N,)
        Per unit the start of its stratum; 0 where nothing was drawn.

    Raises
    ------
    UnknownStratum
        If the draw has kept no random numbers.

    Examples
    --------
    >>> from sampling.selection.simple import simple_random
    >>> first = simple_random(4, 2, uniforms=[0.1, 0.2, 0.3, 0.4])
    >>> second = simple_random(4, 2, uniforms=shifted(first.uniforms, next_start(first)))
    >>> second.sample.tolist()
    [2, 3]
    """
    if draw.uniforms is None:
        raise UnknownStratum("draw", f"({draw.design}) keeps no random numbers", "coordinate draws by order")
    last = np.zeros(draw.strata.count)
    np.maximum.at(last, draw.strata.code[draw.sample], np.nextafter(draw.uniforms[draw.sample], 1.0))
    start: Floats = np.where(last >= 1.0, 0.0, last)[draw.strata.code]
    return start


@dataclass(frozen=True, slots=True, eq=False)
class Overlap:
    """Units two draws share, per stratum of the first.

    Attributes
    ----------
    shared : ndarray of int, shape (H,)
        Units in both.
    least, most : ndarray of int, shape (H,)
        The bounds any coordination has: max(0, n₁ + n₂ - N) and min(n₁, n₂).
    """

    shared: Integers
    least: Integers
    most: Integers


def overlap(first: Selection, second: Selection) -> Overlap:
    """Count the units two draws from the same frame share.

    Parameters
    ----------
    first, second : Selection
        Draws from the same N units.

    Returns
    -------
    Overlap
        Per stratum of the first draw.

    Raises
    ------
    WrongLength
        If the frames differ in size.

    Examples
    --------
    >>> from sampling.selection.simple import simple_random
    >>> a = simple_random(4, 2, uniforms=[0.1, 0.2, 0.3, 0.4])
    >>> overlap(a, a).shared.tolist()
    [2]
    """
    if first.strata.units != second.strata.units:
        raise WrongLength(
            "second", f"has {second.strata.units} units, the first {first.strata.units}", "compare draws of one frame"
        )
    code, count = first.strata.code, first.strata.count
    shared = np.bincount(code[first.selected & second.selected], minlength=count)
    other = np.bincount(code[second.sample], minlength=count)
    return Overlap(
        shared,
        np.maximum(0, first.n + other - first.strata.sizes),
        np.minimum(first.n, other),
    )


def expected_overlap(strata: StrataLike, n: CountsLike, m: CountsLike) -> Floats:
    """Units two independent simple random draws share on average, to judge a coordination by.

    Parameters
    ----------
    strata : Strata, int or array_like, shape (N,)
        Labels of the units.
    n, m : int, mapping or array_like, shape (H,)
        Sizes of the two draws.

    Returns
    -------
    ndarray, shape (H,)
        Shares n·m/N of the strata.

    Examples
    --------
    >>> expected_overlap(10, 5, 4).tolist()
    [2.0]
    """
    parts = Strata.of(strata)
    expected: Floats = parts.per_stratum(n) * parts.per_stratum(m, where="m") / parts.sizes
    return expected

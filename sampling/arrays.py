"""What every estimate checks about its arrays before it computes with them."""

from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.refusals import (
    EmptySample,
    ImpossibleConfidence,
    ImpossibleCount,
    ImpossibleProbability,
    NegativeValues,
    NonFiniteValues,
    NotYesOrNo,
    WrongLength,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NAMED_POSITIONS = 5  # enough to find the rows, few enough to read


def positions(bad: BoolArray) -> str:
    """Name the first positions where ``bad`` holds, for a message.

    Examples
    --------
    >>> positions(np.array([False, True, True]))
    'positions 1, 2'
    """
    found = np.flatnonzero(bad)
    more = f" and {len(found) - NAMED_POSITIONS} more" if len(found) > NAMED_POSITIONS else ""
    return "positions " + ", ".join(str(i) for i in found[:NAMED_POSITIONS]) + more


def vector(where: str, values: ArrayLike, length: int | None = None) -> FloatArray:
    """Return finite numbers as a one-dimensional float array, or refuse.

    Parameters
    ----------
    where : str
        The argument's name, for the message.
    values : array_like
        The numbers.
    length : int, optional
        The length the array must have.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    EmptySample, WrongLength, NonFiniteValues
        As their names say; the positions are named.

    Examples
    --------
    >>> vector("y", [1, 2]).tolist()
    [1.0, 2.0]
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise WrongLength(where, f"has {array.ndim} dimensions", "give one number per unit")
    if length is not None and len(array) != length:
        raise WrongLength(where, f"has {len(array)} values for {length} units", "give one value per unit")
    if len(array) == 0:
        raise EmptySample(where, "holds no value", "give at least one unit")
    bad = ~np.isfinite(array)
    if bad.any():
        raise NonFiniteValues(where, f"is NaN or infinite at {positions(bad)}", "fill or leave out these units")
    return array


def non_negative(where: str, values: ArrayLike, length: int | None = None) -> FloatArray:
    """Return finite numbers at or above zero, or refuse.

    Examples
    --------
    >>> non_negative("benefit", [0, 3.5]).tolist()
    [0.0, 3.5]
    """
    array = vector(where, values, length)
    bad = array < 0
    if bad.any():
        raise NegativeValues(where, f"is below zero at {positions(bad)}", "correct these values")
    return array


def flags(where: str, values: ArrayLike, length: int | None = None) -> FloatArray:
    """Return yes/no answers as 0.0 and 1.0, or refuse anything else.

    Examples
    --------
    >>> flags("wrong", [True, False]).tolist()
    [1.0, 0.0]
    """
    array = vector(where, values, length)
    bad = (array != 0) & (array != 1)
    if bad.any():
        raise NotYesOrNo(where, f"is neither 0 nor 1 at {positions(bad)}", "give True or False per unit")
    return array


def mask(where: str, values: ArrayLike | None, length: int) -> BoolArray:
    """Return a domain as booleans; none given means everybody.

    Examples
    --------
    >>> mask("within", None, 2).tolist()
    [True, True]
    """
    if values is None:
        return np.ones(length, dtype=np.bool_)
    return np.asarray(flags(where, values, length) == 1, dtype=np.bool_)


def probabilities(where: str, values: ArrayLike, length: int | None = None) -> FloatArray:
    """Return inclusion probabilities, each above 0 and at most 1, or refuse.

    Examples
    --------
    >>> probabilities("pi", [0.3, 1.0]).tolist()
    [0.3, 1.0]
    """
    array = vector(where, values, length)
    bad = (array <= 0) | (array > 1)
    if bad.any():
        raise ImpossibleProbability(
            where, f"is not above 0 and at most 1 at {positions(bad)}", "give each unit its own chance"
        )
    return array


def whole(where: str, value: float, *, low: int = 0, high: float | None = None) -> int:
    """Return a count as an integer between ``low`` and ``high``, or refuse.

    Examples
    --------
    >>> whole("k", 3, high=10)
    3
    """
    if not np.isfinite(value) or value != int(value):
        raise ImpossibleCount(where, f"is {value}", "give a whole number")
    if value < low:
        raise ImpossibleCount(where, f"is {int(value)}", f"give at least {low}")
    if high is not None and value > high:
        raise ImpossibleCount(where, f"is {int(value)}, above {high:g}", f"give at most {high:g}")
    return int(value)


def confidence_level(value: float) -> float:
    """Return a confidence level strictly between 0 and 1, or refuse.

    Examples
    --------
    >>> confidence_level(0.95)
    0.95
    """
    if not (np.isfinite(value) and 0 < value < 1):
        raise ImpossibleConfidence("confidence", f"is {value}", "give a number between 0 and 1, for example 0.95")
    return float(value)


def codes(where: str, labels: Iterable[Hashable]) -> tuple[list[Hashable], IntArray]:
    """Number labels in order of first appearance.

    Returns
    -------
    distinct : list
        The labels, each once.
    code : ndarray of int, shape (n,)
        The position of each unit's label in ``distinct``.

    Examples
    --------
    >>> codes("strata", ["b", "a", "b"])
    (['b', 'a'], array([0, 1, 0]))
    """
    order: dict[Hashable, int] = {}
    numbers = [order.setdefault(_plain(label), len(order)) for label in labels]
    if not numbers:
        raise EmptySample(where, "holds no label", "give one label per unit")
    return list(order), np.array(numbers, dtype=np.int64)


def _plain(label: Hashable) -> Hashable:
    # a numpy scalar hashes like its Python value but prints as np.str_('a'): say the plain one
    return label.item() if isinstance(label, np.generic) else label


def sums(code: IntArray, values: FloatArray, groups: int) -> FloatArray:
    """Sum values by group number.

    Examples
    --------
    >>> sums(np.array([0, 1, 0]), np.array([1.0, 2.0, 3.0]), 2).tolist()
    [4.0, 2.0]
    """
    return np.bincount(code, weights=values, minlength=groups).astype(np.float64)

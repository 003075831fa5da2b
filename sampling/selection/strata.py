"""Strata as arrays, because every design here works on all strata at once and none loops over units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sampling.selection.errors import (
    EmptyInput,
    NegativeValue,
    NotWhole,
    SampleAboveStratum,
    UnknownStratum,
    WrongLength,
)

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Booleans: TypeAlias = npt.NDArray[np.bool_]

# np.unique sorts; integer codes in a modest range are counted instead, ten times faster
COUNTABLE_RANGE = 1 << 22
RADIX_CODES = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """The partition of N units into H strata.

    Build it with `Strata.of`; every design also accepts what `Strata.of` accepts.

    Attributes
    ----------
    labels : ndarray, shape (H,)
        The distinct labels, ascending.
    code : ndarray of int, shape (N,)
        For each unit the position of its label in `labels`.
    sizes : ndarray of int, shape (H,)
        Units per stratum, each at least 1.
    grouped : ndarray of int, shape (N,)
        Positions of the units, stratum after stratum, in frame order within a stratum.
    start : ndarray of int, shape (H + 1,)
        Where each stratum begins in `grouped`.

    Examples
    --------
    >>> strata = Strata.of(["b", "a", "b", "b"])
    >>> strata.labels.tolist(), strata.sizes.tolist(), strata.grouped.tolist()
    (['a', 'b'], [1, 3], [1, 0, 2, 3])
    """

    labels: npt.NDArray[Any]
    code: Integers
    sizes: Integers
    grouped: Integers
    start: Integers

    @classmethod
    def of(cls, strata: "StrataLike") -> "Strata":
        """Group units by label.

        Parameters
        ----------
        strata : Strata, int or array_like, shape (N,)
            A label for each unit (strings or integers), in any order; or N, for a single stratum of N units.

        Returns
        -------
        Strata
            The partition. `code` follows the given order; an unsorted frame is as good as a sorted one.

        Raises
        ------
        EmptyInput
            If there are no units.
        WrongLength
            If the labels are not one-dimensional.

        Examples
        --------
        >>> Strata.of(5).sizes.tolist()
        [5]
        """
        if isinstance(strata, Strata):
            return strata
        if isinstance(strata, (int, np.integer)):
            strata = np.zeros(max(int(strata), 0), dtype=np.int64)
        label = np.asarray(strata)
        if label.ndim != 1:
            raise WrongLength("strata", f"has {label.ndim} dimensions", "give one label per unit")
        if label.size == 0:
            raise EmptyInput("strata", "has no units", "give at least one unit")
        labels, code = _codes(label)
        sizes = np.bincount(code, minlength=labels.size).astype(np.int64)
        start = np.zeros(labels.size + 1, dtype=np.int64)
        np.cumsum(sizes, out=start[1:])
        return cls(labels, code, sizes, group(code, labels.size), start)

    @property
    def count(self) -> int:
        """Number of strata, H."""
        return int(self.labels.size)

    @property
    def units(self) -> int:
        """Number of units, N."""
        return int(self.code.size)

    def per_stratum(self, counts: "CountsLike", *, where: str = "n") -> Integers:
        """Read counts per stratum, however they were given.

        Parameters
        ----------
        counts : int, mapping or array_like, shape (H,)
            One number for every stratum alike, a mapping from each label to its number, or numbers in the order
            of `labels`.
        where : str
            The argument's name, for the refusal.

        Returns
        -------
        ndarray of int, shape (H,)
            Whole numbers, 0 ≤ count ≤ N of the stratum.

        Raises
        ------
        UnknownStratum
            If a mapping names other labels than the frame.
        WrongLength, NotWhole, NegativeValue, SampleAboveStratum
            If the numbers are not H whole numbers between 0 and N.

        Examples
        --------
        >>> Strata.of(["a", "b", "b"]).per_stratum({"b": 2, "a": 0}).tolist()
        [0, 2]
        """
        if isinstance(counts, Mapping):
            counts = self._by_label(counts, where)
        given = np.asarray(counts)
        if given.ndim == 0:
            given = np.full(self.count, given)
        if given.shape != (self.count,):
            raise WrongLength(where, f"has shape {given.shape} for {self.count} strata", "give one number per stratum")
        if not (np.issubdtype(given.dtype, np.number) and np.all(np.mod(given, 1) == 0)):
            raise NotWhole(where, f"is {_some(given)}", "give whole numbers")
        whole = given.astype(np.int64)
        if np.any(whole < 0):
            raise NegativeValue(where, f"is negative in {self._names(whole < 0)}", "give numbers from 0 up")
        if np.any(over := whole > self.sizes):
            first = int(np.flatnonzero(over)[0])
            raise SampleAboveStratum(
                where,
                f"is {whole[first]} but stratum {self.labels[first]!s} has {self.sizes[first]} units "
                f"({int(over.sum())} strata so)",
                "ask for at most the stratum's size",
            )
        return whole

    def arranged(self, order: npt.ArrayLike | None) -> Integers:
        """Units stratum after stratum, within a stratum along a given order.

        Parameters
        ----------
        order : array_like, shape (N,), or None
            A sortable value per unit (place along a road, Hilbert position); ties keep frame order. None keeps
            the frame's order.

        Returns
        -------
        ndarray of int, shape (N,)
            Positions of the units.

        Examples
        --------
        >>> Strata.of([0, 0, 1, 1]).arranged([2, 1, 5, 5]).tolist()
        [1, 0, 2, 3]
        """
        if order is None:
            return self.grouped
        value = np.asarray(order)
        if value.shape != (self.units,):
            raise WrongLength("order", f"has shape {value.shape} for {self.units} units", "give one value per unit")
        along = np.argsort(value, kind="stable")
        arranged: Integers = along[group(self.code[along], self.count)]
        return arranged

    def totals(self, values: Floats) -> Floats:
        """Sum of each stratum's values.

        Pairwise, as `numpy.bincount` is not: a million additions in a row lose more than a plan may be off.

        Parameters
        ----------
        values : ndarray of float, shape (N,)
            One per unit.

        Returns
        -------
        ndarray of float, shape (H,)

        Examples
        --------
        >>> Strata.of(["a", "b", "a"]).totals(np.array([1.0, 2.0, 3.0])).tolist()
        [4.0, 2.0]
        """
        total: Floats = np.add.reduceat(values[self.grouped], self.start[:-1])
        return total

    def _by_label(self, counts: Mapping[Any, int], where: str) -> npt.NDArray[Any]:
        labels = self.labels.tolist()
        if unknown := [str(label) for label in counts if label not in set(labels)]:
            raise UnknownStratum(where, f"names {_some(unknown)}", "name strata the frame has")
        if missing := [str(label) for label in labels if label not in counts]:
            raise UnknownStratum(where, f"leaves out {_some(missing)}", "give every stratum a number, 0 for none")
        return np.array([counts[label] for label in labels])

    def _names(self, which: Booleans) -> str:
        return "stratum " + _some(self.labels[which].tolist())


StrataLike: TypeAlias = Strata | int | npt.ArrayLike
CountsLike: TypeAlias = int | Mapping[Any, int] | npt.ArrayLike


def group(code: Integers, count: int) -> Integers:
    """Positions sorted by code, stable; radix sort where the codes fit sixteen bits."""
    if code.size < 2 or bool(np.all(code[1:] >= code[:-1])):  # noqa: PLR2004 - one unit is in order
        return np.arange(code.size, dtype=np.int64)
    narrow = code.astype(np.uint16) if count <= RADIX_CODES else code
    return np.argsort(narrow, kind="stable")


def within(strata: Strata) -> Integers:
    """Rank 0, 1, … within its stratum of each place in a grouped list, shape (N,)."""
    ranks: Integers = np.arange(strata.units, dtype=np.int64) - np.repeat(strata.start[:-1], strata.sizes)
    return ranks


def _codes(label: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Integers]:
    if np.issubdtype(label.dtype, np.integer) and label.min() >= 0 and label.max() < COUNTABLE_RANGE:
        present = np.bincount(label) > 0
        labels = np.flatnonzero(present)
        if labels.size == present.size:
            return labels, label.astype(np.int64)
        return labels, (np.cumsum(present) - 1)[label]
    labels, inverse = np.unique(label, return_inverse=True)
    return labels, inverse.astype(np.int64)


def _some(values: Any, most: int = 5) -> str:
    listed = [str(value) for value in np.asarray(values).ravel()[:most].tolist()]
    return ", ".join(listed) + (", …" if np.asarray(values).size > most else "")

"""The frame: who can be drawn, in which stratum, and the fingerprint that freezes it."""

import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, Self, SupportsInt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.frame.refusals import (
    DuplicateUnits,
    EmptyFrame,
    MalformedLeaf,
    MalformedSize,
    MalformedStratum,
    MissingStratum,
    SizeAndOrder,
    WrongLength,
)

LEAF = re.compile(rb"[0-9a-f]{64}")
LARGEST = 2**63 - 1
CHUNK = 1 << 16  # rows turned into Python objects at a time, so that memory per unit stays flat
STRATUM_PARTS = 3
REMEDY_STRATUM = "write <township code>|<scheme>|<band>, each part non-empty, without comma, quote or white space"


@dataclass(frozen=True, eq=False)
class Frame:
    """Everyone who can be drawn, sorted by leaf.

    Make one with `Frame.build` (columns), `sampling.freeze` (household codes) or `sampling.read_frame`
    (a public file); the constructor checks nothing.

    Parameters
    ----------
    leaf : ndarray of bytes, shape (N,)
        64 hexadecimal digits each (``S64``), ascending, unique.
    stratum : ndarray of int32, shape (N,)
        Position of each unit's stratum in `strata`.
    strata : tuple of str
        Names ``<township code>|<scheme>|<band>``, ascending by code point.
    size, order : ndarray of int64, shape (N,), or None
        Published whole numbers for the Pareto (at least 1) or systematic (at least 0) design.

    Notes
    -----
    About 70 bytes per unit. Source of the layout: ruhu-draw/1, ``frame.csv``.

    Examples
    --------
    >>> frame = Frame.build(["b" * 64, "a" * 64], ["540222100|rural|1", "540222100|rural|2"])
    >>> frame.counts
    {'540222100|rural|1': 1, '540222100|rural|2': 1}
    >>> print(frame.to_bytes().decode()[:12])
    leaf,stratum
    >>> frame.fingerprint[:16]
    '309e2cf53df4ebd7'
    """

    leaf: NDArray[np.bytes_]
    stratum: NDArray[np.int32]
    strata: tuple[str, ...]
    size: NDArray[np.int64] | None = None
    order: NDArray[np.int64] | None = None

    @classmethod
    def build(
        cls,
        leaf: Sequence[str] | NDArray[np.bytes_],
        stratum: Sequence[str],
        *,
        size: ArrayLike | None = None,
        order: ArrayLike | None = None,
    ) -> Self:
        """Check columns and sort them by leaf.

        Parameters
        ----------
        leaf : sequence of str, shape (N,)
            64 lower-case hexadecimal digits each.
        stratum : sequence of str, shape (N,)
            ``<township code>|<scheme>|<band>``, in Unicode form NFC.
        size : array_like of int, shape (N,), optional
            At least 1, at most 2**63 - 1.
        order : array_like of int, shape (N,), optional
            At least 0. Not together with `size`.

        Returns
        -------
        Frame
            The same whatever the order of the rows.

        Raises
        ------
        EmptyFrame, WrongLength, MalformedLeaf, DuplicateUnits, MissingStratum, MalformedStratum,
        MalformedSize, SizeAndOrder
            Each names the offending rows.
        """
        if size is not None and order is not None:
            raise SizeAndOrder("frame", "has a size and an order", "publish the one the designs need")
        columns = {"stratum": len(stratum)} | {
            name: np.shape(column)[0] if np.ndim(column) == 1 else -1
            for name, column in (("size", size), ("order", order))
            if column is not None
        }
        if not len(leaf):
            raise EmptyFrame("frame", "has no rows", "check the selection the frame was made from")
        wrong = [f"{name} has {n}" for name, n in columns.items() if n != len(leaf)]
        if wrong:
            raise WrongLength("frame", f"leaf has {len(leaf)} rows, {', '.join(wrong)}", "give one value per row")
        leaves = _checked_leaves(leaf)
        codes, strata = _checked_strata(stratum)
        sizes = None if size is None else _whole_numbers(size, "size", 1)
        orders = None if order is None else _whole_numbers(order, "order", 0)
        by_leaf = np.argsort(leaves, kind="stable")
        leaves = leaves[by_leaf]
        again = np.flatnonzero(leaves[1:] == leaves[:-1]) + 1
        if again.size:
            rows = sorted(int(by_leaf[r]) for r in again)
            raise DuplicateUnits("leaf", "occurs more than once", "keep one row per household", rows)
        return cls(
            leaf=leaves,
            stratum=codes[by_leaf],
            strata=strata,
            size=None if sizes is None else sizes[by_leaf],
            order=None if orders is None else orders[by_leaf],
        )

    def __len__(self) -> int:
        return int(self.leaf.size)

    @cached_property
    def counts(self) -> dict[str, int]:
        """N per stratum, by name."""
        return dict(zip(self.strata, np.bincount(self.stratum, minlength=len(self.strata)).tolist(), strict=True))

    @cached_property
    def rows_by_stratum(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows grouped by stratum, ascending by leaf within; and where each group starts, with a final N."""
        rows = by_stratum(self.stratum, len(self.strata))
        starts = np.zeros(len(self.strata) + 1, dtype=np.intp)
        np.cumsum(np.bincount(self.stratum, minlength=len(self.strata)), out=starts[1:])
        return rows, starts

    def rows_of(self, stratum: str) -> NDArray[np.intp]:
        """Return the row positions of one ``stratum``, ascending by leaf.

        Raises
        ------
        MissingStratum
            When the frame has no such stratum.
        """
        if stratum not in self.counts:
            raise MissingStratum("frame", f"has no stratum {stratum}", "use a name from frame.strata")
        rows, starts = self.rows_by_stratum
        place = self.strata.index(stratum)
        return rows[starts[place] : starts[place + 1]]

    def lines(self) -> Iterator[bytes]:
        """Yield ``frame.csv`` in pieces of many lines, the header first."""
        extra = self.size if self.size is not None else self.order
        name = "size" if self.size is not None else "order"
        yield b"leaf,stratum\n" if extra is None else f"leaf,stratum,{name}\n".encode()
        labels = [b"," + stratum.encode() for stratum in self.strata]
        for start in range(0, len(self), CHUNK):
            leaves = self.leaf[start : start + CHUNK].tolist()
            ends = [labels[code] for code in self.stratum[start : start + CHUNK].tolist()]
            if extra is None:
                rows = [leaf + end for leaf, end in zip(leaves, ends, strict=True)]
            else:
                values = extra[start : start + CHUNK].tolist()
                rows = [leaf + end + b",%d" % v for leaf, end, v in zip(leaves, ends, values, strict=True)]
            yield b"\n".join(rows) + b"\n"

    def write(self, file: BinaryIO) -> None:
        """Write the canonical ``frame.csv`` to an open binary ``file``."""
        file.writelines(self.lines())

    def to_bytes(self) -> bytes:
        """Return the canonical ``frame.csv``."""
        file = io.BytesIO()
        self.write(file)
        return file.getvalue()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical file, 64 hexadecimal digits."""
        digest = hashlib.sha256()
        for piece in self.lines():
            digest.update(piece)
        return digest.hexdigest()


def by_stratum(stratum: NDArray[np.int32], strata: int) -> NDArray[np.intp]:
    """Return a stable order by stratum; up to 65 536 strata by numpy's radix sort, in linear time."""
    return np.argsort(stratum.astype(np.uint16) if strata <= 1 << 16 else stratum, kind="stable")


def malformed_stratum(name: str) -> bool:
    """Tell whether a text cannot be the name of a stratum in a public file."""
    parts = name.split("|")
    return (
        len(parts) != STRATUM_PARTS
        or not all(parts)
        or any(c in ',"' or c.isspace() or unicodedata.category(c).startswith("C") for c in name)
        or not unicodedata.is_normalized("NFC", name)
    )


def _checked_leaves(leaf: Sequence[str] | NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    if isinstance(leaf, np.ndarray) and leaf.dtype == np.dtype("S64"):
        encoded: list[bytes] = leaf.tolist()
    else:
        encoded = [x.encode("utf-8", "replace") if isinstance(x, str) else bytes(x) for x in leaf]
    bad = [row for row, x in enumerate(encoded) if LEAF.fullmatch(x) is None]
    if bad:
        example = encoded[bad[0]].decode("utf-8", "replace")[:80]
        raise MalformedLeaf(
            "leaf", f"is {example!r}", "give 64 lower-case hexadecimal digits (see sampling.leaf_of)", bad
        )
    return np.array(encoded, dtype="S64")


def _checked_strata(stratum: Sequence[str]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    missing = [row for row, s in enumerate(stratum) if s is None or s == ""]
    if missing:
        raise MissingStratum("stratum", "is missing", "give every household township, scheme and band", missing)
    bad = {s for s in set(stratum) if not isinstance(s, str) or malformed_stratum(s)}
    if bad:
        rows = [row for row, s in enumerate(stratum) if s in bad]
        raise MalformedStratum("stratum", f"is {stratum[rows[0]]!r}", REMEDY_STRATUM, rows)
    strata = tuple(sorted(set(stratum)))
    place = {name: code for code, name in enumerate(strata)}
    return np.fromiter((place[s] for s in stratum), dtype=np.int32, count=len(stratum)), strata


def _whole_numbers(column: ArrayLike, name: str, smallest: int) -> NDArray[np.int64]:
    values: list[SupportsInt] = list(np.asarray(column, dtype=object))
    whole: list[int] = []
    bad: list[int] = []
    for row, value in enumerate(values):
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            bad.append(row)
            continue
        # text and booleans turn into int silently: only true numbers equal to their whole part count
        if isinstance(value, str | bytes | bool) or value != number or not smallest <= number <= LARGEST:
            bad.append(row)
        whole.append(number)
    if bad:
        raise MalformedSize(name, f"is {values[bad[0]]!r}", f"give whole numbers from {smallest} to 2**63 - 1", bad)
    return np.array(whole, dtype=np.int64)

"""Coordinates made ready for neighbour search: checked, scaled, and strata moved out of each other's reach."""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from sampling.selection.errors import EmptyInput, NotFinite, WrongLength
from sampling.selection.strata import Floats, Integers, Strata

# households at one spot, or on a grid, tie; a shake this small beside the whole breaks ties by chance
SHAKE = 1e-8
# as many as a leaf of the search tree holds, about
UNITS_PER_CELL = 8


def places(xy: npt.ArrayLike, *, units: int | None = None, dimensions: int | None = None) -> Floats:
    """Check coordinates.

    Parameters
    ----------
    xy : array_like, shape (N, d)
        Coordinates.
    units, dimensions : int, optional
        Wanted N and d.

    Returns
    -------
    ndarray, shape (N, d)
        The same as float64.

    Raises
    ------
    WrongLength
        If the shape is another.
    EmptyInput
        If there are none.
    NotFinite
        If a coordinate is missing.
    """
    array = np.asarray(xy, dtype=np.float64)
    shape = (units if units is not None else "N", dimensions if dimensions is not None else "d")
    if (
        array.ndim != 2  # noqa: PLR2004 - rows and coordinates
        or (units is not None and array.shape[0] != units)
        or (dimensions is not None and array.shape[1] != dimensions)
    ):
        raise WrongLength(
            "xy", f"has shape {array.shape}, not {shape[0]} rows of {shape[1]}", "give coordinates for every unit"
        )
    if array.size == 0:
        raise EmptyInput("xy", "has no places", "give at least one place")
    if not np.all(np.isfinite(array)):
        rows = np.flatnonzero(~np.isfinite(array).all(axis=1))
        raise NotFinite(
            "xy",
            f"is not finite in {rows.size} rows, first row {rows[0]}",
            "give these units a place (their village's will do) or draw them in a stratum of their own",
        )
    return array


def apart(xy: Floats, parts: Strata, rng: np.random.Generator) -> Floats:
    """Scale places to the unit cube, shake them a little, and set each stratum out of the others' reach.

    Returns
    -------
    ndarray, shape (N, d)
        Where nearest neighbours within a stratum are those of `xy`, and other strata are farther off.
    """
    low = xy.min(axis=0)
    width = float((xy.max(axis=0) - low).max()) or 1.0
    ground: Floats = (xy - low) / width
    ground += rng.uniform(-SHAKE, SHAKE, size=ground.shape)
    reach = 2.0 * np.sqrt(xy.shape[1]) + 1.0
    ground[:, 0] += reach * parts.code
    return ground


def by_cells(xy: Floats, parts: Strata) -> Integers:
    """Units stratum after stratum, cell after cell of a rough grid within it.

    Neighbours on the ground then lie near in memory, and a neighbour search runs three times faster; the order has
    no other meaning.

    Returns
    -------
    ndarray of int, shape (N,)
        Positions.
    """
    plane = xy[:, :2]
    low = plane.min(axis=0)
    width = float((plane.max(axis=0) - low).max()) or 1.0
    side = np.sqrt(parts.sizes / UNITS_PER_CELL)[parts.code]
    cell = np.floor((plane - low) / width * (side[:, None] - 0.5).clip(0.5))
    key = cell[:, 0] if plane.shape[1] == 1 else cell[:, 0] * (side + 1) + cell[:, 1]
    place = key.astype(np.int64)
    return np.argsort(parts.code * (int(place.max()) + 1) + place)


def to_one_density(xy: Floats, code: Integers, rng: np.random.Generator) -> tuple[Floats, float]:
    """Scale each stratum until its units lie about 1 apart, shake them a little, and set strata out of reach.

    One radius then suits strata of any size and any extent, so that many are searched at once.

    Parameters
    ----------
    xy : ndarray, shape (N, d)
        Places, stratum after stratum.
    code : ndarray of int, shape (N,)
        Stratum of each.
    rng : numpy.random.Generator
        Source of the shake, which breaks ties of distance by chance.

    Returns
    -------
    places : ndarray, shape (N, d)
        Distances within a stratum keep their order.
    reach : float
        No two units of a stratum are farther apart, no two of different strata as near.
    """
    first = np.flatnonzero(np.concatenate(([True], code[1:] != code[:-1])))
    size = np.diff(np.append(first, code.size))
    low = np.minimum.reduceat(xy, first, axis=0)
    width = (np.maximum.reduceat(xy, first, axis=0) - low).max(axis=1)
    side = size ** (1 / xy.shape[1])
    factor = side / np.where(width > 0, width, 1.0)
    ground: Floats = (xy - np.repeat(low, size, axis=0)) * np.repeat(factor, size)[:, None]
    ground += rng.uniform(-SHAKE, SHAKE, size=ground.shape)
    reach = float(side.max()) * np.sqrt(xy.shape[1]) + 1.0
    room = side + 2 * reach
    ground[:, 0] += np.repeat(np.cumsum(room) - room, size)
    return ground, reach


def nearest(tree: "cKDTree[None]", points: Floats, k: int) -> tuple[Floats, Integers]:
    """Distances and indices of the k nearest, always as tables.

    Returns
    -------
    tuple of ndarray, each shape (M, k)
        Nearest first. `k` must not exceed the size of the tree.
    """
    gap, near = tree.query(points, k=np.arange(1, k + 1))
    return np.asarray(gap, dtype=np.float64), np.asarray(near, dtype=np.int64)

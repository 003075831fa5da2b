"""Strata as columns, checked once for every allocation of this room."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.allocation.refusals import FloorAboveSize, MalformedStrata

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Strata:
    """Sizes, spreads, bounds and costs of H strata.

    Parameters
    ----------
    size : ndarray of int64, shape (H,)
        N_h.
    spread : ndarray of float, shape (H,)
        S_h, the standard deviation expected in the stratum.
    lower, upper : ndarray of int64, shape (H,)
        Bounds on n_h, 1 ≤ lower ≤ upper ≤ N where N ≥ 1.
    cost : ndarray of float, shape (H,)
        Of one visit.
    """

    size: Integers
    spread: Floats
    lower: Integers
    upper: Integers
    cost: Floats

    def part(self, members: NDArray[np.intp]) -> "Strata":
        """Some of the strata."""
        return Strata(
            self.size[members], self.spread[members], self.lower[members], self.upper[members], self.cost[members]
        )

    @property
    def weight(self) -> Floats:
        """A_h² = (N_h S_h)²: what a stratum adds to the variance of the total, times n_h."""
        return np.asarray((self.size * self.spread) ** 2)

    @property
    def finite_part(self) -> float:
        """Σ N_h S_h²: what the finite population correction takes off the variance of the total."""
        return float(np.sum(self.size * self.spread**2))


def checked_strata(
    size: ArrayLike,
    spread: ArrayLike | None = None,
    *,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    cost: ArrayLike | None = None,
) -> Strata:
    """Check columns and fill in what was not given.

    Parameters
    ----------
    size : array_like of int, shape (H,)
        N_h, at least 0.
    spread : array_like of float, shape (H,), optional
        S_h, at least 0; 1 everywhere by default, which makes the optimum proportional.
    lower : array_like of int, shape (H,), optional
        1 by default. A stratum that gives nobody would leave its households without a chance.
    upper : array_like of int, shape (H,), optional
        N by default.
    cost : array_like of float, shape (H,), optional
        Above 0; 1 by default.

    Raises
    ------
    MalformedStrata
        Empty, other lengths, not finite, negative, fractional counts; a lower bound of 0.
    FloorAboveSize
        A lower bound above the upper one, or an upper one above N.

    Examples
    --------
    >>> checked_strata([10, 20], lower=[2, 2]).upper
    array([10, 20])
    """
    sizes = _counts(size, "size")
    shape = sizes.shape
    if sizes.size == 0:
        raise MalformedStrata("size", "has no strata", "give at least one")
    uppers = sizes if upper is None else _counts(upper, "upper", shape)
    lowers = np.minimum(1, uppers) if lower is None else _counts(lower, "lower", shape)
    spreads = np.ones(shape) if spread is None else checked_reals(spread, "spread", shape)
    costs = np.ones(shape) if cost is None else checked_reals(cost, "cost", shape)
    if np.any(costs <= 0):
        raise MalformedStrata("cost", f"is 0 in strata {_places(costs <= 0)}", "give positive costs")
    for wrong, what, limit in (
        (uppers > sizes, "upper", "the size"),
        (lowers > uppers, "lower", "the upper bound"),
    ):
        if np.any(wrong):
            raise FloorAboveSize(what, f"is above {limit} in strata {_places(wrong)}", f"stay at or below {limit}")
    nobody = (lowers < 1) & (sizes > 0)
    if np.any(nobody):
        raise MalformedStrata("lower", f"is 0 in strata {_places(nobody)}", "take at least 1 of every stratum")
    return Strata(sizes, spreads, lowers, uppers, costs)


def _counts(column: ArrayLike, name: str, shape: tuple[int, ...] | None = None) -> Integers:
    values = checked_reals(column, name, shape)
    if np.any(values != np.floor(values)):
        raise MalformedStrata(name, f"is fractional in strata {_places(values != np.floor(values))}", "give counts")
    return np.asarray(column).astype(np.int64)


def checked_reals(column: ArrayLike, name: str, shape: tuple[int, ...] | None = None) -> Floats:
    """Return a column of finite numbers of at least 0, or refuse it by position.

    Raises
    ------
    MalformedStrata
    """
    try:
        values = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MalformedStrata(name, "is not made of numbers", "give one number per stratum") from error
    if values.ndim != 1 or (shape is not None and values.shape != shape):
        raise MalformedStrata(name, f"has the shape {values.shape}", "give one value per stratum")
    bad = ~np.isfinite(values) | (values < 0)
    if np.any(bad):
        raise MalformedStrata(name, f"is negative or not finite in strata {_places(bad)}", "correct these")
    return values


def _places(wrong: NDArray[np.bool_]) -> str:
    places = np.flatnonzero(wrong)
    more = f" and {places.size - 5} more" if places.size > 5 else ""  # noqa: PLR2004 - as many as a reader looks at
    return ", ".join(str(p) for p in places[:5]) + more

"""From real allocations to whole visits, with the total kept."""

import numpy as np
from numpy.typing import ArrayLike

from sampling.allocation.marginal import positive_weights, raise_groups
from sampling.allocation.refusals import MalformedStrata
from sampling.allocation.strata import Floats, Integers, checked_reals


def round_largest_remainder(real: ArrayLike) -> Integers:
    """Round down, then give what is missing to the largest remainders, ties by position.

    Parameters
    ----------
    real : array_like of float, shape (H,)
        Whose sum is whole to 1e-6.

    Returns
    -------
    ndarray of int64, shape (H,)
        Each within one of `real`; bounds in whole numbers stay kept.

    Raises
    ------
    MalformedStrata
        When the sum is not whole.

    Notes
    -----
    Hamilton's method.

    Examples
    --------
    >>> round_largest_remainder([2.5, 3.7, 1.8])
    array([2, 4, 2])
    """
    values = checked_reals(real, "real")
    total = round(float(values.sum()))
    if abs(float(values.sum()) - total) > 1e-6 * max(1, total):
        raise MalformedStrata("real", f"sums to {values.sum()}", "round allocations of a whole total")
    # a value a hair below a whole number is that number
    down = np.floor(values + 1e-9)
    missing = total - int(down.sum())
    n = down.astype(np.int64)
    n[np.argsort(-(values - down), kind="stable")[:missing]] += 1
    return n


def round_optimally(real: ArrayLike, weight: ArrayLike) -> Integers:
    """Round each value down or up so that Σ weight/n is smallest and the total is kept.

    Parameters
    ----------
    real : array_like of float, shape (H,)
        At least 1 each, sums to a whole number.
    weight : array_like of float, shape (H,)
        (N_h S_h)².

    Returns
    -------
    ndarray of int64, shape (H,)
        Best among all roundings; the best of all allocations is `sampling.allocation.allocate`.

    Raises
    ------
    MalformedStrata

    Notes
    -----
    Cont & Heidari (2014), *Optimal rounding under integer constraints*, arXiv 1501.00014: marginal gains from
    the values rounded down, each given at most one more.

    Examples
    --------
    >>> A2 = [144000.0**2, 316000.0**2, 380000.0**2, 32000.0**2]
    >>> round_optimally([31.3761467889908, 68.8532110091743, 82.7981651376147, 6.97247706422018], A2)
    array([31, 69, 83,  7])
    """
    values = checked_reals(real, "real")
    weights: Floats = positive_weights(checked_reals(weight, "weight", values.shape))
    total = round(float(values.sum()))
    down = np.floor(values + 1e-9).astype(np.int64)
    if np.any(down < 1):
        raise MalformedStrata("real", "has a value below 1", "use round_largest_remainder, or a lower bound of 1")
    up = np.ceil(values - 1e-9).astype(np.int64)
    if abs(float(values.sum()) - total) > 1e-6 * max(1, total) or not down.sum() <= total <= up.sum():
        raise MalformedStrata("real", f"sums to {values.sum()}", "round allocations of a whole total")
    return raise_groups(down, up, weights, np.zeros(values.size, dtype=np.intp), np.array([float(total)]))

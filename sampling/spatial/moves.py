"""One step of the cube method for many small groups of units at once: a random move that keeps every total."""

import numpy as np
import numpy.typing as npt

from sampling.selection.strata import Booleans, Floats

# a decided unit's arithmetic leaves it this near 0 or 1
DECIDED = 1e-9
# a balancing variable that varies less than this within a group asks for nothing there
FLAT = 1e-10
# a unit whose share of the move is this small never reaches a bound
STILL = 1e-300


def direction(a: Floats) -> Floats:
    """A direction in which probabilities can move without changing their total or any balance.

    A cross product for one or two variables, else Gauss-Jordan elimination with column pivoting, over all groups at
    once. The total is kept by measuring every
    unit's variables from those of the last one, whose move is minus the sum of the others'.

    Parameters
    ----------
    a : ndarray, shape (q, q + 2, G)
        Balancing variables over probability, x/π, of q + 2 units in each of G groups.

    Returns
    -------
    ndarray, shape (q + 2, G)
        u ≠ 0 with Σ u = 0 and Σ a u = 0 in every group.

    Examples
    --------
    >>> direction(np.array([[[1.0], [2.0], [3.0]]]))[:, 0].round(6).tolist()
    [-0.5, 1.0, -0.5]
    """
    q, units, groups = a.shape
    if q == 0:
        return np.vstack((np.ones(groups), -np.ones(groups)))
    work = a[:, :-1, :] - a[:, -1:, :]
    u = np.empty((units, groups))
    if q == 1:
        u[0], u[1] = work[0, 1], -work[0, 0]
    elif q == 2:  # noqa: PLR2004 - the cross product of two rows, the common case
        (x, y, z), (r, s, t) = work
        u[0], u[1], u[2] = y * t - z * s, z * r - x * t, x * s - y * r
    else:
        u[:-1] = _eliminated(a, work)
    if q <= 2:  # noqa: PLR2004 - no elimination yet
        largest = np.abs(u[:-1]).max(axis=0)
        dull = np.flatnonzero(largest <= FLAT * np.abs(a).max(axis=(0, 1)) ** q)
        if dull.size:  # rows that depend on each other: the product says nothing, elimination does
            u[:-1, dull] = _eliminated(a[:, :, dull], work[:, :, dull])
            largest[dull] = 1.0
        u[:-1] /= largest
    u[-1] = -u[:-1].sum(axis=0)
    return u


def _eliminated(a: Floats, work: Floats) -> Floats:
    """Null vector of `work`, (q, q + 1, G), by elimination; the scale of `a` says what counts as zero."""
    q, columns, groups = work.shape
    work = work.copy()
    u = np.zeros((columns, groups))
    lane = np.arange(groups)
    flat = FLAT * (np.abs(a).max(axis=1) + 1e-300)
    used = np.zeros((columns, groups), dtype=np.bool_)
    pivots = []
    for row in range(q):
        size = np.where(used, -1.0, np.abs(work[row]))
        column = size.argmax(axis=0)
        real = size[column, lane] > flat[row]
        work[row] /= np.where(real, work[row, column, lane], 1.0)
        for other in range(q):
            if other != row:
                work[other] -= np.where(real, work[other, column, lane], 0.0) * work[row]
        used[column[real], lane[real]] = True
        pivots.append((column, real))
    free = (~used).argmax(axis=0)
    u[free, lane] = 1.0
    for row, (column, real) in enumerate(pivots):
        u[column[real], lane[real]] = -work[row, free, lane][real]
    return u


def moved(p: Floats, a: Floats, chance: Floats) -> Floats:
    """Move each group along its direction until at least one of its units is decided.

    Of the two ends of the line within the unit cube one is taken at random, so that probabilities stay what they
    are on average (Deville & Tillé 2004, *Biometrika* 91, 893-912, §3).

    Parameters
    ----------
    p : ndarray, shape (q + 2, G)
        Probabilities in (0, 1).
    a : ndarray, shape (q, q + 2, G)
        Balancing variables over their probabilities.
    chance : ndarray, shape (G,)
        Uniform numbers.

    Returns
    -------
    ndarray, shape (q + 2, G)
        New probabilities, at least one per group exactly 0 or 1.
    """
    u = direction(a)
    # along u a unit reaches a bound after `ahead` and against it after `behind`; both together are 1/|u|
    whole = 1 / np.maximum(np.abs(u), STILL)
    ahead = np.where(u > 0, 1 - p, p) * whole
    up = ahead.min(axis=0)
    down = np.subtract(whole, ahead, out=whole).min(axis=0)
    step = np.where(chance * (up + down) < down, up, -down)
    u *= step
    u += p
    return settled(u)


def settled(p: Floats) -> Floats:
    """Probabilities with those a rounding away from 0 or 1 put there."""
    done: Floats = np.where(p < DECIDED, 0.0, np.where(p > 1 - DECIDED, 1.0, p))
    return done


def undecided(p: Floats) -> Booleans:
    """Whether each probability is strictly between 0 and 1."""
    between: Booleans = (p > 0) & (p < 1)
    return between


def scaled(x: npt.ArrayLike, pi: Floats) -> Floats:
    """x/π per variable, centred and scaled to spread 1 so that no unit of measure weighs more than another."""
    a = np.asarray(x, dtype=np.float64) / pi[:, None]
    a = a - a.mean(axis=0)
    spread = a.std(axis=0)
    unit: Floats = a / np.where(spread > 0, spread, 1.0)
    return unit

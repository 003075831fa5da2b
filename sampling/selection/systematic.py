"""Every k-th unit along a list: equal probabilities, or proportional to size (Madow), with exact joint ones."""

import numpy as np
import numpy.typing as npt

from sampling.selection.checks import chances, numbers, probabilities
from sampling.selection.ranking import spans
from sampling.selection.result import Selection
from sampling.selection.spare import left_over
from sampling.selection.strata import CountsLike, Floats, Integers, Strata, StrataLike
from sampling.selection.walk import Walk


def systematic(
    strata: StrataLike,
    n: CountsLike,
    *,
    order: npt.ArrayLike | None = None,
    rng: np.random.Generator | None = None,
    starts: npt.ArrayLike | None = None,
    uniforms: npt.ArrayLike | None = None,
    reserve: CountsLike = 0,
) -> Selection:
    """Draw every (N/n)-th unit of every stratum from a random start, with a fractional interval.

    Units at places ⌊(u + k)·N/n⌋, k = 0 … n-1, of the list (Cochran 1977, *Sampling Techniques*, §8.1-8.2). The
    interval is not rounded, so every unit has probability n/N, the last one too.

    Parameters
    ----------
    strata : Strata, int or array_like, shape (N,)
        Label of each unit; an integer N is one stratum.
    n : int, mapping or array_like, shape (H,)
        Units to draw per stratum.
    order : array_like, shape (N,), optional
        Value to walk along within a stratum, for instance `sampling.spatial.hilbert_order`; None walks in frame
        order.
    rng : numpy.random.Generator, optional
        Source of chance; give either this or `starts`.
    starts : array_like, shape (H,), optional
        One number in [0, 1) per stratum.
    uniforms : array_like, shape (N,), optional
        Numbers that order the reserves, needed only with `starts` and `reserve`.
    reserve : int, mapping or array_like, shape (H,)
        Reserves per stratum: a simple random order of the units not drawn.

    Returns
    -------
    Selection
        With π = n/N exactly. The sample is in the order of the walk.

    Raises
    ------
    SampleAboveStratum, NegativeValue, NotWhole, UnknownStratum, WrongLength, EmptyInput
        If the counts or the order do not fit the strata.
    NoSourceOfChance, UniformOutOfRange, NotFinite
        If the random numbers are missing or wrong.

    Examples
    --------
    >>> systematic(10, 3, starts=[0.99]).sample.tolist()
    [3, 6, 9]
    """
    parts = Strata.of(strata)
    count = parts.per_stratum(n)
    reserves = parts.per_stratum(reserve, where="reserve")
    start = chances(parts.count, rng, starts, where="starts")
    arranged = parts.arranged(order)
    # integers from here on: the place of step k is (k·N + ⌊u·N⌋) // n, never beyond N - 1 and never twice
    offset = np.minimum((start * parts.sizes).astype(np.int64), parts.sizes - 1)
    step = spans(np.zeros_like(count), count)
    size, drawn = np.repeat(parts.sizes, count), np.repeat(count, count)
    place = (step * size + np.repeat(offset, count)) // drawn
    sample = arranged[np.repeat(parts.start[:-1], count) + place]
    pi: Floats = (count / parts.sizes)[parts.code]
    return Selection(
        design="systematic sampling",
        strata=parts,
        n=count,
        probability=pi,
        exact=True,
        sample=sample,
        reserve=left_over(parts, pi, sample, reserves, _spare_chances(parts, reserves, rng, uniforms)),
        reserves=reserves,
    )


def madow(
    pi: npt.ArrayLike,
    strata: StrataLike | None = None,
    *,
    order: npt.ArrayLike | None = None,
    rng: np.random.Generator | None = None,
    starts: npt.ArrayLike | None = None,
    uniforms: npt.ArrayLike | None = None,
    reserve: CountsLike = 0,
) -> Selection:
    """Draw systematically along cumulated probabilities.

    A unit is drawn when one of the points u, u + 1, u + 2, … falls on its stretch of the cumulated probabilities
    (Madow 1949, *Ann. Math. Statist.* 20, 333-354). Exact first-order probabilities; many joint ones are zero, so
    the variance cannot be estimated without a model.

    Parameters
    ----------
    pi : array_like, shape (N,)
        Inclusion probabilities, 0 < π ≤ 1, with whole totals per stratum.
    strata : Strata or array_like, shape (N,), optional
        Labels; None is one stratum.
    order : array_like, shape (N,), optional
        Value to walk along within a stratum; None walks in frame order.
    rng : numpy.random.Generator, optional
        Source of chance; give either this or `starts`.
    starts : array_like, shape (H,), optional
        One number in [0, 1) per stratum.
    uniforms : array_like, shape (N,), optional
        Numbers that order the reserves, needed only with `starts` and `reserve`.
    reserve : int, mapping or array_like, shape (H,)
        Reserves per stratum: units not drawn, in Pareto order on π.

    Returns
    -------
    Selection
        With exact probabilities; certainties of a stratum come first in its sample, then the walk.

    Raises
    ------
    ProbabilityOutOfRange, FractionalTotal, NotFinite, WrongLength
        If the probabilities are not usable.
    NoSourceOfChance, UniformOutOfRange
        If the random numbers are missing or wrong.

    Examples
    --------
    >>> madow([0.2, 0.7, 0.8, 0.5, 0.4, 0.4], starts=[0.5]).sample.tolist()
    [1, 2, 4]
    """
    parts = Strata.of(len(np.asarray(pi)) if strata is None else strata)
    target, n = probabilities(pi, parts)
    reserves = parts.per_stratum(reserve, where="reserve")
    start = chances(parts.count, rng, starts, where="starts")
    walk = Walk.along(parts, target, n, order)
    code = parts.code[walk.unit]
    reached = np.ceil(walk.total - start[code])
    passed = np.ceil(walk.previous() - start[code])
    sample = gathered(parts, walk.certain, walk.unit[reached > passed])
    return Selection(
        design="systematic sampling proportional to size (Madow)",
        strata=parts,
        n=n,
        probability=target,
        exact=True,
        sample=sample,
        reserve=left_over(parts, target, sample, reserves, _spare_chances(parts, reserves, rng, uniforms)),
        reserves=reserves,
    )


def madow_joint(pi: npt.ArrayLike) -> Floats:
    """Joint inclusion probabilities of `madow` in one stratum, in the given order.

    Unit k is drawn when the start lies on an arc of length π_k of the unit circle; two units are drawn together
    when it lies on both arcs (Madow 1949; Tillé 2006, §7.1).

    Parameters
    ----------
    pi : array_like, shape (N,)
        Inclusion probabilities with a whole total.

    Returns
    -------
    ndarray, shape (N, N)
        Probabilities π_kl, with π_k on the diagonal.

    Raises
    ------
    ProbabilityOutOfRange, FractionalTotal, NotFinite, WrongLength
        If the probabilities are not usable.

    Examples
    --------
    >>> madow_joint([0.5, 0.5, 0.5, 0.5]).tolist()[0]
    [0.5, 0.0, 0.5, 0.0]
    """
    target, _ = probabilities(numbers(pi, len(np.asarray(pi)), "pi"), Strata.of(len(np.asarray(pi))))
    begin = np.concatenate(([0.0], np.cumsum(target)[:-1]))
    ahead = np.mod(begin[None, :] - begin[:, None], 1.0)
    # a gap that is a rounding away from a whole turn is none
    ahead[np.abs(ahead - 1.0) < np.finfo(float).eps * 4 * target.size] = 0.0
    mine, other = target[:, None], target[None, :]
    first = np.minimum(mine, ahead + other) - ahead
    second = np.minimum(1.0 + mine, ahead + other) - 1.0
    joint: Floats = np.maximum(first, 0.0) + np.maximum(second, 0.0)
    np.fill_diagonal(joint, target)
    return joint


def gathered(parts: Strata, first: Integers, then: Integers) -> Integers:
    """Two lists of units, each stratum after stratum, as one."""
    both = np.concatenate((first, then))
    joined: Integers = both[np.argsort(parts.code[both], kind="stable")]
    return joined


def _spare_chances(
    parts: Strata,
    reserves: Integers,
    rng: np.random.Generator | None,
    uniforms: npt.ArrayLike | None,
) -> Floats | None:
    return chances(parts.units, rng, uniforms) if reserves.any() else None

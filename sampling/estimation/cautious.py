"""Ends of a rate's interval that do not trust a variance a few visits cannot show."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from sampling.arrays import FloatArray
from sampling.estimation.proportions import korn_graubard

# with so many strata sharing the variance a sum of them is near enough to normal (benchmarks/intervals.py --many)
MANY = 8


class Shown(NamedTuple):
    """What the strata showed.

    Parameters
    ----------
    part, free, counts : ndarray of float, shape (H,)
        Share of the population, 1 − sampling fraction, visits.
    found : ndarray of float, shape (..., H)
        Marks; leading axes are separate outcomes.
    """

    part: FloatArray
    free: FloatArray
    counts: FloatArray
    found: FloatArray

    @property
    def share(self) -> FloatArray:
        """Estimated rate, shape (...)."""
        return (self.part * self.found / self.counts).sum(axis=-1)  # type: ignore[no-any-return]


def moved_out(
    ends: tuple[FloatArray, FloatArray], shown: Shown, effective: FloatArray, factor: float, level: float
) -> tuple[FloatArray, FloatArray]:
    """Move each end out to the nearest of two or three cautious ends, never in.

    A stratum whose few visits all agree shows no variance, and the plain interval then takes it as known. Three ends
    do not; each is needlessly wide somewhere, so the nearest to the estimate is used:

    * each stratum's own limits, their distances squared and added (Newcombe 1998, *Statistics in Medicine* 17:873;
      Zou & Donner 2008, 27:1693): wide where many strata have two visits each;
    * the size as if all marks lay in the stratum where one visit speaks for the most: wide where visits differ much;
    * where at least `MANY` strata share the variance, the size that Laplace's rule (k + 1) / (n + 2) gives, on
      Satterthwaite's degrees of freedom.

    Parameters
    ----------
    ends : tuple of ndarray, shape (...)
        Plain limits.
    shown : Shown
        What they were made from.
    effective : ndarray, shape (...)
        The plain limits' effective sizes, before the factor.
    factor : float
        Ratio of squared t quantiles by which effective sizes are multiplied.
    level : float
        Two-sided confidence.

    Returns
    -------
    lower, upper : ndarray, shape (...)
    """
    p = shown.share
    cautious = [_own(shown, p, level)]
    weight = float((shown.part * shown.free / shown.counts).max())
    if weight > 0:
        cautious.append(korn_graubard(p, np.minimum(effective, 1 / weight) * factor, level))
    lower = np.max([low for low, _ in cautious], axis=0)
    upper = np.min([high for _, high in cautious], axis=0)
    if len(shown.counts) >= MANY:
        many, size = _laplace(shown, effective, factor, level)
        low, high = korn_graubard(p, size, level)
        lower, upper = np.where(many, np.maximum(lower, low), lower), np.where(many, np.minimum(upper, high), upper)
    return np.minimum(ends[0], lower), np.maximum(ends[1], upper)


def _own(shown: Shown, p: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    below, above = np.zeros(p.shape), np.zeros(p.shape)
    for h in np.flatnonzero(shown.free > 0):
        rate = shown.found[..., h] / shown.counts[h]
        low, high = korn_graubard(rate, shown.counts[h] / shown.free[h], level)
        below += (shown.part[h] * (rate - low)) ** 2
        above += (shown.part[h] * (high - rate)) ** 2
    return p - np.sqrt(below), p + np.sqrt(above)


def _laplace(shown: Shown, effective: FloatArray, factor: float, level: float) -> tuple[FloatArray, FloatArray]:
    """Return where enough strata share the variance, and the sizes that Laplace's rule gives."""
    part, free, counts, found = shown
    rate = (found + 1) / (counts + 2)
    p, spread = (part * rate).sum(axis=-1), part**2 * free / counts * rate * (1 - rate)
    total = spread.sum(axis=-1)
    sure = total == 0
    total = np.where(sure, 1.0, total)
    many = ~sure & (total**2 >= MANY * (spread**2).sum(axis=-1))
    degrees = np.maximum(1.0, total**2 / np.where(sure, 1.0, (spread**2 / np.maximum(counts - 1, 1)).sum(axis=-1)))
    tail = (1 - level) / 2
    cost = (stats.t.ppf(tail, max(1.0, float(counts.sum()) - 1)) / stats.t.ppf(tail, degrees)) ** 2
    return many, np.minimum(effective, p * (1 - p) / total) * np.minimum(cost, factor)

"""From scores to a few bands: cuts set by hand, by quantiles, by the shape of the scores."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sampling.estimation.arrays import FloatArray, IntArray, vector, whole
from sampling.risk.refusals import ImpossibleBands


@dataclass(frozen=True, eq=False)
class Bands:
    """Households sorted into L bands, 0 the lowest.

    Attributes
    ----------
    method : str
        How the boundaries were found.
    boundaries : tuple of float
        L − 1 rising boundaries; a score equal to a boundary belongs to the band above it.
    band : ndarray of int, shape (N,)
        Each household's band, 0 … L − 1.
    counts : tuple of int
        Households per band.
    """

    method: str
    boundaries: tuple[float, ...]
    band: IntArray = field(repr=False)
    counts: tuple[int, ...]


def band_by_cuts(scores: ArrayLike, boundaries: ArrayLike, method: str = "cut points") -> Bands:
    """Sort scores into bands at given boundaries.

    Parameters
    ----------
    scores : array_like, shape (N,)
        The scores.
    boundaries : array_like, shape (L − 1,)
        Strictly rising; a score equal to one belongs above it.
    method : str
        Name to report.

    Returns
    -------
    Bands
        A band may be empty: then nobody has such a score.

    Raises
    ------
    ImpossibleBands, NonFiniteValues, EmptySample

    Examples
    --------
    >>> band_by_cuts([0, 3, 8, 5], [3, 8]).band.tolist()
    [0, 1, 2, 1]
    """
    x, cuts = vector("scores", scores), vector("boundaries", boundaries)
    if (np.diff(cuts) <= 0).any():
        raise ImpossibleBands("boundaries", f"{cuts.tolist()} do not rise", "give rising boundaries")
    band = np.searchsorted(cuts, x, side="right").astype(np.int64)
    counts = np.bincount(band, minlength=len(cuts) + 1)
    return Bands(method, tuple(cuts.tolist()), band, tuple(counts.tolist()))


def _wanted(scores: FloatArray, bands: int) -> int:
    wanted = whole("bands", bands, low=2)
    different = len(np.unique(scores))
    if different < wanted:
        raise ImpossibleBands("bands", f"{wanted} asked but only {different} different scores", "ask for fewer")
    return wanted


def band_by_quantiles(scores: ArrayLike, bands: int) -> Bands:
    """Sort scores into bands of nearly equal size; equal scores stay together.

    Parameters
    ----------
    scores : array_like, shape (N,)
        The scores.
    bands : int
        At least 2; fewer result where many scores are equal.

    Returns
    -------
    Bands

    Raises
    ------
    ImpossibleBands
        When there are fewer different scores than bands.

    Examples
    --------
    >>> band_by_quantiles([1, 2, 3, 4, 5, 6], 3).counts
    (2, 2, 2)
    """
    x = vector("scores", scores)
    wanted = _wanted(x, bands)
    ordered = np.sort(x)
    places = [round(len(x) * j / wanted) for j in range(1, wanted)]
    cuts = np.unique(ordered[places])
    return band_by_cuts(x, cuts[cuts > ordered[0]], "quantiles")


def dalenius_hodges(scores: ArrayLike, bands: int, classes: int = 50) -> Bands:
    """Cut where the cumulated root of the frequencies is divided evenly.

    Parameters
    ----------
    scores : array_like, shape (N,)
        The scores, or a size measure.
    bands : int
        At least 2.
    classes : int
        Equal classes of the histogram, at least ``bands``.

    Returns
    -------
    Bands
        Boundaries are class limits.

    Raises
    ------
    ImpossibleBands

    Notes
    -----
    Dalenius & Hodges (1959), JASA 54:88; Cochran (1977), sec. 5A.7. The division with the least squared departure
    from even shares is found exactly, by dynamic programming over classes: bands · classes² steps.

    Examples
    --------
    >>> dalenius_hodges([0, 0, 1, 1, 2, 3, 5, 9, 20, 40], 3, 10).boundaries
    (4.0, 12.0)
    """
    x = vector("scores", scores)
    wanted = _wanted(x, bands)
    number = whole("classes", classes, low=wanted)
    low, high = float(x.min()), float(x.max())
    limits = low + (high - low) * (np.arange(number + 1) / number)
    place = np.clip(np.searchsorted(limits, x, side="right") - 1, 0, number - 1)
    rooted = np.concatenate([[0.0], np.cumsum(np.sqrt(np.bincount(place, minlength=number)))])
    ends = _even_division(rooted, wanted)
    return band_by_cuts(x, limits[ends], "Dalenius–Hodges")


def _even_division(cumulated: FloatArray, parts: int) -> IntArray:
    """Positions that divide a cumulated sum into parts with the least squared departure from equal ones."""
    number = len(cumulated) - 1
    target = cumulated[-1] / parts
    # cost[i, j] of a part from class i up to class j; empty parts are no bands
    share = cumulated[None, :] - cumulated[:, None]
    cost = np.where(share > 0, (share - target) ** 2, np.inf)
    best, choice = cost[0], []
    for _ in range(parts - 1):
        reach = best[:, None] + cost
        # empty classes tie: cut at their upper end, right below the next score
        choice.append(number - reach[::-1].argmin(axis=0))
        best = reach.min(axis=0)
    ends = [number]
    for step in reversed(choice):
        ends.append(int(step[ends[-1]]))
    return np.array(ends[:0:-1], dtype=np.int64)


def geometric_bands(scores: ArrayLike, bands: int) -> Bands:
    """Cut in geometric progression, for skew sizes that are all above zero (benefits, areas).

    Parameters
    ----------
    scores : array_like, shape (N,)
        All above zero.
    bands : int
        At least 2.

    Raises
    ------
    ImpossibleBands
        When a score is not above zero, or there are too few different ones.

    Notes
    -----
    Gunning & Horgan (2004), Survey Methodology 30:159: boundaries a·r^h, r = (max / min)^(1/L).

    Examples
    --------
    >>> [round(b, 9) for b in geometric_bands([1, 5, 40, 1000], 3).boundaries]
    [10.0, 100.0]
    """
    x = vector("scores", scores)
    wanted = _wanted(x, bands)
    if (x <= 0).any():
        raise ImpossibleBands("scores", "are not all above zero", "use quantiles or Dalenius–Hodges")
    low, high = float(x.min()), float(x.max())
    cuts = low * (high / low) ** (np.arange(1, wanted) / wanted)
    return band_by_cuts(x, cuts, "geometric")

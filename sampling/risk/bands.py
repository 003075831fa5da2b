"""From scores to a few bands: cuts set by hand, by quantiles, by the shape of the scores."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sampling.arrays import FloatArray, IntArray, vector, whole
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
    cuts = cuts[cuts > ordered[0]]
    # where most scores are the lowest one, the quantiles all lie there: cut at the next score instead
    return band_by_cuts(x, cuts if len(cuts) else ordered[ordered > ordered[0]][:1], "quantiles")


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
    Dalenius & Hodges (1959), JASA 54:88; Cochran (1977), sec. 5A.7. Every band ends with the last class that stays
    below an even share of the cumulated roots, or with the next; of these ways the one with the least squared
    departure from even shares is taken, as R's ``stratification::strata.cumrootf`` does (not of all divisions:
    those can gain evenness by cutting a long empty tail).

    Examples
    --------
    >>> dalenius_hodges([0, 0, 1, 1, 2, 3, 5, 9, 20, 40], 3, 10).boundaries
    (4.0, 20.0)
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
    """Positions that divide a cumulated sum; every part but the last stops just before or just past an even share."""
    number = len(cumulated) - 1
    target = float(cumulated[-1]) / parts
    # per last cut: least squared departure so far, and the cuts that gave it
    ways: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for left in range(parts - 1, 0, -1):
        longer: dict[int, tuple[float, tuple[int, ...]]] = {}
        for start, (cost, cuts) in ways.items():
            before = int(np.searchsorted(cumulated, cumulated[start] + target, side="left")) - 1
            for end in {min(max(before + step, start + 1), number - left) for step in (0, 1)}:
                if end <= start:
                    continue
                way = (cost + float(cumulated[end] - cumulated[start] - target) ** 2, (*cuts, end))
                longer[end] = min(longer.get(end, way), way)
        ways = longer
    last = {end: cost + float(cumulated[-1] - cumulated[end] - target) ** 2 for end, (cost, _) in ways.items()}
    return np.array(ways[min(last, key=last.__getitem__)][1], dtype=np.int64)


def geometric_bands(scores: ArrayLike, bands: int) -> Bands:
    """Cut in geometric progression, for skew sizes that are all above zero (benefits, areas).

    Parameters
    ----------
    scores : array_like, shape (N,)
        All above zero.
    bands : int
        At least 2.

    Returns
    -------
    Bands

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

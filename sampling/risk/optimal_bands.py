"""Cuts that need the fewest visits for a wanted precision: Lavallée and Hidiroglou's problem."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sampling.arrays import FloatArray, IntArray, vector, whole
from sampling.risk.bands import Bands, band_by_cuts
from sampling.risk.refusals import ImpossibleBands

MOST_VALUES = 4000  # different values looked at; beyond it candidates are thinned evenly


@dataclass(frozen=True, eq=False)
class OptimalBands:
    """Bands with the allocation that makes them good.

    Attributes
    ----------
    bands : Bands
        The bands.
    counts : tuple of int
        Units to draw per band; the last bands may be taken whole.
    n : int
        Their sum.
    cv : float
        Coefficient of variation of the estimated total at this allocation.
    """

    bands: Bands
    counts: tuple[int, ...] = field()
    n: int
    cv: float


def _moments(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.concatenate([[0.0], np.cumsum(x)]), np.concatenate([[0.0], np.cumsum(x * x)])


def neyman_counts(
    sizes: ArrayLike, spreads: ArrayLike, total: float, cv: float, take_all: int = 0
) -> tuple[IntArray, float]:
    """Smallest Neyman allocation that reaches a coefficient of variation, rounded up, bands taken whole as needed.

    Parameters
    ----------
    sizes : array_like of int, shape (L,)
        Units per band.
    spreads : array_like, shape (L,)
        Standard deviation per band (divisor N_h).
    total : float
        Total of the variable over all bands, not zero.
    cv : float
        Wanted coefficient of variation of the estimated total.
    take_all : int
        How many of the last bands are taken whole from the start.

    Returns
    -------
    counts : ndarray of int, shape (L,)
        At least 1 per band, at most its size.
    reached : float
        The coefficient of variation with these counts.

    Notes
    -----
    n = Σ(N_h S_h)² share / (V + Σ N_h S_h²) over the sampled bands (Cochran 1977, eq. 5.25); a band that would get
    more than it holds is taken whole and the rest solved again (Cochran 1977, sec. 5.8).

    Examples
    --------
    >>> counts, reached = neyman_counts([100, 10], [1.0, 8.0], 300, 0.05)
    >>> counts.tolist(), reached <= 0.05
    ([31, 10], True)
    """
    N = np.asarray(sizes, dtype=np.float64)  # noqa: N806 - the letter every book uses
    S2 = np.asarray(spreads, dtype=np.float64) ** 2 * N / np.maximum(N - 1, 1)  # noqa: N806 - the same
    S = np.sqrt(S2)  # noqa: N806 - the same
    whole_band = np.arange(len(N)) >= len(N) - take_all
    allowed = (cv * total) ** 2
    real = N.copy()
    while True:
        drawn = ~whole_band
        weight = (N * S)[drawn]
        if not drawn.any() or weight.sum() == 0:
            real[drawn] = 1.0
            break
        n = weight.sum() ** 2 / (allowed + (N * S2)[drawn].sum())
        real[drawn] = n * weight / weight.sum()
        above = drawn & (real >= N)
        if not above.any():
            break
        real[above] = N[above]
        whole_band |= above
    counts = np.minimum(np.maximum(np.ceil(real - 1e-9), 1), N)
    variance = float((N**2 * (1 / counts - 1 / N) * S2).sum())
    return counts.astype(np.int64), float(np.sqrt(max(variance, 0.0)) / abs(total))


def lavallee_hidiroglou(
    sizes: ArrayLike, bands: int, cv: float = 0.05, *, take_all: int = 1, rounds: int = 60
) -> OptimalBands:
    """Find boundaries for which a Neyman allocation of the fewest units reaches a coefficient of variation.

    Parameters
    ----------
    sizes : array_like, shape (N,)
        A size measure at or above zero, related to what will be estimated (benefit paid).
    bands : int
        At least 2.
    cv : float
        Wanted coefficient of variation of the estimated total, above 0.
    take_all : int
        How many of the last bands are taken whole.
    rounds : int
        Passes of improvement from each start.

    Returns
    -------
    OptimalBands

    Raises
    ------
    ImpossibleBands
        When there are too few different values, or the target is not above zero.

    Notes
    -----
    Lavallée & Hidiroglou (1988), Survey Methodology 14:33; solved as Kozak (2004), Statistics in Transition 6:797,
    suggests, by moving boundaries, but without chance: every boundary in turn moves to its best place among the
    different values (coordinate descent), from three starts. A local optimum, as every solver of this problem gives.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> answer = lavallee_hidiroglou(rng.lognormal(3, 1, 400), 4, 0.05)
    >>> answer.n < 60, answer.cv <= 0.05, answer.bands.counts[-1] == answer.counts[-1]
    (True, True, True)
    """
    x = np.sort(vector("sizes", sizes))
    wanted = whole("bands", bands, low=2)
    sure = whole("take_all", take_all, high=wanted - 1)
    if not cv > 0:
        raise ImpossibleBands("cv", f"is {cv}", "give a number above zero, for example 0.05")
    if x[0] < 0 or x[-1] == 0:
        raise ImpossibleBands("sizes", "are below zero somewhere, or all zero", "give a size measure")
    places = np.flatnonzero(np.diff(x) > 0) + 1  # a cut before position i separates different values
    if len(places) < wanted - 1:
        raise ImpossibleBands("bands", f"{wanted} asked but only {len(places) + 1} different values", "ask for fewer")
    if len(places) > MOST_VALUES:
        places = places[np.linspace(0, len(places) - 1, MOST_VALUES).astype(int)]
    search = _Search(x, places, wanted, cv, sure)
    starts = [search.start(kind) for kind in ("even", "root", "tail")]
    best = min((search.descend(start, rounds) for start in starts), key=lambda pair: pair[0])[1]
    cuts = (x[places[best] - 1] + x[places[best]]) / 2
    counts, reached = search.allocation(best)
    result = band_by_cuts(np.asarray(sizes, dtype=np.float64), cuts, "Lavallée–Hidiroglou")
    return OptimalBands(result, tuple(counts.tolist()), int(counts.sum()), reached)


class _Search:
    """Coordinate descent over boundaries, each an index into the places where values differ."""

    def __init__(self, x: FloatArray, places: IntArray, bands: int, cv: float, take_all: int) -> None:
        self.x, self.places, self.bands, self.cv, self.take_all = x, places, bands, cv, take_all
        self.first, self.second = _moments(x)

    def start(self, kind: str) -> IntArray:
        """First boundaries: even in count, even in root of value, or crowded towards the large values."""
        last = len(self.places) - 1
        step = np.arange(1, self.bands) / self.bands
        if kind == "even":
            guess = np.rint(step * last)
        elif kind == "tail":
            guess = np.rint((1 - (1 - step) ** 2.5) * last)
        else:
            values = np.sqrt(self.x[self.places])
            guess = np.searchsorted(values, values[0] + step * (values[-1] - values[0]))
        index = np.clip(guess.astype(np.int64), 0, last)
        for h in range(1, len(index)):
            index[h] = max(index[h], index[h - 1] + 1)
        for h in range(len(index) - 1, -1, -1):
            index[h] = min(index[h], last - (len(index) - 1 - h))
        return index

    def _bands(self, index: IntArray) -> tuple[FloatArray, FloatArray]:
        ends = np.concatenate([[0], self.places[index], [len(self.x)]])
        size = np.diff(ends).astype(np.float64)
        mean = np.diff(self.first[ends]) / size
        return size, np.sqrt(np.maximum(np.diff(self.second[ends]) / size - mean**2, 0.0))

    def allocation(self, index: IntArray) -> tuple[IntArray, float]:
        size, spread = self._bands(index)
        return neyman_counts(size, spread, self.first[-1], self.cv, self.take_all)

    def value(self, index: IntArray) -> tuple[int, float]:
        """Units needed, then the coefficient of variation: fewer first, steadier second."""
        counts, reached = self.allocation(index)
        return int(counts.sum()), reached

    def descend(self, index: IntArray, rounds: int) -> tuple[tuple[int, float], IntArray]:
        best = self.value(index)
        for _ in range(rounds):
            before = best
            for h in range(len(index)):
                low = index[h - 1] + 1 if h else 0
                high = index[h + 1] - 1 if h + 1 < len(index) else len(self.places) - 1
                reach = high - low
                # wide strides first, then every neighbour: a few dozen looks instead of thousands
                strides = np.linspace(low, high, min(reach + 1, 24)).astype(np.int64)
                near = np.arange(max(low, index[h] - 6), min(high, index[h] + 6) + 1)
                for place in np.unique(np.concatenate([strides, near])):
                    trial = index.copy()
                    trial[h] = place
                    worth = self.value(trial)
                    if worth < best:
                        best, index = worth, trial
            if best == before:
                break
        return best, index

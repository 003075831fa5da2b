"""Samples spread over the ground: the variance is judged from neighbours, for the draw left no other chance."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg
from scipy.spatial import KDTree

from sampling.arrays import FloatArray, probabilities, vector
from sampling.refusals import EmptySample, NonFiniteValues, UnknownMethod, WrongLength

SpatialVariance = Literal["nearest", "stevens-olsen"]


def _ground(coordinates: ArrayLike, n: int) -> FloatArray:
    points = np.asarray(coordinates, dtype=np.float64)
    if points.ndim != 2 or len(points) != n:  # noqa: PLR2004 - rows and columns
        raise WrongLength("coordinates", f"have shape {points.shape} for {n} units", "give one row per unit")
    if not np.isfinite(points).all():
        raise NonFiniteValues("coordinates", "hold NaN or infinity", "place these units first")
    return points


def nearest_neighbour_variance(
    values: ArrayLike, pi: ArrayLike, coordinates: ArrayLike, *, neighbours: int = 1
) -> float:
    """Grafström and Schelin's local-mean variance of Σ values / π.

    Each unit is compared with the mean of itself and its nearest sampled neighbours (all that are equally
    near the last one).

    Parameters
    ----------
    values, pi : array_like, shape (n,)
        What was measured, and the inclusion probabilities.
    coordinates : array_like, shape (n, d)
        Places in metres (or any space the sample was spread in).
    neighbours : int
        Neighbours to look at, at least 1.

    Returns
    -------
    float
        The variance, in squared units of the values.

    Raises
    ------
    EmptySample
        When there are not more units than neighbours.

    Notes
    -----
    Grafström & Schelin (2014), Scandinavian Journal of Statistics 41:277, eq. 5;
    Grafström & Lundström (2013), Open Journal of Statistics 3:36. Cost: n·log n by a k-d tree.

    Examples
    --------
    >>> nearest_neighbour_variance([1, 2, 4], [1, 1, 1], [[0], [1], [3]])
    3.0
    """
    pi = probabilities("pi", pi)
    y = vector("values", values, len(pi)) / pi
    points = _ground(coordinates, len(y))
    if len(y) <= neighbours or neighbours < 1:
        raise EmptySample("neighbours", f"{neighbours} asked of {len(y)} units", "ask for 1 up to n − 1")
    tree = KDTree(points)
    reach = np.asarray(tree.query(points, k=neighbours + 1)[0])[:, -1]
    # ties of the last distance belong too; the margin only absorbs rounding
    groups = tree.query_ball_point(points, reach * (1 + 1e-12))
    total = 0.0
    for i, group in enumerate(groups):
        size = len(group)
        total += size / (size - 1) * float(y[i] - y[group].mean()) ** 2
    return total


def stevens_olsen_variance(values: ArrayLike, pi: ArrayLike, coordinates: ArrayLike, *, neighbours: int = 4) -> float:
    """Stevens and Olsen's local-mean variance of Σ values / π.

    Neighbourhoods are made mutual, weights fall with rank, and are then changed as little as possible
    (least squares) until they sum to one for every unit as centre and as neighbour.

    Parameters
    ----------
    values, pi, coordinates : array_like
        As in :func:`nearest_neighbour_variance`.
    neighbours : int
        Size of a neighbourhood with its centre, at least 2.

    Returns
    -------
    float
        The variance, in squared units of the values.

    Notes
    -----
    Stevens & Olsen (2003), Environmetrics 14:593, sec. 3. Cost: one pseudo-inverse of an n × n matrix.

    Examples
    --------
    >>> round(stevens_olsen_variance([1, 2, 4, 3], [1, 1, 1, 1], [[0], [1], [3], [4]], neighbours=2), 10)
    0.8888888889
    """
    pi = probabilities("pi", pi)
    y = vector("values", values, len(pi)) / pi
    n = len(y)
    points = _ground(coordinates, n)
    if n < neighbours or neighbours < 2:  # noqa: PLR2004 - a unit is no neighbourhood
        raise EmptySample("neighbours", f"{neighbours} asked of {n} units", "ask for 2 up to n")
    # squared distances, summed in one order for both directions, so that ties stay ties
    distance = ((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    near = np.argsort(distance, axis=1, kind="stable")[:, :neighbours]
    mutual = np.zeros((n, n), dtype=np.bool_)
    mutual[np.arange(n)[:, None], near] = True
    mutual |= mutual.T
    weight = np.zeros((n, n))
    for i in range(n):
        group = np.flatnonzero(mutual[i])
        group = group[np.argsort(distance[i, group], kind="stable")]
        falling = (1 - np.arange(len(group)) / len(group)) / pi[group]
        weight[i, group] = falling / falling.sum()
    # least change a_i + b_j on the neighbour pairs that makes every row and column sum to one
    degree = np.diag(mutual.sum(axis=1).astype(np.float64))
    pairs = mutual.astype(np.float64)
    system = np.block([[degree, pairs], [pairs.T, degree]])
    lack = np.concatenate([1 - weight.sum(axis=1), 1 - weight.sum(axis=0)])
    change = linalg.pinvh(system) @ lack
    weight += pairs * (change[:n, None] + change[None, n:])
    means = weight @ y
    return float((weight * (y[None, :] - means[:, None]) ** 2).sum())


@dataclass(frozen=True, eq=False)
class SpatialDesign:
    """A sample spread over the ground. Make one with :func:`spatial`.

    Attributes
    ----------
    pi : ndarray of float, shape (n,)
        Inclusion probabilities.
    coordinates : ndarray of float, shape (n, d)
        Places.
    kind : str
        Which local-mean variance.
    neighbours : int
        Units of a neighbourhood.
    held : float or None
        N where it was given.
    """

    pi: FloatArray = field(repr=False)
    coordinates: FloatArray = field(repr=False)
    kind: SpatialVariance
    neighbours: int
    held: float | None

    @property
    def weights(self) -> FloatArray:
        """1 / π per unit."""
        return 1 / self.pi

    @property
    def population(self) -> float:
        """N where it was given, else Σ 1/π."""
        return float(self.weights.sum()) if self.held is None else self.held

    @property
    def degrees_of_freedom(self) -> float:
        """Units less one, at least 1."""
        return max(1.0, float(len(self.pi) - 1))

    @property
    def name(self) -> str:
        """The design in words."""
        return f"spatially spread sampling, local-mean variance ({self.kind}, {self.neighbours})"

    def variance(self, values: FloatArray) -> float:
        """Variance of Σ wᵢ·valuesᵢ from neighbours; ``values`` of shape (n,)."""
        measure = nearest_neighbour_variance if self.kind == "nearest" else stevens_olsen_variance
        return measure(values, self.pi, self.coordinates, neighbours=self.neighbours)


def spatial(
    pi: ArrayLike,
    coordinates: ArrayLike,
    *,
    variance: SpatialVariance = "nearest",
    neighbours: int | None = None,
    population: float | None = None,
) -> SpatialDesign:
    """Describe a sample spread over the ground (local pivotal, Hilbert order, GRTS).

    Parameters
    ----------
    pi : array_like, shape (n,)
        Inclusion probability of each sampled unit.
    coordinates : array_like, shape (n, d)
        Where they are.
    variance : {"nearest", "stevens-olsen"}
        Which local mean.
    neighbours : int, optional
        By default 1 for ``"nearest"`` and 4 (the centre counted) for ``"stevens-olsen"``.
    population : float, optional
        N where it is known.

    Returns
    -------
    SpatialDesign

    Raises
    ------
    ImpossibleProbability, WrongLength, NonFiniteValues, UnknownMethod

    Examples
    --------
    >>> spatial([0.5, 0.5], [[0, 0], [0, 1]]).neighbours
    1
    """
    chances = probabilities("pi", pi)
    usual = {"nearest": 1, "stevens-olsen": 4}
    if variance not in usual:
        raise UnknownMethod("variance", f"is {variance!r}", f"choose one of {', '.join(usual)}")
    points = _ground(coordinates, len(chances))
    return SpatialDesign(chances, points, variance, neighbours or usual[variance], population)

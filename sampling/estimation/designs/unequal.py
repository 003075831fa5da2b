"""Samples with unequal chances: three variances, of which two need the chances of pairs."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sampling.arrays import FloatArray, probabilities, vector
from sampling.refusals import EmptySample, ImpossibleJoint, UnknownMethod, WrongLength

UnequalVariance = Literal["deville", "sen-yates-grundy", "horvitz-thompson"]


def _joint(pi: FloatArray, joint: ArrayLike | None) -> FloatArray:
    n = len(pi)
    if joint is None:
        raise ImpossibleJoint("joint", "was not given", "give joint probabilities or use variance='deville'")
    matrix = np.asarray(joint, dtype=np.float64)
    if matrix.shape != (n, n):
        raise WrongLength("joint", f"has shape {matrix.shape} for {n} units", f"give a {n} × {n} table")
    if not np.isfinite(matrix).all() or (matrix <= 0).any():
        raise ImpossibleJoint(
            "joint",
            "holds a pair without a chance, so no unbiased variance exists",
            "use variance='deville' or a spatial variance",
        )
    if not np.allclose(matrix, matrix.T, rtol=1e-6, atol=1e-9):
        raise ImpossibleJoint("joint", "is not symmetric", "give π_ij = π_ji")
    if (matrix > np.minimum.outer(pi, pi) * (1 + 1e-6)).any():
        raise ImpossibleJoint("joint", "has a pair likelier than one of its units", "give π_ij ≤ min(π_i, π_j)")
    out = matrix.copy()
    np.fill_diagonal(out, pi)
    return out


def horvitz_thompson_variance(values: ArrayLike, pi: ArrayLike, joint: ArrayLike) -> float:
    """Horvitz and Thompson's variance of Σ values / π; unbiased, but may be negative and is often unsteady.

    Parameters
    ----------
    values, pi : array_like, shape (n,)
        What was measured, and the inclusion probabilities.
    joint : array_like, shape (n, n)
        Joint inclusion probabilities; the diagonal is not read.

    Returns
    -------
    float
        The variance, in squared units of the values; may be negative.

    Raises
    ------
    ImpossibleJoint, ImpossibleProbability, WrongLength, NonFiniteValues

    Notes
    -----
    Horvitz & Thompson (1952), JASA 47:663; Särndal, Swensson & Wretman (1992), eq. 2.8.7.

    Examples
    --------
    >>> pair = [[0.7, 0.5], [0.5, 0.8]]
    >>> round(horvitz_thompson_variance([7, 8], [0.7, 0.8], pair), 6)
    26.0
    """
    pi = probabilities("pi", pi)
    y = vector("values", values, len(pi)) / pi
    table = _joint(pi, joint)
    return float(y @ ((table - np.outer(pi, pi)) / table) @ y)


def sen_yates_grundy_variance(values: ArrayLike, pi: ArrayLike, joint: ArrayLike) -> float:
    """Sen, Yates and Grundy's variance of Σ values / π, for designs of fixed size.

    Parameters
    ----------
    values, pi : array_like, shape (n,)
        What was measured, and the inclusion probabilities.
    joint : array_like, shape (n, n)
        Joint inclusion probabilities; the diagonal is not read.

    Returns
    -------
    float
        The variance, in squared units of the values.

    Raises
    ------
    ImpossibleJoint, ImpossibleProbability, WrongLength, NonFiniteValues

    Notes
    -----
    Sen (1953), J. Indian Soc. Agric. Stat. 5:119; Yates & Grundy (1953), JRSS B 15:253;
    Särndal, Swensson & Wretman (1992), eq. 2.8.13.

    Examples
    --------
    >>> round(sen_yates_grundy_variance([7, 4], [0.7, 0.8], [[0.7, 0.5], [0.5, 0.8]]), 9)
    3.0
    """
    pi = probabilities("pi", pi)
    y = vector("values", values, len(pi)) / pi
    table = _joint(pi, joint)
    gaps = (y[:, None] - y[None, :]) ** 2
    return float(-0.5 * ((table - np.outer(pi, pi)) / table * gaps).sum())


def deville_variance(values: ArrayLike, pi: ArrayLike) -> float:
    """Deville and Tillé's approximate variance of Σ values / π, which needs no joint probabilities.

    Good for designs of fixed size and high entropy (Sampford, conditional Poisson, Pareto, randomised
    systematic); overstates the variance of designs spread over the ground.

    Parameters
    ----------
    values, pi : array_like, shape (n,)
        What was measured, and the inclusion probabilities. Units with π = 1 add nothing.

    Returns
    -------
    float
        0 when every unit was certain.

    Raises
    ------
    EmptySample
        When only one unit was not certain: its spread cannot be seen.

    Notes
    -----
    Deville (1999), Survey Methodology 25:193; Deville & Tillé (2005), J. Stat. Plann. Inference 128:569.

    Examples
    --------
    >>> round(deville_variance([12.5, 7, 3.25], [0.7, 0.8, 0.4]), 10)
    33.7209688563
    """
    pi = probabilities("pi", pi)
    y = vector("values", values, len(pi)) / pi
    chance = 1 - pi
    if not (chance > 0).any():
        return 0.0
    share = chance / chance.sum()
    if (chance > 0).sum() == 1:
        raise EmptySample("pi", "only one unit was not certain", "draw at least two, or join strata")
    gap = y - share @ y
    return float((chance * gap * gap).sum() / (1 - share @ share))


@dataclass(frozen=True, eq=False)
class UnequalDesign:
    """A sample of fixed size with unequal probabilities. Make one with :func:`unequal`.

    Attributes
    ----------
    pi : ndarray of float, shape (n,)
        Inclusion probabilities.
    joint : ndarray of float, shape (n, n), or None
        Joint ones, where they were given.
    kind : str
        Which variance estimator.
    held : float or None
        N where it was given.
    """

    pi: FloatArray = field(repr=False)
    joint: FloatArray | None = field(repr=False)
    kind: UnequalVariance
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
        """Units that were not certain, less one, at least 1."""
        return max(1.0, float((self.pi < 1).sum() - 1))

    @property
    def name(self) -> str:
        """The design in words."""
        return f"unequal probabilities, {self.kind} variance"

    def variance(self, values: FloatArray) -> float:
        """Variance of Σ wᵢ·valuesᵢ by the chosen estimator; ``values`` of shape (n,)."""
        if self.kind == "deville":
            return deville_variance(values, self.pi)
        assert self.joint is not None  # noqa: S101 - `unequal` refused the lack already
        if self.kind == "sen-yates-grundy":
            return sen_yates_grundy_variance(values, self.pi, self.joint)
        return horvitz_thompson_variance(values, self.pi, self.joint)


def unequal(
    pi: ArrayLike,
    *,
    joint: ArrayLike | None = None,
    variance: UnequalVariance = "deville",
    population: float | None = None,
) -> UnequalDesign:
    """Describe a sample drawn with unequal probabilities and fixed size.

    Parameters
    ----------
    pi : array_like, shape (n,)
        Inclusion probability of each sampled unit.
    joint : array_like, shape (n, n), optional
        Joint inclusion probabilities of the sampled units, needed by the last two variances.
    variance : {"deville", "sen-yates-grundy", "horvitz-thompson"}
        Which estimator.
    population : float, optional
        N where it is known.

    Returns
    -------
    UnequalDesign

    Raises
    ------
    ImpossibleProbability, ImpossibleJoint, WrongLength, UnknownMethod

    Examples
    --------
    >>> unequal([0.5, 0.25]).weights.tolist()
    [2.0, 4.0]
    """
    chances = probabilities("pi", pi)
    known = ("deville", "sen-yates-grundy", "horvitz-thompson")
    if variance not in known:
        raise UnknownMethod("variance", f"is {variance!r}", f"choose one of {', '.join(known)}")
    table = None if variance == "deville" else _joint(chances, joint)
    return UnequalDesign(chances, table, variance, population)

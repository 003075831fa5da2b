"""Weights drawn towards totals that are known, so that the sample agrees with the roll."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sampling.arrays import FloatArray, IntArray, codes, sums, vector
from sampling.estimation.designs import Design
from sampling.refusals import (
    CollinearAuxiliaries,
    EmptyClass,
    NegativeValues,
    NonFiniteValues,
    WrongLength,
)


@dataclass(frozen=True, eq=False)
class CalibratedDesign:
    """A design whose weights meet known totals; use it wherever a design is asked for.

    Attributes
    ----------
    base : Design
        The design before calibration.
    factors : ndarray of float, shape (n,)
        g-weights: new weight over old.
    auxiliaries : ndarray of float, shape (n, p)
        The variables whose totals are met.
    scale : ndarray of float, shape (n,)
        Weights of the working regression.
    words : str
        The kind of calibration.
    """

    base: Design
    factors: FloatArray = field(repr=False)
    auxiliaries: FloatArray = field(repr=False)
    scale: FloatArray = field(repr=False)
    words: str

    @property
    def weights(self) -> FloatArray:
        """Calibrated weights, shape (n,)."""
        return self.base.weights * self.factors

    @property
    def population(self) -> float:
        """Σ of the calibrated weights."""
        return float(self.weights.sum())

    @property
    def degrees_of_freedom(self) -> float:
        """Those of the design."""
        return self.base.degrees_of_freedom

    @property
    def name(self) -> str:
        """The design in words."""
        return f"{self.words}, {self.base.name}"

    def residuals(self, values: FloatArray) -> FloatArray:
        """What the auxiliaries do not explain of ``values``, shape (n,)."""
        root = np.sqrt(self.base.weights * self.scale)
        beta = np.linalg.lstsq(self.auxiliaries * root[:, None], values * root, rcond=None)[0]
        return values - self.auxiliaries @ beta

    def variance(self, values: FloatArray) -> float:
        """Variance of Σ wᵢ·valuesᵢ from g-weighted residuals; ``values`` of shape (n,).

        Notes
        -----
        Särndal, Swensson & Wretman (1992), eq. 6.6.4; Deville & Särndal (1992), JASA 87:376.
        """
        return self.base.variance(self.factors * self.residuals(values))


def calibrate(
    design: Design,
    auxiliaries: ArrayLike,
    totals: ArrayLike,
    *,
    scale: ArrayLike | None = None,
) -> CalibratedDesign:
    """Calibrate weights linearly to known totals: the generalised regression estimator.

    Parameters
    ----------
    design : Design
        How the n units were drawn.
    auxiliaries : array_like, shape (n,) or (n, p)
        Variables known for the sampled units; include a column of ones to meet N.
    totals : array_like, shape (p,)
        Their totals in the population.
    scale : array_like, shape (n,), optional
        1 / variance of the working model; for one auxiliary x with ``1 / x`` this is the ratio estimator.

    Returns
    -------
    CalibratedDesign
        Weights may fall below zero; the g-weights are there to be looked at.

    Raises
    ------
    WrongLength, NonFiniteValues, NegativeValues, CollinearAuxiliaries

    Notes
    -----
    g = 1 + (t − t̂)ᵀ (Σ w q x xᵀ)⁻¹ q x; Särndal, Swensson & Wretman (1992), sec. 6.5;
    Deville & Särndal (1992), case 1. Cost: n·p².

    Examples
    --------
    >>> from sampling.estimation import estimate_total, stratified
    >>> design = stratified(["a"] * 3, {"a": 9})
    >>> fitted = calibrate(design, [[1, 1], [1, 2], [1, 4]], [9, 24])
    >>> round(estimate_total(fitted, [1, 2, 4]).value, 9)
    24.0
    """
    weights = design.weights
    n = len(weights)
    x = np.asarray(auxiliaries, dtype=np.float64)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) != n:  # noqa: PLR2004 - rows and columns
        raise WrongLength("auxiliaries", f"have shape {x.shape} for {n} units", "give one row per unit")
    if not np.isfinite(x).all():
        raise NonFiniteValues("auxiliaries", "hold NaN or infinity", "fill or leave out these units")
    wanted = vector("totals", totals, x.shape[1])
    q = np.ones(n) if scale is None else vector("scale", scale, n)
    if (q <= 0).any():
        raise NegativeValues("scale", "is not above zero everywhere", "give positive weights")
    moments = (x * (weights * q)[:, None]).T @ x
    if np.linalg.matrix_rank(moments, hermitian=True) < len(moments):
        raise CollinearAuxiliaries("auxiliaries", "are collinear in the sample", "leave one of them out")
    push = np.linalg.solve(moments, wanted - weights @ x)
    return CalibratedDesign(design, 1 + q * (x @ push), x, q, "calibrated (linear)")


def _indicator(code: IntArray, groups: int) -> FloatArray:
    table = np.zeros((len(code), groups))
    table[np.arange(len(code)), code] = 1.0
    return table


def poststratify(design: Design, classes: Iterable[Hashable], sizes: Mapping[Hashable, float]) -> CalibratedDesign:
    """Scale weights so that every class adds up to its known size.

    Parameters
    ----------
    design : Design
        How the n units were drawn.
    classes : iterable of Hashable, length n
        Each unit's post-stratum.
    sizes : mapping
        Units in the population per class; a class of size 0 may be missing from the sample.

    Returns
    -------
    CalibratedDesign

    Raises
    ------
    EmptyClass
        When a class holds people but no sampled unit, or a sampled unit's class has no size.
    WrongLength
        When ``classes`` has another length than the sample.

    Notes
    -----
    Särndal, Swensson & Wretman (1992), sec. 7.6; Holt & Smith (1979), JRSS A 142:33. Classes of fewer than
    about ten sampled units make unsteady weights: merge them.

    Examples
    --------
    >>> from sampling.estimation import estimate_rate, stratified
    >>> design = stratified(["a"] * 4, {"a": 8})
    >>> fitted = poststratify(design, ["m", "m", "m", "f"], {"m": 4, "f": 4})
    >>> round(estimate_rate(fitted, [0, 0, 0, 1]).value, 6)
    0.5
    """
    labels, code = codes("classes", classes)
    weights = design.weights
    if len(code) != len(weights):
        raise WrongLength("classes", f"has {len(code)} values for {len(weights)} units", "give one per unit")
    missing = [label for label in labels if not sizes.get(label, 0) > 0]
    if missing:
        raise EmptyClass("sizes", f"has no size for class {missing[0]!r}", "give every class its size")
    unseen = [label for label, size in sizes.items() if size > 0 and label not in set(labels)]
    if unseen:
        raise EmptyClass("classes", f"{unseen[0]!r} holds people but no sampled unit", "merge it with another")
    held = vector("sizes", [sizes[label] for label in labels])
    factors = (held / sums(code, weights, len(labels)))[code]
    return CalibratedDesign(design, factors, _indicator(code, len(labels)), np.ones(len(code)), "post-stratified")

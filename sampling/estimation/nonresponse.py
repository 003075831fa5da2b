"""Households that were not found or refused: those who answered in the same class speak for them."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sampling.arrays import BoolArray, FloatArray, IntArray, codes, mask, sums
from sampling.estimation.designs import Design, StratifiedDesign, stratified
from sampling.refusals import EmptyClass, WrongLength


@dataclass(frozen=True, eq=False)
class RespondingDesign:
    """A design seen through its respondents; use it wherever a design is asked for.

    Values are given for all n drawn units; those of units that did not answer are never read into an
    estimate (give 0).

    Attributes
    ----------
    base : Design
        The design as drawn.
    responded : ndarray of bool, shape (n,)
        Who answered.
    code : ndarray of int, shape (n,)
        Response class of each unit.
    rates : ndarray of float, shape (C,)
        Weighted response rate per class.
    labels : tuple of Hashable
        The classes.
    """

    base: Design
    responded: BoolArray = field(repr=False)
    code: IntArray = field(repr=False)
    rates: FloatArray
    labels: tuple[Hashable, ...]

    @property
    def weights(self) -> FloatArray:
        """Base weight over the class's response rate; 0 for units that did not answer."""
        return self.base.weights * self.responded / self.rates[self.code]

    @property
    def population(self) -> float:
        """That of the design as drawn."""
        return self.base.population

    @property
    def degrees_of_freedom(self) -> float:
        """Respondents less classes, at most those of the design, at least 1."""
        return max(1.0, min(self.base.degrees_of_freedom, float(self.responded.sum() - len(self.labels))))

    @property
    def name(self) -> str:
        """The design in words."""
        return f"adjusted for nonresponse in {len(self.labels)} classes, {self.base.name}"

    def response_rates(self) -> Mapping[Hashable, float]:
        """Weighted response rate per class, for the report."""
        return dict(zip(self.labels, self.rates.tolist(), strict=True))

    def variance(self, values: FloatArray) -> float:
        """Variance of Σ wᵢ·valuesᵢ from drawing and from answering; ``values`` of shape (n,).

        Notes
        -----
        Drawing: the design's variance of m_c + (y − m_c)·answered / rate_c, with m_c the class mean (linearised
        as a function of estimated class totals). Answering: Σ_c N̂_c (1 − φ_c) / φ_c · s_c², which in a simple
        sample with one class adds up to the variance of a simple sample of the respondents. Särndal, Swensson &
        Wretman (1992), sec. 15.6; Fay (1991) and Shao & Steel (1999), JASA 94:254, for the order of phases.
        """
        classes = len(self.labels)
        weights = self.weights
        size = sums(self.code, weights, classes)
        answered = sums(self.code, self.responded.astype(np.float64), classes)
        mean = sums(self.code, weights * values, classes) / size
        gap = np.where(self.responded, values - mean[self.code], 0.0)
        drawing = self.base.variance(mean[self.code] + gap / self.rates[self.code])
        correction = answered / np.maximum(answered - 1, 1)
        spread = sums(self.code, weights * gap**2, classes) / size * correction
        return drawing + float((size * (1 - self.rates) / self.rates * spread).sum())


def adjust_for_nonresponse(
    design: Design, responded: ArrayLike, classes: Iterable[Hashable] | None = None
) -> RespondingDesign:
    """Let those who answered speak for those who did not, class by class.

    Parameters
    ----------
    design : Design
        The sample as drawn, n units, found or not.
    responded : array_like of bool, shape (n,)
        Who answered.
    classes : iterable of Hashable, length n, optional
        Classes within which answering is taken as chance (township, band). None means one class.

    Returns
    -------
    RespondingDesign

    Raises
    ------
    EmptyClass
        When nobody answered in a class.
    WrongLength, NotYesOrNo
        When arrays disagree or ``responded`` holds anything but 0 and 1.

    Notes
    -----
    Response homogeneity groups, Särndal, Swensson & Wretman (1992), sec. 15.6.2. A household that moved or died
    is an answer (a finding), not a nonresponse.

    Examples
    --------
    >>> from sampling.estimation import estimate_mean, stratified
    >>> seen = adjust_for_nonresponse(stratified(["a"] * 4, {"a": 8}), [1, 1, 1, 0])
    >>> estimate_mean(seen, [1, 2, 3, 0]).value
    2.0
    """
    weights = design.weights
    n = len(weights)
    answered = mask("responded", responded, n)
    labels, code = codes("classes", ["all"] * n if classes is None else classes)
    if len(code) != n:
        raise WrongLength("classes", f"has {len(code)} values for {n} units", "give one per unit")
    held = sums(code, weights, len(labels))
    heard = sums(code, weights * answered, len(labels))
    silent = np.flatnonzero(heard == 0)
    if len(silent):
        raise EmptyClass("responded", f"nobody answered in class {labels[silent[0]]!r}", "merge it with a like class")
    return RespondingDesign(design, answered, code, heard / held, tuple(labels))


def respondents(design: StratifiedDesign, responded: ArrayLike) -> tuple[StratifiedDesign, BoolArray]:
    """Treat those who answered as a simple sample of their stratum: the adjustment for most spot checks.

    Parameters
    ----------
    design : StratifiedDesign
        The sample as drawn.
    responded : array_like of bool, shape (n,)
        Who answered.

    Returns
    -------
    design : StratifiedDesign
        Of the respondents only; the default intervals of rates then hold as usual.
    units : ndarray of bool, shape (n,)
        Which drawn units it describes: give ``values[units]`` to the estimators.

    Raises
    ------
    UnsampledStratum
        When nobody answered in a stratum: merge it first (:func:`merge_strata`).

    Notes
    -----
    Assumes that within a stratum those who answered are like those who did not; Cochran (1977), sec. 13.2, says
    how wrong that can be, so report the response rate beside the estimate.

    Examples
    --------
    >>> from sampling.estimation import stratified
    >>> answered, units = respondents(stratified(["a"] * 4, {"a": 9}), [1, 1, 0, 1])
    >>> answered.weights.tolist(), units.tolist()
    ([3.0, 3.0, 3.0], [True, True, False, True])
    """
    units = mask("responded", responded, len(design.code))
    sizes = {label: int(size) for label, size in zip(design.labels, design.sizes, strict=True)}
    if not units.any():
        raise EmptyClass("responded", "nobody answered", "nothing can be estimated")
    answered = stratified(
        [design.labels[h] for h in design.code[units]], sizes, finite=design.finite, lonely=design.lonely
    )
    return answered, units

"""Variances by repeating the estimate on changed weights: a check on the formulas, for any statistic."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sampling.arrays import FloatArray
from sampling.estimation.designs import StratifiedDesign
from sampling.refusals import LonelyStratum

Statistic = Callable[[FloatArray], float]


@dataclass(frozen=True, eq=False)
class Replicates:
    """Replicate weights of a sample.

    Attributes
    ----------
    method : str
        How they were made.
    weights : ndarray of float, shape (n,)
        The full-sample weights.
    replicates : ndarray of float, shape (R, n)
        One row of weights per replicate.
    factors : ndarray of float, shape (R,)
        What each squared deviation counts.
    """

    method: str
    weights: FloatArray = field(repr=False)
    replicates: FloatArray = field(repr=False)
    factors: FloatArray = field(repr=False)

    def variance(self, statistic: Statistic) -> float:
        """Σ_r factor_r · (statistic(replicate_r) − statistic(weights))².

        Parameters
        ----------
        statistic : callable
            From weights of shape (n,) to a number.
        """
        centre = statistic(self.weights)
        gaps = np.array([statistic(row) - centre for row in self.replicates])
        return float(self.factors @ gaps**2)


def jackknife(design: StratifiedDesign) -> Replicates:
    """Delete-one jackknife within strata (JKn), with finite-population correction.

    Parameters
    ----------
    design : StratifiedDesign
        Each stratum that is not whole needs two sampled units.

    Returns
    -------
    Replicates
        One replicate per unit outside whole strata. For a total it repeats the usual variance exactly.

    Raises
    ------
    LonelyStratum
        When a stratum cannot lose a unit.

    Notes
    -----
    Wolter (2007), Introduction to Variance Estimation, sec. 4.5. Memory: n × n numbers.

    Examples
    --------
    >>> from sampling.estimation import stratified
    >>> y = np.array([1.0, 2.0, 4.0])
    >>> design = stratified(["a"] * 3, {"a": 30})
    >>> bool(np.isclose(jackknife(design).variance(lambda w: float(w @ y)), design.variance(y)))
    True
    """
    open_units = np.flatnonzero(~design.whole[design.code])
    if (design.counts[design.code[open_units]] == 1).any():
        raise LonelyStratum("design", "a stratum has one unit and cannot lose it", "merge it with a like one")
    weights = design.weights
    rows = np.tile(weights, (len(open_units), 1))
    for r, unit in enumerate(open_units):
        h = design.code[unit]
        n = design.counts[h]
        rows[r, design.code == h] *= n / (n - 1)
        rows[r, unit] = 0.0
    n = design.counts[design.code[open_units]]
    factors = (n - 1) / n * design.open_share()[design.code[open_units]]
    return Replicates("jackknife within strata", weights, rows, factors)


def bootstrap(design: StratifiedDesign, repeats: int, rng: np.random.Generator) -> Replicates:
    """Rao and Wu's rescaled bootstrap within strata, with finite-population correction.

    Parameters
    ----------
    design : StratifiedDesign
        Each stratum that is not whole needs two sampled units.
    repeats : int
        Replicates, at least 2; 500 give the standard error to about 3 %.
    rng : numpy.random.Generator
        The chance; results repeat only with the same build of numpy.

    Returns
    -------
    Replicates

    Raises
    ------
    LonelyStratum
        When a stratum has one unit of several.

    Notes
    -----
    Rao & Wu (1988), JASA 83:231, with m_h = n_h − 1; Rao, Wu & Yue (1992), Survey Methodology 18:209.

    Examples
    --------
    >>> from sampling.estimation import stratified
    >>> design = stratified(["a"] * 3, {"a": 30})
    >>> bootstrap(design, 10, np.random.default_rng(1)).replicates.shape
    (10, 3)
    """
    weights = design.weights
    rows = np.tile(weights, (repeats, 1))
    for h in np.flatnonzero(~design.whole):
        units = np.flatnonzero(design.code == h)
        n = len(units)
        if n == 1:
            raise LonelyStratum("design", "a stratum has one unit and cannot vary", "merge it with a like one")
        hits = rng.multinomial(n - 1, np.full(n, 1 / n), size=repeats)
        shrink = np.sqrt(design.open_share()[h])
        rows[:, units] = weights[units] * (1 - shrink + shrink * n / (n - 1) * hits)
    return Replicates("rescaled bootstrap", weights, rows, np.full(repeats, 1 / repeats))

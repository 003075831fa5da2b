"""Villages drawn first, households within them after: one or two stages, each with its own correction."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sampling.arrays import FloatArray, IntArray, codes, non_negative, sums, vector, whole
from sampling.refusals import LonelyStratum, SampleAboveStratum, UnknownStratum, WrongLength


@dataclass(frozen=True, eq=False)
class ClusteredDesign:
    """A simple random sample of clusters within strata, perhaps with units sampled inside. See :func:`clustered`.

    Attributes
    ----------
    weights : ndarray of float, shape (n,)
        One per unit.
    cluster : ndarray of int, shape (n,)
        Each unit's cluster, 0 … m − 1.
    stratum : ndarray of int, shape (m,)
        Each cluster's stratum, 0 … H − 1.
    clusters_held : ndarray of int, shape (H,)
        Clusters of each stratum in the population, M_h.
    units_held : ndarray of int or None, shape (m,)
        Units of each sampled cluster in the population, N_i; None when clusters were taken whole.
    """

    weights: FloatArray = field(repr=False)
    cluster: IntArray = field(repr=False)
    stratum: IntArray = field(repr=False)
    clusters_held: IntArray
    units_held: IntArray | None = field(repr=False)

    @property
    def population(self) -> float:
        """Σ of the weights: the number of units is estimated."""
        return float(self.weights.sum())

    @property
    def degrees_of_freedom(self) -> float:
        """Sampled clusters less strata, at least 1."""
        return max(1.0, float(len(self.stratum) - len(self.clusters_held)))

    @property
    def name(self) -> str:
        """The design in words."""
        stages = "one-stage" if self.units_held is None else "two-stage"
        return f"{stages} cluster sampling, {len(self.stratum)} clusters"

    def variance(self, values: FloatArray) -> float:
        """Variance of Σ wᵢ·valuesᵢ: between clusters, plus within them times the first sampling fraction.

        Of ``values`` of shape (n,).

        Raises
        ------
        LonelyStratum
            When one cluster of several was drawn in a stratum.

        Notes
        -----
        Särndal, Swensson & Wretman (1992), result 4.3.1; Cochran (1977), eq. 11.24.
        A cluster of which one unit of several was seen adds nothing at the second stage.
        """
        strata, clusters = len(self.clusters_held), len(self.stratum)
        expanded = self.weights * values
        totals = sums(self.cluster, expanded, clusters)
        drawn = np.bincount(self.stratum, minlength=strata)
        if ((drawn == 1) & (self.clusters_held > 1)).any():
            raise LonelyStratum(
                "clusters", "one cluster was drawn in a stratum that has more", "merge it with a like stratum"
            )
        fraction = drawn / self.clusters_held
        centre = (sums(self.stratum, totals, strata) / drawn)[self.stratum]
        between = sums(self.stratum, (totals - centre) ** 2, strata) * drawn / np.maximum(drawn - 1, 1)
        variance = float(((1 - fraction) * between).sum())
        if self.units_held is None:
            return variance
        seen = np.bincount(self.cluster, minlength=clusters)
        spread = sums(self.cluster, (expanded - (totals / seen)[self.cluster]) ** 2, clusters)
        within = (1 - seen / self.units_held) * seen / np.maximum(seen - 1, 1) * spread
        return variance + float((fraction[self.stratum] * within).sum())


def clustered(
    clusters: Iterable[Hashable],
    clusters_held: int | Mapping[Hashable, int],
    *,
    strata: Iterable[Hashable] | None = None,
    units_held: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> ClusteredDesign:
    """Describe a sample of clusters, taken whole or sampled inside.

    Parameters
    ----------
    clusters : iterable of Hashable, length n
        Each unit's cluster.
    clusters_held : int or mapping
        Clusters in the population: one number, or one per stratum.
    strata : iterable of Hashable, length n, optional
        Each unit's stratum; none means one stratum.
    units_held : array_like, shape (n,), optional
        Units in the population of each unit's cluster, when units were sampled inside clusters.
    weights : array_like, shape (n,), optional
        Weights to use instead of M_h / m_h times N_i / n_i.

    Returns
    -------
    ClusteredDesign

    Raises
    ------
    WrongLength, UnknownStratum, SampleAboveStratum, ImpossibleCount
        When arrays disagree, a cluster lies in two strata, a stratum has no number of clusters, or more was
        sampled than there is.

    Examples
    --------
    >>> design = clustered(["v1", "v1", "v2"], 10)
    >>> design.weights.tolist()
    [5.0, 5.0, 5.0]
    """
    names, cluster = codes("clusters", clusters)
    n, m = len(cluster), len(names)
    labels, of_unit = codes("strata", [None] * n if strata is None else strata)
    if len(of_unit) != n:
        raise WrongLength("strata", f"has {len(of_unit)} values for {n} units", "give one per unit")
    stratum = np.zeros(m, dtype=np.int64)
    stratum[cluster] = of_unit
    if (stratum[cluster] != of_unit).any():
        raise UnknownStratum("strata", "a cluster lies in two strata", "give each cluster one stratum")
    asked = clusters_held if isinstance(clusters_held, Mapping) else dict.fromkeys(labels, clusters_held)
    missing = [label for label in labels if label not in asked]
    if missing:
        raise UnknownStratum("clusters_held", f"has no number for {missing[0]!r}", "give one per stratum")
    held = np.array([whole(f"clusters of {label!r}", asked[label], low=1) for label in labels])
    drawn = np.bincount(stratum, minlength=len(labels))
    if (drawn > held).any():
        raise SampleAboveStratum("clusters", "more were drawn than there are", "check clusters_held")
    inside: IntArray | None = None
    weight = (held / drawn)[stratum][cluster]
    if units_held is not None:
        per_unit = non_negative("units_held", units_held, n)
        inside = np.zeros(m, dtype=np.int64)
        inside[cluster] = per_unit.astype(np.int64)
        seen = np.bincount(cluster, minlength=m)
        if (inside[cluster] != per_unit).any() or (seen > inside).any():
            raise SampleAboveStratum(
                "units_held", "differs within a cluster or is below what was seen", "give N_i per unit"
            )
        weight = weight * (inside / seen)[cluster]
    if weights is not None:
        weight = non_negative("weights", vector("weights", weights, n))
    return ClusteredDesign(weight, cluster, stratum, held.astype(np.int64), inside)

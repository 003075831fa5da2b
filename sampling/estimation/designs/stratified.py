"""Simple random samples within strata: the design of every spot check."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sampling.arrays import BoolArray, FloatArray, IntArray, codes, sums, whole
from sampling.refusals import (
    DuplicateUnits,
    EmptySample,
    LonelyStratum,
    SampleAboveStratum,
    UnknownStratum,
    UnsampledStratum,
    WrongLength,
)

Lonely = Literal["refuse", "centre"]


@dataclass(frozen=True, eq=False)
class StratifiedDesign:
    """A stratified simple random sample without replacement. Make one with :func:`stratified`.

    Attributes
    ----------
    labels : tuple of Hashable
        The H strata.
    sizes : ndarray of int, shape (H,)
        Units per stratum in the population, N_h.
    counts : ndarray of int, shape (H,)
        Units per stratum in the sample, n_h.
    code : ndarray of int, shape (n,)
        Each sampled unit's stratum, as a position in ``labels``.
    finite : bool
        Whether variances carry the finite-population correction 1 − n_h / N_h.
    lonely : {"refuse", "centre"}
        What to do where one unit of a larger stratum was seen.
    """

    labels: tuple[Hashable, ...]
    sizes: IntArray
    counts: IntArray
    code: IntArray = field(repr=False)
    finite: bool = True
    lonely: Lonely = "refuse"

    @property
    def weights(self) -> FloatArray:
        """N_h / n_h per unit, shape (n,)."""
        return (self.sizes / self.counts)[self.code]

    @property
    def population(self) -> float:
        """Σ N_h."""
        return float(self.sizes.sum())

    @property
    def degrees_of_freedom(self) -> float:
        """Sampled units less strata, at least 1."""
        return max(1.0, float(self.counts.sum() - len(self.counts)))

    @property
    def name(self) -> str:
        """The design in words."""
        correction = "" if self.finite else ", no finite-population correction"
        return f"stratified simple random sampling, {len(self.labels)} strata{correction}"

    @property
    def whole(self) -> BoolArray:
        """Which strata were taken entirely, shape (H,)."""
        return np.asarray(self.finite & (self.counts == self.sizes), dtype=np.bool_)

    def open_share(self) -> FloatArray:
        """Return the finite-population correction per stratum, 1 − n_h / N_h, or 1 where it is switched off."""
        return 1 - self.counts / self.sizes if self.finite else np.ones(len(self.sizes))

    def variance(self, values: FloatArray) -> float:
        """Variance of Σ wᵢ·valuesᵢ, ``values`` of shape (n,): Σ_h N_h² (1 − f_h) s_h² / n_h.

        Raises
        ------
        LonelyStratum
            When one unit of a larger stratum was sampled and ``lonely`` is ``"refuse"``.

        Notes
        -----
        Cochran (1977), Sampling Techniques, eq. 5.6; Särndal, Swensson & Wretman (1992), eq. 3.7.8.
        With ``lonely="centre"`` such a stratum's deviation is taken from the mean over all strata of
        stratum totals per sampled unit, which overstates the variance.
        """
        strata = len(self.labels)
        expanded = self.weights * values
        means = sums(self.code, expanded, strata) / self.counts
        spread = sums(self.code, (expanded - means[self.code]) ** 2, strata)
        single = (self.counts == 1) & ((self.sizes > 1) | (not self.finite))
        if single.any():
            if self.lonely == "refuse":
                names = ", ".join(repr(self.labels[h]) for h in np.flatnonzero(single)[:5])
                raise LonelyStratum(
                    f"strata {names}",
                    "one unit was seen of a larger stratum",
                    "merge it with a like stratum, or pass lonely='centre' for an overstated variance",
                )
            spread = np.where(single, (means - expanded.mean()) ** 2, spread)
        divisor = np.maximum(self.counts - 1, 1)
        return float((self.open_share() * self.counts / divisor * spread).sum())

    def part(self, chosen: Callable[[Hashable], bool]) -> tuple["StratifiedDesign", BoolArray]:
        """Return the design of some whole strata, and which sampled units belong to it.

        Parameters
        ----------
        chosen : callable
            Answers for a label whether its stratum belongs.

        Raises
        ------
        EmptySample
            When no stratum is chosen.

        Examples
        --------
        >>> design = stratified(["a", "a", "b"], {"a": 5, "b": 1})
        >>> small, units = design.part(lambda label: label == "a")
        >>> small.population, units.tolist()
        (5.0, [True, True, False])
        """
        keep = np.array([chosen(label) for label in self.labels], dtype=np.bool_)
        if not keep.any():
            raise EmptySample("chosen", "names no stratum of the design", "name at least one")
        renumber = np.cumsum(keep) - 1
        units = keep[self.code]
        labels = tuple(label for label, kept in zip(self.labels, keep, strict=True) if kept)
        design = StratifiedDesign(
            labels,
            self.sizes[keep],
            self.counts[keep],
            renumber[self.code[units]].astype(np.int64),
            self.finite,
            self.lonely,
        )
        return design, units


def stratified(
    strata: Iterable[Hashable],
    sizes: Mapping[Hashable, int],
    *,
    units: Iterable[Hashable] | None = None,
    finite: bool = True,
    lonely: Lonely = "refuse",
) -> StratifiedDesign:
    """Describe a stratified simple random sample by each unit's stratum and the strata's sizes.

    Parameters
    ----------
    strata : iterable of Hashable, length n
        The stratum of each sampled unit.
    sizes : mapping
        Units in the population per stratum, N_h; strata of size 0 are left out.
    units : iterable of Hashable, length n, optional
        The units' names; given only so that the same unit is not counted twice.
    finite : bool
        False drops the finite-population correction (draws with replacement, or a super-population).
    lonely : {"refuse", "centre"}
        Refuse a variance where one unit of a larger stratum was seen, or overstate it.

    Returns
    -------
    StratifiedDesign

    Raises
    ------
    EmptySample, DuplicateUnits, UnknownStratum, UnsampledStratum, SampleAboveStratum, ImpossibleCount
        When no unit is given; one is given twice; a unit's stratum has no size; a stratum has units but
        none in the sample; more are sampled than there are; a size is not a whole number.

    Notes
    -----
    Cost: linear in n. A simple random sample is one stratum.

    Examples
    --------
    >>> design = stratified(["high", "high", "low"], {"high": 2, "low": 8})
    >>> design.weights.tolist()
    [1.0, 1.0, 8.0]
    """
    held = {label: whole(f"size of stratum {label!r}", size) for label, size in sizes.items()}
    sampled, code = codes("strata", strata)
    if units is not None:
        _refuse_twice(list(units), len(code))
    unknown = [label for label in sampled if held.get(label, 0) == 0]
    if unknown:
        raise UnknownStratum(
            "strata",
            f"{unknown[0]!r} is in the sample but its size is not given or 0",
            "give the size of every stratum",
        )
    seen = set(sampled)
    unseen = [label for label, size in held.items() if size > 0 and label not in seen]
    if unseen:
        raise UnsampledStratum(
            "sizes",
            f"{unseen[0]!r} holds {held[unseen[0]]} units but none was sampled"
            + (f" ({len(unseen)} such strata)" if len(unseen) > 1 else ""),
            "merge it with a like stratum, or leave it out and say so",
        )
    size = np.array([held[label] for label in sampled], dtype=np.int64)
    counts = np.bincount(code, minlength=len(sampled)).astype(np.int64)
    for h in np.flatnonzero(counts > size)[:1]:
        raise SampleAboveStratum(
            f"stratum {sampled[h]!r}", f"{counts[h]} units sampled of {size[h]}", "remove duplicates"
        )
    return StratifiedDesign(tuple(sampled), size, counts, code, finite, lonely)


def _refuse_twice(units: list[Hashable], n: int) -> None:
    if len(units) != n:
        raise WrongLength("units", f"has {len(units)} names for {n} units", "give one per unit")
    seen: set[Hashable] = set()
    for unit in units:
        if unit in seen:
            raise DuplicateUnits("units", f"{unit!r} stands twice", "keep one answer per unit")
        seen.add(unit)

"""How the sample came about, for the estimators: strata, who answered, and what to join where too few did."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.spot_checks.estimates.sample import Drawn, Flags, Sample
from api.spot_checks.risk import BANDS, CERTAIN
from sampling.arrays import FloatArray
from sampling.estimation import Design, adjust_for_nonresponse, deville_variance, respondents, stratified

TWO: Final = 2  # answers that show a spread
SIMPLE: Final = "srs"
ORDER: Final = {band: at for at, band in enumerate((CERTAIN, *reversed(BANDS)))}  # from the riskiest down


@dataclass(frozen=True, eq=False)
class MixedDesign:
    """Strata of which some were drawn with unequal chances (Pareto, systematic): each with its own variance.

    Attributes
    ----------
    pi : ndarray of float, shape (n,)
        Chance of each unit.
    code : ndarray of int, shape (n,)
        Its stratum.
    population : float
        Households it speaks for.
    """

    pi: FloatArray
    code: NDArray[np.int64]
    population: float

    @property
    def weights(self) -> FloatArray:
        """1 / π per unit."""
        return 1 / self.pi

    @property
    def degrees_of_freedom(self) -> float:
        """Units that were not certain less their strata, at least 1."""
        open_ = self.pi < 1
        return max(1.0, float(open_.sum() - len(set(self.code[open_].tolist()))))

    @property
    def name(self) -> str:
        """The design in words."""
        return "stratified, unequal probabilities, deville variance"

    def variance(self, values: FloatArray) -> float:
        """Variance of Σ wᵢ·valuesᵢ, stratum by stratum; ``values`` of shape (n,).

        Notes
        -----
        Deville's approximation; where all chances of a stratum are equal it is that of a simple sample.
        """
        return sum(deville_variance(values[here], self.pi[here]) for here in map(self._units, set(self.code.tolist())))

    def _units(self, stratum: int) -> Flags:
        return np.asarray(self.code == stratum, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Answered:
    """The design of those who answered in a part.

    Attributes
    ----------
    design : Design
    keep : ndarray of bool, shape (n,)
        Which of the part's units the design describes: give ``values[keep]`` to the estimators.
    joined : int
        Strata that were joined with a like one because fewer than two of theirs answered.
    """

    design: Design
    keep: Flags
    joined: int


def weak(answered: int, size: int) -> bool:
    """Say whether so few answered that no spread is seen.

    Examples
    --------
    >>> weak(1, 9), weak(2, 9), weak(1, 1), weak(0, 1)
    (True, False, False, True)
    """
    return answered < TWO and answered < size


def classes_of(sample: Sample, answered: Mapping[str, int], levels: Sequence[Callable[[str], str]]) -> dict[str, str]:
    """Join strata in which fewer than two answered with a like one: the class of each stratum.

    The next lower band of the same township and scheme first, else the next higher one; then the township's other
    scheme. A class that stays weak has no like one to be joined with.

    Parameters
    ----------
    answered : mapping
        How many answered in each stratum.
    levels : sequence of callable
        From a stratum to what it may be joined within, the narrowest first.
    """
    groups: list[list[str]] = [[name] for name in sorted(sample.strata, key=_rank)]

    def is_weak(group: list[str]) -> bool:
        return weak(sum(answered.get(name, 0) for name in group), sum(sample.strata[name].size for name in group))

    for level in levels:
        for key in dict.fromkeys(level(group[0]) for group in groups):
            here = [group for group in groups if level(group[0]) == key]
            while len(here) > 1 and (bad := next((group for group in here if is_weak(group)), None)):
                at = here.index(bad)
                other = here[at + 1] if at + 1 < len(here) else here[at - 1]
                other.extend(bad)
                here.remove(bad)
                groups.remove(bad)
    return {name: group[0] for group in groups for name in group}


def in_township() -> tuple[Callable[[str], str], ...]:
    """Return what strata of a township are joined within: township × scheme, then the township."""
    return (lambda name: name.rpartition("|")[0], lambda name: name.split("|")[0])


def in_band() -> tuple[Callable[[str], str], ...]:
    """Return what strata of one band are joined within: its scheme in all townships, then the band."""
    return (lambda name: name.split("|", 1)[1], lambda name: name.rpartition("|")[2])


def count_answers(units: Iterable[Drawn], answered: Flags) -> Counter[str]:
    """Return how many answered in each stratum."""
    return Counter(unit.stratum for unit, yes in zip(units, answered, strict=True) if yes)


def answered_design(sample: Sample, answered: Flags, classes: Mapping[str, str]) -> Answered:
    """Describe those who answered in a part.

    Parameters
    ----------
    sample : Sample
        The part.
    answered : ndarray of bool, shape (n,)
        Which of its units answered.
    classes : mapping
        As `classes_of` gives them.

    Notes
    -----
    Where every stratum has two answers or all of them: a simple sample of the stratum, so that the library's
    intervals hold as they were measured. Else, and with unequal chances, weights are adjusted within classes.
    """
    units = sample.units
    strata = [unit.stratum for unit in units]
    sizes: dict[Hashable, int] = {name: planned.size for name, planned in sample.strata.items()}
    counts = count_answers(units, answered)
    simple = all(planned.method == SIMPLE for planned in sample.strata.values())
    joined = sum(weak(counts[name], planned.size) for name, planned in sample.strata.items())
    if simple and not joined:
        design, keep = respondents(stratified(strata, sizes), answered)
        return Answered(design, keep, 0)
    base: Design = stratified(strata, sizes) if simple else _mixed(sample)
    adjusted = adjust_for_nonresponse(base, answered, [classes[name] for name in strata])
    return Answered(adjusted, np.ones(len(units), dtype=np.bool_), joined)


def _mixed(sample: Sample) -> MixedDesign:
    """Return the design of a sample with unequal chances; visited reserves raise a stratum's chances alike."""
    listed = Counter(unit.stratum for unit in sample.units)
    base = Counter(unit.stratum for unit in sample.units if unit.role == "base")
    code = {name: at for at, name in enumerate(sample.strata)}
    pi = np.empty(len(sample.units))
    for at, unit in enumerate(sample.units):
        planned = sample.strata[unit.stratum]
        if planned.method == SIMPLE:
            pi[at] = listed[unit.stratum] / planned.size
        else:
            pi[at] = min(1.0, unit.chance[0] / unit.chance[1] * listed[unit.stratum] / max(1, base[unit.stratum]))
    return MixedDesign(pi, np.array([code[unit.stratum] for unit in sample.units]), float(sample.size))


def _rank(stratum: str) -> tuple[str, str, int, str]:
    township, scheme, band = stratum.split("|")
    return township, scheme, ORDER.get(band, len(ORDER)), band

"""How often a township's visits are contradicted, with the interval, per township and per surveyor."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

import numpy as np

from api.spot_checks.commit import plan_of
from api.spot_checks.comparison.reading import Compared
from api.spot_checks.tables import Draw
from sampling.estimation import (
    Estimate,
    TooFew,
    estimate_disagreement,
    estimate_groups,
    estimate_rate,
    stratified,
)

AT_LEAST: Final = 5  # households compared, as the library asks of a domain
Estimated = Mapping[Hashable, Estimate | TooFew]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How often the county contradicts the visits of a township or a surveyor.

    Attributes
    ----------
    label : str
        The township's code or the surveyor's account; empty for the whole county.
    seen, discrepant : int
        Households compared, and those of them that count as discrepant.
    population, speaks_for : int
        Households of the frozen roll there, and those in strata of which at least one was compared: the rate is
        theirs. For a surveyor, whose households nobody counted, `population` is 0 and the other is estimated.
    value, lower, upper : float or None
        The share with the ends of its 95 % interval; None where too few were seen to say.
    method : str
        The estimator and the interval, in the library's words.
    """

    label: str
    seen: int = 0
    discrepant: int = 0
    population: int = 0
    speaks_for: int = 0
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    method: str = ""

    @property
    def enough(self) -> bool:
        """Whether enough households were compared to say anything."""
        return self.value is not None


@dataclass(frozen=True)
class Rates:
    """All rates of a draw."""

    county: Rate
    townships: list[Rate] = field(repr=False)  # every one of the frozen roll, by code
    surveyors: list[Rate] = field(repr=False)  # who visited any household that was compared


def discrepancy_rates(draw: Draw, compared: Sequence[Compared]) -> Rates:
    """Estimate how often the county's check contradicts the township's visit.

    Parameters
    ----------
    compared : sequence of Compared
        Households of this draw with both visits (`Compares.compared`).

    Notes
    -----
    The households that are compared are taken as a simple sample of their stratum, as the library does with those who
    were found; the sizes of the strata are the plan's. A stratum of which nothing is compared yet is left out, and
    the rate says for how many households it speaks; one that showed a single household overstates its variance
    (``lonely="centre"``). Townships are groups of whole strata, surveyors domains.
    """
    sizes: dict[Hashable, int] = {name: row.size for name, row in plan_of(draw).strata.items()}
    strata = [one.outcome.stratum for one in compared]
    strata_seen = set(strata)
    seen: dict[Hashable, int] = {name: size for name, size in sizes.items() if name in strata_seen}
    marks = np.array([one.discrepant for one in compared], dtype=int)
    surveyors = [_surveyor(one) for one in compared]
    of_townships: Estimated = {}
    of_surveyors: dict[Hashable, Estimate | TooFew] = {}
    if compared:
        design = stratified(strata, seen, lonely="centre")
        of_townships = estimate_groups(estimate_rate, design, marks, township_of)
        of_surveyors = estimate_disagreement(design, np.zeros_like(marks), marks, by=surveyors)
    whole = of_surveyors.pop(None, None)
    every = sorted({township_of(name) for name in sizes})
    towns = [one.outcome.township_code for one in compared]
    return Rates(
        _rate("", range(len(compared)), marks, whole, population=sum(sizes.values()), speaks_for=sum(seen.values())),
        [
            _rate(
                town, [at for at, one in enumerate(towns) if one == town], marks, of_townships.get(town),
                population=_total(sizes, town), speaks_for=_total(seen, town),
            )
            for town in every
        ],
        [
            _rate(str(who), [at for at, one in enumerate(surveyors) if one == who], marks, estimate)
            for who, estimate in of_surveyors.items()
        ],
    )  # fmt: skip


def township_of(stratum: Hashable) -> str:
    """Return the township of a stratum.

    Examples
    --------
    >>> township_of("540222100|rural|high")
    '540222100'
    """
    return str(stratum).partition("|")[0]


def _surveyor(one: Compared) -> UUID | None:
    return one.township.account_id if one.township else None


def _total(sizes: Mapping[Hashable, int], town: str) -> int:
    return sum(size for name, size in sizes.items() if township_of(name) == town)


def _rate(
    label: str,
    units: Sequence[int],
    marks: np.ndarray[tuple[int, ...], np.dtype[np.int_]],
    estimate: Estimate | TooFew | None,
    *,
    population: int = 0,
    speaks_for: int = 0,
) -> Rate:
    counted = Rate(
        label=label, seen=len(units), discrepant=int(marks[list(units)].sum()), population=population,
        speaks_for=speaks_for,
    )  # fmt: skip
    whole = 0 < population == speaks_for  # what was seen entirely is known, however little it is
    if not isinstance(estimate, Estimate) or (len(units) < AT_LEAST and not whole):
        return counted
    return replace(
        counted,
        value=estimate.value,
        lower=estimate.lower,
        upper=estimate.upper,
        speaks_for=speaks_for or round(estimate.N),
        method=f"{estimate.method}; {estimate.interval.method}",
    )

"""Estimate a part of the roll from what its checks found: a township, a band, the county; rates and yuan."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

import numpy as np

from api.spot_checks.comparison.verdicts import MONTHS
from api.spot_checks.estimates.designs import (
    Answered,
    answered_design,
    classes_of,
    count_answers,
    in_township,
    weak,
)
from api.spot_checks.estimates.figures import (
    CONFIDENCE,
    FEW_FOR_NET,
    SOME_AMOUNTS,
    Figure,
    figure_of_money,
    figure_of_rate,
    too_few,
)
from api.spot_checks.estimates.measures import (
    ATTEMPT_RATES,
    BY_TOWNSHIP,
    KINDS,
    RATES,
    VERDICT_RATES,
    Floats,
    amounts,
    kind_marks,
    marks,
)
from api.spot_checks.estimates.sample import Flags, Sample
from sampling.errors import SamplingError
from sampling.estimation import (
    Estimate,
    Interval,
    StratifiedDesign,
    estimate_rate,
    estimate_total,
    korn_graubard,
)

AT_LEAST: Final = 5  # as the library's parts: below it even none found leaves the rate open up to one half

JOINED: Final = "made with adjusted weights"

Levels = Sequence[Callable[[str], str]]


@dataclass(frozen=True, kw_only=True)
class Part:
    """What was estimated of some whole strata.

    Attributes
    ----------
    code : str
        A county's or township's code, ``township|scheme``, or a band.
    size, drawn, judged : int
        Households on the frozen roll, on the base list, with a verdict that says right or wrong.
    figures : mapping
        By measure.
    """

    code: str
    size: int
    drawn: int
    judged: int
    figures: Mapping[str, Figure]


def estimate_part(
    sample: Sample,
    code: str,
    *,
    levels: Levels,
    rates: Iterable[str] = RATES,
    money: Iterable[str] = (),
    kinds: bool = False,
) -> Part:
    """Estimate one part.

    Parameters
    ----------
    sample : Sample
        Of the part alone.
    levels : sequence of callable
        What weak strata may be joined within (`designs.classes_of`).
    rates, money : iterable of str
        Keys of `RATES` and `VERDICT_RATES`, and of `MONEY`.
    kinds : bool
        Whether every kind of error is estimated too, under ``kind:…``.
    """
    units = sample.units
    tells = np.array([unit.tells for unit in units], dtype=np.bool_)
    unsure = np.array([unit.judged is not None and not unit.tells for unit in units], dtype=np.bool_)
    marked = {name: marks(units, (RATES | VERDICT_RATES)[name][1]) for name in rates}  # type: ignore[operator]
    if kinds:
        marked |= {f"kind:{kind}": kind_marks(units, kind) for kind in KINDS}
    figures = estimate_rates(sample, tells, marked, levels=levels)
    if unsure.any():
        right = {name: marked[name] * ~unsure for name in rates}
        wrong = {name: np.maximum(marked[name], unsure) for name in rates}
        ends = [estimate_rates(sample, tells | unsure, one, levels=levels) for one in (right, wrong)]
        figures = _widened(figures, *ends)
    for what in money:
        values, known = amounts(units, what)
        figures[what] = _money(sample, what, values, known, levels)
    return Part(
        code=code,
        size=sample.size,
        drawn=sum(unit.role == "base" for unit in units),
        judged=int(tells.sum()),
        figures=figures,
    )


def estimate_attempts(sample: Sample, *, levels: Levels) -> dict[str, Figure]:
    """Estimate how many households would not be met, would refuse, or are gone, had everybody been visited."""
    attempted = np.array([unit.attempted for unit in sample.units], dtype=np.bool_)
    marked = {name: marks(sample.units, mark) for name, (_, mark) in ATTEMPT_RATES.items()}
    return estimate_rates(sample, attempted, marked, levels=levels)


def estimate_rates(
    sample: Sample, answered: Flags, marked: Mapping[str, Floats], *, levels: Levels
) -> dict[str, Figure]:
    """Estimate several shares of one part.

    Parameters
    ----------
    answered : ndarray of bool, shape (n,)
        Which units the marks are known of.
    marked : mapping
        0 or 1 per unit, by measure.
    """
    ready = _ready(sample, answered, levels)
    seen = int(answered.sum())
    if ready is None:
        return {name: too_few(name, seen, AT_LEAST, size=sample.size) for name in marked}
    try:
        return {
            name: figure_of_rate(name, _rate(ready, (values * answered)[ready.keep], sample.size), size=sample.size)
            for name, values in marked.items()
        }
    except SamplingError:  # a spread that cannot be seen
        return {name: too_few(name, seen, AT_LEAST, size=sample.size) for name in marked}


def _rate(ready: Answered, marked: Floats, size: int) -> Estimate:
    """Estimate a share; where weights were adjusted, no surer than a simple sample with these weights would be.

    Classes whose few answers all agree show no variance at all, and the general interval would take that for
    certainty. The size of a simple sample (Kish's, with its finite-population correction) bounds what is believed.
    """
    found = estimate_rate(ready.design, marked, confidence=CONFIDENCE)
    weights = found.weights[found.weights > 0]
    if isinstance(ready.design, StratifiedDesign) or found.n >= size:
        return found
    simple = float(weights.sum() ** 2 / (weights**2).sum()) / (1 - found.n / size)
    effective = min(found.effective_n or simple, simple)
    low, high = korn_graubard(found.value, effective, CONFIDENCE)
    wrong = found.found or 0
    lower = min(max(float(low), wrong / size), found.value)
    upper = max(min(float(high), 1 - (found.n - wrong) / size), found.value)
    ends = Interval(lower, upper, CONFIDENCE, f"korn-graubard on at most {simple:.0f}", JOINED)
    return replace(found, interval=ends, effective_n=effective)


def says_something(sample: Sample) -> bool:
    """Say whether a township was visited enough to stand in the county's estimate."""
    tells = np.array([unit.tells for unit in sample.units], dtype=np.bool_)
    counts = count_answers(sample.units, tells)
    return not _weak_classes(sample, counts, classes_of(sample, counts, in_township()))


def _ready(sample: Sample, answered: Flags, levels: Levels) -> Answered | None:
    """Return the design of a part that was visited enough, else None."""
    seen = int(answered.sum())
    if not sample.size or not seen or (seen < AT_LEAST and seen < sample.size):
        return None
    counts = count_answers(sample.units, answered)
    classes = classes_of(sample, counts, levels)
    if _weak_classes(sample, counts, classes):
        return None
    return answered_design(sample, answered, classes)


def _weak_classes(sample: Sample, counts: Mapping[str, int], classes: Mapping[str, str]) -> bool:
    answered = dict.fromkeys(classes.values(), 0)
    sizes = dict.fromkeys(classes.values(), 0)
    for name, label in classes.items():
        answered[label] += counts.get(name, 0)
        sizes[label] += sample.strata[name].size
    return any(weak(answered[label], sizes[label]) for label in sizes)


def _widened(
    figures: Mapping[str, Figure], right: Mapping[str, Figure], wrong: Mapping[str, Figure]
) -> dict[str, Figure]:
    """Say what the range would be if every household that could not be judged were right, or wrong."""
    widened = dict(figures)
    for name in right:
        lower, upper, low, high = figures[name].lower, figures[name].upper, right[name].lower, wrong[name].upper
        if lower is not None and upper is not None and low is not None and high is not None:
            widened[name] = replace(figures[name], widest=(min(low, lower), max(high, upper)))
    return widened


def _money(sample: Sample, what: str, values: Floats, known: Flags, levels: Levels) -> Figure:
    ready = _ready(sample, known, levels)
    seen = int(known.sum())
    if ready is None:
        return too_few(what, seen, AT_LEAST, size=sample.size, unit="fen")
    used = (values * known)[ready.keep]
    some = int(np.count_nonzero(values[known]))
    if what == "net" and some < SOME_AMOUNTS and seen < sample.size:
        return Figure(measure=what, unit="fen", n=seen, size=sample.size, reason=FEW_FOR_NET, values={"n": some})
    try:
        bound = _bound(sample, ready, used) if what == BY_TOWNSHIP and some < SOME_AMOUNTS else None
        total = estimate_total(ready.design, used, confidence=CONFIDENCE)
    except SamplingError:
        return too_few(what, seen, AT_LEAST, size=sample.size, unit="fen")
    return figure_of_money(
        what, total, size=sample.size, seen_fen=float(values[known].sum()), amounts=some, bound_fen=bound
    )


def _bound(sample: Sample, ready: Answered, used: Floats) -> float | None:
    """Return the most that can be overpaid: as many households as the rate allows, those that are paid most.

    It holds however skew the amounts are, since nobody is overpaid by more than he is paid.
    """
    paid = sample.paid_in_all()
    if paid is None:
        return None
    rate = _rate(ready, (used > 0).astype(np.float64), sample.size)
    households = ceil(rate.upper * sample.size - 1e-9)
    return float(MONTHS * paid[:households].sum())

"""What more visits would buy: how wide the range of a rate is now, and with a tenth, a fifth, a half more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from api.spot_checks.estimates.designs import classes_of, count_answers, in_township
from api.spot_checks.estimates.measures import wrongly_included
from api.spot_checks.estimates.sample import Sample
from sampling.size import precision_of_allocation

STEPS: Final = (0.0, 0.1, 0.2, 0.5)
PRIOR: Final = 20  # visits by which a class's own rate is drawn towards the rate of all, so that none found is not 0


@dataclass(frozen=True, kw_only=True)
class More:
    """What one part's range would be with more visits.

    Attributes
    ----------
    visits : tuple of int
        Households with a verdict: now, and with each step of `STEPS`.
    half_width : tuple of float
        Expected half of the range of the rate of wrongly included households, at each.
    """

    code: str
    size: int
    visits: tuple[int, ...]
    half_width: tuple[float, ...]


def more_visits(sample: Sample, code: str, levels: Sequence[Callable[[str], str]] = ()) -> More | None:
    """Say what more visits would buy in a part; None where too little was seen to say.

    More visits are shared out as the ones so far were, never beyond a class's households.
    """
    units = sample.units
    tells = np.array([unit.tells for unit in units], dtype=np.bool_)
    if not tells.any():
        return None
    counts = count_answers(units, tells)
    classes = classes_of(sample, counts, levels or in_township())
    labels = list(dict.fromkeys(classes.values()))
    at = {label: position for position, label in enumerate(labels)}
    size, seen, wrong = np.zeros(len(labels)), np.zeros(len(labels)), np.zeros(len(labels))
    for name, planned in sample.strata.items():
        size[at[classes[name]]] += planned.size
    for unit in units:
        if unit.tells:
            seen[at[classes[unit.stratum]]] += 1
            wrong[at[classes[unit.stratum]]] += wrongly_included(unit)
    if (seen == 0).any():
        return None
    overall = wrong.sum() / seen.sum()
    rates = (wrong + PRIOR * overall) / (seen + PRIOR)
    steps = [_shared_out(seen, size, step) for step in STEPS]
    return More(
        code=code,
        size=sample.size,
        visits=tuple(int(step.sum()) for step in steps),
        half_width=tuple(precision_of_allocation(size, step, rates).half_width for step in steps),
    )


def _shared_out(seen: np.ndarray, size: np.ndarray, step: float) -> np.ndarray:
    """Return visits per class with a step more in all, whole numbers by largest remainder.

    Examples
    --------
    >>> _shared_out(np.array([5.0, 5.0]), np.array([6.0, 40.0]), 0.2).tolist()
    [6.0, 6.0]
    """
    wanted = min(float(np.ceil(step * seen.sum() - 1e-9)), float((size - seen).sum()))
    out = seen.copy()
    ideal = seen * (1 + step)
    for _ in range(int(wanted)):
        lack = np.where(out < size, (ideal - out) / ideal, -np.inf)
        out[int(lack.argmax())] += 1
    return out

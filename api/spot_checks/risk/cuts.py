"""Helps for where to cut the scores into bands: three known rules, offered as help; a person adopts."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

import numpy as np

from api.spot_checks.risk.assess import Whole
from api.spot_checks.risk.keep import CountySigns
from api.spot_checks.risk.model import BANDS, HIGHEST_CUT, RiskWeights
from sampling.errors import SamplingError
from sampling.risk import band_by_quantiles, dalenius_hodges, lavallee_hidiroglou

CV: Final = 0.05  # of the estimated total of scores, for Lavallée–Hidiroglou


@dataclass(frozen=True, kw_only=True)
class SuggestedCuts:
    """Cuts that a rule would make, on the households that are not visited anyway.

    Attributes
    ----------
    rule : str
        ``quantiles``, ``dalenius_hodges`` or ``lavallee_hidiroglou``.
    cuts : (int, int) or None
        None where the scores are too alike for the rule.
    counts : tuple of int
        Households that would be low, middle, high.
    """

    rule: str
    cuts: tuple[int, int] | None
    counts: tuple[int, ...]


def suggest_cuts(county: CountySigns, weights: RiskWeights) -> list[SuggestedCuts]:
    """Return the cuts of each rule for the scores under these weights.

    Notes
    -----
    Scores are whole, so boundaries are rounded up to the next whole point: who scores it is above it.
    """
    scores = county.table.scores(weights)[~county.table.certain]
    return [_suggest(rule, find, scores) for rule, find in RULES.items()]


def _suggest(rule: str, find: Callable[[Whole], Any], scores: Whole) -> SuggestedCuts:
    try:
        boundaries = find(scores).boundaries if len(scores) else ()
    except SamplingError:
        boundaries = ()
    cuts = sorted({ceil(boundary) for boundary in boundaries})
    if len(cuts) != len(BANDS) - 1 or not 1 <= cuts[0] < cuts[1] <= HIGHEST_CUT:
        return SuggestedCuts(rule=rule, cuts=None, counts=())
    counts = np.bincount(np.searchsorted(np.array(cuts), scores, side="right"), minlength=len(BANDS))
    return SuggestedCuts(rule=rule, cuts=(cuts[0], cuts[1]), counts=tuple(counts.tolist()))


RULES: Final[dict[str, Callable[[Whole], Any]]] = {
    "quantiles": lambda scores: band_by_quantiles(scores, len(BANDS)),
    "dalenius_hodges": lambda scores: dalenius_hodges(scores, len(BANDS), max(len(BANDS), int(np.ptp(scores)))),
    # nothing is taken whole here: the certain households are apart already
    "lavallee_hidiroglou": lambda scores: lavallee_hidiroglou(scores, len(BANDS), CV, take_all=0).bands,
}

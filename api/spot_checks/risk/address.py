"""Weights that are being tried, as an address carries them, so that they can be shared: only what differs."""

from collections.abc import Mapping
from typing import Final

from api.problems import Invalid
from api.spot_checks.risk.model import DEFAULT_WEIGHTS, LABELS, RiskWeights, weights_of

WEIGHT: Final = "w."  # in front of a sign's name
CUT_NAMES: Final = ("middle", "high")
LONGEST_NUMBER: Final = 4


def tried_in(given: Mapping[str, str], base: RiskWeights) -> RiskWeights:
    """Return the weights that an address or a form asks to try; what it does not name is as in force.

    Raises
    ------
    Invalid
        For what is no whole number, or none that a weight or cut may be.

    Examples
    --------
    >>> from api.spot_checks.risk.model import DEFAULTS
    >>> found = tried_in({"w.vehicle": "7", "high": "８"}, DEFAULTS)
    >>> found.weights["vehicle"], found.cuts
    (7, (2, 8))
    """
    weights = {
        name: _whole(given[WEIGHT + name], LABELS[name], WEIGHT + name)
        for name in DEFAULT_WEIGHTS
        if given.get(WEIGHT + name, "").strip()
    }
    cuts = [
        _whole(given[name], "分段起点", name) if given.get(name, "").strip() else base.cuts[place]
        for place, name in enumerate(CUT_NAMES)
    ]
    found = weights_of(weights, cuts, base=base)
    return base if found.same_as(base) else found


def address_of(tried: RiskWeights, base: RiskWeights) -> dict[str, str]:
    """Return what an address must carry for somebody else to see the same.

    Examples
    --------
    >>> from api.spot_checks.risk.model import DEFAULTS
    >>> address_of(tried_in({"w.vehicle": "7", "w.company": "5"}, DEFAULTS), DEFAULTS)
    {'w.vehicle': '7'}
    """
    changed = {WEIGHT + name: str(points) for name, points in tried.weights.items() if points != base.weights[name]}
    if tried.cuts != base.cuts:
        changed |= {name: str(cut) for name, cut in zip(CUT_NAMES, tried.cuts, strict=True)}
    return changed


def _whole(text: str, label: str, where: str) -> int:
    text = text.strip()
    if not text.isdecimal() or len(text) > LONGEST_NUMBER:
        raise Invalid("“{label}”须为整数", where=where, label=label)
    return int(text)

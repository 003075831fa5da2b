"""Figures of a division as programs and the map are told them: flat, rounded, the reasons in the reader's language."""

from collections.abc import Callable
from typing import Any, Final

from api.evidence_map.divisions.figures import DivisionFigures

DECIMALS: Final = 4  # a hundredth of a percent
Say = Callable[..., str]


def told(one: DivisionFigures, say: Say) -> dict[str, Any]:
    """Return the figures with the fields of `schemas.MapFiguresSchema`."""
    rate = one.rate
    return {
        "code": one.code,
        "name": one.name,
        "ground": one.ground,
        "households": one.households,
        "visited": one.visited,
        "coverage": _rounded(one.coverage),
        "pieces": one.pieces,
        "judged": one.judged,
        "doubted": one.doubted,
        "doubt_share": _rounded(one.doubt_share),
        "error_rate": _rounded(rate.value) if rate else None,
        "error_lower": _rounded(rate.lower) if rate else None,
        "error_upper": _rounded(rate.upper) if rate else None,
        "error_n": rate.n if rate else None,
        "error_words": say(rate.words, **rate.values) if rate and rate.words else "",
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, DECIMALS)

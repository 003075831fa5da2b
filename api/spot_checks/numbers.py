"""The whole number that a frame may publish with each leaf: enough for a design, too little to open the leaf."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from api.problems import Conflict
from sampling.spatial import hilbert_order

# What people may choose, and the column of frame.csv it becomes.
COLUMNS: Final = {"none": "", "persons": "size", "road": "order", "curve": "order"}
NAMES: Final = {
    "none": "不公布 (简单随机)",
    "persons": "家庭人口数 (用于按人口比例抽取)",
    "road": "村的编码次序 (用于等距抽取)",
    "curve": "村的地理次序 (用于等距抽取)",
}
# A village knows who has eleven persons, and would read his band from the public file: from six on all look alike.
MOST_PERSONS: Final = 6


def numbers_of(numbered_by: str, households: Sequence[Mapping[str, Any]]) -> list[int] | None:
    """Return the number that a frame publishes of each household, or none.

    Parameters
    ----------
    numbered_by : {'none', 'persons', 'road', 'curve'}
        ``persons``: persons of the household, six and more as six. ``road`` and ``curve``: the number of its village,
        by code or along a Hilbert curve over the villages' middles. Never a number of its own: whoever has the roll
        in that order could open every leaf by counting.
    households : sequence of mapping, shape (N,)
        With ``persons``, ``village_code``, ``longitude`` and ``latitude``.

    Raises
    ------
    Conflict
        When persons are wanted and not known, as in frames from before they were kept.

    Examples
    --------
    >>> homes = [{"persons": 2, "village_code": "540222100202", "longitude": None, "latitude": None},
    ...          {"persons": 9, "village_code": "540222100201", "longitude": None, "latitude": None}]
    >>> numbers_of("persons", homes), numbers_of("road", homes), numbers_of("none", homes)
    ([2, 6], [2, 1], None)
    """
    if numbered_by == "none":
        return None
    if numbered_by == "persons":
        if any(one["persons"] is None for one in households):
            raise Conflict("这份名册没有记录人口数，请重新冻结后再按人口数抽取", where="numbered_by")
        return [max(1, min(MOST_PERSONS, one["persons"])) for one in households]
    villages = sorted({one["village_code"] for one in households})
    if numbered_by == "curve":
        villages = _along_curve(villages, households)
    number = {code: place for place, code in enumerate(villages, 1)}
    return [number[one["village_code"]] for one in households]


def _along_curve(villages: list[str], households: Sequence[Mapping[str, Any]]) -> list[str]:
    """Order villages along the ground; those of which no place is known follow by code."""
    seen: dict[str, list[tuple[float, float]]] = {}
    for one in households:
        if one["longitude"] is not None and one["latitude"] is not None:
            seen.setdefault(one["village_code"], []).append((one["longitude"], one["latitude"]))
    if not seen:
        return villages
    placed = sorted(seen)
    middles = np.array([np.median(seen[code], axis=0) for code in placed])
    middles[:, 0] *= np.cos(np.radians(middles[:, 1].mean()))  # a degree of longitude is shorter than one of latitude
    along = hilbert_order(middles).tolist()
    return [code for _, code in sorted(zip(along, placed, strict=True))] + [v for v in villages if v not in seen]

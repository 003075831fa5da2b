"""See before adopting: how the bands fill under other weights, who moves, and how many visits follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, Final

import numpy as np

from api.problems import Refusal
from api.spot_checks.refusals import in_our_words
from api.spot_checks.risk.assess import BAND_ORDER, Whole
from api.spot_checks.risk.keep import CountySigns
from api.spot_checks.risk.model import CERTAIN, EXPECTED_WRONG, MODEL, RiskWeights
from sampling.allocation import allocate_statutory

MOVES_UP: Final = "up"


@dataclass(frozen=True, kw_only=True)
class BandCount:
    """Households of a place per band, as it is and as it would be; `BAND_ORDER` backwards, the certain first."""

    code: str
    before: Mapping[str, int]
    after: Mapping[str, int]

    @property
    def size(self) -> int:
        """Households in all."""
        return sum(self.after.values())


@dataclass(frozen=True, kw_only=True)
class Workload:
    """The fewest visits that keep every floor, and where they would go.

    Attributes
    ----------
    visits : int
        In all.
    by_band : mapping of str to int
        Of them, per band.
    """

    visits: int
    by_band: Mapping[str, int]


@dataclass(frozen=True, eq=False, kw_only=True)
class Preview:
    """A county under the weights in force and under those that are tried.

    Attributes
    ----------
    signs : mapping of str to int
        Households that have each sign.
    county : BandCount
        The whole county.
    townships : sequence of BandCount
        Each township, by code.
    movers : ndarray of int
        Rows of the households that change their band: upwards first, then by how far, then by code.
    workload_before, workload_after : Workload or None
        None where the floors cannot be computed, as without a household.
    """

    before: RiskWeights
    after: RiskWeights
    signs: Mapping[str, int]
    county: BandCount
    townships: Sequence[BandCount]
    movers: Whole = field(repr=False)
    bands_before: Whole = field(repr=False)
    bands_after: Whole = field(repr=False)
    scores_before: Whole = field(repr=False)
    scores_after: Whole = field(repr=False)
    workload_before: Workload | None
    workload_after: Workload | None

    @property
    def up(self) -> int:
        """How many move to a higher band."""
        return int((self.bands_after > self.bands_before).sum())

    @property
    def down(self) -> int:
        """How many move to a lower band."""
        return int((self.bands_after < self.bands_before).sum())


def preview_model(county: CountySigns, before: RiskWeights, after: RiskWeights, *, percent: int) -> Preview:
    """Compare two sets of weights on the households of a county; stores nothing.

    Parameters
    ----------
    county : CountySigns
        From `api.spot_checks.risk.keep.signs_of_county`.
    percent : int
        The campaign's floor, for the number of visits.

    Notes
    -----
    Cost: two products of an N × k table with a vector. Freezing with ``after`` adopted gives exactly these bands.
    """
    table = county.table
    old, new = table.bands(before), table.bands(after)
    scores_old, scores_new = table.scores(before), table.scores(after)
    moved = np.flatnonzero(old != new)
    by = np.lexsort((moved, -(scores_new - scores_old)[moved], -(new - old)[moved]))
    cells_old, cells_new = _cells(county, old), _cells(county, new)
    towns = sorted({name.partition("|")[0] for name in county.cell_names})
    counted = dict(zip(MODEL.names, table.values.sum(axis=0).tolist(), strict=True))
    return Preview(
        before=before,
        after=after,
        signs={name: int(number) for name, number in counted.items()},
        county=_count("", cells_old, cells_new),
        townships=[_count(town, cells_old, cells_new) for town in towns],
        movers=moved[by],
        bands_before=old,
        bands_after=new,
        scores_before=scores_old,
        scores_after=scores_new,
        workload_before=workload_of(cells_old, percent=percent),
        workload_after=workload_of(cells_new, percent=percent),
    )


def workload_of(sizes: Mapping[str, int], *, percent: int) -> Workload | None:
    """Return the fewest visits that keep the floors, for households per ``township|scheme|band``."""
    if not sizes:
        return None
    try:
        with in_our_words():
            found = allocate_statutory(
                dict(sizes), county=percent, scheme=percent, township=percent,
                certain=[name for name in sizes if _band(name) == CERTAIN],
                spread={name: _spread(_band(name)) for name in sizes},
            )  # fmt: skip
    except Refusal:
        return None
    by_band = dict.fromkeys(BAND_ORDER, 0)
    for name, n in found.n.items():
        by_band[_band(name)] += n
    return Workload(visits=sum(by_band.values()), by_band=by_band)


def _cells(county: CountySigns, bands: Whole) -> dict[str, int]:
    """Return households per ``township|scheme|band``, without empty ones."""
    width = len(BAND_ORDER)
    numbers = np.bincount(county.cells * width + bands, minlength=len(county.cell_names) * width)
    return {
        f"{county.cell_names[place // width]}|{BAND_ORDER[place % width]}": int(numbers[place])
        for place in np.flatnonzero(numbers).tolist()
    }


def _count(town: str, old: Mapping[str, int], new: Mapping[str, int]) -> BandCount:
    def of(cells: Mapping[str, int]) -> dict[str, int]:
        found = dict.fromkeys(reversed(BAND_ORDER), 0)
        for name, number in cells.items():
            if name.startswith(town):
                found[_band(name)] += number
        return found

    return BandCount(code=town, before=of(old), after=of(new))


def _band(stratum: str) -> str:
    return stratum.rpartition("|")[2]


def _spread(band: str) -> float:
    share = EXPECTED_WRONG.get(band, 0.5)
    return sqrt(share * (1 - share))


def row_shown(county: CountySigns, preview: Preview, row: int) -> dict[str, Any]:
    """Return a household of a preview as lists show it, with its reasons under the weights that are tried."""
    return {
        "household_code": county.codes[row],
        "head_name": county.names[row],
        "village_code": county.villages[row],
        "scheme": county.schemes[row],
        "score_before": int(preview.scores_before[row]),
        "score": int(preview.scores_after[row]),
        "band_before": BAND_ORDER[int(preview.bands_before[row])],
        "band": BAND_ORDER[int(preview.bands_after[row])],
        "reasons": county.table.reasons(row, preview.after),
    }

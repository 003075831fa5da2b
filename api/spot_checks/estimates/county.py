"""Estimate a whole county, or one township of it, in all the parts that a report shows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.spot_checks.estimates.designs import in_band, in_township
from api.spot_checks.estimates.estimate import Part, estimate_attempts, estimate_part, says_something
from api.spot_checks.estimates.figures import NOT_YET, Figure
from api.spot_checks.estimates.measures import BY_TOWNSHIP, MONEY, RATES, VERDICT_RATES, wrongly_included
from api.spot_checks.estimates.sample import REFUSED, Sample
from api.spot_checks.risk import BANDS, CERTAIN

WHOLE: Final = (*RATES, *VERDICT_RATES)


@dataclass(frozen=True, kw_only=True)
class Response:
    """What became of a township's list.

    Attributes
    ----------
    drawn, completed, gone, unreached, refused, waiting, reserves, unsure : int
        Households of the base list, and those of it, with visited reserves, in each state; reserves that a check was
        sent to; households whose visit came to no verdict.
    """

    township_code: str
    size: int
    drawn: int
    completed: int
    gone: int
    unreached: int
    refused: int
    waiting: int
    reserves: int
    unsure: int


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """Everything a report says of one draw, or of one township of it.

    Attributes
    ----------
    area : str
        The township's code; empty for the county.
    whole : Part
        All of it; without numbers while some townships have too few checks.
    covered : Part or None
        The townships that have enough, while others have not.
    silent : list of str
        The townships that have not.
    townships, cells, bands : list of Part
        Cells are township × scheme, of townships that have both.
    attempts : mapping
        Shares of households not met, refusing, gone.
    responses : list of Response
    in_order : bool
        Whether those visited are the first by ticket order in every stratum: then they are a random part.
    """

    area: str
    whole: Part
    covered: Part | None
    silent: list[str]
    townships: list[Part]
    cells: list[Part]
    bands: list[Part]
    attempts: Mapping[str, Figure]
    responses: list[Response]
    in_order: bool

    @property
    def told(self) -> Part:
        """What numbers there are: of the whole, else of the part that was visited enough."""
        return self.covered or self.whole

    @property
    def waiting(self) -> int:
        """Households of the list to which nobody has gone yet."""
        return sum(one.waiting for one in self.responses)


def estimate_county(sample: Sample, area: str = "") -> Estimates:
    """Estimate a draw.

    Parameters
    ----------
    sample : Sample
        Of the whole draw.
    area : str
        A township's code; empty for the county.
    """
    whole = sample.within(area)
    parts = {code: whole.within(code) for code in whole.townships}
    silent = [code for code, part in parts.items() if not says_something(part)]
    heard = whole.part(name for name in whole.strata if name.split("|")[0] not in silent)
    told = _whole(heard, area)
    townships = [estimate_part(part, code, levels=in_township(), money=(BY_TOWNSHIP,)) for code, part in parts.items()]
    return Estimates(
        area=area,
        whole=told if not silent else _unsaid(whole, area, len(silent)),
        covered=told if silent and len(silent) < len(parts) else None,
        silent=silent,
        townships=townships,
        cells=_cells(whole),
        bands=_bands(heard),
        attempts=estimate_attempts(heard, levels=in_township()),
        responses=[response(part, code) for code, part in parts.items()],
        in_order=visited_in_order(whole),
    )


def _whole(sample: Sample, area: str) -> Part:
    return estimate_part(sample, area, levels=in_township(), rates=WHOLE, money=MONEY, kinds=True)


def _unsaid(sample: Sample, area: str, silent: int) -> Part:
    """Return the whole without numbers: some townships have too few checks to speak for it."""
    part = _whole(sample.part(()), area)
    figures = {
        name: Figure(measure=name, unit=figure.unit, size=sample.size, reason=NOT_YET, values={"n": silent})
        for name, figure in part.figures.items()
    }
    units = sample.units
    judged = sum(unit.tells for unit in units)
    return Part(code=area, size=sample.size, drawn=_drawn(sample), judged=judged, figures=figures)


def _cells(sample: Sample) -> list[Part]:
    schemes: dict[str, set[str]] = {}
    for name in sample.strata:
        township, scheme, _ = name.split("|")
        schemes.setdefault(township, set()).add(scheme)
    return [
        estimate_part(
            sample.part(name for name in sample.strata if name.startswith(f"{township}|{scheme}|")),
            f"{township}|{scheme}",
            levels=in_township(),
        )
        for township, both in sorted(schemes.items())
        if len(both) > 1
        for scheme in sorted(both, reverse=True)
    ]


def _bands(sample: Sample) -> list[Part]:
    found = {name.rpartition("|")[2] for name in sample.strata}
    return [
        estimate_part(sample.part(name for name in sample.strata if name.endswith(f"|{band}")), band, levels=in_band())
        for band in (CERTAIN, *reversed(BANDS), *sorted(found - {CERTAIN, *BANDS}))
        if band in found
    ]


def response(sample: Sample, code: str) -> Response:
    """Count what became of a part's list."""
    states = Counter(
        "refused" if unit.state == "unreached" and unit.outcome == REFUSED else unit.state for unit in sample.units
    )
    return Response(
        township_code=code,
        size=sample.size,
        drawn=_drawn(sample),
        completed=states["completed"],
        gone=states["gone"],
        unreached=states["unreached"],
        refused=states["refused"],
        waiting=states["waiting"],
        reserves=sum(unit.role == "reserve" for unit in sample.units),
        unsure=sum(unit.judged is not None and not unit.tells and not wrongly_included(unit) for unit in sample.units),
    )


def visited_in_order(sample: Sample) -> bool:
    """Say whether in every stratum those with a check come before those without, by ticket."""
    attempted: dict[str, int] = {}
    waiting: dict[str, int] = {}
    for unit in sample.units:
        if unit.role != "base":
            continue
        if unit.attempted:
            attempted[unit.stratum] = max(attempted.get(unit.stratum, 0), unit.position)
        else:
            waiting[unit.stratum] = min(waiting.get(unit.stratum, unit.position), unit.position)
    return all(attempted.get(name, 0) < first for name, first in waiting.items())


def _drawn(sample: Sample) -> int:
    return sum(unit.role == "base" for unit in sample.units)

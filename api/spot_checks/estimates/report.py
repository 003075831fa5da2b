"""Everything the page, the sheets and the programs are told of a draw, read and estimated in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.problems import NotFound
from api.spot_checks.commit import draws_of, frame_of, result_of
from api.spot_checks.comparison.verdicts import verdicts_of
from api.spot_checks.estimates.county import Estimates, estimate_county
from api.spot_checks.estimates.more_visits import More, more_visits
from api.spot_checks.estimates.sample import Sample, read_sample
from api.spot_checks.estimates.township_first import Gain, read_foretold, sharpen
from api.spot_checks.outcomes import outcomes_of
from api.spot_checks.tables import Draw


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one draw's checks say.

    Attributes
    ----------
    area : str
        A township's code; empty for the county.
    gains : list of Gain
        Estimates made with the townships' visits beside the plain ones.
    no_gain, no_gain_values
        Why there are none.
    more : list of More
        What more visits would buy: all of it first, then each township.
    first_at, last_at : datetime or None
        When the first and the last deciding check arrived.
    paid_fen_per_month : int or None
        What is paid to the part's households in all.
    """

    draw: Draw
    frozen_at: datetime
    drawn_at: datetime
    area: str
    estimates: Estimates
    gains: Sequence[Gain]
    no_gain: str
    no_gain_values: Mapping[str, Any]
    more: Sequence[More]
    first_at: datetime | None
    last_at: datetime | None
    paid_fen_per_month: int | None
    methods: Sequence[str]


def make_report(session: Session, draw: Draw, area: str = "") -> Report:
    """Read and estimate a draw.

    Parameters
    ----------
    area : str
        A township's code; empty for the county.

    Raises
    ------
    NotFound
        When the dice are still to be thrown, or no stratum lies in the area.

    Notes
    -----
    A handful of queries, whatever the size.
    """
    result = result_of(session, draw)
    if result is None:
        raise NotFound("第 {number} 次抽取还没有掷骰，还没有可估计的内容", where="draw_id", number=draw.number)
    outcomes = outcomes_of(session, draw)
    sample = read_sample(session, draw, verdicts_of(session, draw, outcomes=outcomes), outcomes=outcomes)
    part = sample.within(area)
    if not part.strata:
        raise NotFound("这次抽取中没有乡镇 {code}", where="area", code=area)
    estimates = estimate_county(sample, area)
    gains, no_gain, no_gain_values = sharpen(part, read_foretold(session, draw), estimates)
    arrived = [unit.received_at for unit in part.units if unit.received_at is not None]
    paid = part.paid_in_all()
    return Report(
        draw=draw,
        frozen_at=frame_of(session, draw).frozen_at,
        drawn_at=result.drawn_at,
        area=area,
        estimates=estimates,
        gains=gains,
        no_gain=no_gain,
        no_gain_values=no_gain_values,
        more=_more(part, estimates),
        first_at=min(arrived, default=None),
        last_at=max(arrived, default=None),
        paid_fen_per_month=None if paid is None else int(paid.sum()),
        methods=sorted({planned.method for planned in part.strata.values()}),
    )


def drawn_of(session: Session, county: str, campaign_id: Any) -> list[Draw]:
    """Return the draws of a county's campaign that have a list, the newest first."""
    return [draw for draw in reversed(draws_of(session, county, campaign_id)) if result_of(session, draw)]


def _more(sample: Sample, estimates: Estimates) -> list[More]:
    heard = [code for code in sample.townships if code not in estimates.silent]
    parts = [sample.within(code) for code in heard]
    found = [more_visits(part, code) for part, code in zip(parts, heard, strict=True)] if len(heard) > 1 else []
    names = [name for part in parts for name in part.strata]
    return [one for one in (more_visits(sample.part(names), estimates.area), *found) if one is not None]

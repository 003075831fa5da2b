"""Tell review how likely each household is on the roll wrongly, so that its queue begins where most is at stake."""

import hashlib
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.reach import campaign_of_county
from api.database import Database, now
from api.evidence.review.risk import keep_bands
from api.registry.tables import Household
from api.spot_checks.risk.adopt import model_in_force
from api.spot_checks.risk.keep import LARGEST_COUNTY, mark_of_signs, signs_of_county
from api.spot_checks.risk.tables import RiskTold

SWEEP_SECONDS: Final = 20.0  # then other work has its turn
AGAIN: Final = timedelta(hours=1)  # signs change with every visit; a queue's order need not
LOCAL_DAY: Final = ZoneInfo("Asia/Shanghai")


def work_out_bands(session: Session, county_code: str) -> tuple[str, Mapping[UUID, int] | None]:
    """Return from what the bands of a county's households follow, and the bands by household.

    Returns
    -------
    str, mapping or None
        The mark is empty where there is nothing to tell: no campaign obliges the county, its roll is empty, or larger
        than `api.spot_checks.risk.keep.LARGEST_COUNTY`. None instead of bands: they were told with this mark already.
    """
    told = session.get(RiskTold, county_code)
    campaign = campaign_of_county(session, county_code)
    on_roll = sa.select(sa.func.count()).where(Household.county_code == county_code, Household.on_roll.is_(True))
    if campaign is None or not 0 < session.scalars(on_roll).one() <= LARGEST_COUNTY:
        return "", None
    weights = model_in_force(session, campaign.id, county_code)
    day = datetime.now(LOCAL_DAY).date()
    parts = (str(campaign.id), weights.number, day.year, mark_of_signs(session, campaign, county_code))
    mark = hashlib.sha256(repr(parts).encode()).hexdigest()
    if told is not None and told.mark == mark:
        return mark, None
    signs = signs_of_county(session, campaign, county_code, day)
    return mark, dict(zip(signs.ids, signs.table.bands(weights).tolist(), strict=True))


def tell_county(database: Database, county_code: str) -> int:
    """Tell review the bands of a county's households as they are now; return for how many households they changed.

    Worked out beside whatever phones send; only what has changed is then written.
    """
    with database.snapshot() as session:
        mark, bands = work_out_bands(session, county_code)
    with database.transaction() as session:
        told = session.get(RiskTold, county_code)
        if told is None:
            session.add(told := RiskTold(county_code=county_code))
        told.mark, told.told_at = mark, now()
        return keep_bands(session, county_code, bands) if bands is not None else 0


def sweep(database: Database, *, seconds: float = SWEEP_SECONDS) -> int:
    """Tell review of every county that it was not told of for an hour, for so long; return of how many."""
    until, done = time.monotonic() + seconds, 0
    with database.read() as session:
        counties = session.scalars(
            sa.select(Household.county_code)
            .outerjoin(RiskTold, RiskTold.county_code == Household.county_code)
            .where(sa.or_(RiskTold.told_at.is_(None), RiskTold.told_at < now() - AGAIN))
            .group_by(Household.county_code)
            .order_by(sa.func.min(RiskTold.told_at), Household.county_code)
        ).all()
    for county_code in counties:
        tell_county(database, county_code)
        done += 1
        if time.monotonic() >= until:
            break
    return done


def sweep_once(database: Database) -> None:
    """Tell of what has changed since the last time."""
    sweep(database)

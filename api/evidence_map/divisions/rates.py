"""Say of counties and townships how many households are wrongly on the roll, where a draw was checked enough to say."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.reach import campaign_of_county
from api.evidence_map.divisions.scope import LENGTHS
from api.people.access import COUNTY_LENGTH, Viewer, inside
from api.people.roles import Permission
from api.registry.tables import Division
from api.spot_checks.comparison.verdicts import verdicts_of
from api.spot_checks.estimates.county import estimate_county
from api.spot_checks.estimates.designs import in_township
from api.spot_checks.estimates.estimate import estimate_part
from api.spot_checks.estimates.figures import Figure
from api.spot_checks.estimates.report import drawn_of
from api.spot_checks.estimates.sample import Sample, read_sample

MEASURE: Final = "wrongly_included"
READ: Final = Permission.SPOT_CHECK_READ


def error_rates(session: Session, viewer: Viewer, areas: Sequence[str], level: str) -> dict[str, Figure]:
    """Return the share of households wrongly on the roll, from each county's last draw, by division.

    A division whose county has no draw, or of which the reader may not read spot checks, has no key. A figure without
    a value holds the reason: too few were checked.

    Parameters
    ----------
    areas : sequence of str
        Already cut to what the reader may see (`scope.areas_asked`).
    level : {'county', 'township', 'village'}
        Of villages nothing is estimated.
    """
    found: dict[str, Figure] = {}
    if level == "village":
        return found
    for county in _counties(session, areas):
        if not viewer.may(READ, county):
            continue
        sample = _last_sample(session, county)
        if sample is None:
            continue
        if level == "county":
            found[county] = estimate_county(sample).whole.figures[MEASURE]
            continue
        for code in sample.townships:
            if any(code.startswith(area) for area in areas):
                part = estimate_part(sample.within(code), code, levels=in_township(), rates=(MEASURE,))
                found[code] = part.figures[MEASURE]
    return found


def _counties(session: Session, areas: Sequence[str]) -> list[str]:
    above = {area[:COUNTY_LENGTH] for area in areas}
    length = sa.func.length(Division.code) == LENGTHS["county"]
    return list(session.scalars(sa.select(Division.code).where(inside(Division.code, above), length)))


def _last_sample(session: Session, county: str) -> Sample | None:
    campaign = campaign_of_county(session, county)
    draws = drawn_of(session, county, campaign.id) if campaign is not None else []
    return read_sample(session, draws[0], verdicts_of(session, draws[0])) if draws else None

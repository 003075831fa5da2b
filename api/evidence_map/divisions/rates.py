"""Say of counties and townships how many households are wrongly on the roll, where a draw was checked enough to say."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.reach import campaign_of_county
from api.collection.tables import SubmissionVersion
from api.evidence.tables import Evidence, Photo
from api.evidence_map.divisions.scope import LENGTHS
from api.people.access import COUNTY_LENGTH, Viewer, inside
from api.people.roles import Permission
from api.registry.tables import Division
from api.spot_checks.comparison.tables import Verdict
from api.spot_checks.comparison.verdicts import verdicts_of
from api.spot_checks.estimates.county import estimate_county
from api.spot_checks.estimates.designs import in_township
from api.spot_checks.estimates.estimate import estimate_part
from api.spot_checks.estimates.figures import Figure
from api.spot_checks.estimates.report import drawn_of
from api.spot_checks.estimates.sample import read_sample
from api.spot_checks.tables import Draw

MEASURE: Final = "wrongly_included"
READ: Final = Permission.SPOT_CHECK_READ
MOST_KEPT: Final = 64  # two levels of the counties of a region; some kilobytes each

_kept: OrderedDict[tuple[Any, ...], tuple[tuple[Any, ...], Mapping[str, Figure]]] = OrderedDict()
_lock = threading.Lock()


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
        draw = _last_draw(session, county)
        if draw is not None:
            every = _estimated(session, draw, level)
            found |= {code: one for code, one in every.items() if any(code.startswith(area) for area in areas)}
    return found


def _estimated(session: Session, draw: Draw, level: str) -> Mapping[str, Figure]:
    """Return the rates of a draw by county or township, made anew only when something they are made of has changed."""
    key = (str(session.get_bind().engine.url), draw.id, level)
    mark = _mark(session, draw)
    with _lock:
        if (kept := _kept.get(key)) is not None and kept[0] == mark:
            _kept.move_to_end(key)
            return kept[1]
    sample = read_sample(session, draw, verdicts_of(session, draw))
    if level == "county":
        made = {draw.county_code: estimate_county(sample).whole.figures[MEASURE]}
    else:
        made = {
            code: estimate_part(sample.within(code), code, levels=in_township(), rates=(MEASURE,)).figures[MEASURE]
            for code in sample.townships
        }
    with _lock:
        _kept[key] = (mark, made)
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made


def _mark(session: Session, draw: Draw) -> tuple[Any, ...]:
    """Return what tells whether a check arrived, was read again, got a photo, or was decided since.

    Sums of moments beside the latest: a transaction that ends late may bring an earlier moment.
    """
    county = draw.county_code
    parts: list[Any] = []
    for statement in (
        sa.select(
            sa.func.count(),
            sa.func.max(SubmissionVersion.derived_at),
            sa.func.sum(sa.extract("epoch", SubmissionVersion.derived_at)),
        ).where(SubmissionVersion.county_code == county),
        sa.select(sa.func.count(), sa.func.max(sa.cast(Evidence.id, sa.String))).where(
            Evidence.county_code == county, Evidence.purpose == "spot_check"
        ),
        sa.select(sa.func.count()).select_from(Photo).where(Photo.county_code == county, Photo.sha256.is_not(None)),
        sa.select(sa.func.count()).select_from(Verdict).where(
            Verdict.county_code == county, Verdict.draw_id == draw.id
        ),
    ):  # fmt: skip
        parts += session.execute(statement).one()
    return tuple(parts)


def _counties(session: Session, areas: Sequence[str]) -> list[str]:
    above = {area[:COUNTY_LENGTH] for area in areas}
    length = sa.func.length(Division.code) == LENGTHS["county"]
    return list(session.scalars(sa.select(Division.code).where(inside(Division.code, above), length)))


def _last_draw(session: Session, county: str) -> Draw | None:
    campaign = campaign_of_county(session, county)
    draws = drawn_of(session, county, campaign.id) if campaign is not None else []
    return draws[0] if draws else None

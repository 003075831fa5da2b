"""Which county a request about field checks speaks of, and the campaign whose thresholds hold there."""

import sqlalchemy as sa

from api.campaigns.tables import Campaign
from api.evidence.checks.thresholds import in_force
from api.people.access import COUNTY_LENGTH
from api.people.guard import session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.registry.tables import Division


def counties_to_read() -> dict[str, str]:
    """Return the counties of which whoever is asking may read some evidence, code → name."""
    areas = viewer().areas(Permission.EVIDENCE_READ)
    length = sa.func.length(Division.code) == COUNTY_LENGTH
    some = sa.or_(
        sa.false(),
        *(
            Division.code == area[:COUNTY_LENGTH] if len(area) >= COUNTY_LENGTH else Division.code.startswith(area)
            for area in areas
        ),
    )
    rows = session_now().execute(sa.select(Division.code, Division.name).where(some, length).order_by(Division.code))
    return {str(code): str(name) for code, name in rows}


def check_county(asked: str) -> str:
    """Return the county asked for.

    Raises
    ------
    NotFound
        When it does not exist or lies outside.
    """
    if asked not in counties_to_read():
        raise NotFound("找不到这个县，或不在您的管辖范围内", where="county")
    return asked


def campaign_to_manage(county_code: str) -> Campaign:
    """Return the campaign whose thresholds hold in a county.

    Raises
    ------
    NotFound
        When there is no campaign there, or the county lies outside.
    """
    if not viewer().may(Permission.CAMPAIGN_MANAGE, county_code):
        raise NotFound("找不到这个县，或不在您的管辖范围内", where="county")
    campaign = in_force(session_now(), county_code).campaign
    if campaign is None:
        raise NotFound("这个县还没有专项工作，请先建立专项工作再调整限值", where="county")
    return campaign

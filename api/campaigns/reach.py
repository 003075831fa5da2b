"""Which campaigns someone may see: those of the own area, and those of the areas above, which oblige it."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.people.access import Viewer, inside
from api.people.roles import Permission
from api.problems import NotFound

AREA_LENGTHS = (2, 4, 6, 9, 12)


def reachable(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Return the condition that leaves only campaigns of the viewer's areas and of those above."""
    areas = viewer.areas(Permission.CAMPAIGN_READ)
    above = {area[:length] for area in areas for length in AREA_LENGTHS if length < len(area)}
    return sa.or_(inside(Campaign.area_code, areas), Campaign.area_code.in_(sorted(above)))


def campaigns_for(session: Session, viewer: Viewer) -> list[Campaign]:
    """Return the campaigns that the viewer may see, the newest first."""
    newest_first = (Campaign.created_at.desc(), Campaign.id.desc())
    return list(session.scalars(sa.select(Campaign).where(reachable(viewer)).order_by(*newest_first)))


def campaign_one(session: Session, viewer: Viewer, campaign_id: UUID) -> Campaign:
    """Return one campaign.

    Raises
    ------
    NotFound
        When there is none, or it obliges another area.
    """
    found = session.scalar(sa.select(Campaign).where(Campaign.id == campaign_id, reachable(viewer)))
    if found is None:
        raise NotFound("找不到这项专项工作，或不在您的管辖范围内", where="campaign_id")
    return found


def campaign_of_county(session: Session, county_code: str) -> Campaign | None:
    """Return the newest campaign that obliges a county, or None."""
    codes = [county_code[:length] for length in AREA_LENGTHS if length <= len(county_code)]
    newest_first = (Campaign.created_at.desc(), Campaign.id.desc())
    return session.scalar(sa.select(Campaign).where(Campaign.area_code.in_(codes)).order_by(*newest_first).limit(1))

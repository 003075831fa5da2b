"""Which draws anybody may see, by what address: those of campaigns that say so, and no others."""

import re
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.create import change_campaign
from api.campaigns.tables import Campaign
from api.people.access import Viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.spot_checks.tables import Draw

SHORT: Final = 16  # hexadecimal digits of the manifest's hash that stand in an address: 64 bits
MOST_DRAWS: Final = 200  # on the page of all published draws; a county's own page shows its own
REFERENCE: Final = re.compile(r"[0-9a-f]{16,64}")
PATH: Final = "/public/draws"


def set_publishing(session: Session, campaign: Campaign, viewer: Viewer, *, publish: bool) -> Campaign:
    """Open a campaign's draws to everybody, or close them again; it chooses nothing else.

    Raises
    ------
    Forbidden
        For whoever does not manage the campaign.
    """
    viewer.demand(Permission.CAMPAIGN_MANAGE, campaign.area_code)
    return change_campaign(session, campaign, by=viewer, publish_draws=publish)


def managed_campaigns(session: Session, viewer: Viewer) -> Sequence[Campaign]:
    """Return the campaigns whose draws a viewer may open to everybody, the newest first."""
    own = viewer.within(Campaign.area_code, Permission.CAMPAIGN_MANAGE)
    return session.scalars(sa.select(Campaign).where(own).order_by(Campaign.created_at.desc())).all()


def reference_of(draw: Draw) -> str:
    """Return the short name of a draw in a public address: the beginning of its manifest's hash."""
    return draw.manifest_sha256[:SHORT]


def address_of(public_url: str, draw: Draw) -> str:
    """Return the public address of a draw, as it stands in its QR code."""
    return f"{public_url.rstrip('/')}{PATH}/{reference_of(draw)}"


def published_draw(session: Session, reference: str) -> Draw:
    """Return a draw by the hash of its manifest, or the beginning of it.

    Parameters
    ----------
    reference : str
        16 to 64 hexadecimal digits.

    Raises
    ------
    NotFound
        The same for a draw that there is not, and for one whose campaign does not publish.
    """
    found: Sequence[Draw] = []
    if REFERENCE.fullmatch(reference):
        begins = Draw.manifest_sha256.between(reference, reference + "g")  # g comes after every digit
        found = session.scalars(_published().where(begins).limit(2)).all()
    if len(found) != 1:
        raise NotFound("没有公开这样的抽取，请核对网址或指纹", where="reference")
    return found[0]


def published_draws(session: Session, *, county_code: str = "") -> Sequence[Draw]:
    """Return the draws that anybody may see, the newest first, at most `MOST_DRAWS`."""
    statement = _published().order_by(Draw.committed_at.desc(), Draw.number.desc()).limit(MOST_DRAWS)
    if county_code:
        statement = statement.where(Draw.county_code == county_code)
    return session.scalars(statement).all()


def publishing_counties(session: Session) -> Sequence[str]:
    """Return the counties of which there are published draws."""
    counties = sa.select(Draw.county_code).join(Campaign, Campaign.id == Draw.campaign_id).distinct()
    return session.scalars(counties.where(Campaign.publish_draws).order_by(Draw.county_code)).all()


def _published() -> sa.Select[Draw]:
    return sa.select(Draw).join(Campaign, Campaign.id == Draw.campaign_id).where(Campaign.publish_draws)

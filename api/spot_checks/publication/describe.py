"""What may be said of a draw to anybody: promises, chances, numbers, approvals; no household, no village, no name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.people.roles import ROLE_NAMES, Role
from api.registry.reading import division_names
from api.registry.tables import Division
from api.spot_checks.commit import draws_of, frame_of, manifest_of, plan_of, result_of
from api.spot_checks.plan import TownshipRow, explain, totals, townships
from api.spot_checks.publication.approve import Standing, standing_of
from api.spot_checks.publication.bundle import names_of
from api.spot_checks.publication.photos import photos_of
from api.spot_checks.publication.publish import address_of, reference_of
from api.spot_checks.publication.sources import SourceWords, words_of
from api.spot_checks.publication.witnesses import witness_names
from api.spot_checks.tables import Draw


@dataclass(frozen=True, kw_only=True)
class Link:
    """One draw in a county's chain of promises."""

    number: int
    reference: str
    manifest_sha256: str
    committed_at: datetime
    drawn_at: datetime | None
    reason: str
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class Part:
    """A source of the chance with the digits it gave; empty before."""

    words: SourceWords
    digits: str


@dataclass(frozen=True, kw_only=True)
class StratumNumbers:
    """How many of a stratum are drawn; public since the plan is."""

    township_code: str
    scheme: str
    band: str
    size: int
    n: int
    reserve: int


@dataclass(frozen=True, kw_only=True)
class Described:
    """Everything that the public page, the notice and the certificate say of a draw."""

    draw_id: str
    county_code: str
    county: str
    city: str
    office: str
    campaign: str
    document_number: str
    published: bool
    address: str
    reference: str
    number: int
    reason: str
    standing: Standing
    frame_sha256: str
    frozen_at: datetime
    units: int
    plan_sha256: str
    manifest_sha256: str
    previous_manifest_sha256: str
    entropy_rule: str
    committed_at: datetime
    parts: Sequence[Part]
    seed: str
    drawn_at: datetime | None
    witnesses: Sequence[str]
    photos: Sequence[str]
    totals: Mapping[str, int]
    townships: Sequence[TownshipRow]
    strata: Sequence[StratumNumbers]
    names: dict[str, str]
    chain: Sequence[Link]
    files: Sequence[str]


def describe_draw(session: Session, draw: Draw, public_url: str) -> Described:
    """Return what may be said of a draw to anybody.

    Parameters
    ----------
    public_url : str
        The server's own address, for the QR code.

    Returns
    -------
    Described
        Names of the county and its townships only: villages and households are not among them.
    """
    frame, result, manifest, plan = (
        frame_of(session, draw), result_of(session, draw), manifest_of(draw), plan_of(draw),
    )  # fmt: skip
    campaign = session.get_one(Campaign, draw.campaign_id)
    digits = result.entropy.split("|") if result else []
    words = words_of(manifest.entropy_rule)
    places = public_places(session, draw.county_code)
    return Described(
        draw_id=str(draw.id),
        county_code=draw.county_code,
        county=places.get(draw.county_code, draw.county_code),
        city=places.get(draw.county_code[:4], ""),
        office=f"{places.get(draw.county_code, draw.county_code)} {ROLE_NAMES[Role.COUNTY_SUPERVISOR]}",
        campaign=campaign.name,
        document_number=campaign.document_number,
        published=campaign.publish_draws,
        address=address_of(public_url, draw),
        reference=reference_of(draw),
        number=draw.number,
        reason=draw.reason,
        standing=standing_of(session, draw),
        frame_sha256=frame.frame_sha256,
        frozen_at=frame.frozen_at,
        units=frame.units,
        plan_sha256=draw.plan_sha256,
        manifest_sha256=draw.manifest_sha256,
        previous_manifest_sha256=manifest.previous_manifest_sha256,
        entropy_rule=manifest.entropy_rule,
        committed_at=draw.committed_at,
        parts=[Part(words=one, digits=digits[place] if digits else "") for place, one in enumerate(words)],
        seed=result.seed_hex if result else "",
        drawn_at=result.drawn_at if result else None,
        witnesses=witness_names(result.witnesses) if result else [],
        photos=[photo.sha256 for photo in photos_of(session, draw)],
        totals=totals(plan),
        townships=townships(plan),
        strata=[
            StratumNumbers(
                township_code=row.township_code, scheme=row.scheme, band=row.band, size=row.size, n=row.n,
                reserve=row.reserve,
            )
            for row in explain(plan)
        ],
        names=places,
        chain=chain_of(session, draw),
        files=names_of(session, draw),
    )  # fmt: skip


def chain_of(session: Session, draw: Draw) -> list[Link]:
    """Return all draws of the county's campaign, the first first: none is ever left out."""
    links = []
    for one in draws_of(session, draw.county_code, draw.campaign_id):
        result = result_of(session, one)
        links.append(
            Link(
                number=one.number,
                reference=reference_of(one),
                manifest_sha256=one.manifest_sha256,
                committed_at=one.committed_at,
                drawn_at=result.drawn_at if result else None,
                reason=one.reason,
                standing=standing_of(session, one),
            )
        )
    return links


def public_places(session: Session, county_code: str) -> dict[str, str]:
    """Return the names of a county, of its townships, and of the city above: of no village."""
    towns = sa.select(Division.code, Division.name).where(
        Division.parent_code == county_code, Division.level == "township"
    )
    return division_names(session, {county_code, county_code[:4]}) | dict(session.execute(towns).all())

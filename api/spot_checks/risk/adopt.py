"""Put weights in force for a county's campaign, in a person's name and with a note; earlier ones stay."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import ChangedMeanwhile, Conflict, Invalid, NotFound
from api.spot_checks.risk.model import DEFAULT_WEIGHTS, DEFAULTS, RiskWeights
from api.spot_checks.risk.tables import RiskVersion

SHORTEST_NOTE = 5  # characters; a dash is no reason
LONGEST_NOTE = 1000


def model_in_force(session: Session, campaign_id: UUID, county_code: str) -> RiskWeights:
    """Return the weights a freezing of this county would use now: the newest adopted, else the house's own."""
    newest = session.scalar(_versions(campaign_id, county_code).order_by(RiskVersion.number.desc()).limit(1))
    return DEFAULTS if newest is None else weights_in(newest)


def weights_in(version: RiskVersion) -> RiskWeights:
    """Return the weights of a stored version; a sign that it does not know weighs nothing."""
    known = {name: version.weights.get(name, 0) for name in DEFAULT_WEIGHTS}
    return RiskWeights(weights=known, cuts=(version.cuts[0], version.cuts[1]), number=version.number)


def versions_of(session: Session, campaign_id: UUID, county_code: str) -> Sequence[RiskVersion]:
    """Return all adopted versions of a county's campaign, the newest first."""
    return session.scalars(_versions(campaign_id, county_code).order_by(RiskVersion.number.desc())).all()


def version_one(session: Session, campaign_id: UUID, county_code: str, number: int) -> RiskWeights:
    """Return the weights of one version; 0 is the house's own.

    Raises
    ------
    NotFound
        When there is no such version.
    """
    if number == 0:
        return DEFAULTS
    found = session.scalar(_versions(campaign_id, county_code).where(RiskVersion.number == number))
    if found is None:
        raise NotFound("本县没有第 {number} 版风险分值", where="number", number=number)
    return weights_in(found)


def adopt_model(
    session: Session,
    campaign: Campaign,
    county_code: str,
    wanted: RiskWeights,
    viewer: Viewer,
    *,
    note: str,
    expected: int | None = None,
) -> RiskVersion:
    """Put weights in force: the next freezing uses them; frames that are frozen keep theirs.

    Parameters
    ----------
    wanted : RiskWeights
        Complete; from `api.spot_checks.risk.model.weights_of` or `version_one`.
    note : str
        Why, at least five characters.
    expected : int, optional
        The number that was in force when the person decided.

    Raises
    ------
    Forbidden
        When the viewer may not draw in this county.
    Invalid
        Without a note.
    ChangedMeanwhile
        When another version has come into force since.
    Conflict
        When the same weights are in force already, or somebody adopted at the same moment.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, county_code)
    if not county_code.startswith(campaign.area_code):
        raise Invalid("这项专项工作不包括区划 {code}", where="county_code", code=county_code)
    note = note.strip()[:LONGEST_NOTE]
    if len(note) < SHORTEST_NOTE:
        raise Invalid("请写明为什么这样定分 (至少 {least} 个字)", where="note", least=SHORTEST_NOTE)
    present = model_in_force(session, campaign.id, county_code)
    if expected is not None and expected != present.number:
        raise ChangedMeanwhile(
            "刚才有人采用了第 {number} 版，请看过之后再决定", where="expected_number", number=present.number
        )
    if wanted.same_as(present):
        raise Conflict("现行的就是这套分值，没有改变", where="weights")
    version = RiskVersion(
        county_code=county_code,
        campaign_id=campaign.id,
        number=present.number + 1,
        weights=dict(wanted.weights),
        cuts=list(wanted.cuts),
        sha256=wanted.sha256,
        note=note,
        made_by=viewer.account_id,
    )
    session.add(version)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("刚才有人采用了另一套分值，请刷新后再看", where="weights") from None
    changed = {
        name: [present.weights[name], points]
        for name, points in wanted.weights.items()
        if points != present.weights[name]
    }
    record(
        session, viewer, "risk_model.adopt", "risk_model", version.id, division_code=county_code,
        number=version.number, sha256=version.sha256, changed=changed, cuts=version.cuts,
        cuts_before=list(present.cuts), note=note, campaign=str(campaign.id), adopts_again=wanted.number or None,
    )  # fmt: skip
    return version


def _versions(campaign_id: UUID, county_code: str) -> sa.Select[RiskVersion]:
    return sa.select(RiskVersion).where(RiskVersion.county_code == county_code, RiskVersion.campaign_id == campaign_id)

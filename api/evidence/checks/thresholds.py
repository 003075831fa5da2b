"""The thresholds in force in a county, and the one way to change them."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.reach import campaign_of_county
from api.campaigns.tables import Campaign
from api.evidence.checks.rules import EDITION, LIMITS
from api.evidence.checks.tables import CheckThresholds
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Conflict, Invalid

SHORTEST_REASON, LONGEST_REASON = 2, 200


@dataclass(frozen=True)
class InForce:
    """The thresholds of a county now.

    Attributes
    ----------
    name
        Which edition of the rules, which campaign's decision: equal names, equal judgement.
    limits
        A value for every key of `LIMITS`.
    campaign
        None where no campaign obliges the county: the rules' own values hold.
    decision
        The campaign's last decision, None before the first.
    """

    name: str
    limits: Mapping[str, float]
    campaign: Campaign | None = None
    decision: CheckThresholds | None = None


def in_force(session: Session, county_code: str) -> InForce:
    """Return the thresholds that hold in a county: its newest campaign's last decision, or the rules' own."""
    own = {key: limit.default for key, limit in LIMITS.items()}
    campaign = campaign_of_county(session, county_code)
    if campaign is None:
        return InForce(f"{EDITION}", own)
    decision = session.scalar(
        sa.select(CheckThresholds)
        .where(CheckThresholds.campaign_id == campaign.id)
        .order_by(CheckThresholds.number.desc())
        .limit(1)
    )
    number, decided = (decision.number, decision.limits) if decision is not None else (0, {})
    limits = own | {key: float(value) for key, value in decided.items() if key in own}
    return InForce(f"{EDITION}:{campaign.id}:{number}", limits, campaign, decision)


def change_thresholds(
    session: Session, campaign: Campaign, limits: Mapping[str, float], *, reason: str, by: Viewer
) -> CheckThresholds:
    """Decide other thresholds for a campaign; what was judged by the old ones is judged again.

    Parameters
    ----------
    limits
        By key; what is left out stays as it is.

    Raises
    ------
    Forbidden
        If the campaign's area is not the viewer's to manage.
    Invalid
        If a key is unknown, a value out of reach, or the reason says nothing.
    Conflict
        If nothing would change.
    """
    by.demand(Permission.CAMPAIGN_MANAGE, campaign.area_code)
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid(
            "请用 {least} 到 {most} 个字说明为什么调整限值", where="reason",
            least=SHORTEST_REASON, most=LONGEST_REASON,
        )  # fmt: skip
    before = session.scalar(
        sa.select(CheckThresholds)
        .where(CheckThresholds.campaign_id == campaign.id)
        .order_by(CheckThresholds.number.desc())
        .limit(1)
    )
    held = {key: limit.default for key, limit in LIMITS.items()} | (before.limits if before is not None else {})
    for key, value in limits.items():
        if key not in LIMITS:
            raise Invalid("没有名为 {key} 的限值", where="limits", key=key)
        limit = LIMITS[key]
        if not limit.least <= value <= limit.most:
            raise Invalid(
                "限值 {key} 须在 {least} 到 {most} 之间", where=key, key=key, least=limit.least, most=limit.most
            )  # fmt: skip
    after = {key: float(value) for key, value in {**held, **limits}.items()}
    if after == held:
        raise Conflict("限值没有变化，无需保存", where="limits")
    decision = CheckThresholds(
        campaign_id=campaign.id, number=1 + (before.number if before is not None else 0), limits=after,
        reason=reason, decided_by=by.account_id,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    changed = {key: [held.get(key), value] for key, value in after.items() if held.get(key) != value}
    record(
        session, by, "checks.thresholds", "check_thresholds", decision.id, division_code=campaign.area_code,
        number=decision.number, changed=changed, reason=reason,
    )  # fmt: skip
    return decision

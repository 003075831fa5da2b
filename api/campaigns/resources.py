"""The programming interface of campaigns."""

from typing import Any
from uuid import UUID

from api.campaigns import reach
from api.campaigns.create import change_campaign, create_campaign
from api.campaigns.plans import read_plan
from api.campaigns.schemas import CampaignSchema, ChangeSchema, NewCampaignSchema
from api.campaigns.stages import current_stage, days_left, next_report
from api.campaigns.tables import Campaign
from api.database import now
from api.pages.views import LOCAL_TIME
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint

blueprint = Blueprint("campaigns", __name__, url_prefix="/api", description="专项工作 · campaigns")


@blueprint.route("/campaigns")
@allow(Permission.CAMPAIGN_READ, area="rows")
@blueprint.response(200, CampaignSchema(many=True))
def campaign_list() -> list[dict[str, Any]]:
    """The campaigns of one's area and of the areas above, newest first."""
    return [_shown(campaign) for campaign in reach.campaigns_for(session_now(), viewer())]


@blueprint.route("/campaigns", methods=["POST"])
@allow(Permission.CAMPAIGN_MANAGE, area="rows")
@blueprint.arguments(NewCampaignSchema)
@blueprint.response(201, CampaignSchema)
def campaign_create(wanted: dict[str, Any]) -> dict[str, Any]:
    """Make a campaign, from its parts or from a shipped plan."""
    viewer().demand(Permission.CAMPAIGN_MANAGE, wanted["area_code"])
    name, year, month = (wanted.pop(key, None) for key in ("plan", "year", "month"))
    parts = (read_plan(name, year=year, month=month) if name else {}) | wanted
    if name and "standards" not in wanted:  # the amounts of a wider plan count in the narrower area too
        parts["standards"] = [{**row, "area_code": wanted["area_code"]} for row in parts["standards"]]
    return _shown(create_campaign(session_now(), **parts, by=viewer()))


@blueprint.route("/campaigns/<uuid:campaign_id>")
@allow(Permission.CAMPAIGN_READ, area="rows")
@blueprint.response(200, CampaignSchema)
def campaign_one(campaign_id: UUID) -> dict[str, Any]:
    """One campaign, with today's stage and the days left."""
    return _shown(reach.campaign_one(session_now(), viewer(), campaign_id))


@blueprint.route("/campaigns/<uuid:campaign_id>", methods=["PATCH"])
@allow(Permission.CAMPAIGN_MANAGE, area="rows")
@blueprint.arguments(ChangeSchema)
@blueprint.response(200, CampaignSchema)
def campaign_change(changes: dict[str, Any], campaign_id: UUID) -> dict[str, Any]:
    """Change parts of a campaign; a list replaces the whole list."""
    campaign = reach.campaign_one(session_now(), viewer(), campaign_id)
    viewer().demand(Permission.CAMPAIGN_MANAGE, campaign.area_code)
    return _shown(change_campaign(session_now(), campaign, **changes, by=viewer()))


def _shown(campaign: Campaign) -> dict[str, Any]:
    today = now().astimezone(LOCAL_TIME).date()
    stage = current_stage(campaign, today)
    columns = {name: getattr(campaign, name) for name in CampaignSchema().fields if hasattr(campaign, name)}
    return columns | {
        "current_stage": stage.name if stage else None,
        "days_left": days_left(stage.ends_on, today) if stage else None,
        "next_report": next_report(campaign, today),
    }

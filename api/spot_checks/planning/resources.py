"""The programming interface of planning: previews, studies, what became of the roll, and a city's sub-rounds."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask_smorest.pagination import PaginationParameters

from api.campaigns.tables import Campaign
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint
from api.spot_checks import schemas as shared
from api.spot_checks.commit import commit_draw, find_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import find_frame
from api.spot_checks.planning import schemas
from api.spot_checks.planning.changes import changes_since
from api.spot_checks.planning.make import make_plan
from api.spot_checks.planning.preview import preview
from api.spot_checks.planning.study import Studied, study_designs
from api.spot_checks.planning.subround import freeze_subround
from api.spot_checks.recheck import city_checkers
from api.spot_checks.resources import detailed, explained, given_to, options_of
from api.spot_checks.tables import Frame

blueprint = Blueprint(
    "spot_check_planning", __name__, url_prefix="/api/spot-checks", description="抽查方案 · plans of spot checks"
)

READ, SUBROUND = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_SUBROUND


@blueprint.route("/frames/<uuid:frame_id>")
@allow(READ, area="rows")
@blueprint.response(200, shared.FrameSchema)
def frame_one(frame_id: UUID) -> Frame:
    """One frozen roll."""
    return find_frame(session_now(), viewer(), frame_id, READ)


@blueprint.route("/frames/<uuid:frame_id>/changes")
@allow(READ, area="rows")
@blueprint.arguments(schemas.ChangeQuerySchema, location="query")
@blueprint.response(200, schemas.ChangeSchema(many=True))
@blueprint.paginate()
def frame_changes(
    query: dict[str, str], frame_id: UUID, pagination_parameters: PaginationParameters
) -> list[dict[str, Any]]:
    """Who joined, left or changed on the roll since it was frozen; the frame itself stays."""
    session = session_now()
    statement = changes_since(find_frame(session, viewer(), frame_id, READ), **query)
    counting = sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())
    pagination_parameters.item_count = session.scalar(counting) or 0
    first, size = pagination_parameters.first_item, pagination_parameters.page_size
    return [dict(row) for row in session.execute(statement.offset(first).limit(size)).mappings()]


@blueprint.route("/frames/<uuid:frame_id>/preview")
@allow(READ, area="rows")
@blueprint.arguments(schemas.PlanQuerySchema, location="query")
@blueprint.response(200, schemas.PreviewSchema)
def plan_preview(query: dict[str, Any], frame_id: UUID) -> dict[str, Any]:
    """What a plan with these options would take where, tell and cost; nothing is stored."""
    session = session_now()
    frame = find_frame(session, viewer(), frame_id, READ)
    campaign = session.get_one(Campaign, frame.campaign_id)
    seen = preview(session, frame, campaign, options_of(query, campaign))
    return {
        "plan": explained(seen.plan) | {"strata": seen.strata},
        "width": seen.width,
        "widths": seen.widths,
        "workload": seen.workload,
        "smallest": seen.made.smallest,
    }


@blueprint.route("/frames/<uuid:frame_id>/study")
@allow(READ, area="rows")
@blueprint.arguments(schemas.PlanQuerySchema, location="query")
@blueprint.response(200, schemas.StudiedSchema(many=True))
def plan_study(query: dict[str, Any], frame_id: UUID) -> list[Studied]:
    """The same numbers drawn by several designs, many times each; for study, nothing is stored."""
    session = session_now()
    frame = find_frame(session, viewer(), frame_id, READ)
    campaign = session.get_one(Campaign, frame.campaign_id)
    plan = make_plan(session, frame, campaign, options=options_of(query, campaign))
    return study_designs(session, frame, plan)


@blueprint.route("/draws/<uuid:draw_id>/sub-rounds", methods=["POST"])
@allow(SUBROUND, area="rows")
@blueprint.arguments(schemas.SubroundSchema)
@blueprint.response(201, shared.FrameSchema)
def subround_freeze(wanted: dict[str, Any], draw_id: UUID) -> Frame:
    """Freeze what a county has drawn, for the city's own draw within it."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, SUBROUND)
    return freeze_subround(session, draw, viewer(), **wanted)


@blueprint.route("/sub-rounds/<uuid:frame_id>/draws", methods=["POST"])
@allow(SUBROUND, area="rows")
@blueprint.arguments(shared.PromiseSchema)
@blueprint.response(201, shared.DrawDetailSchema)
def subround_commit(wanted: dict[str, Any], frame_id: UUID) -> dict[str, Any]:
    """Commit the city's draw; publish the manifest's hash of the answer before the dice are thrown."""
    session = session_now()
    frame = find_frame(session, viewer(), frame_id, SUBROUND)
    campaign = session.get_one(Campaign, frame.campaign_id)
    plan = make_plan(session, frame, campaign, options=options_of(wanted, campaign))
    rule, reason = wanted["entropy_rule"], wanted["reason"]
    return detailed(session, commit_draw(session, frame, plan, viewer(), entropy_rule=rule, reason=reason))


@blueprint.route("/sub-rounds/draws/<uuid:draw_id>/result", methods=["POST"])
@allow(SUBROUND, area="rows")
@blueprint.arguments(shared.EntropySchema)
@blueprint.response(201, shared.DrawDetailSchema)
def subround_result(thrown: dict[str, str], draw_id: UUID) -> dict[str, Any]:
    """Enter the city's dice; a sub-round is small enough to be drawn while the caller waits."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, SUBROUND)
    draw_spot_check(session, draw, thrown["entropy"], viewer(), witnesses=thrown["witnesses"])
    return detailed(session, draw)


@blueprint.route("/sub-rounds/draws/<uuid:draw_id>/assignments", methods=["POST"])
@allow(SUBROUND, area="rows")
@blueprint.arguments(shared.AssignSchema)
@blueprint.response(201, shared.AssignedSchema)
def subround_assign(wanted: dict[str, list[str]], draw_id: UUID) -> dict[str, Any]:
    """Give the city's list to the city's own checkers; where the county's checker is still to go, later."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, SUBROUND)
    return given_to(draw, city_checkers(session, draw.county_code), wanted)

"""The programming interface of spot checks: freeze, commit, draw, list, verify."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response
from flask_smorest.pagination import PaginationParameters
from sqlalchemy.orm import Session

from api.campaigns.reach import campaign_one
from api.campaigns.tables import Campaign
from api.database import database
from api.edge import text
from api.jobs.resources import JobSchema
from api.jobs.tables import Job
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Invalid
from api.smorest import Blueprint
from api.spot_checks import schemas
from api.spot_checks.assign import assign_selection, county_checkers
from api.spot_checks.commit import commit_draw, find_draw, frame_of, manifest_of, plan_of, result_of
from api.spot_checks.draw import draw_spot_check, work_out_draw
from api.spot_checks.files import public_file
from api.spot_checks.frame import find_frame
from api.spot_checks.freeze import ask_for_frame
from api.spot_checks.lists import how_many, selected
from api.spot_checks.plan import explain, make_plan, totals, townships
from api.spot_checks.planning.options import PlanOptions, read_options
from api.spot_checks.planning.schemas import PlanQuerySchema
from api.spot_checks.risk.find import conceal_own
from api.spot_checks.tables import Draw, Frame
from api.spot_checks.verify import verify_draw
from sampling.certificate import Plan

blueprint = Blueprint("spot_checks", __name__, url_prefix="/api/spot-checks", description="抽查 · spot checks")

READ, DRAW = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_DRAW


@blueprint.route("/frames")
@allow(READ, area="rows")
@blueprint.response(200, schemas.FrameSchema(many=True))
def frame_list() -> list[Frame]:
    """The frozen rolls of one's area, newest first."""
    statement = sa.select(Frame).where(viewer().within(Frame.county_code, READ)).order_by(Frame.frozen_at.desc())
    return list(session_now().scalars(statement))


@blueprint.route("/frames", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.FrameSchema)
@blueprint.response(202, JobSchema)
def frame_freeze(wanted: dict[str, Any]) -> Job:
    """Freeze a county's roll, in the background; the job's result names the frame."""
    session = session_now()
    viewer().demand(DRAW, wanted["county_code"])
    campaign = campaign_one(session, viewer(), wanted["campaign_id"])
    return ask_for_frame(
        session, campaign, wanted["county_code"], viewer(), population=wanted["population"],
        numbered_by=wanted["numbered_by"],
    )  # fmt: skip


@blueprint.route("/frames/<uuid:frame_id>/plan")
@allow(READ, area="rows")
@blueprint.arguments(PlanQuerySchema, location="query")
@blueprint.response(200, schemas.PlanSchema)
def frame_plan(query: dict[str, Any], frame_id: UUID) -> dict[str, Any]:
    """What a draw from this frame would take where, and which bound binds; nothing is stored."""
    session = session_now()
    frame = find_frame(session, viewer(), frame_id, READ)
    campaign = session.get_one(Campaign, frame.campaign_id)
    return explained(make_plan(session, frame, campaign, options=options_of(query, campaign)))


@blueprint.route("/draws")
@allow(READ, area="rows")
@blueprint.response(200, schemas.DrawSchema(many=True))
def draw_list() -> list[dict[str, Any]]:
    """All draws of one's area, newest first; a draw that another followed stays."""
    statement = sa.select(Draw).where(viewer().within(Draw.county_code, READ)).order_by(Draw.committed_at.desc())
    return [_shown(session_now(), draw) for draw in session_now().scalars(statement).all()]


@blueprint.route("/draws", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.CommitSchema)
@blueprint.response(201, schemas.DrawDetailSchema)
def draw_commit(wanted: dict[str, Any]) -> dict[str, Any]:
    """Commit a draw; publish the manifest's hash of the answer before the dice are thrown."""
    session = session_now()
    frame = find_frame(session, viewer(), wanted["frame_id"], DRAW)
    campaign = session.get_one(Campaign, frame.campaign_id)
    plan = make_plan(session, frame, campaign, options=options_of(wanted, campaign))
    rule, reason = wanted["entropy_rule"], wanted["reason"]
    return detailed(session, commit_draw(session, frame, plan, viewer(), entropy_rule=rule, reason=reason))


@blueprint.route("/draws/<uuid:draw_id>")
@allow(READ, area="rows")
@blueprint.response(200, schemas.DrawDetailSchema)
def draw_one(draw_id: UUID) -> dict[str, Any]:
    """One draw with its plan and, once drawn, its dice."""
    return detailed(session_now(), find_draw(session_now(), viewer(), draw_id, READ))


@blueprint.route("/draws/<uuid:draw_id>/result", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.EntropySchema)
@blueprint.response(201, schemas.DrawDetailSchema)
def draw_result(thrown: dict[str, str], draw_id: UUID) -> dict[str, Any]:
    """Enter the public dice; the list follows from them and can never be drawn again."""
    entropy, witnesses = thrown["entropy"], thrown["witnesses"]
    with database().read() as reading:  # phones need not wait while it is worked out
        draw = find_draw(reading, viewer(), draw_id, DRAW)
        ready = work_out_draw(reading, draw, entropy, viewer(), witnesses=witnesses)
    draw_spot_check(session_now(), draw, entropy, viewer(), witnesses=witnesses, ready=ready)
    return detailed(session_now(), draw)


@blueprint.route("/draws/<uuid:draw_id>/selections")
@allow(READ, area="rows")
@blueprint.arguments(schemas.ListQuerySchema, location="query")
@blueprint.response(200, schemas.SelectionSchema(many=True))
@blueprint.paginate()
def draw_selections(
    query: dict[str, str], draw_id: UUID, pagination_parameters: PaginationParameters
) -> list[dict[str, Any]]:
    """The households drawn, in the order a person goes."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, READ)
    part = {"area": query.get("area", ""), "role": query.get("role", "")}
    pagination_parameters.item_count = how_many(session, draw, **part)
    first, size = pagination_parameters.first_item, pagination_parameters.page_size
    rows = session.execute(selected(draw, **part).offset(first).limit(size)).mappings()
    return conceal_own(session, viewer(), rows)


@blueprint.route("/draws/<uuid:draw_id>/verification")
@allow(READ, area="rows")
@blueprint.response(200, schemas.VerifiedSchema)
def draw_verification(draw_id: UUID) -> dict[str, Any]:
    """Recompute the draw from the stored frame and say *same*, or name the first thing that differs."""
    found = verify_draw(session_now(), find_draw(session_now(), viewer(), draw_id, READ))
    return {"same": found.same, "difference": "" if found.same else text(found.message, **found.values)}


@blueprint.route("/draws/<uuid:draw_id>/files/<string:name>")
@allow(READ, area="rows")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def draw_file(draw_id: UUID, name: str) -> Response:
    """A public file: frame.csv, plan.json, manifest.json, draw.json, or the verifier that checks them."""
    data = public_file(session_now(), find_draw(session_now(), viewer(), draw_id, READ), name)
    answer = Response(data, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@blueprint.route("/draws/<uuid:draw_id>/assignments", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.AssignSchema)
@blueprint.response(201, schemas.AssignedSchema)
def draw_assign(wanted: dict[str, list[str]], draw_id: UUID) -> dict[str, Any]:
    """Give the base list to checkers; households that have one keep him."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, DRAW)
    return given_to(draw, county_checkers(session, draw.county_code), wanted)


def given_to(draw: Draw, accounts: list[Account], wanted: dict[str, list[str]]) -> dict[str, Any]:
    """Give a list to those of some checkers that a request names, and say what became of it."""
    if "accounts" in wanted:
        known = {account.name: account for account in accounts}
        if strangers := sorted(set(wanted["accounts"]) - known.keys()):
            raise Invalid("账号 {name} 不是本县的抽查员，不能分配给他", where="accounts", name=strangers[0])
        accounts = [known[name] for name in dict.fromkeys(wanted["accounts"])]
    done = assign_selection(session_now(), draw, accounts, viewer())
    names = {account.id: account.name for account in accounts}
    return {
        "by_checker": {names[one]: n for one, n in done.by_checker.items()},
        "kept": done.kept,
        "left": done.left,
        "open_yet": done.open_yet,
    }


def options_of(wanted: dict[str, Any], campaign: Campaign) -> PlanOptions:
    """Read the options of a plan from a request whose types are right already."""
    said = {name: round(value, 1) if isinstance(value, float) else value for name, value in wanted.items()}
    return read_options(said, floor_percent=campaign.spot_check_floor_percent)


def explained(plan: Plan) -> dict[str, Any]:
    """Return a plan as programs read it."""
    return {
        "floors": plan.floors,
        "plan_sha256": plan.sha256,
        "totals": totals(plan),
        "townships": townships(plan),
        "strata": list(explain(plan)),
    }


def _shown(session: Session, draw: Draw) -> dict[str, Any]:
    columns = {name: getattr(draw, name) for name in schemas.DrawSchema().fields if hasattr(draw, name)}
    manifest = manifest_of(draw)
    return columns | {
        "frame_sha256": frame_of(session, draw).frame_sha256,
        "entropy_rule": manifest.entropy_rule,
        "result": result_of(session, draw),
    }


def detailed(session: Session, draw: Draw) -> dict[str, Any]:
    """Return a draw with its plan as programs read it."""
    return _shown(session, draw) | {"plan": explained(plan_of(draw))}

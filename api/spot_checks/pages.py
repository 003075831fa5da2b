"""The pages of spot checks: one county's rounds with the next step, and one draw with its list."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from api.campaigns.reach import campaign_of_county, campaign_one
from api.campaigns.tables import Campaign
from api.database import database
from api.jobs.resources import find_job
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Invalid, NotFound, Refusal
from api.spot_checks.assign import assign_selection, county_checkers
from api.spot_checks.commit import (
    commit_draw,
    find_draw,
    frame_of,
    manifest_of,
    plan_of,
    result_of,
)
from api.spot_checks.draw import draw_spot_check, work_out_draw
from api.spot_checks.export import list_csv, list_rows, list_xlsx
from api.spot_checks.files import FILES
from api.spot_checks.frame import POPULATIONS, find_frame
from api.spot_checks.freeze import ask_for_frame, is_under_way, last_freezing
from api.spot_checks.lists import ROLES, checkers_of, counted, how_many, place_names, selected
from api.spot_checks.numbers import NAMES
from api.spot_checks.plan import explain, make_plan, totals, townships
from api.spot_checks.planning.options import read_options
from api.spot_checks.publication.approve import standing_of
from api.spot_checks.publication.pages import entropy_entered, kept, photos_sent, rule_chosen, typed_dice
from api.spot_checks.publication.sources import LOTTERIES
from api.spot_checks.recheck import city_checkers
from api.spot_checks.risk import BAND_NAMES
from api.spot_checks.risk.find import conceal_own
from api.spot_checks.rounds import Round, draws_of_round, inspects_city, may_draw, round_of, rounds_of
from api.spot_checks.tables import Draw, Frame
from api.spot_checks.verify import verify_draw
from api.spot_checks.which import counties_to_read, county_asked, tabs_of
from sampling.certificate import Plan

blueprint = Blueprint("spot_checks_pages", __name__, template_folder="templates", url_prefix="/spot-checks")

READ, DRAW = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_DRAW
MOST_ROWS = 1_500  # a longer list opens at its first township
SCHEMES = {"urban": "城市", "rural": "农村"}
BOUNDS = {
    "certain": "必查户全部入户",
    "two": "每层至少两户 (估计误差所需)",
    "least": "每层最少户数 (方案所定)",
    "band": "风险段比例 (方案所定)",
    "width": "乡镇精度 (方案所定)",
    "township": "乡镇比例下限",
    "scheme": "城市或农村比例下限",
    "county": "全县比例下限",
    "": "高于各项下限",
}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
@allow(READ, area="rows", ways=("session",))
def rounds() -> str:
    """Show the rounds of a county and what is to be done next; of several counties, which."""
    asked = county_asked()
    if not asked:
        draws = session_now().scalars(sa.select(Draw).where(viewer().within(Draw.county_code, READ)))
        numbers: dict[str, int] = {}
        for draw in draws:
            numbers[draw.county_code] = numbers.get(draw.county_code, 0) + 1
        return render_template("spot_checks/counties.html", counties=counties_to_read(), numbers=numbers)
    return _rounds(asked)


@blueprint.app_context_processor
def offer_tabs() -> dict[str, Any]:
    """Let every template of a spot check show the way to the others."""
    return {"spot_check_tabs": tabs_of}


@blueprint.post("/frames")
@allow(DRAW, area="rows", ways=("session",))
def freeze() -> AnyResponse | tuple[str, int]:
    """Ask for the roll of a county to be frozen."""
    county = request.form.get("county", "")
    viewer().demand(DRAW, county)
    try:
        campaign = campaign_one(session_now(), viewer(), _identity(request.form.get("campaign", "")))
        population = request.form.get("population", "on_roll")
        numbered_by = request.form.get("numbered_by", "none")
        ask_for_frame(session_now(), campaign, county, viewer(), population=population, numbered_by=numbered_by)
    except Refusal as refusal:
        return again(county, refusal)
    return redirect(address_of(county, Round(population)))


@blueprint.get("/frames/jobs/<uuid:job_id>")
@allow(READ, area="rows", ways=("session",))
def freezing(job_id: UUID) -> AnyResponse | str:
    """Show how far the freezing is; once it has ended, let the page be fetched anew."""
    job = find_job(session_now(), viewer(), job_id, READ)
    if is_under_way(job):
        return render_template("spot_checks/freezing.html", job=job)
    answer = redirect(address_of(job.county_code, Round(job.arguments.get("population", "on_roll"))))
    if request.headers.get("HX-Request"):
        answer = Response(headers={"HX-Refresh": "true"})
    return answer


@blueprint.post("/draws")
@allow(DRAW, area="rows", ways=("session",))
def commit() -> AnyResponse | tuple[str, int]:
    """Commit a draw from a frozen roll."""
    session = session_now()
    frame = find_frame(session, viewer(), _identity(request.form.get("frame", "")), DRAW)
    try:
        campaign = session.get_one(Campaign, frame.campaign_id)
        options = read_options(request.form, floor_percent=campaign.spot_check_floor_percent)
        plan = make_plan(session, frame, campaign, options=options)
        rule = rule_chosen(request.form)
        commit_draw(session, frame, plan, viewer(), entropy_rule=rule, reason=request.form.get("reason", "")[:2000])
    except Refusal as refusal:
        return again(frame.county_code, refusal, asked=round_of(frame))
    return redirect(address_of(frame.county_code, round_of(frame)))


@blueprint.post("/<uuid:draw_id>/result")
@allow(DRAW, area="rows", ways=("session",))
def result(draw_id: UUID) -> AnyResponse | tuple[str, int]:
    """Enter the dice, the witnesses and photos."""
    typed = typed_dice()
    witnesses = typed["witnesses"]
    with database().read() as reading:  # phones need not wait while it is worked out
        draw = find_draw(reading, viewer(), draw_id, DRAW)
        try:
            entropy, sent = entropy_entered(draw, request.form), photos_sent()
            ready = work_out_draw(reading, draw, entropy, viewer(), witnesses=witnesses)
        except Refusal as refusal:
            return again(draw.county_code, refusal, round_of(frame_of(reading, draw)), **typed)
    try:
        draw_spot_check(session_now(), draw, entropy, viewer(), witnesses=witnesses, ready=ready, photos=kept(sent))
    except Refusal as refusal:
        return again(draw.county_code, refusal, round_of(frame_of(session_now(), draw)), **typed)
    return redirect(url_for(".draw_page", draw_id=draw_id))


@blueprint.get("/<uuid:draw_id>")
@allow(READ, area="rows", ways=("session",))
def draw_page(draw_id: UUID) -> str:
    """Show one draw: fingerprints, how many where, the list."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, READ)
    plan, drawn, frame = plan_of(draw), result_of(session, draw), frame_of(session, draw)
    names = place_names(session, draw.county_code)
    area, role = _part(draw)
    if drawn and "area" not in request.args and how_many(session, draw, role=role) > MOST_ROWS:
        area = townships(plan)[0].township_code
    return render_template(
        "spot_checks/draw.html",
        draw=draw,
        result=drawn,
        frame=frame,
        asked=round_of(frame),
        populations=POPULATIONS,
        may_recheck=drawn is not None and frame.within_draw_id is None and inspects_city(viewer(), draw.county_code),
        campaign=session.get_one(Campaign, draw.campaign_id),
        manifest=manifest_of(draw),
        names=names,
        area=area,
        role=role,
        rows=conceal_own(session, viewer(), session.execute(selected(draw, area=area, role=role)).mappings())
        if drawn
        else [],
        stored={code: base for code, _, base in counted(session, draw)} if drawn else {},
        checkers=checkers_of(session, draw),
        # a county does not send its own checkers after those whom the city checks
        may_draw=may_draw(viewer(), draw.county_code, round_of(frame)),
        people=(city_checkers if frame.within_draw_id else county_checkers)(session, draw.county_code),
        files=[name for name in FILES if drawn or name != "draw.json"],
        **plan_words(plan),
    )


@blueprint.get("/<uuid:draw_id>/verification")
@allow(READ, area="rows", ways=("session",))
def verification(draw_id: UUID) -> str:
    """Recompute a draw and say *same*, or what differs; a part of the draw's page."""
    found = verify_draw(session_now(), find_draw(session_now(), viewer(), draw_id, READ))
    return render_template("spot_checks/verification.html", found=found)


@blueprint.get("/<uuid:draw_id>/list.<any(xlsx, csv):kind>")
@allow(READ, area="rows", ways=("session",))
def export(draw_id: UUID, kind: str) -> Response:
    """Download the list to take along."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, READ)
    drawn = result_of(session, draw)
    if drawn is None:
        raise NotFound("第 {number} 次抽取还没有掷骰，还没有名单", where="draw_id", number=draw.number)
    area, role = _part(draw)
    rows = list_rows(session, draw, area=area, role=role)
    data = list_xlsx(rows, draw, drawn) if kind == "xlsx" else list_csv(rows)
    answer = Response(data, content_type=SHEET if kind == "xlsx" else "text/csv; charset=utf-8")
    name = f"spot-check-{draw.county_code}-{draw.number}{'-' + area if area else ''}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.post("/<uuid:draw_id>/assignments")
@allow(DRAW, area="rows", ways=("session",))
def assign(draw_id: UUID) -> AnyResponse:
    """Give the base list to the checkers that were ticked."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, DRAW)
    ticked = set(request.form.getlist("account"))
    accounts = [one for one in county_checkers(session, draw.county_code) if str(one.id) in ticked]
    done = assign_selection(session, draw, accounts, viewer())
    given = sum(done.by_checker.values())
    return redirect(url_for(".draw_page", draw_id=draw_id, given=given, left=len(done.left)) + "#list")


def address_of(county: str, asked: Round) -> str:
    """Return the address of a round's page; the roll's own is the county's."""
    return url_for("spot_checks_pages.rounds", county=county, round=None if asked == Round("on_roll") else asked.key)


def _rounds(county: str, asked: Round | None = None, **given: Any) -> str:
    session = session_now()
    campaign = campaign_of_county(session, county)
    frame: Frame | None = None
    draws: list[tuple[Draw, Any, str]] = []
    rounds: list[Round] = []
    if campaign is not None:
        rounds = rounds_of(session, county, campaign.id)
        asked = asked or next((one for one in rounds if one.key == request.args.get("round")), rounds[0])
        same = sa.and_(Frame.county_code == county, Frame.campaign_id == campaign.id, asked.frames())
        frame = session.scalar(sa.select(Frame).where(same).order_by(Frame.frozen_at.desc(), Frame.id.desc()).limit(1))
        draws = [
            (draw, result_of(session, draw), manifest_of(draw).entropy_rule)
            for draw in (draws_of_round(session, frame) if frame is not None else ())
        ]
    asked = asked or Round("on_roll")
    standings = {draw.id: standing_of(session, draw) for draw, _, _ in draws}
    open_draws = [one for one in draws if standings[one[0].id].state != "refused"]
    newest, drawn, rule = open_draws[-1] if open_draws else (None, None, "dice:20")
    job = last_freezing(session, county)
    if job is not None and job.arguments.get("population", "on_roll") != asked.key:
        job = None
    failed = job is not None and job.state == "failed" and (frame is None or frame.frozen_at < job.created_at)
    fresh = frame is not None and (newest is None or frame.id != newest.frame_id)
    step = 1 if frame is None else 2 if fresh else 3 if newest is not None and drawn is None else 4
    fewest = make_plan(session, frame, campaign) if frame is not None and campaign is not None else None
    plan = plan_of(newest) if newest is not None and step > 2 else fewest  # noqa: PLR2004 - committed
    return render_template(
        "spot_checks/rounds.html",
        county=county,
        names=place_names(session, county),
        many=len(counties_to_read()) > 1,
        campaign=campaign,
        asked=asked,
        rounds=[(one, _name_of(session, county, one), address_of(county, one)) for one in rounds],
        numberings=NAMES,
        frame=frame,
        job=job if job is not None and is_under_way(job) else None,
        failure=job.message if failed and job is not None else "",
        draws=draws,
        newest=newest,
        rule=rule,
        standings=standings,
        lotteries=LOTTERIES,
        step=step,
        may_draw=may_draw(viewer(), county, asked),
        may_recheck=drawn is not None and asked.within_draw_id is None and inspects_city(viewer(), county),
        fewest=totals(fewest)["n"] if fewest else None,
        **(plan_words(plan) if plan else {}),
        **given,
    )


def _name_of(session: Session, county: str, one: Round) -> tuple[str, int | None]:
    """Return what a round is called, and for a sub-round the number of the draw that it checks."""
    if one.within_draw_id is None:
        return POPULATIONS[one.population], None
    return "市级复查", session.get_one(Draw, (county, one.within_draw_id)).number


def again(county: str, refusal: Refusal, asked: Round | None = None, **given: Any) -> tuple[str, int]:
    """Show the page again with what was refused and what was typed; nothing is kept."""
    session_now().rollback()
    return _rounds(county, asked, refusal=refusal, **given), refusal.status


def plan_words(plan: Plan) -> dict[str, Any]:
    """Return what `spot_checks/plan.html` needs to show a plan."""
    strata = list(explain(plan))
    return {
        "strata": strata,
        "towns": townships(plan),
        "sums": totals(plan),
        "floors": plan.floors,
        "by_band": {
            (town, band): (
                sum(row.n for row in strata if (row.township_code, row.band) == (town, band)),
                sum(row.size for row in strata if (row.township_code, row.band) == (town, band)),
            )
            for town in {row.township_code for row in strata}
            for band in BAND_NAMES
        },
        "bands": BAND_NAMES,
        "schemes": SCHEMES,
        "bounds": BOUNDS,
        "roles": ROLES,
    }


def _part(draw: Draw) -> tuple[str, str]:
    area, role = request.args.get("area", ""), request.args.get("role", "")
    if area and not (area.isascii() and area.isdigit() and area.startswith(draw.county_code)):
        raise Invalid("区划 {code} 不在本次抽取的县内", where="area", code=area)
    if role and role not in ROLES:
        raise Invalid("名单只有正选 (base) 和备选 (reserve)", where="role")
    return area, role


def _identity(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("找不到所选的内容，请刷新页面后重试") from None

"""The pages of spot checks: one county's rounds with the next step, and one draw with its list."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, url_for
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
    draws_of,
    find_draw,
    frame_of,
    manifest_of,
    plan_of,
    result_of,
)
from api.spot_checks.draw import LONGEST_ENTROPY, draw_spot_check, work_out_draw
from api.spot_checks.export import list_csv, list_rows, list_xlsx
from api.spot_checks.files import FILES
from api.spot_checks.frame import find_frame
from api.spot_checks.freeze import ask_for_frame, is_under_way, last_freezing
from api.spot_checks.lists import ROLES, checkers_of, counted, how_many, place_names, selected
from api.spot_checks.plan import explain, make_plan, totals, townships
from api.spot_checks.publication.approve import standing_of
from api.spot_checks.publication.pages import entropy_entered, kept, photos_sent, rule_chosen
from api.spot_checks.publication.sources import LOTTERIES
from api.spot_checks.risk import BAND_NAMES
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
        ask_for_frame(session_now(), campaign, county, viewer())
    except Refusal as refusal:
        return _again(county, refusal)
    return redirect(url_for(".rounds", county=county))


@blueprint.get("/frames/jobs/<uuid:job_id>")
@allow(READ, area="rows", ways=("session",))
def freezing(job_id: UUID) -> AnyResponse | str:
    """Show how far the freezing is; once it has ended, let the page be fetched anew."""
    job = find_job(session_now(), viewer(), job_id, READ)
    if is_under_way(job):
        return render_template("spot_checks/freezing.html", job=job)
    answer = redirect(url_for(".rounds", county=job.county_code))
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
        plan = make_plan(session, frame, session.get_one(Campaign, frame.campaign_id), total=_total(request.form))
        rule = rule_chosen(request.form)
        commit_draw(session, frame, plan, viewer(), entropy_rule=rule, reason=request.form.get("reason", "")[:2000])
    except Refusal as refusal:
        return _again(frame.county_code, refusal)
    return redirect(url_for(".rounds", county=frame.county_code))


@blueprint.post("/<uuid:draw_id>/result")
@allow(DRAW, area="rows", ways=("session",))
def result(draw_id: UUID) -> AnyResponse | tuple[str, int]:
    """Enter the dice, the witnesses and photos."""
    witnesses = request.form.get("witnesses", "")[:400]
    parts = [text[:LONGEST_ENTROPY] for text in request.form.getlist("part")]
    typed = {"parts": parts or request.form.get("entropy", "")[:LONGEST_ENTROPY].split("|"), "witnesses": witnesses}
    with database().read() as reading:  # phones need not wait while it is worked out
        draw = find_draw(reading, viewer(), draw_id, DRAW)
        try:
            entropy, sent = entropy_entered(draw, request.form), photos_sent()
            ready = work_out_draw(reading, draw, entropy, viewer(), witnesses=witnesses)
        except Refusal as refusal:
            return _again(draw.county_code, refusal, **typed)
    try:
        draw_spot_check(session_now(), draw, entropy, viewer(), witnesses=witnesses, ready=ready, photos=kept(sent))
    except Refusal as refusal:
        return _again(draw.county_code, refusal, **typed)
    return redirect(url_for(".draw_page", draw_id=draw_id))


@blueprint.get("/<uuid:draw_id>")
@allow(READ, area="rows", ways=("session",))
def draw_page(draw_id: UUID) -> str:
    """Show one draw: fingerprints, how many where, the list."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, READ)
    plan, drawn = plan_of(draw), result_of(session, draw)
    names = place_names(session, draw.county_code)
    area, role = _part(draw)
    if drawn and "area" not in request.args and how_many(session, draw, role=role) > MOST_ROWS:
        area = townships(plan)[0].township_code
    return render_template(
        "spot_checks/draw.html",
        draw=draw,
        result=drawn,
        frame=frame_of(session, draw),
        campaign=session.get_one(Campaign, draw.campaign_id),
        manifest=manifest_of(draw),
        names=names,
        area=area,
        role=role,
        rows=session.execute(selected(draw, area=area, role=role)).mappings().all() if drawn else [],
        stored={code: base for code, _, base in counted(session, draw)} if drawn else {},
        checkers=checkers_of(session, draw),
        may_draw=viewer().may(DRAW, draw.county_code),
        people=county_checkers(session, draw.county_code),
        files=[name for name in FILES if drawn or name != "draw.json"],
        **_plan_words(plan),
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


def _rounds(county: str, **given: Any) -> str:
    session = session_now()
    campaign = campaign_of_county(session, county)
    frame: Frame | None = None
    draws: list[tuple[Draw, Any, str]] = []
    if campaign is not None:
        same = sa.and_(Frame.county_code == county, Frame.campaign_id == campaign.id)
        frame = session.scalar(sa.select(Frame).where(same).order_by(Frame.frozen_at.desc(), Frame.id.desc()).limit(1))
        draws = [
            (draw, result_of(session, draw), manifest_of(draw).entropy_rule)
            for draw in draws_of(session, county, campaign.id)
        ]
    standings = {draw.id: standing_of(session, draw) for draw, _, _ in draws}
    open_draws = [one for one in draws if standings[one[0].id].state != "refused"]
    newest, drawn, rule = open_draws[-1] if open_draws else (None, None, "dice:20")
    job = last_freezing(session, county)
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
        frame=frame,
        job=job if job is not None and is_under_way(job) else None,
        failure=job.message if failed and job is not None else "",
        draws=draws,
        newest=newest,
        rule=rule,
        standings=standings,
        lotteries=LOTTERIES,
        step=step,
        may_draw=viewer().may(DRAW, county),
        fewest=totals(fewest)["n"] if fewest else None,
        **(_plan_words(plan) if plan else {}),
        **given,
    )


def _again(county: str, refusal: Refusal, **given: Any) -> tuple[str, int]:
    """Show the page again with what was refused and what was typed; nothing is kept."""
    session_now().rollback()
    return _rounds(county, refusal=refusal, **given), refusal.status


def _plan_words(plan: Plan) -> dict[str, Any]:
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


def _total(form: Any) -> int | None:
    text = form.get("total", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len("10000000")):
        raise Invalid("计划入户数须为整数", where="total")
    return int(text)

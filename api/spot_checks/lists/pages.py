"""The pages of lists: how far they are, who replaces whom, teams and their days, from whom a checker stays away."""

from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.campaigns.reach import campaign_of_county
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Conflict, Invalid, NotFound, Refusal
from api.registry.tables import Division, Household, Official
from api.spot_checks.assign import county_checkers
from api.spot_checks.commit import find_draw
from api.spot_checks.comparison.listing import county_draw
from api.spot_checks.lists.conflict import KINDS, overrides_of
from api.spot_checks.lists.days import days_of
from api.spot_checks.lists.hand_out import hand_out_tours
from api.spot_checks.lists.places import PLACED
from api.spot_checks.lists.progress import progress_of
from api.spot_checks.lists.read import place_names
from api.spot_checks.lists.replace import leaf_codes, release_reserve
from api.spot_checks.lists.tables import CheckerTie, TourPlan
from api.spot_checks.lists.team import TeamWanted, change_team, find_team, make_team, members_of, rest_team, teams_of
from api.spot_checks.lists.tie import declare_tie, end_tie, find_tie, override_conflict
from api.spot_checks.lists.tour import ask_for_tours, last_asked
from api.spot_checks.tables import Draw, FrameUnit
from api.spot_checks.which import attempts_demanded, counties_to_read, county_asked

blueprint = Blueprint("spot_check_lists_pages", __name__, template_folder="templates", url_prefix="/spot-checks")

READ, DRAW = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_DRAW
TIE_NAMES: Final = {"relative": "亲属家庭", "home_village": "本村", "official": "本人是备案干部"}
OUTCOMES: Final = {
    "nobody_home": "家中无人", "away": "全家外出", "refused": "拒绝调查", "moved": "已搬走 (无佐证)",
    "deceased": "全户已去世 (无佐证)", "no_such_household": "查无此户 (无佐证)",
}  # fmt: skip


@blueprint.get("/lists")
@allow(READ, area="rows", ways=("session",))
def lists() -> str:
    """Show how far each township is against its floor, and who was not reached."""
    county = county_asked()
    return _progress(county) if county else _which()


@blueprint.post("/draws/<uuid:draw_id>/replacements")
@allow(DRAW, area="rows", ways=("session",))
def release(draw_id: UUID) -> AnyResponse | tuple[str, int]:
    """Release the next reserve in a household's stead."""
    draw = find_draw(session_now(), viewer(), draw_id, DRAW)
    code, reason = request.form.get("household_code", "")[:40], request.form.get("reason", "")[:2000]
    try:
        expected, attempts = request.form.get("expected", "")[:40], attempts_demanded()
        made = release_reserve(session_now(), viewer(), draw, code, reason=reason, expected=expected, attempts=attempts)
    except Refusal as refusal:
        session_now().rollback()
        return _progress(draw.county_code, draw, refusal=refusal, typed=request.form), refusal.status
    where = made.on_the_way._asdict() if made.on_the_way else {}
    return redirect(_address("lists", draw.county_code, draw, released=made.household_code, **where))


@blueprint.get("/lists/tours")
@allow(READ, area="rows", ways=("session",))
def tours() -> str:
    """Show the days of every team in the order they go."""
    county = county_asked()
    return _tours(county) if county else _which()


@blueprint.post("/draws/<uuid:draw_id>/tours")
@allow(DRAW, area="rows", ways=("session",))
def plan_days(draw_id: UUID) -> AnyResponse | tuple[str, int]:
    """Ask for the days to be worked out."""
    draw = find_draw(session_now(), viewer(), draw_id, DRAW)
    try:
        ask_for_tours(session_now(), viewer(), draw)
    except Refusal as refusal:
        session_now().rollback()
        return _tours(draw.county_code, draw, refusal=refusal), refusal.status
    return redirect(_address("tours", draw.county_code, draw))


@blueprint.post("/draws/<uuid:draw_id>/tours/assignments")
@allow(DRAW, area="rows", ways=("session",))
def hand_out(draw_id: UUID) -> AnyResponse | tuple[str, int]:
    """Give the households of the days to the teams' checkers, onto their phones."""
    draw = find_draw(session_now(), viewer(), draw_id, DRAW)
    try:
        team = _identity(request.form["team"]) if request.form.get("team") else None
        day = _whole(request.form["day"], "day") if request.form.get("day") else None
        done = hand_out_tours(session_now(), viewer(), draw, team_id=team, day=day)
    except Refusal as refusal:
        session_now().rollback()
        return _tours(draw.county_code, draw, refusal=refusal), refusal.status
    told = {"given": done.given, "kept": done.kept, "left": len(done.left)}
    return redirect(_address("tours", draw.county_code, draw, **told))


@blueprint.get("/lists/teams")
@allow(READ, area="rows", ways=("session",))
def teams() -> str:
    """Show the teams."""
    county = county_asked()
    return _teams(county) if county else _which()


@blueprint.post("/lists/teams")
@allow(DRAW, area="rows", ways=("session",))
def keep_team() -> AnyResponse | tuple[str, int]:
    """Make a team, or change the one that is named."""
    session, county = session_now(), request.form.get("county", "")[:6]
    viewer().demand(DRAW, county)
    try:
        campaign = campaign_of_county(session, county)
        if campaign is None:
            raise Conflict("本县没有开展中的专项工作", where="county")
        wanted = TeamWanted(
            name=request.form.get("name", "")[:200],
            members=[_identity(one) for one in request.form.getlist("member")],
            capacity_per_day=_whole(request.form.get("capacity", ""), "capacity_per_day"),
            days_from=_day(request.form.get("days_from", ""), "days_from"),
            days_to=_day(request.form.get("days_to", ""), "days_to"),
            start_code=request.form.get("start_code", "")[:12],
        )
        if team := request.form.get("team", ""):
            change_team(session, viewer(), find_team(session, viewer(), _identity(team), DRAW), wanted)
        else:
            make_team(session, viewer(), county, campaign.id, wanted)
    except Refusal as refusal:
        session.rollback()
        return _teams(county, refusal=refusal, typed=request.form), refusal.status
    return redirect(url_for(".teams", county=county))


@blueprint.post("/teams/<uuid:team_id>/rest")
@allow(DRAW, area="rows", ways=("session",))
def rest(team_id: UUID) -> AnyResponse | tuple[str, int]:
    """Take a team out of the work, or back into it."""
    team = find_team(session_now(), viewer(), team_id, DRAW)
    county = team.county_code
    try:
        rest_team(session_now(), viewer(), team, active=request.form.get("active") == "1")
    except Refusal as refusal:
        session_now().rollback()
        return _teams(county, refusal=refusal), refusal.status
    return redirect(url_for(".teams", county=county))


@blueprint.get("/lists/ties")
@allow(READ, area="rows", ways=("session",))
def ties() -> str:
    """Show from what each checker stays away, and the exceptions."""
    county = county_asked()
    return _ties(county) if county else _which()


@blueprint.post("/lists/ties")
@allow(DRAW, area="rows", ways=("session",))
def declare() -> AnyResponse | tuple[str, int]:
    """Write down from what a checker must stay away."""
    county = request.form.get("county", "")[:6]
    viewer().demand(DRAW, county)
    try:
        declare_tie(
            session_now(), viewer(), county, _identity(request.form.get("account", "")),
            kind=request.form.get("kind", "")[:16], of=request.form.get("of", "")[:64],
            note=request.form.get("note", "")[:400],
        )  # fmt: skip
    except Refusal as refusal:
        session_now().rollback()
        return _ties(county, refusal=refusal, typed=request.form), refusal.status
    return redirect(url_for(".ties", county=county))


@blueprint.post("/ties/<uuid:tie_id>/end")
@allow(DRAW, area="rows", ways=("session",))
def end(tie_id: UUID) -> AnyResponse | tuple[str, int]:
    """End a declaration that was wrong."""
    tie = find_tie(session_now(), viewer(), tie_id)
    county = tie.county_code
    try:
        end_tie(session_now(), viewer(), tie)
    except Refusal as refusal:
        session_now().rollback()
        return _ties(county, refusal=refusal), refusal.status
    return redirect(url_for(".ties", county=county))


@blueprint.post("/draws/<uuid:draw_id>/overrides")
@allow(DRAW, area="rows", ways=("session",))
def override(draw_id: UUID) -> AnyResponse | tuple[str, int]:
    """Allow a checker one household in spite of a conflict, with the reason."""
    draw = find_draw(session_now(), viewer(), draw_id, DRAW)
    try:
        override_conflict(
            session_now(), viewer(), draw, _identity(request.form.get("account", "")),
            request.form.get("household_code", "").strip()[:40], reason=request.form.get("reason", "")[:2000],
        )  # fmt: skip
    except Refusal as refusal:
        session_now().rollback()
        return _ties(draw.county_code, draw, refusal=refusal, typed=request.form), refusal.status
    return redirect(_address("ties", draw.county_code, draw))


def _progress(county: str, draw: Draw | None = None, **given: Any) -> str:
    words = _words(county, draw)
    draw = words["draw"]
    attempts = attempts_demanded()
    found = progress_of(session_now(), draw, attempts=attempts) if draw is not None else None
    heads, codes = {}, {}
    if draw is not None:
        units = sa.select(FrameUnit.household_code, FrameUnit.head_name).where(
            FrameUnit.county_code == county, FrameUnit.frame_id == draw.frame_id
        )
        heads, codes = dict(session_now().execute(units).all()), leaf_codes(session_now(), draw)
    return render_template(
        "spot_check_lists/lists.html", found=found, heads=heads, codes=codes, attempts=attempts, outcomes=OUTCOMES,
        **words, **({"typed": {}} | given),
    )  # fmt: skip


def _tours(county: str, draw: Draw | None = None, **given: Any) -> str:
    session, words = session_now(), _words(county, draw)
    draw = words["draw"]
    job = last_asked(session, draw) if draw is not None else None
    team, day = request.args.get("team", ""), request.args.get("day", "", type=str)
    return render_template(
        "spot_check_lists/tours.html",
        plan=session.get(TourPlan, (county, draw.id)) if draw is not None else None,
        job=job if job is not None and job.state in {"waiting", "running"} else None,
        failure=job.message if job is not None and job.state == "failed" else "",
        days=days_of(session, draw, team=team, day=day) if draw is not None else [],
        teams=teams_of(session, county, words["campaign"].id, every=True) if words["campaign"] else [],
        placed=PLACED,
        team=team,
        day=day,
        **words,
        **given,
    )


def _teams(county: str, **given: Any) -> str:
    session, words = session_now(), _words(county)
    campaign = words["campaign"]
    townships = sa.select(Division.code, Division.name).where(
        Division.parent_code == county, Division.level == "township"
    )
    return render_template(
        "spot_check_lists/teams.html",
        teams=teams_of(session, county, campaign.id, every=True) if campaign else [],
        members=members_of(session, county, campaign.id, every=True) if campaign else {},
        townships=session.execute(townships.order_by(Division.code)).all(),
        **words,
        **({"typed": {}} | given),
    )


def _ties(county: str, draw: Draw | None = None, **given: Any) -> str:
    session = session_now()
    standing = sa.select(CheckerTie, Account.display_name, Household.code, Official.name)
    standing = (
        standing.join(Account, Account.id == CheckerTie.account_id)
        .outerjoin(
            Household,
            sa.and_(Household.county_code == CheckerTie.county_code, Household.id == CheckerTie.household_id),
        )
        .outerjoin(
            Official, sa.and_(Official.county_code == CheckerTie.county_code, Official.id == CheckerTie.official_id)
        )
        .where(CheckerTie.county_code == county, CheckerTie.ended_at.is_(None))
        .order_by(Account.display_name, CheckerTie.declared_at)
    )
    made = overrides_of(session, county)
    named = {one.account_id for one in made} | {one.by_id for one in made}
    people = sa.select(Account.id, Account.display_name).where(Account.id.in_(named))
    of_homes = sa.select(Household.id, Household.code).where(
        Household.county_code == county, Household.id.in_([one.household_id for one in made])
    )
    officials = sa.select(Official.id, Official.name, Official.body).where(Official.county_code == county)
    return render_template(
        "spot_check_lists/ties.html",
        ties=session.execute(standing).all(),
        overrides=made,
        people=dict(session.execute(people).all()),
        homes=dict(session.execute(of_homes).all()),
        officials=session.execute(officials.order_by(Official.name)).all(),
        kinds=KINDS,
        tie_names=TIE_NAMES,
        **_words(county, draw),
        **({"typed": {}} | given),
    )


def _words(county: str, draw: Draw | None = None) -> dict[str, Any]:
    session = session_now()
    found, drawn = county_draw(session, county, request.args.get("draw", type=int))
    return {
        "county": county,
        "names": place_names(session, county),
        "campaign": campaign_of_county(session, county),
        "draw": draw or found,
        "drawn": drawn,
        "checkers": county_checkers(session, county),
        "may_draw": viewer().may(DRAW, county),
    }


def _which() -> str:
    return render_template("spot_checks/counties.html", counties=counties_to_read(), numbers={})


def _address(page: str, county: str, draw: Draw, **told: Any) -> str:
    return url_for(f".{page}", county=county, draw=draw.number, **told)


def _identity(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("找不到所选的内容，请刷新页面后重试") from None


def _whole(text: str, where: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 4):  # noqa: PLR2004 - nobody visits ten thousand a day
        raise Invalid("请填写整数", where=where)
    return int(text)


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("请填写日期，如 2026-07-06", where=where) from None

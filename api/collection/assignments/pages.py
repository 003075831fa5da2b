"""The pages of assignments: who visits which household, from the county down to a village's doorsteps."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from api.campaigns.reach import campaign_of_county
from api.campaigns.tables import Campaign
from api.collection.assignments.choose import codes_in, households_by_code, households_of_villages
from api.collection.assignments.give import PURPOSE, give_households
from api.collection.assignments.move import move_assignments, withdraw_assignments
from api.collection.assignments.progress import checks_in, doorsteps, last_sent_in, places_below
from api.collection.assignments.reach import MANAGERS, READERS, open_of_households
from api.collection.assignments.tables import AssignmentAct
from api.collection.assignments.undo import acts_for, find_act, undo_act
from api.collection.tables import PURPOSES, Assignment
from api.collection.workers.find import candidates, find_workers
from api.collection.workers.progress import progress_of
from api.people.access import COUNTY_LENGTH, Viewer, inside
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import NotFound, Refusal
from api.registry.reading import division_names
from api.registry.tables import Division

READ, MANAGE = Permission.ASSIGNMENT_READ, Permission.ASSIGNMENT_MANAGE
TOWNSHIP_LENGTH, VILLAGE_LENGTH = 9, 12
ACTS_SHOWN = 6

blueprint = Blueprint("assignments_pages", __name__, template_folder="templates")


@blueprint.get("/assignments")
@allow(READ, area="rows", ways=("session",))
def overview() -> str:
    """Show who visits what in a county, a township or a village; of several counties, which."""
    area = _area(request.args.get("area", ""))
    if not area:
        counties = sa.select(Division).where(
            viewer().within(Division.code, READ), sa.func.length(Division.code) == COUNTY_LENGTH
        )
        found = session_now().scalars(counties.order_by(Division.code)).all()
        return render_template("assignments/counties.html", counties=found)
    return _page(area, _purpose(request.args.get("purpose", "")))


@blueprint.post("/assignments/give")
@allow(MANAGE, area="rows", ways=("session",))
def give() -> Response | tuple[str, int]:
    """Give villages, ticked households or pasted codes to the ticked workers."""
    session, asker, form = session_now(), viewer(), request.form
    area = _area(form.get("area", ""))
    try:
        codes = [*form.getlist("household"), *codes_in(form.get("codes", ""))]
        if codes:
            households = households_by_code(session, asker, codes)
        else:
            households = households_of_villages(session, asker, form.getlist("division"))
        workers = find_workers(session, asker, _ids("worker"))
        campaign = _campaign(households[0].county_code)
        done = give_households(session, asker, campaign, households, workers, again="again" in form)
    except Refusal as refusal:
        return _again(area, refusal)
    return _back(area, PURPOSE, done.act)


@blueprint.post("/assignments/move")
@allow(MANAGE, area="rows", ways=("session",))
def move() -> Response | tuple[str, int]:
    """Give the ticked households to other workers."""
    area, purpose = _area(request.form.get("area", "")), _purpose(request.form.get("purpose", ""))
    try:
        workers = find_workers(session_now(), viewer(), _ids("worker"))
        done = move_assignments(session_now(), viewer(), _ticked(area, purpose), workers)
    except Refusal as refusal:
        return _again(area, refusal)
    return _back(area, purpose, done.act)


@blueprint.post("/assignments/withdraw")
@allow(MANAGE, area="rows", ways=("session",))
def withdraw() -> Response | tuple[str, int]:
    """Take the ticked households back."""
    area, purpose = _area(request.form.get("area", "")), _purpose(request.form.get("purpose", ""))
    try:
        done = withdraw_assignments(session_now(), viewer(), _ticked(area, purpose))
    except Refusal as refusal:
        return _again(area, refusal)
    return _back(area, purpose, done.act)


@blueprint.post("/assignments/acts/<uuid:act_id>/undo")
@allow(MANAGE, area="rows", ways=("session",))
def undo(act_id: UUID) -> Response:
    """Undo a decision as far as it is safe."""
    act = find_act(session_now(), viewer(), act_id, manage=True)
    undo_act(session_now(), viewer(), act)
    area = _area(request.form.get("area", "")) or act.area_code
    return _back(area, _purpose(request.form.get("purpose", "")), act)


def _page(area: str, purpose: str, **given: Any) -> str:
    session, asker = session_now(), viewer()
    campaign = campaign_of_county(session, area[:COUNTY_LENGTH])
    above = [area[:length] for length in (COUNTY_LENGTH, TOWNSHIP_LENGTH) if length < len(area)]
    shown: dict[str, Any] = {
        "area": area,
        "purpose": purpose,
        "campaign": campaign,
        "names": division_names(session, {area, *above}),
        "above": [code for code in above if asker.may(READ, code)],
        "may_manage": asker.may(MANAGERS[purpose], area),
        "may_see_checks": asker.may(READERS["spot_check"], area),
        "given": given,
    }
    if campaign is None:
        return render_template("assignments/place.html", people=[], acts=[], act=None, last_sent=None, **shown)
    shown |= _acts(session, asker, area, purpose)
    workers = candidates(session, asker, area, purpose)
    people = progress_of(session, asker, workers, area=area)
    if purpose != PURPOSE:
        checks = checks_in(session, asker, campaign, area)
        villages = division_names(session, {household.village_code for _, household, _ in checks})
        return render_template("assignments/checks.html", rows=checks, villages=villages, people=people, **shown)
    if len(area) == VILLAGE_LENGTH:
        rows = doorsteps(session, asker, campaign, area)
        return render_template("assignments/village.html", rows=rows, people=people, **shown)
    return render_template(
        "assignments/place.html",
        rows=places_below(session, asker, campaign, area),
        people=people,
        last_sent=last_sent_in(session, asker, area),
        places_of_people=division_names(session, {grant.area_code for one in workers for grant in one.grants}),
        **shown,
    )


def _acts(session: Session, asker: Viewer, area: str, purpose: str) -> dict[str, Any]:
    """Return the last acts in an area, the one just done, and the names they speak of."""
    within = inside(AssignmentAct.area_code, [area])
    statement = acts_for(asker).where(within, AssignmentAct.checks.is_(purpose != PURPOSE))
    acts = list(session.scalars(statement.limit(ACTS_SHOWN)))
    asked = request.args.get("act", type=UUID)  # it may be of a wider area than the one shown
    act = session.scalar(acts_for(asker).where(AssignmentAct.id == asked)) if asked else None
    told = [*acts, *([act] if act else [])]
    ids = {UUID(key) for one in told for effect in ("begun", "ended") for key in one.details[effect]}
    ids |= {one.by_id for one in told if one.by_id}
    people = dict(session.execute(sa.select(Account.id, Account.display_name).where(Account.id.in_(ids))).all())
    return {"acts": acts, "act": act, "called": {str(key): name for key, name in people.items()}}


def _again(area: str, refusal: Refusal) -> tuple[str, int]:
    """Show the page again with what was refused and what was typed; nothing is changed."""
    if not area:
        raise refusal
    session_now().rollback()
    typed = {name: request.form.getlist(name) for name in ("division", "household", "worker", "codes", "again")}
    return _page(area, _purpose(request.form.get("purpose", "")), refusal=refusal, **typed), refusal.status


def _back(area: str, purpose: str, act: AssignmentAct) -> Response:
    asked = purpose if purpose != PURPOSE else None
    return redirect(url_for(".overview", area=area or act.area_code, act=act.id, purpose=asked), 303)


def _ticked(area: str, purpose: str) -> list[Assignment]:
    codes = request.form.getlist("household")
    campaign = _campaign(area[:COUNTY_LENGTH] or (codes[0] if codes else "")[:COUNTY_LENGTH])
    found = open_of_households(session_now(), viewer(), campaign.id, codes, purpose)
    if codes and not found:
        raise NotFound("所选家庭没有可改动的任务：已走访、未分配，或不在您的管辖范围内", where="household")
    return found


def _campaign(county_code: str) -> Campaign:
    found = campaign_of_county(session_now(), county_code)
    if found is None:
        raise NotFound("县 {code} 还没有开展中的专项工作，请先建立", where="campaign_id", code=county_code)
    return found


def _area(asked: str) -> str:
    """Return the area to show: the one asked for, else the viewer's own; empty when he must choose a county."""
    lengths = (COUNTY_LENGTH, TOWNSHIP_LENGTH, VILLAGE_LENGTH)
    if asked:
        is_code = asked.isascii() and asked.isdigit() and len(asked) in lengths
        if not is_code or not viewer().may(READ, asked):
            raise NotFound("没有区划 {code}，或不在您的管辖范围内", where="area", code=asked)
        return asked
    areas = viewer().areas(READ)
    return areas[0] if len(areas) == 1 and len(areas[0]) in lengths else ""


def _purpose(asked: str) -> str:
    return asked if asked in PURPOSES else PURPOSE


def _ids(name: str) -> list[UUID]:
    try:
        return [UUID(text) for text in request.form.getlist(name)]
    except ValueError:
        raise NotFound("找不到所选的内容，请刷新页面后重试", where=name) from None

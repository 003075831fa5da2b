"""The first page: the campaign's stage, days left, and what this role must look at first."""

from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from api.campaigns.reach import campaign_of_county
from api.campaigns.stages import current_stage, days_left, next_report
from api.campaigns.tables import Campaign
from api.collection.assignments.give import PURPOSE
from api.collection.assignments.interviews import interviews_by_household
from api.collection.assignments.progress import unassigned
from api.collection.assignments.reach import OF_HOUSEHOLD
from api.collection.tables import Assignment
from api.collection.workers.find import candidates
from api.collection.workers.progress import without_work
from api.database import now
from api.evidence.review.queue import returned_to
from api.home.coverage import LENGTH_BELOW, coverage_below, total
from api.pages.views import LOCAL_TIME
from api.people.access import Viewer
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission, Role
from api.problems import NotFound
from api.registry.tables import Division, Household

blueprint = Blueprint("home", __name__, template_folder="templates")

TOWNSHIP_LENGTH = 9  # digits of a township's code
LENGTH_OF_WORK = (6, TOWNSHIP_LENGTH)  # where somebody gives households to surveyors: a county, a township
FIELD_ROLES = frozenset({Role.SURVEYOR, Role.SPOT_CHECKER})


@blueprint.get("/")
@allow(Permission.HOME, area="rows", ways=("session",))
def home() -> str:
    """Show the first page of the role that is signed in."""
    found, session = viewer(), session_now()
    today = now().astimezone(LOCAL_TIME).date()
    if found.roles <= FIELD_ROLES:
        campaign = campaign_of_county(session, _asked_area(found))
        return render_template(
            "home/field.html",
            campaign=campaign,
            today=today,
            visits=_visits(session, found),
            interviews=_interviews(session, found, campaign),
            returned=returned_to(session, found),
        )
    area = _asked_area(found)
    campaign = campaign_of_county(session, area)
    floor = campaign.spot_check_floor_percent if campaign else 30
    rows = coverage_below(session, area, floor_percent=floor, areas=found.areas(Permission.HOME), campaign=campaign)
    division = session.get(Division, area)
    return render_template(
        "home/supervisor.html",
        campaign=campaign,
        today=today,
        area=area,
        division=division,
        above=_above(session, found, area),
        rows=rows,
        total=total("", rows),
        opens=len(area) < TOWNSHIP_LENGTH,
        work=_work(session, found, campaign, area),
    )


def _asked_area(found: Viewer) -> str:
    """Return the area to show: the one asked for if it lies within the viewer's, else the viewer's first."""
    areas = found.areas(Permission.HOME)
    asked = request.args.get("area", "")
    if asked:
        if len(asked) not in LENGTH_BELOW or not asked.isdigit() or not found.may(Permission.HOME, asked):
            raise NotFound("没有区划 {code}，或不在您的管辖范围内", where="area", code=asked)
        return asked
    first = areas[0] if areas else ""
    return first[:TOWNSHIP_LENGTH]  # a village has nothing below it: its township is shown


def _above(session: Session, found: Viewer, area: str) -> list[Division]:
    """Return the divisions above an area that the viewer may open, the widest first."""
    codes = [area[:length] for length in LENGTH_BELOW if length < len(area)]
    may_open = [code for code in codes if found.may(Permission.HOME, code)]
    return list(session.scalars(sa.select(Division).where(Division.code.in_(may_open)).order_by(Division.code)))


def _work(session: Session, found: Viewer, campaign: Campaign | None, area: str) -> dict[str, int] | None:
    """Return what is still to be assigned in a county or township, and how many surveyors have nothing to do."""
    if campaign is None or len(area) not in LENGTH_OF_WORK or not found.may(Permission.ASSIGNMENT_READ, area):
        return None
    surveyors = candidates(session, found, area, PURPOSE)
    return {
        "free": unassigned(session, found, campaign, area),
        "surveyors": len(surveyors),
        "idle": len(without_work(session, surveyors)),
    }


def _visits(session: Session, found: Viewer) -> list[sa.Row[tuple[Assignment, Household, str]]]:
    """Return the viewer's own open and done assignments with their households, village by village."""
    statement = (
        sa.select(Assignment, Household, Division.name)
        .join(
            Household,
            sa.and_(Household.county_code == Assignment.county_code, Household.id == Assignment.household_id),
        )
        .join(Division, Division.code == Household.village_code)
        .where(Assignment.account_id == found.account_id, Assignment.withdrawn_at.is_(None))
        .order_by(Assignment.completed_at.is_not(None), Household.village_code, Household.code)
    )
    return list(session.execute(statement))


def _interviews(session: Session, found: Viewer, campaign: Campaign | None) -> dict[UUID, int | None]:
    """Return how many neighbours were asked about each household that the viewer visits for the township."""
    if campaign is None:
        return {}
    mine = sa.exists().where(
        OF_HOUSEHOLD, Assignment.account_id == found.account_id, Assignment.purpose == PURPOSE,
        Assignment.withdrawn_at.is_(None),
    )  # fmt: skip
    return interviews_by_household(session, found, campaign, mine)


@blueprint.app_context_processor
def words() -> dict[str, object]:
    """Give the templates of this feature their arithmetic."""
    return {"days_left": days_left, "current_stage": current_stage, "next_report": next_report}

"""The programming interface of lists: progress, replacements, teams, days out, who stays away."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from api.campaigns.reach import campaign_of_county
from api.campaigns.tables import Campaign
from api.jobs.resources import JobSchema
from api.jobs.tables import Job
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Conflict
from api.smorest import Blueprint
from api.spot_checks.commit import find_draw
from api.spot_checks.lists import schemas
from api.spot_checks.lists.conflict import overrides_of
from api.spot_checks.lists.days import DayOut, days_of
from api.spot_checks.lists.hand_out import HandedOut, hand_out_tours
from api.spot_checks.lists.progress import progress_of
from api.spot_checks.lists.replace import leaf_codes, release_reserve, replacements_of
from api.spot_checks.lists.tables import CheckerTie, CheckTeam, ConflictOverride
from api.spot_checks.lists.team import TeamWanted, change_team, find_team, make_team, members_of, rest_team, teams_of
from api.spot_checks.lists.tie import declare_tie, end_tie, find_tie, override_conflict
from api.spot_checks.lists.tour import ask_for_tours
from api.spot_checks.which import attempts_demanded

blueprint = Blueprint(
    "spot_check_lists", __name__, url_prefix="/api/spot-checks", description="名单与分工 · lists, teams"
)

READ, DRAW = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_DRAW


@blueprint.route("/draws/<uuid:draw_id>/progress")
@allow(READ, area="rows")
@blueprint.response(200, schemas.ListProgressSchema)
def progress_one(draw_id: UUID) -> dict[str, Any]:
    """How far each township is against its floor, and who was not reached."""
    draw = find_draw(session_now(), viewer(), draw_id, READ)
    found = progress_of(session_now(), draw, attempts=attempts_demanded())
    return {
        "county": found.county,
        "townships": found.townships,
        "unreached": found.unreached,
        "unassigned": [one.household_code for one in found.nobody],
        "teams": found.teams,
        "unplanned": [one.household_code for one in found.unplanned],
    }


@blueprint.route("/draws/<uuid:draw_id>/replacements")
@allow(READ, area="rows")
@blueprint.response(200, schemas.ReplacementSchema(many=True))
def replacement_list(draw_id: UUID) -> list[dict[str, Any]]:
    """The reserves that stepped in, the first first."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, READ)
    codes = leaf_codes(session, draw)
    return [
        {
            "household_code": codes.get(one.replaced_leaf, ""), "released_code": codes.get(one.released_leaf, ""),
            "outcome": one.outcome, "attempts": one.attempts, "reason": one.reason, "at": one.at,
        }
        for one in replacements_of(session, draw)
    ]  # fmt: skip


@blueprint.route("/draws/<uuid:draw_id>/replacements", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.ReplacementSchema)
@blueprint.response(201, schemas.ReplacementSchema)
def replacement_make(wanted: dict[str, str], draw_id: UUID) -> dict[str, Any]:
    """Release the next reserve of a household's stratum in its stead; it cannot be taken back."""
    draw = find_draw(session_now(), viewer(), draw_id, DRAW)
    code = wanted["household_code"]
    made = release_reserve(
        session_now(), viewer(), draw, code, reason=wanted["reason"], expected=wanted["expected"],
        attempts=attempts_demanded(),
    )  # fmt: skip
    one = made.replacement
    return {
        "household_code": code, "released_code": made.household_code, "outcome": one.outcome,
        "attempts": one.attempts, "reason": one.reason, "at": one.at,
    }  # fmt: skip


@blueprint.route("/teams")
@allow(READ, area="rows")
@blueprint.arguments(schemas.ListsOfCountySchema, location="query")
@blueprint.response(200, schemas.CheckTeamSchema(many=True))
def team_list(query: dict[str, str]) -> list[dict[str, Any]]:
    """The teams of a county's campaign; those out of the work last."""
    county = query["county"]
    viewer().demand(READ, county)
    campaign = campaign_of_county(session_now(), county)
    if campaign is None:
        return []
    members = members_of(session_now(), county, campaign.id, every=True)
    teams = teams_of(session_now(), county, campaign.id, every=True)
    return [_team(team, [one.id for one in members.get(team.id, [])]) for team in teams]


@blueprint.route("/teams", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.ListsOfCountySchema, location="query")
@blueprint.arguments(schemas.CheckTeamSchema)
@blueprint.response(201, schemas.CheckTeamSchema)
def team_make(query: dict[str, str], wanted: dict[str, Any]) -> dict[str, Any]:
    """Make a team."""
    county = query["county"]
    viewer().demand(DRAW, county)
    campaign = _campaign(county)
    return _team(make_team(session_now(), viewer(), county, campaign.id, TeamWanted(**wanted)), wanted["members"])


@blueprint.route("/teams/<uuid:team_id>", methods=["PUT"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.CheckTeamSchema)
@blueprint.response(200, schemas.CheckTeamSchema)
def team_change(wanted: dict[str, Any], team_id: UUID) -> dict[str, Any]:
    """Change a team; days worked out already stay until they are worked out again."""
    team = find_team(session_now(), viewer(), team_id, DRAW)
    return _team(change_team(session_now(), viewer(), team, TeamWanted(**wanted)), wanted["members"])


@blueprint.route("/teams/<uuid:team_id>/rest", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.TeamRestSchema)
@blueprint.response(204)
def team_rest(wanted: dict[str, bool], team_id: UUID) -> None:
    """Take a team out of the work, or back into it; nothing is deleted."""
    rest_team(session_now(), viewer(), find_team(session_now(), viewer(), team_id, DRAW), active=wanted["active"])


@blueprint.route("/checker-ties")
@allow(READ, area="rows")
@blueprint.arguments(schemas.ListsOfCountySchema, location="query")
@blueprint.response(200, schemas.CheckerTieSchema(many=True))
def tie_list(query: dict[str, str]) -> Sequence[CheckerTie]:
    """From what the checkers of a county stay away, ended declarations too."""
    viewer().demand(READ, query["county"])
    declared = sa.select(CheckerTie).where(CheckerTie.county_code == query["county"])
    return session_now().scalars(declared.order_by(CheckerTie.declared_at, CheckerTie.id)).all()


@blueprint.route("/checker-ties", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.ListsOfCountySchema, location="query")
@blueprint.arguments(schemas.CheckerTieSchema)
@blueprint.response(201, schemas.CheckerTieSchema)
def tie_declare(query: dict[str, str], wanted: dict[str, Any]) -> CheckerTie:
    """Write down from what a checker must stay away."""
    kind, of, note = wanted["kind"], wanted["of"], wanted["note"]
    account = wanted["account_id"]
    return declare_tie(session_now(), viewer(), query["county"], account, kind=kind, of=of, note=note)


@blueprint.route("/checker-ties/<uuid:tie_id>", methods=["DELETE"])
@allow(DRAW, area="rows")
@blueprint.response(204)
def tie_end(tie_id: UUID) -> None:
    """End a declaration that was wrong; the row stays, with who ended it."""
    end_tie(session_now(), viewer(), find_tie(session_now(), viewer(), tie_id))


@blueprint.route("/draws/<uuid:draw_id>/conflict-overrides")
@allow(READ, area="rows")
@blueprint.response(200, schemas.ConflictOverrideSchema(many=True))
def override_list(draw_id: UUID) -> list[ConflictOverride]:
    """The exceptions made in a draw's campaign, the latest first."""
    draw = find_draw(session_now(), viewer(), draw_id, READ)
    made = overrides_of(session_now(), draw.county_code)
    return [one for one in made if one.campaign_id == draw.campaign_id]


@blueprint.route("/draws/<uuid:draw_id>/conflict-overrides", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.ConflictOverrideSchema)
@blueprint.response(201, schemas.ConflictOverrideSchema)
def override_make(wanted: dict[str, Any], draw_id: UUID) -> ConflictOverride:
    """Allow a checker one household in spite of a conflict, with the reason."""
    draw = find_draw(session_now(), viewer(), draw_id, DRAW)
    code, reason = wanted["household_code"], wanted["reason"]
    return override_conflict(session_now(), viewer(), draw, wanted["account_id"], code, reason=reason)


@blueprint.route("/draws/<uuid:draw_id>/tours")
@allow(READ, area="rows")
@blueprint.response(200, schemas.TourSchema(many=True))
def tour_list(draw_id: UUID) -> list[DayOut]:
    """The days of every team in the order they go, as they were last worked out."""
    return days_of(session_now(), find_draw(session_now(), viewer(), draw_id, READ))


@blueprint.route("/draws/<uuid:draw_id>/tours", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.response(202, JobSchema)
def tour_plan(draw_id: UUID) -> Job:
    """Work out the days, in the background; who is drawn stays as it is."""
    return ask_for_tours(session_now(), viewer(), find_draw(session_now(), viewer(), draw_id, DRAW))


@blueprint.route("/draws/<uuid:draw_id>/tours/assignments", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.HandOutSchema)
@blueprint.response(201, schemas.HandedOutSchema)
def tour_hand_out(wanted: dict[str, Any], draw_id: UUID) -> HandedOut:
    """Give the households of the days to the teams' checkers; called again, nothing twice."""
    draw = find_draw(session_now(), viewer(), draw_id, DRAW)
    return hand_out_tours(session_now(), viewer(), draw, team_id=wanted["team_id"], day=wanted["day"])


def _campaign(county: str) -> Campaign:
    campaign = campaign_of_county(session_now(), county)
    if campaign is None:
        raise Conflict("本县没有开展中的专项工作", where="county")
    return campaign


def _team(team: CheckTeam, members: Sequence[UUID]) -> dict[str, Any]:
    names = [name for name in schemas.CheckTeamSchema().fields if hasattr(team, name) and name != "members"]
    return {name: getattr(team, name) for name in names} | {"members": members}

"""Make and change teams of checkers: who goes together, from where, how many households a day, on which days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Conflict, Invalid, NotFound
from api.registry.tables import Division
from api.spot_checks.lists.tables import MOST_PER_DAY, CheckTeam, CheckTeamMember
from api.spot_checks.lists.tie import checker_one

MOST_DAYS = 120
EAST, NORTH = 180.0, 90.0


@dataclass(frozen=True, kw_only=True)
class TeamWanted:
    """What a team is to be.

    Attributes
    ----------
    members : sequence of UUID
        Accounts of checkers; the first leads.
    start_code : str
        A township or village from whose middle they set out; empty for the county's.
    start_longitude, start_latitude : float or None
        The very place, both or none; it goes before the division.
    """

    name: str
    members: Sequence[UUID]
    capacity_per_day: int
    days_from: date
    days_to: date
    start_code: str = ""
    start_longitude: float | None = None
    start_latitude: float | None = None


def make_team(
    session: Session, viewer: Viewer, county_code: str, campaign_id: UUID, wanted: TeamWanted
) -> CheckTeam:  # fmt: skip
    """Make a team.

    Raises
    ------
    Invalid
        Without a name or a checker; days in the wrong order; more a day than anybody manages; half a place.
    Conflict
        The name is taken, or a checker goes with another team.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, county_code)
    team = CheckTeam(county_code=county_code, campaign_id=campaign_id)
    return _keep(session, viewer, team, wanted, "check_team.make")


def change_team(session: Session, viewer: Viewer, team: CheckTeam, wanted: TeamWanted) -> CheckTeam:
    """Change a team; days worked out already stay until they are worked out again.

    Takes and raises what `make_team` does.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, team.county_code)
    return _keep(session, viewer, team, wanted, "check_team.change")


def rest_team(session: Session, viewer: Viewer, team: CheckTeam, *, active: bool) -> None:
    """Take a team out of the work, or back into it; nothing is deleted, so either can be undone.

    Raises
    ------
    Conflict
        Taken back while one of its checkers goes with another team.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, team.county_code)
    if active:
        members = members_of(session, team.county_code, team.campaign_id, every=True).get(team.id, [])
        _refuse_shared(session, team, [one.id for one in members])
    team.active = active
    session.flush()
    record(
        session, viewer, "check_team.rest", "check_team", team.id, division_code=team.county_code, active=active
    )  # fmt: skip


def find_team(session: Session, viewer: Viewer, team_id: UUID, permission: Permission) -> CheckTeam:
    """Return a team of the viewer's area.

    Raises
    ------
    NotFound
        There is none, or it is out of his reach.
    """
    within = viewer.within(CheckTeam.county_code, permission)
    found = session.scalar(sa.select(CheckTeam).where(CheckTeam.id == team_id, within))
    if found is None:
        raise NotFound("找不到这个小组，或不在您的管辖范围内", where="team_id")
    return found


def teams_of(session: Session, county_code: str, campaign_id: UUID, *, every: bool = False) -> Sequence[CheckTeam]:
    """Return the teams of a county's campaign by name; with `every` also those out of the work."""
    statement = sa.select(CheckTeam).where(CheckTeam.county_code == county_code, CheckTeam.campaign_id == campaign_id)
    if not every:
        statement = statement.where(CheckTeam.active)
    return session.scalars(statement.order_by(CheckTeam.active.desc(), CheckTeam.name)).all()


def members_of(
    session: Session, county_code: str, campaign_id: UUID, *, every: bool = False
) -> dict[UUID, list[Account]]:
    """Return the checkers of each team of `teams_of`, the leader first."""
    teams = [team.id for team in teams_of(session, county_code, campaign_id, every=every)]
    rows = session.execute(
        sa.select(CheckTeamMember.team_id, Account)
        .join(Account, Account.id == CheckTeamMember.account_id)
        .where(CheckTeamMember.county_code == county_code, CheckTeamMember.team_id.in_(teams))
        .order_by(CheckTeamMember.team_id, CheckTeamMember.position)
    )
    found: dict[UUID, list[Account]] = {team: [] for team in teams}
    for team, account in rows:
        found[team].append(account)
    return found


def _keep(session: Session, viewer: Viewer, team: CheckTeam, wanted: TeamWanted, action: str) -> CheckTeam:
    members = list(dict.fromkeys(wanted.members))
    values = _checked(session, team.county_code, wanted, members)
    for account_id in members:
        checker_one(session, team.county_code, account_id)
    _refuse_shared(session, team, members)
    for name, value in values.items():
        setattr(team, name, value)
    session.add(team)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("已有名为 {name} 的小组，请换一个名称", where="name", name=values["name"]) from None
    session.execute(
        sa.delete(CheckTeamMember).where(
            CheckTeamMember.county_code == team.county_code, CheckTeamMember.team_id == team.id
        )
    )
    session.add_all(
        CheckTeamMember(county_code=team.county_code, team_id=team.id, account_id=one, position=at)
        for at, one in enumerate(members)
    )
    session.flush()
    record(
        session, viewer, action, "check_team", team.id, division_code=team.county_code,
        **{name: str(value) for name, value in values.items()}, members=[str(one) for one in members],
    )  # fmt: skip
    return team


def _checked(session: Session, county_code: str, wanted: TeamWanted, members: Sequence[UUID]) -> dict[str, Any]:
    name = " ".join(wanted.name.split())[:64]
    if not name:
        raise Invalid("请给小组起个名称", where="name")
    if not members:
        raise Invalid("小组至少要有一名抽查员", where="members")
    if not 1 <= wanted.capacity_per_day <= MOST_PER_DAY:
        raise Invalid("每天户数须在 1 到 {most} 之间", where="capacity_per_day", most=MOST_PER_DAY)
    if not 0 <= (wanted.days_to - wanted.days_from).days < MOST_DAYS:
        raise Invalid("工作日期须先后有序，且不超过 {most} 天", where="days_to", most=MOST_DAYS)
    place = (wanted.start_longitude, wanted.start_latitude)
    if (place[0] is None) != (place[1] is None):
        raise Invalid("出发地的经度和纬度要么都填，要么都不填", where="start_latitude")
    if place[0] is not None and place[1] is not None and (abs(place[0]) > EAST or abs(place[1]) > NORTH):
        raise Invalid("出发地的经纬度超出范围", where="start_longitude")
    code = wanted.start_code
    if code and (not code.startswith(county_code) or session.get(Division, code) is None):
        raise Invalid("出发地须是本县的乡镇或村", where="start_code")
    return {
        "name": name,
        "capacity_per_day": wanted.capacity_per_day,
        "days_from": wanted.days_from,
        "days_to": wanted.days_to,
        "start_code": code,
        "start_longitude": place[0],
        "start_latitude": place[1],
    }


def _refuse_shared(session: Session, team: CheckTeam, members: Sequence[UUID]) -> None:
    """Refuse a checker of another team that is at work: nobody is in two places on one day."""
    statement = (
        sa.select(Account.display_name, CheckTeam.name)
        .join(CheckTeamMember, CheckTeamMember.account_id == Account.id)
        .join(
            CheckTeam,
            sa.and_(CheckTeam.county_code == CheckTeamMember.county_code, CheckTeam.id == CheckTeamMember.team_id),
        )
        .where(
            CheckTeam.county_code == team.county_code, CheckTeam.campaign_id == team.campaign_id, CheckTeam.active,
            Account.id.in_(members),
        )
    )  # fmt: skip
    if team.id is not None:
        statement = statement.where(CheckTeam.id != team.id)
    if (taken := session.execute(statement.limit(1)).first()) is not None:
        raise Conflict(
            "{name} 已在小组 {team} 中，一人只能在一个小组", where="members", name=taken[0], team=taken[1]
        )  # fmt: skip

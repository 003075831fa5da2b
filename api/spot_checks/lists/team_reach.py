"""How far each team is with its part of a list, and whether its days suffice."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.spot_checks.lists.insert import teams_on_the_way
from api.spot_checks.lists.tables import CheckTeam, Tour
from api.spot_checks.lists.team import members_of, teams_of
from api.spot_checks.outcomes import Outcome
from api.spot_checks.tables import Draw


@dataclass(frozen=True, kw_only=True)
class TeamReach:
    """How far one team is.

    Attributes
    ----------
    drawn : int
        Households given to one of its checkers, or for want of that on its days.
    attempted, counted, unreached : int
        Of these: visited at all; counting towards the floor; visited and not counting.
    days_needed : int
        As its days were worked out; more, when its households by what it manages on one day come to more.
    days_given : int
        From its first day to its last, both included.
    """

    team: CheckTeam
    drawn: int
    attempted: int
    counted: int
    unreached: int
    days_needed: int
    days_given: int

    @property
    def days_short(self) -> int:
        """How many days it lacks; 0 when they suffice."""
        return max(self.days_needed - self.days_given, 0)


def reach_of_teams(
    session: Session, draw: Draw, given: Mapping[UUID, UUID], listed: Iterable[Outcome]
) -> list[TeamReach]:
    """Return how far each team at work is, by name.

    Parameters
    ----------
    given : mapping of UUID to UUID
        The checker of each household that has one.
    listed : iterable of Outcome
        The households to be visited.
    """
    teams = teams_of(session, draw.county_code, draw.campaign_id)
    members = members_of(session, draw.county_code, draw.campaign_id)
    team_of = {one.id: team for team, accounts in members.items() for one in accounts}
    on_the_way = teams_on_the_way(session, draw)
    theirs: dict[UUID | None, list[Outcome]] = defaultdict(list)
    for one in listed:
        checker = given.get(one.household_id)
        theirs[on_the_way.get(one.leaf) if checker is None else team_of.get(checker)].append(one)
    planned = dict(
        session.execute(
            sa.select(Tour.team_id, sa.func.count())
            .where(Tour.county_code == draw.county_code, Tour.draw_id == draw.id)
            .group_by(Tour.team_id)
        ).all()
    )
    return [
        TeamReach(
            team=team,
            drawn=len(ones := theirs[team.id]),
            attempted=sum(one.state != "waiting" for one in ones),
            counted=sum(one.counts for one in ones),
            unreached=sum(one.state == "unreached" for one in ones),
            days_needed=max(planned.get(team.id, 0), math.ceil(len(ones) / team.capacity_per_day)),
            days_given=(team.days_to - team.days_from).days + 1,
        )
        for team in teams
    ]

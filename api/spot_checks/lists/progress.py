"""How far the checks are, township by township against the floor and checker by checker, in the sense of DRAW.md."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Assignment
from api.people.tables import Account
from api.spot_checks.commit import plan_of
from api.spot_checks.lists.insert import unplanned
from api.spot_checks.lists.replace import ATTEMPTS, next_reserve, replacements_of, still_to_try
from api.spot_checks.lists.tables import Replacement
from api.spot_checks.lists.team_reach import TeamReach, reach_of_teams
from api.spot_checks.outcomes import Outcome, outcomes_of
from api.spot_checks.plan import totals, townships
from api.spot_checks.recheck import assigned_in
from api.spot_checks.tables import Draw


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far one township, or the county, is.

    Attributes
    ----------
    size, floor
        N of the frozen frame, and the least that must count.
    drawn, released
        The base list, and the reserves released since.
    attempted, completed, gone, unreached
        Visited at all; met; proved gone, which counts too; visited and not counting.
    replaced
        Of those not reached, for how many a reserve was released.
    reserves_left
        Reserves that may still be released.
    """

    code: str
    size: int
    floor: int
    drawn: int
    released: int
    attempted: int
    completed: int
    gone: int
    unreached: int
    replaced: int
    reserves_left: int

    @property
    def counted(self) -> int:
        """What counts towards the floor now."""
        return self.completed + self.gone

    @property
    def at_most(self) -> int:
        """What can count if every household that nobody has been to counts in the end."""
        return self.drawn + self.released - self.unreached

    @property
    def falls_short(self) -> int:
        """How many households too few there will be even if all the rest succeed; 0 when the floor is within reach."""
        return max(self.floor - self.at_most, 0)


@dataclass(frozen=True, kw_only=True)
class Unreached:
    """A household that was visited and not reached, not replaced yet, and what may be done."""

    outcome: Outcome
    still_to_try: int
    following: Outcome | None


@dataclass(frozen=True, kw_only=True)
class CheckerReach:
    """How far one checker is with the list."""

    account: Account
    given: int
    attempted: int
    counted: int
    unreached: int


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a draw's list is."""

    county: Reach
    townships: list[Reach]
    unreached: list[Unreached]
    checkers: list[CheckerReach]
    nobody: list[Outcome]  # on the list, and given to nobody
    teams: list[TeamReach]
    unplanned: list[Outcome]  # on the list, and on no day of the days that were worked out
    replacements: Sequence[Replacement]
    listed: list[Outcome]


def progress_of(session: Session, draw: Draw, *, attempts: int = ATTEMPTS) -> Progress:
    """Return how far a draw's list is.

    Parameters
    ----------
    attempts : int
        Visits to a closed door that are demanded before a reserve is released.
    """
    everybody = outcomes_of(session, draw)
    made = replacements_of(session, draw)
    released = {one.released_leaf for one in made}
    replaced = {one.replaced_leaf for one in made}
    listed = [one for one in everybody if one.role == "base" or one.leaf in released]
    plan = plan_of(draw)
    rows = [
        _reach(row.township_code, row.size, row.floor, everybody, released=released, replaced=replaced)
        for row in townships(plan)
    ]
    whole = totals(plan)
    unreached = [
        Unreached(
            outcome=one, still_to_try=still_to_try(one, attempts), following=next_reserve(everybody, made, one.stratum)
        )
        for one in listed
        if one.state == "unreached" and one.leaf not in replaced
    ]
    given = _given(session, draw)
    return Progress(
        county=_reach(draw.county_code, whole["size"], whole["floor"], everybody, released=released, replaced=replaced),
        townships=rows,
        unreached=unreached,
        checkers=_checkers(session, given, listed),
        nobody=[one for one in listed if one.household_id not in given and one.leaf not in replaced],
        teams=reach_of_teams(session, draw, given, listed),
        unplanned=unplanned(session, draw, listed),
        replacements=made,
        listed=listed,
    )


def _reach(
    code: str, size: int, floor: int, everybody: Iterable[Outcome], *, released: set[str], replaced: set[str]
) -> Reach:  # fmt: skip
    here = [one for one in everybody if one.township_code.startswith(code)]
    listed = [one for one in here if one.role == "base" or one.leaf in released]
    states = [one.state for one in listed]
    return Reach(
        code=code,
        size=size,
        floor=floor,
        drawn=sum(one.role == "base" for one in here),
        released=sum(one.leaf in released for one in here),
        attempted=sum(state != "waiting" for state in states),
        completed=states.count("completed"),
        gone=states.count("gone"),
        unreached=states.count("unreached"),
        replaced=sum(one.leaf in replaced for one in here),
        reserves_left=sum(one.role == "reserve" and one.leaf not in released for one in here),
    )


def _given(session: Session, draw: Draw) -> dict[UUID, UUID]:
    rows = session.execute(
        sa.select(Assignment.household_id, Assignment.account_id)
        .where(
            Assignment.county_code == draw.county_code, Assignment.campaign_id == draw.campaign_id,
            Assignment.purpose == "spot_check", Assignment.withdrawn_at.is_(None), assigned_in(draw),
        )
        .order_by(Assignment.assigned_at)
    )  # fmt: skip
    return dict(rows.all())


def _checkers(session: Session, given: dict[UUID, UUID], listed: Iterable[Outcome]) -> list[CheckerReach]:
    theirs: dict[UUID, list[Outcome]] = defaultdict(list)
    for one in listed:
        if one.household_id in given:
            theirs[given[one.household_id]].append(one)
    accounts = session.scalars(sa.select(Account).where(Account.id.in_(theirs)).order_by(Account.name)).all()
    return [
        CheckerReach(
            account=account,
            given=len(ones := theirs[account.id]),
            attempted=sum(one.state != "waiting" for one in ones),
            counted=sum(one.counts for one in ones),
            unreached=sum(one.state == "unreached" for one in ones),
        )
        for account in accounts
    ]

"""Release the next reserve for a household that could not be reached: by the order of the tickets, with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.collection.assignments.acts import Changes, write_act
from api.collection.assignments.fit import is_fit, kept_away
from api.collection.tables import Assignment
from api.people.access import Viewer
from api.people.audit import record
from api.people.tables import Account
from api.problems import Conflict, NotFound
from api.spot_checks.commit import frame_of
from api.spot_checks.lists.insert import Inserted, insert_stop
from api.spot_checks.lists.tables import CheckTeamMember, Replacement
from api.spot_checks.lists.tie import reason_of
from api.spot_checks.outcomes import Outcome, outcomes_of
from api.spot_checks.recheck import assigned_in
from api.spot_checks.rounds import demand_county
from api.spot_checks.tables import Draw, Selection

ATTEMPTS: Final = 2  # visits to a closed door before a reserve is released
AT_ONCE: Final = frozenset({"refused"})  # one plain refusal is enough


@dataclass(frozen=True)
class Released:
    """A reserve that was released: its record, its code, who is to visit it, and on which day (None: nobody, none)."""

    replacement: Replacement
    household_code: str
    checker: Account | None
    on_the_way: Inserted | None


def release_reserve(
    session: Session, viewer: Viewer, draw: Draw, household_code: str, *, reason: str, expected: str = "",
    attempts: int = ATTEMPTS,
) -> Released:  # fmt: skip
    """Release the next reserve of a household's stratum in its stead. It cannot be taken back.

    Parameters
    ----------
    household_code : str
        Drawn (or released before), visited, and not reached.
    expected : str
        The code of the reserve that whoever asks believes to be next; empty for whichever it is.
    attempts : int
        Visits to a closed door that are demanded first; a refusal needs one.

    Raises
    ------
    NotFound
        The household is not on the list.
    Conflict
        It waits, or counts, or was replaced already, or too few attempts were made; another reserve is next; or the
        stratum has none left.
    Invalid
        Without a reason.
    """
    demand_county(viewer, frame_of(session, draw))
    reason = reason_of(reason)
    # two who release at once: the second waits here and then finds the next one
    session.execute(
        sa.select(Draw.id).where(Draw.county_code == draw.county_code, Draw.id == draw.id).with_for_update()
    )
    made = replacements_of(session, draw)
    listed = outcomes_of(session, draw)
    one = _to_replace(listed, made, household_code, attempts)
    following = next_reserve(listed, made, one.stratum)
    if following is None:
        raise Conflict(
            "户 {code} 所在的层已没有备选，请再次入户；仍达不到 30% 时，须说明理由另行抽取",
            where="household_code", code=household_code,
        )  # fmt: skip
    if expected and expected != following.household_code:
        raise Conflict(
            "备选须按抽签顺序启用：下一户是 {next}，不是 {asked}",
            where="expected", next=following.household_code, asked=expected[:40],
        )  # fmt: skip
    replacement = Replacement(
        county_code=draw.county_code, draw_id=draw.id, replaced_leaf=one.leaf, released_leaf=following.leaf,
        outcome=one.outcome, attempts=one.attempts, reason=reason, by_id=viewer.account_id,
    )  # fmt: skip
    session.add(replacement)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("刚才有人启用了这户备选，请刷新后再看", where="household_code") from None
    record(
        session, viewer, "reserve.release", "draw", draw.id, division_code=draw.county_code,
        replaced=one.household_code, released=following.household_code, position=following.position,
        outcome=one.outcome, attempts=one.attempts, reason=reason,
    )  # fmt: skip
    checker = _hand_on(session, viewer, draw, one, following)
    return Released(replacement, following.household_code, checker, insert_stop(session, draw, one, following, listed))


def replacements_of(session: Session, draw: Draw) -> Sequence[Replacement]:
    """Return the replacements of a draw, the first first."""
    of_draw = sa.and_(Replacement.county_code == draw.county_code, Replacement.draw_id == draw.id)
    return session.scalars(sa.select(Replacement).where(of_draw).order_by(Replacement.at, Replacement.id)).all()


def next_reserve(listed: Sequence[Outcome], made: Sequence[Replacement], stratum: str) -> Outcome | None:
    """Return the reserve of a stratum that is next by ticket; None when all are released."""
    released = {one.released_leaf for one in made}
    waiting = [
        one for one in listed if one.stratum == stratum and one.role == "reserve" and one.leaf not in released
    ]  # fmt: skip
    return min(waiting, key=lambda one: one.position, default=None)


def still_to_try(one: Outcome, attempts: int = ATTEMPTS) -> int:
    """Return how many more visits are demanded before a household that was not reached may be replaced."""
    return 0 if one.outcome in AT_ONCE else max(attempts - one.attempts, 0)


def _to_replace(listed: Sequence[Outcome], made: Sequence[Replacement], code: str, attempts: int) -> Outcome:
    released = {one.released_leaf for one in made}
    one = next((one for one in listed if one.household_code == code), None)
    if one is None or (one.role == "reserve" and one.leaf not in released):
        raise NotFound("户 {code} 不在名单上，不能替换", where="household_code", code=code[:40])
    if any(replacement.replaced_leaf == one.leaf for replacement in made):
        raise Conflict("户 {code} 已经替换过", where="household_code", code=code)
    if one.state == "waiting":
        raise Conflict("户 {code} 还没有人去过，不能替换", where="household_code", code=code)
    if one.counts:
        raise Conflict("户 {code} 已完成或查实已不在，计入抽查，不需替换", where="household_code", code=code)
    if still := still_to_try(one, attempts):
        raise Conflict(
            "户 {code} 只去过 {made} 次，还须再去 {still} 次才能替换",
            where="household_code", code=code, made=one.attempts, still=still,
        )  # fmt: skip
    return one


def _hand_on(session: Session, viewer: Viewer, draw: Draw, one: Outcome, following: Outcome) -> Account | None:
    """Give the released household to whoever had the replaced one, else to his team, as far as they may."""
    same = sa.and_(
        Assignment.county_code == draw.county_code, Assignment.campaign_id == draw.campaign_id,
        Assignment.purpose == "spot_check", Assignment.withdrawn_at.is_(None), assigned_in(draw),
    )  # fmt: skip
    if session.scalar(sa.select(Assignment.id).where(same, Assignment.household_id == following.household_id)):
        return None
    had = session.scalar(
        sa.select(Assignment.account_id)
        .where(same, Assignment.household_id == one.household_id)
        .order_by(Assignment.assigned_at.desc())
        .limit(1)
    )
    if had is None:
        return None
    candidates = [had, *_colleagues(session, draw.county_code, had)]
    barred = kept_away(session, draw.county_code, candidates, "spot_check")
    accounts = {one.id: one for one in session.scalars(sa.select(Account).where(Account.id.in_(candidates)))}
    for account_id in candidates:
        checker = accounts[account_id]
        fit = is_fit(checker, following.village_code, "spot_check")
        if fit and (account_id, following.household_id) not in barred:
            begun = Assignment(
                county_code=draw.county_code, campaign_id=draw.campaign_id, household_id=following.household_id,
                account_id=account_id, purpose="spot_check",
            )  # fmt: skip
            write_act(session, viewer, "give", Changes([begun]))
            return checker
    return None


def _colleagues(session: Session, county_code: str, account_id: UUID) -> list[UUID]:
    of_county = CheckTeamMember.county_code == county_code
    teams = sa.select(CheckTeamMember.team_id).where(of_county, CheckTeamMember.account_id == account_id)
    others = sa.select(CheckTeamMember.account_id).where(
        of_county, CheckTeamMember.team_id.in_(teams), CheckTeamMember.account_id != account_id
    )
    return list(dict.fromkeys(session.scalars(others.order_by(CheckTeamMember.position))))


def leaf_codes(session: Session, draw: Draw) -> dict[str, str]:
    """Return the household codes of a draw's list by leaf."""
    of_draw = sa.and_(Selection.county_code == draw.county_code, Selection.draw_id == draw.id)
    return dict(session.execute(sa.select(Selection.leaf, Selection.household_code).where(of_draw)).all())

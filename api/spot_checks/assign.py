"""Give the drawn households to checkers, village by village; nobody is given one from which he must stay away."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.assignments.fit import involved, kept_away
from api.collection.tables import Assignment
from api.people.access import Viewer
from api.people.accounts import viewer_of
from api.people.audit import record
from api.people.roles import Role
from api.people.tables import Account, RoleGrant
from api.problems import Conflict, Invalid
from api.spot_checks.commit import frame_of, result_of
from api.spot_checks.lists.read import on_list
from api.spot_checks.recheck import assigned_in, is_of_city
from api.spot_checks.rounds import demand_round
from api.spot_checks.tables import Draw, Recheck, Selection


@dataclass(frozen=True)
class Assigned:
    """What became of a list.

    Attributes
    ----------
    by_checker : dict of UUID to int
        Households newly given to each account.
    kept : int
        Households that had a checker already.
    left : list of str
        Codes of households that none of the checkers may visit.
    open_yet : list of str
        Of a city's sub-round: codes of households where the county's own checker has not been yet. They are given
        once his visit is in, so that nobody stands at the door twice on one day.
    """

    by_checker: dict[UUID, int]
    kept: int
    left: list[str]
    open_yet: list[str] = field(default_factory=list)


def assign_selection(session: Session, draw: Draw, accounts: Iterable[Account], viewer: Viewer) -> Assigned:
    """Give every household of a draw's list that has no checker yet to one of the accounts.

    A village goes as a whole to the checker who has least so far, so that one road is driven once; a household
    from which this checker must stay away (surveyed it himself, his people, his home village) goes to the next.

    Parameters
    ----------
    accounts : iterable of Account
        Spot checkers of the county; for a city's sub-round, of the city.

    Returns
    -------
    Assigned
        Called again it gives nothing twice.

    Raises
    ------
    Conflict
        When the draw has not been made.
    Invalid
        When nobody is named, or somebody who is no active spot checker of every village on the list; in a sub-round,
        somebody who checks for the county.
    """
    frame = frame_of(session, draw)
    demand_round(viewer, frame)  # a county sends nobody after those whom the city checks
    if result_of(session, draw) is None:
        raise Conflict("第 {number} 次抽取还没有掷骰，没有名单可分配", where="draw_id", number=draw.number)
    checkers = sorted(accounts, key=lambda account: account.name)
    waiting, kept = _waiting(session, draw)
    _refuse_unfit(checkers, sorted({row.village_code for row in waiting}))
    open_yet = []
    if frame.within_draw_id is not None:
        _refuse_county(checkers, draw.county_code)
        being_checked = _being_checked(session, draw)
        open_yet = [row.household_code for row in waiting if row.household_id in being_checked]
        waiting = [row for row in waiting if row.household_id not in being_checked]
    barred = kept_away(session, draw.county_code, [account.id for account in checkers], "spot_check")
    if frame.within_draw_id is not None:  # nobody checks what he himself has checked for the county
        barred |= involved(session, draw.county_code, [account.id for account in checkers], "spot_check")
    load: Counter[UUID] = Counter({account.id: 0 for account in checkers})
    rows, left = [], []
    for _village, group in groupby(waiting, key=lambda row: row.village_code):
        households = list(group)
        order = [identity for identity, _ in sorted(load.items(), key=itemgetter(1))]
        for household in households:
            chosen = next((one for one in order if (one, household.household_id) not in barred), None)
            if chosen is None:
                left.append(household.household_code)
                continue
            load[chosen] += 1
            rows.append((household, chosen))
    given = [
        Assignment(
            county_code=draw.county_code,
            campaign_id=draw.campaign_id,
            household_id=household.household_id,
            account_id=chosen,
            purpose="spot_check",
        )
        for household, chosen in rows
    ]
    session.add_all(given)
    session.flush()
    if frame.within_draw_id is not None:
        session.add_all(
            Recheck(
                county_code=draw.county_code, assignment_id=one.id, draw_id=draw.id, household_id=one.household_id,
                account_id=one.account_id,
            )
            for one in given
        )  # fmt: skip
        session.flush()
    record(
        session, viewer, "draw.assign", "draw", draw.id, division_code=draw.county_code,
        given={str(identity): number for identity, number in load.items()}, kept=kept, left=len(left),
        open_yet=len(open_yet),
    )  # fmt: skip
    return Assigned(dict(load), kept, left, open_yet)


def county_checkers(session: Session, county_code: str) -> list[Account]:
    """Return the active spot checkers of a whole county, by name."""
    areas = [county_code[:length] for length in (2, 4, 6)]
    grant = sa.and_(
        RoleGrant.account_id == Account.id, RoleGrant.role == Role.SPOT_CHECKER, RoleGrant.area_code.in_(areas)
    )
    return list(
        session.scalars(sa.select(Account).where(Account.active, sa.exists().where(grant)).order_by(Account.name))
    )


def _waiting(session: Session, draw: Draw) -> tuple[Sequence[Selection], int]:
    given = sa.exists().where(
        Assignment.county_code == Selection.county_code,
        Assignment.household_id == Selection.household_id,
        Assignment.campaign_id == draw.campaign_id,
        Assignment.purpose == "spot_check",
        Assignment.withdrawn_at.is_(None),
        assigned_in(draw),
    )
    waiting = session.scalars(
        sa.select(Selection).where(on_list(draw), ~given).order_by(Selection.village_code, Selection.household_code)
    ).all()
    kept = session.scalar(sa.select(sa.func.count()).select_from(Selection).where(on_list(draw), given)) or 0
    return waiting, kept


def _being_checked(session: Session, draw: Draw) -> set[UUID]:
    """Return the households for which a checker is under way in another round of the campaign."""
    return set(
        session.scalars(
            sa.select(Assignment.household_id).where(
                Assignment.county_code == draw.county_code,
                Assignment.campaign_id == draw.campaign_id,
                Assignment.purpose == "spot_check",
                Assignment.withdrawn_at.is_(None),
                Assignment.completed_at.is_(None),
            )
        )
    )


def _refuse_county(checkers: Sequence[Account], county_code: str) -> None:
    for account in checkers:
        if not is_of_city(account, county_code):
            raise Invalid(
                "账号 {name} 是县级抽查员，市级复查须由市级抽查员入户", where="accounts", name=viewer_of(account).name
            )


def _refuse_unfit(checkers: Sequence[Account], villages: Sequence[str]) -> None:
    if not checkers:
        raise Invalid("请至少选择一名抽查员；本县还没有抽查员时，先由管理员建立账号", where="accounts")
    for account in checkers:
        areas = [grant.area_code for grant in account.grants if grant.role == Role.SPOT_CHECKER]
        outside = [village for village in villages if not any(village.startswith(area) for area in areas)]
        if not account.active or not areas or outside:
            raise Invalid(
                "账号 {name} 不是名单上所有村的抽查员，不能分配给他",
                where="accounts",
                name=viewer_of(account).name,
            )

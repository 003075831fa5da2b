"""Declare from what a checker must stay away, end such a declaration, and make an exception with a reason."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import now
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Conflict, Invalid, NotFound
from api.registry.tables import Division, Household, Official
from api.spot_checks.assign import county_checkers
from api.spot_checks.lists.conflict import KINDS, NEVER, conflicts_of
from api.spot_checks.lists.tables import TIE_KINDS, CheckerTie, ConflictOverride
from api.spot_checks.tables import Draw

SHORTEST_REASON = 5  # characters; what cannot be said in five is no reason
LONGEST_REASON = 1000


def reason_of(text: str) -> str:
    """Return a reason, tidied.

    Raises
    ------
    Invalid
        It is too short to be one, or too long to be read.
    """
    reason = " ".join(text.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid(
            "请写明理由，{least} 到 {most} 个字", where="reason", least=SHORTEST_REASON, most=LONGEST_REASON
        )  # fmt: skip
    return reason


def checker_one(session: Session, county_code: str, account_id: UUID) -> Account:
    """Return a spot checker of a county.

    Raises
    ------
    NotFound
        There is no such active checker.
    """
    found = next((one for one in county_checkers(session, county_code) if one.id == account_id), None)
    if found is None:
        raise NotFound("所选的人不是本县在用的抽查员，请刷新页面后重试", where="account_id")
    return found


def household_by_code(session: Session, county_code: str, code: str) -> Household:
    """Return a household of a county.

    Raises
    ------
    NotFound
        There is none.
    """
    found = session.scalar(sa.select(Household).where(Household.county_code == county_code, Household.code == code))
    if found is None:
        raise NotFound("没有编码为 {code} 的家庭", where="household_code", code=code[:40])
    return found


def declare_tie(
    session: Session, viewer: Viewer, county_code: str, account_id: UUID, *, kind: str, of: str, note: str = ""
) -> CheckerTie:
    """Write down from what a checker must stay away; from then on he is given nothing of it.

    Parameters
    ----------
    kind : {'relative', 'home_village', 'official'}
    of : str
        A household's code, a village's code, or the id of the official that he is: then his declared relatives, known
        by their identity numbers, count too.
    note : str
        How they are related, and who said so.

    Raises
    ------
    NotFound
        There is no such checker, household, village or official in the county.
    Conflict
        It is declared already.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, county_code)
    if kind not in TIE_KINDS:
        raise Invalid("回避类型只有亲属家庭、本村、备案干部", where="kind")
    account = checker_one(session, county_code, account_id)
    tie = CheckerTie(
        county_code=county_code, account_id=account.id, kind=kind, note=" ".join(note.split())[:200],
        declared_by=viewer.account_id,
    )  # fmt: skip
    if kind == "relative":
        tie.household_id = household_by_code(session, county_code, of.strip()).id
    elif kind == "home_village":
        village = session.get(Division, of.strip())
        if village is None or village.level != "village" or not village.code.startswith(county_code):
            raise NotFound("本县没有村 {code}", where="of", code=of[:40])
        tie.village_code = village.code
    else:
        tie.official_id = _official(session, county_code, of).id
    same = sa.select(CheckerTie.id).where(
        CheckerTie.county_code == county_code,
        CheckerTie.account_id == account.id,
        CheckerTie.ended_at.is_(None),
        sa.or_(
            CheckerTie.household_id == tie.household_id,
            CheckerTie.village_code == tie.village_code,
            CheckerTie.official_id == tie.official_id,
        ),
    )
    if session.scalar(same) is not None:
        raise Conflict("这项回避已经登记过", where="of")
    session.add(tie)
    session.flush()
    record(
        session, viewer, "checker_tie.declare", "checker_tie", tie.id, division_code=county_code, kind=kind,
        checker=str(account.id), of=of.strip(), note=tie.note,
    )  # fmt: skip
    return tie


def end_tie(session: Session, viewer: Viewer, tie: CheckerTie) -> None:
    """End a declaration that was wrong; the row stays, with who ended it.

    Raises
    ------
    Conflict
        It has been ended.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, tie.county_code)
    session.refresh(tie, with_for_update=True)
    if tie.ended_at is not None:
        raise Conflict("这项回避已经撤销过", where="tie_id")
    tie.ended_at, tie.ended_by = now(), viewer.account_id
    session.flush()
    record(
        session, viewer, "checker_tie.end", "checker_tie", tie.id, division_code=tie.county_code, kind=tie.kind,
        checker=str(tie.account_id),
    )  # fmt: skip


def find_tie(session: Session, viewer: Viewer, tie_id: UUID) -> CheckerTie:
    """Return a declaration that the viewer may end.

    Raises
    ------
    NotFound
        There is none, or it is out of his reach.
    """
    within = viewer.within(CheckerTie.county_code, Permission.SPOT_CHECK_DRAW)
    found = session.scalar(sa.select(CheckerTie).where(CheckerTie.id == tie_id, within))
    if found is None:
        raise NotFound("找不到这项回避，或不在您的管辖范围内", where="tie_id")
    return found


def override_conflict(
    session: Session, viewer: Viewer, draw: Draw, account_id: UUID, household_code: str, *, reason: str
) -> ConflictOverride:
    """Allow a checker to visit one household in spite of a conflict; it stays on record and on the list.

    Raises
    ------
    Invalid
        Without a reason; where there is no conflict; or where he surveyed the household himself, which no reason mends.
    Conflict
        The exception has been made.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, draw.county_code)
    reason = reason_of(reason)
    account = checker_one(session, draw.county_code, account_id)
    household = household_by_code(session, draw.county_code, household_code)
    kinds = conflicts_of(session, draw.county_code, [account.id]).get((account.id, household.id), set())
    if not kinds:
        raise Invalid("{name} 对这户没有回避，直接分配即可", where="account_id", name=account.display_name)
    if NEVER in kinds:
        raise Invalid("{name} 自己调查过这户，不能例外，请另派人", where="account_id", name=account.display_name)
    same = sa.select(ConflictOverride.id).where(
        ConflictOverride.county_code == draw.county_code, ConflictOverride.campaign_id == draw.campaign_id,
        ConflictOverride.account_id == account.id, ConflictOverride.household_id == household.id,
    )  # fmt: skip
    if session.scalar(same) is not None:
        raise Conflict("这户已经为他登记过例外", where="household_code")
    override = ConflictOverride(
        county_code=draw.county_code, campaign_id=draw.campaign_id, account_id=account.id, household_id=household.id,
        kinds=" ".join(kind for kind in KINDS if kind in kinds), reason=reason, by_id=viewer.account_id,
    )  # fmt: skip
    session.add(override)
    session.flush()
    record(
        session, viewer, "conflict.override", "household", household.id, division_code=draw.county_code,
        checker=str(account.id), household=household.code, kinds=override.kinds, reason=reason,
    )  # fmt: skip
    return override


def _official(session: Session, county_code: str, text: str) -> Official:
    try:
        found = session.get(Official, (county_code, UUID(text.strip())))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("没有这名备案干部，请刷新页面后重选", where="of")
    return found

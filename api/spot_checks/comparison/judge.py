"""Judge a household after reading both visits: the supervisor's own verdict, beside the checker's and before it."""

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Submission, SubmissionVersion
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Conflict, Invalid
from api.spot_checks.comparison.reading import Compared
from api.spot_checks.comparison.tables import Verdict
from api.spot_checks.comparison.verdicts import VERDICTS
from api.spot_checks.tables import Draw
from survey_forms.catalogue import schema_of

SHORTEST_REASON: Final = 5
LONGEST_REASON: Final = 2_000
MOST_FEN: Final = 10_000_000  # a hundred thousand yuan a month: a slip of the pen


def error_kinds() -> dict[str, str]:
    """Return the kinds of error as the checker's form names them: code → Chinese."""
    [asked] = schema_of("spot_check_visit").with_evidence("visit.error_kinds")
    return {choice.name: choice.label["zh"] for choice in asked.choices or () if choice.name != "none"}


def judge_household(
    session: Session,
    viewer: Viewer,
    draw: Draw,
    compared: Compared,
    *,
    verdict: str,
    reason: str,
    kinds: Iterable[str] = (),
    correct_fen_per_month: int | None = None,
) -> Verdict:
    """Write down what a household comes to; an older verdict stays beside it.

    Parameters
    ----------
    compared : Compared
        The household as it was read; the versions of both visits are written down with the verdict.
    verdict : str
        A key of `VERDICTS`.
    kinds : iterable of str
        Keys of `error_kinds`.
    correct_fen_per_month : int, optional
        What ought to be paid; left out, it is reckoned (`verdicts_of`).

    Raises
    ------
    Conflict
        The household was visited by whoever judges: nobody reviews himself. Or no check has arrived yet.
    Invalid
        A verdict, a kind or an amount that cannot be, no reason.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, draw.county_code)
    one, reason, chosen = compared.outcome, reason.strip(), list(dict.fromkeys(kinds))
    if one.visit_id is None:
        raise Conflict("这一户的抽查还没有送达，不能下结论", where="household_id")
    _refuse_own(session, viewer, draw, compared)
    if verdict not in VERDICTS:
        raise Invalid("请选择结论", where="verdict")
    if unknown := [kind for kind in chosen if kind not in error_kinds()]:
        raise Invalid("没有问题类型 {kind}", where="error_kinds", kind=unknown[0])
    if len(reason) < SHORTEST_REASON:
        raise Invalid("请写明根据 (至少 {least} 个字)", where="reason", least=SHORTEST_REASON)
    _check_amount(verdict, correct_fen_per_month, one.paid_fen_per_month)
    row = Verdict(
        county_code=draw.county_code, draw_id=draw.id, household_id=one.household_id,
        household_code=one.household_code, verdict=verdict, error_kinds=chosen,
        correct_fen_per_month=correct_fen_per_month, reason=reason[:LONGEST_REASON], basis=basis_of(compared),
        by_id=viewer.account_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record(
        session, viewer, "verdict.give", "verdict", row.id, division_code=draw.county_code,
        household_code=one.household_code, verdict=verdict, error_kinds=chosen,
        correct_fen_per_month=correct_fen_per_month, basis=row.basis,
    )  # fmt: skip
    return row


def basis_of(compared: Compared) -> dict[str, dict[str, str | int]]:
    """Return which visits are beside each other, each with the number of its version."""
    sides = {"township": compared.township, "county": compared.county}
    return {
        name: {"submission": str(visit.submission_id), "version": visit.version}
        for name, visit in sides.items()
        if visit is not None
    }


def may_judge(session: Session, viewer: Viewer, draw: Draw, compared: Compared) -> bool:
    """Tell whether whoever asks may judge this household."""
    return (
        viewer.may(Permission.SPOT_CHECK_DRAW, draw.county_code)
        and compared.outcome.visit_id is not None
        and not _is_own(session, viewer, draw, compared)
    )


def _refuse_own(session: Session, viewer: Viewer, draw: Draw, compared: Compared) -> None:
    if _is_own(session, viewer, draw, compared):
        raise Conflict("您自己入户过这一户，结论须由别人来下", where="household_id")


def _is_own(session: Session, viewer: Viewer, draw: Draw, compared: Compared) -> bool:
    """Tell whether any visit of the household, or any version of one, came from whoever asks."""
    sent = (
        sa.select(Submission.id)
        .join(
            SubmissionVersion,
            sa.and_(
                SubmissionVersion.county_code == Submission.county_code,
                SubmissionVersion.submission_id == Submission.id,
            ),
            isouter=True,
        )
        .where(
            Submission.county_code == draw.county_code,
            Submission.household_id == compared.outcome.household_id,
            sa.or_(Submission.account_id == viewer.account_id, SubmissionVersion.account_id == viewer.account_id),
        )
    )
    return session.scalar(sent.limit(1)) is not None


def _check_amount(verdict: str, amount: int | None, paid: int | None) -> None:
    if amount is None:
        return
    if not 0 <= amount <= MOST_FEN:
        raise Invalid("应发金额须在每月 0 到 {most} 元之间", where="correct_fen_per_month", most=MOST_FEN // 100)
    if verdict == "cannot_tell":
        raise Invalid("不能判断时不要填应发金额", where="correct_fen_per_month")
    if verdict == "not_eligible" and amount:
        raise Invalid("不符合条件的家庭应发 0 元", where="correct_fen_per_month")
    if paid is None:
        return
    fits = {"right": amount == paid, "amount_high": amount < paid, "amount_low": amount > paid}
    if not fits.get(verdict, True):
        raise Invalid(
            "应发 {amount} 元与结论“{verdict}”不符：现在每月发 {paid} 元",
            where="correct_fen_per_month",
            amount=f"{amount / 100:.2f}",
            verdict=VERDICTS[verdict],
            paid=f"{paid / 100:.2f}",
        )

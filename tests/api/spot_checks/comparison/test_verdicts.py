from datetime import timedelta

import pytest
import sqlalchemy as sa
from checks import seen
from field import account

from api.campaigns.stages import standard_for
from api.database import now
from api.spot_checks.comparison.tables import Verdict
from api.spot_checks.comparison.verdicts import Judged, entitlement, verdicts_of
from api.spot_checks.tables import FrameUnit, Selection

NOTE = "村委会证实 (虚构)"


@pytest.fixture
def household(session, draw, result):
    drawn = sa.select(Selection).where(Selection.draw_id == draw.id, Selection.role == "base")
    return session.scalars(drawn.order_by(Selection.household_code)).first()


@pytest.fixture
def paid(session, household):
    unit = session.scalars(sa.select(FrameUnit).where(FrameUnit.leaf == household.leaf)).one()
    return unit.benefit_fen_per_month


def decide(session, draw, household, verdict, *, minutes=0, **values):
    row = Verdict(
        county_code=draw.county_code, draw_id=draw.id, household_id=household.household_id,
        household_code=household.household_code, verdict=verdict, reason="虚构理由",
        by_id=account(session, "county").id, at=now() + timedelta(minutes=minutes), **values,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def test_without_a_visit_nobody_is_judged(session, draw, household):
    assert verdicts_of(session, draw) == {}


@pytest.mark.parametrize(
    "case", [("right", [], "paid"), ("not_eligible", ["wrongly_included"], 0), ("cannot_tell", [], None)]
)
def test_a_checkers_verdict_says_what_ought_to_be_paid(session, draw, household, paid, case):
    verdict, kinds, amount = case
    visit = seen(session, household, verdict=verdict, error_kinds=kinds or ["none"], members_count=2)
    judged = verdicts_of(session, draw)[household.household_id]
    assert judged == Judged(
        verdict, tuple(kinds), paid if amount == "paid" else amount, "checker", visit.account_id, visit.received_at
    )


def test_a_wrong_amount_is_reckoned_from_the_checkers_own_visit_and_the_standard(session, draw, campaign, household):
    seen(
        session, household, verdict="amount_high", error_kinds=["wrongly_included"],
        income_fen_per_person_year=100_001, members_count=3,
    )  # fmt: skip
    line = standard_for(campaign, household.village_code, household.stratum.split("|")[1], now().year)
    by_hand = round((line - 100_001) * 3 / 12)
    assert verdicts_of(session, draw)[household.household_id].correct_fen_per_month == by_hand


def test_a_wrong_amount_that_cannot_be_reckoned_stays_open(session, draw, household):
    seen(session, household, verdict="amount_low", error_kinds=["none"], members_count=3)
    assert verdicts_of(session, draw)[household.household_id].correct_fen_per_month is None


def test_a_household_that_is_gone_ought_to_get_nothing(session, draw, household):
    seen(session, household, outcome="deceased", outcome_note=NOTE, verdict="", error_kinds=["paid_after_death"])
    judged = verdicts_of(session, draw)[household.household_id]
    assert (judged.verdict, judged.error_kinds, judged.correct_fen_per_month) == (
        "not_eligible", ("paid_after_death",), 0,
    )  # fmt: skip


def test_who_was_not_met_is_not_judged(session, draw, household):
    seen(session, household, outcome="away", outcome_note=NOTE, verdict="right")
    assert verdicts_of(session, draw) == {}


def test_the_supervisors_newest_verdict_goes_before_the_checkers(session, draw, household, paid):
    seen(session, household, verdict="not_eligible", error_kinds=["favour"])
    decide(session, draw, household, "amount_high", correct_fen_per_month=5_000, error_kinds=["favour"])
    decide(session, draw, household, "right", minutes=1)
    judged = verdicts_of(session, draw)[household.household_id]
    assert (judged.verdict, judged.source, judged.correct_fen_per_month) == ("right", "supervisor", paid)


def test_a_supervisor_may_judge_what_the_checker_could_not_tell(session, draw, household):
    seen(session, household, verdict="cannot_tell", error_kinds=["none"])
    row = decide(session, draw, household, "amount_low", correct_fen_per_month=7_000)
    judged = verdicts_of(session, draw)[household.household_id]
    assert judged == Judged("amount_low", (), 7_000, "supervisor", row.by_id, row.at)


@pytest.mark.parametrize("statement", [sa.update(Verdict).values(reason="x"), sa.delete(Verdict)])
def test_the_database_changes_no_verdict(session, draw, household, statement):
    decide(session, draw, household, "right")
    with pytest.raises(sa.exc.DBAPIError, match="written once"), session.begin_nested():
        session.execute(statement)


def test_halves_of_a_fen_are_rounded_up():
    assert entitlement(106, {"income_fen_per_person_year": 100, "members_count": 1}) == 1

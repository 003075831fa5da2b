import pytest
import sqlalchemy as sa
from checks import seen
from field import worker

from api.people.accounts import viewer_of
from api.people.roles import Role
from api.people.tables import AuditEntry
from api.problems import Conflict, Forbidden, Invalid
from api.spot_checks.comparison.judge import error_kinds, judge_household, may_judge
from api.spot_checks.comparison.verdicts import verdict_history, verdicts_of

WHY = "两份答卷和照片都看过 (虚构)"


@pytest.fixture
def judge(session, draw, viewer, compared):
    """A function that judges a household as the county's supervisor, or as somebody else."""

    def give(household, verdict="amount_high", by=None, **values):
        one = compared()[household.household_id]
        values = {"reason": WHY} | values
        return judge_household(session, by or viewer("county"), draw, one, verdict=verdict, **values)

    return give


@pytest.fixture
def kept(session, draw, base):
    """A function that reads what was kept of the first household."""
    return lambda: verdict_history(session, draw, base[0].household_id)


def test_a_verdict_overrides_the_checkers_and_stays(session, draw, base, both, judge):
    both(base[0], county={"verdict": "right"})
    judge(base[0], correct_fen_per_month=100)
    judge(base[0], "not_eligible")
    judged = verdicts_of(session, draw)[base[0].household_id]
    assert (judged.verdict, judged.correct_fen_per_month, judged.source) == ("not_eligible", 0, "supervisor")
    logged = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "verdict.give")).all()
    assert [entry.details["verdict"] for entry in logged] == ["amount_high", "not_eligible"]


def test_a_verdict_says_which_version_of_each_visit_was_read(kept, base, both, version, judge):
    first, second = both(base[0], county={"verdict": "right"})
    version(first, 1, at=first.received_at)
    version(first, 2, at=second.received_at)
    judge(base[0], kinds=["favour", "favour"], correct_fen_per_month=100)
    judge(base[0], "not_eligible")
    history = kept()
    assert [(row.verdict, name) for row, name in history] == [
        ("not_eligible", "测试county"), ("amount_high", "测试county"),
    ]  # fmt: skip
    assert history[1][0].error_kinds == ["favour"]
    assert history[0][0].basis == {
        "township": {"submission": str(first.submission_id), "version": 2},
        "county": {"submission": str(second.submission_id), "version": 1},
    }


def supervisor(session, name, role):
    return viewer_of(worker(session, name, (Role.COUNTY_SUPERVISOR, "540222"), (role, "540222")))


def test_nobody_judges_a_household_he_visited_himself(session, draw, base, both, judge):
    both_hats = supervisor(session, "two-hats", Role.SPOT_CHECKER)
    both(base[0], checker="two-hats")
    both(base[1], surveyor="two-hats")
    both(base[2])
    for own in base[:2]:
        with pytest.raises(Conflict, match="自己入户过"):
            judge(own, by=both_hats)
    assert judge(base[2], "cannot_tell", by=both_hats)


def test_the_page_offers_no_verdict_to_whoever_may_not_give_it(session, draw, viewer, compared, base):
    seen(session, base[0])
    one = compared()[base[0].household_id]
    offered = {name: may_judge(session, viewer(name), draw, one) for name in ("county", "city", "checker")}
    assert offered == {"county": True, "city": False, "checker": False}


def test_only_the_countys_supervisor_judges(base, both, judge, viewer):
    both(base[0])
    for name in ("city", "discipline", "checker", "township", "county-outside"):
        with pytest.raises(Forbidden):
            judge(base[0], by=viewer(name))


def test_before_a_check_has_arrived_there_is_nothing_to_judge(session, base, judge):
    seen(session, base[0], purpose="township_visit", by="surveyor")
    with pytest.raises(Conflict, match="还没有送达"):
        judge(base[0])


@pytest.mark.parametrize(
    "case",
    [
        ({"verdict": "perhaps"}, "verdict"),
        ({"kinds": ["none"]}, "error_kinds"),
        ({"reason": " 看过 "}, "reason"),
        ({"correct_fen_per_month": -1}, "correct_fen_per_month"),
        ({"correct_fen_per_month": 10_000_001}, "correct_fen_per_month"),
        ({"correct_fen_per_month": 9_000_000}, "correct_fen_per_month"),  # too high, and yet above what is paid
        ({"verdict": "amount_low", "correct_fen_per_month": 0}, "correct_fen_per_month"),
        ({"verdict": "right", "correct_fen_per_month": 1}, "correct_fen_per_month"),
        ({"verdict": "not_eligible", "correct_fen_per_month": 1}, "correct_fen_per_month"),
        ({"verdict": "cannot_tell", "correct_fen_per_month": 1}, "correct_fen_per_month"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_kept(kept, base, both, judge, case):
    values, where = case
    both(base[0])
    with pytest.raises(Invalid) as refused:
        judge(base[0], **values)
    assert refused.value.where == where
    assert kept() == []


def test_the_kinds_of_error_are_those_of_the_checkers_form():
    assert error_kinds()["withheld"] == "截留挪用"
    assert "none" not in error_kinds()

from datetime import timedelta

import pytest
import sqlalchemy as sa
import world
from checks import seen

from api.spot_checks.outcomes import STATES, outcomes_of, shares
from api.spot_checks.tables import FrameUnit, Selection

NOTE = "村委会证实 (虚构)"


@pytest.fixture
def base(session, draw, result):
    drawn = sa.select(Selection).where(Selection.draw_id == draw.id, Selection.role == "base")
    return session.scalars(drawn.order_by(Selection.household_code)).all()


@pytest.fixture
def found(session, draw, base):
    """What became of the first of the base list."""
    return lambda: {one.household_id: one for one in outcomes_of(session, draw)}[base[0].household_id]


def test_until_a_check_arrives_the_household_waits_and_its_paid_amount_is_the_frozen_one(session, draw, base, found):
    unit = session.scalars(sa.select(FrameUnit).where(FrameUnit.leaf == base[0].leaf)).one()
    assert unit.benefit_fen_per_month == 10_000 * int(unit.household_code[-2:])
    one = found()
    assert (one.state, one.counts, one.attempts, one.verdict) == ("waiting", False, 0, "")
    assert one.paid_fen_per_month == unit.benefit_fen_per_month
    assert len(outcomes_of(session, draw)) == len(session.scalars(sa.select(Selection)).all())
    assert len(outcomes_of(session, draw, role="base")) == len(base)
    assert {one.township_code for one in outcomes_of(session, draw, area=world.TOWNSHIP)} == {world.TOWNSHIP}


@pytest.mark.parametrize(
    "case",
    [
        ("met_householder", {}, "completed"),
        ("met_member", {"place": False}, "completed"),
        ("away", {"outcome_note": NOTE}, "unreached"),
        ("nobody_home", {"outcome_note": NOTE}, "unreached"),
        ("refused", {"outcome_note": NOTE, "photo": True}, "unreached"),
        ("moved", {"outcome_note": NOTE}, "gone"),
        ("deceased", {"outcome_note": NOTE, "place": False, "photo": True}, "gone"),
        ("no_such_household", {"outcome_note": NOTE}, "gone"),
        ("moved", {"outcome_note": " "}, "unreached"),
        ("moved", {"outcome_note": NOTE, "place": False}, "unreached"),
    ],
)
def test_a_check_counts_when_it_met_somebody_or_proves_that_nobody_is_left(session, base, found, case):
    outcome, proof, state = case
    seen(session, base[0], outcome=outcome, **proof)
    assert (found().state, found().outcome, found().attempts) == (state, outcome, 1)
    assert found().counts is (state in {"completed", "gone"})


def test_of_several_checks_the_last_that_counts_decides(session, base, found):
    seen(session, base[0], outcome="away", outcome_note=NOTE, minutes=1)
    seen(session, base[0], verdict="right", error_kinds=["none"], minutes=2)
    decides = seen(session, base[0], verdict="not_eligible", error_kinds=["favour", "connection"], minutes=3)
    seen(session, base[0], outcome="nobody_home", outcome_note=NOTE, minutes=4)
    one = found()
    assert (one.state, one.attempts, one.verdict) == ("completed", 4, "not_eligible")
    assert (one.error_kinds, one.visit_id) == (("favour", "connection"), decides.id)


def test_one_error_kind_is_read_like_several_and_none_is_no_error(session, base, found):
    seen(session, base[0], verdict="amount_high", error_kinds="rotation")
    assert found().error_kinds == ("rotation",)
    seen(session, base[0], verdict="right", error_kinds="none", minutes=1)
    assert found().error_kinds == ()


def test_the_townships_visit_and_checks_from_before_the_freezing_are_not_looked_at(session, frame, base, found):
    seen(session, base[0], purpose="township_visit", by="surveyor")
    before = seen(session, base[0])
    before.received_at = frame.frozen_at - timedelta(seconds=1)
    session.flush()
    assert found().state == "waiting"


def test_townships_are_counted_by_state(session, draw, base):
    seen(session, base[0])
    seen(session, base[1], outcome="refused", outcome_note=NOTE)
    counted = dict(shares(outcomes_of(session, draw)))
    assert counted.keys() == {world.TOWNSHIP, world.NEXT_TOWNSHIP}
    assert all(states.keys() == STATES.keys() for states in counted.values())
    assert sum(map(sum, (states.values() for states in counted.values()))) == len(base)
    assert (counted[world.TOWNSHIP]["completed"], counted[world.TOWNSHIP]["unreached"]) == (1, 1)

"""Rounds of other populations beside the roll's, and a city's sub-round within what a county has drawn."""

from datetime import date

import pytest
import sqlalchemy as sa
import world

from api.home.coverage import coverage_below
from api.people.tables import AuditEntry
from api.problems import Conflict, Forbidden
from api.registry.tables import Household
from api.spot_checks.assign import assign_selection, county_checkers
from api.spot_checks.commit import commit_draw, draws_of, frame_of, plan_of, result_of
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan, townships
from api.spot_checks.planning.subround import freeze_subround
from api.spot_checks.publication.approve import decide_second_draw
from api.spot_checks.rounds import Round, draws_of_round, rounds_of
from api.spot_checks.tables import FrameUnit, Selection
from api.spot_checks.verify import verify_draw

MORE_DICE, CITY_DICE = "27182818284590452353", "16180339887498948482"
WITNESSES = "虚构甲，虚构乙"
TODAY = date(2026, 7, 1)


@pytest.fixture
def missed(session, campaign, frame, viewer):
    """The registered poor that are not on the roll, frozen after the roll was."""
    households = session.scalars(
        sa.select(Household).where(Household.county_code == world.COUNTY).order_by(Household.code)
    ).all()
    for household in households[::3]:
        household.on_roll, household.registered_poor = False, True
    session.flush()
    return freeze_frame(session, campaign, world.COUNTY, viewer("county"), day=TODAY, population="missed")


@pytest.fixture
def subround(session, draw, result, viewer):
    return freeze_subround(session, draw, viewer("city"))


def base_codes(session, draw):
    chosen = sa.select(Selection.household_code).where(Selection.draw_id == draw.id, Selection.role == "base")
    return set(session.scalars(chosen))


def off_roll(session):
    return set(session.scalars(sa.select(Household.code).where(~Household.on_roll)))


def test_a_draw_of_the_missed_is_no_second_draw_of_the_roll_and_stands_in_the_same_chain(
    session, campaign, draw, missed, viewer
):
    county = viewer("county")
    draw_spot_check(session, draw, CITY_DICE, county, witnesses=WITNESSES)
    assert missed.units == 16
    first_of_missed = commit_draw(session, missed, make_plan(session, missed, campaign), county)  # no reason asked for
    assert (first_of_missed.number, first_of_missed.reason) == (2, "")
    assert draw.manifest_sha256 in first_of_missed.manifest_json
    draw_spot_check(session, first_of_missed, MORE_DICE, county, witnesses=WITNESSES)
    assert verify_draw(session, first_of_missed).same
    assert verify_draw(session, draw).same
    with pytest.raises(Conflict, match="第 2 次") as refused:
        commit_draw(session, missed, make_plan(session, missed, campaign), county)
    assert refused.value.where == "reason"
    assert [one.number for one in draws_of(session, world.COUNTY, campaign.id)] == [1, 2]
    assert [one.number for one in draws_of_round(session, missed)] == [2]


def test_dice_go_to_promises_in_the_order_they_were_made(session, campaign, draw, missed, viewer):
    county = viewer("county")
    second = commit_draw(session, missed, make_plan(session, missed, campaign), county)
    with pytest.raises(Conflict, match="第 1 次"):
        draw_spot_check(session, second, MORE_DICE, county, witnesses=WITNESSES)
    draw_spot_check(session, draw, CITY_DICE, county, witnesses=WITNESSES)
    draw_spot_check(session, second, MORE_DICE, county, witnesses=WITNESSES)
    assert base_codes(session, second)
    assert base_codes(session, second).isdisjoint(base_codes(session, draw) - off_roll(session))


def test_a_superseded_promise_and_one_that_waits_for_the_city_keep_no_other_round_waiting(
    session, campaign, draw, missed, viewer
):
    county, frame = viewer("county"), frame_of(session, draw)
    newer = commit_draw(session, frame, make_plan(session, frame, campaign), county, reason="方案需要调整")
    third = commit_draw(session, missed, make_plan(session, missed, campaign), county)
    assert draw_spot_check(session, third, MORE_DICE, county, witnesses=WITNESSES).entropy == MORE_DICE
    assert result_of(session, newer) is None


def test_an_approved_second_promise_has_its_turn_before_another_rounds(session, campaign, draw, missed, viewer):
    county, frame = viewer("county"), frame_of(session, draw)
    newer = commit_draw(session, frame, make_plan(session, frame, campaign), county, reason="方案需要调整")
    third = commit_draw(session, missed, make_plan(session, missed, campaign), county)
    decide_second_draw(session, newer, viewer("city"), approved=True, note="")
    with pytest.raises(Conflict, match="第 2 次"):
        draw_spot_check(session, third, MORE_DICE, county, witnesses=WITNESSES)
    draw_spot_check(session, newer, CITY_DICE, county, witnesses=WITNESSES)
    assert draw_spot_check(session, third, MORE_DICE, county, witnesses=WITNESSES).entropy == MORE_DICE


def test_nobody_missed_is_said_so(session, campaign, viewer):
    with pytest.raises(Conflict, match="建档立卡"):
        freeze_frame(session, campaign, world.COUNTY, viewer("county"), day=TODAY, population="missed")


def test_a_sub_round_is_what_the_county_drew_and_keeps_the_nest_within_it(session, campaign, draw, subround, viewer):
    city = viewer("city")
    units = session.scalars(sa.select(FrameUnit).where(FrameUnit.frame_id == subround.id)).all()
    assert {unit.household_code for unit in units} == base_codes(session, draw)
    plan = make_plan(session, subround, campaign)
    for township in townships(plan):
        assert township.n >= -(-30 * township.size // 100)
    second = commit_draw(session, subround, plan, city)  # no reason: it is the first of its round
    draw_spot_check(session, second, CITY_DICE, city, witnesses="虚构市人大代表，虚构村民")
    assert base_codes(session, second) <= base_codes(session, draw)
    for stratum, planned in plan_of(second).strata.items():
        if stratum.endswith("|certain"):
            assert planned.n == planned.size
    assert verify_draw(session, second).same
    assert second.number == 2
    # the county's own round is untouched by it: its next draw would be a second one
    assert [one.number for one in draws_of_round(session, subround)] == [2]
    rows = coverage_below(session, world.COUNTY, floor_percent=30, areas=[world.COUNTY])
    assert sum(row.drawn for row in rows) == len(base_codes(session, draw))
    with pytest.raises(Forbidden):  # nor does it send its own checkers after those whom the city checks
        assign_selection(session, second, county_checkers(session, world.COUNTY), viewer("county"))
    assert rounds_of(session, world.COUNTY, campaign.id) == [
        Round("on_roll"), Round("missed"), Round("on_roll", draw.id),
    ]  # fmt: skip
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.object_id == str(subround.id))).one()
    assert entry.details["within_draw"] == str(draw.id)


def test_the_county_cannot_open_the_citys_leaves_with_its_own_salts(session, draw, subround):
    salts = dict(
        session.execute(
            sa.select(FrameUnit.household_code, FrameUnit.salt).where(FrameUnit.frame_id == draw.frame_id)
        ).all()
    )
    for unit in session.scalars(sa.select(FrameUnit).where(FrameUnit.frame_id == subround.id)):
        assert unit.salt != salts[unit.household_code]


def test_only_somebody_who_inspects_the_whole_city_holds_a_sub_round(session, campaign, draw, subround, viewer):
    plan = make_plan(session, subround, campaign)
    for name in ("county", "city-outside", "discipline", "admin", "checker"):
        with pytest.raises(Forbidden):
            freeze_subround(session, draw, viewer(name))
        with pytest.raises(Forbidden):
            commit_draw(session, subround, plan, viewer(name))
    promised = commit_draw(session, subround, plan, viewer("city"))
    with pytest.raises(Forbidden):
        draw_spot_check(session, promised, CITY_DICE, viewer("county"), witnesses=WITNESSES)


def test_a_sub_round_needs_a_list_and_is_not_drawn_from_again(session, campaign, frame, draw, viewer):
    city, county = viewer("city"), viewer("county")
    with pytest.raises(Conflict, match="还没有掷骰"):
        freeze_subround(session, draw, city)
    draw_spot_check(session, draw, MORE_DICE, county, witnesses=WITNESSES)
    within = freeze_subround(session, draw, city)
    second = commit_draw(session, within, make_plan(session, within, campaign), city)
    draw_spot_check(session, second, CITY_DICE, city, witnesses=WITNESSES)
    with pytest.raises(Conflict, match="本身就是市级复查"):
        freeze_subround(session, second, city)

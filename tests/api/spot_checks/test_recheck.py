"""A city sends its own checkers after what it drew from the county's list: nobody else, and no visit counts twice."""

import pytest
import sqlalchemy as sa
import world
from checks import seen
from field import account, worker

from api.collection.tables import Assignment
from api.database import now
from api.people.roles import Role
from api.problems import Forbidden, Invalid
from api.spot_checks.assign import assign_selection
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.lists import checkers_of
from api.spot_checks.lists.progress import progress_of
from api.spot_checks.lists.tour import ask_for_tours
from api.spot_checks.outcomes import outcomes_of
from api.spot_checks.plan import make_plan
from api.spot_checks.planning.subround import freeze_subround
from api.spot_checks.recheck import city_checkers
from api.spot_checks.tables import FrameUnit

CITY_DICE = "16180339887498948482"


@pytest.fixture
def inspector(session):
    return worker(session, "city-checker", (Role.SPOT_CHECKER, "5402"))


@pytest.fixture
def recheck(session, campaign, draw, result, viewer):
    """The city's draw within the county's, its dice thrown."""
    city = viewer("city")
    frame = freeze_subround(session, draw, city)
    made = commit_draw(session, frame, make_plan(session, frame, campaign), city)
    draw_spot_check(session, made, CITY_DICE, city, witnesses="虚构甲，虚构乙")
    return made


def finish(session, *codes):
    """The county's checker has been there."""
    listed = sa.select(Assignment).where(Assignment.purpose == "spot_check", Assignment.completed_at.is_(None))
    for one in session.scalars(listed):
        if not codes or one.household_id in codes:
            one.completed_at = now()
    session.flush()


def test_the_citys_list_goes_to_the_citys_checkers_beside_the_countys(session, draw, recheck, inspector, viewer):
    checker = account(session, "checker")
    assign_selection(session, draw, [checker], viewer("county"))
    finish(session)
    assert city_checkers(session, world.COUNTY) == [inspector]
    done = assign_selection(session, recheck, [inspector], viewer("city"))
    base = [one.household_id for one in outcomes_of(session, recheck, role="base")]
    assert done.by_checker == {inspector.id: len(base)}
    assert (done.left, done.open_yet) == ([], [])
    assert checkers_of(session, recheck) == dict.fromkeys(base, inspector.display_name)
    assert set(checkers_of(session, draw).values()) == {checker.display_name}
    again = assign_selection(session, recheck, [inspector], viewer("city"))
    assert (again.by_checker, again.kept) == ({inspector.id: 0}, len(base))


def test_who_checks_for_the_county_is_refused_and_so_is_the_county(session, recheck, inspector, viewer):
    with pytest.raises(Invalid, match="县级抽查员"):
        assign_selection(session, recheck, [account(session, "checker")], viewer("city"))
    for name in ("county", "discipline"):
        with pytest.raises(Forbidden):
            assign_selection(session, recheck, [inspector], viewer(name))
    with pytest.raises(Forbidden, match="由市级分配"):
        ask_for_tours(session, viewer("county"), recheck)


def test_where_the_countys_checker_is_still_to_go_the_city_waits(session, draw, recheck, inspector, viewer):
    assign_selection(session, draw, [account(session, "checker")], viewer("county"))
    base = outcomes_of(session, recheck, role="base")
    finish(session, base[0].household_id)
    done = assign_selection(session, recheck, [inspector], viewer("city"))
    assert done.by_checker == {inspector.id: 1}
    assert sorted(done.open_yet) == sorted(one.household_code for one in base[1:])


def test_nobody_checks_for_the_city_what_he_has_checked_for_the_county(session, draw, recheck, inspector, viewer):
    base = outcomes_of(session, recheck, role="base")
    seen(session, base[0], by=inspector.name)
    done = assign_selection(session, recheck, [inspector], viewer("city"))
    assert done.left == [base[0].household_code]


def test_a_visit_decides_in_the_round_it_was_made_for_and_in_no_other(session, draw, recheck, inspector, viewer):
    assign_selection(session, draw, [account(session, "checker")], viewer("county"))
    one = outcomes_of(session, recheck, role="base")[0]
    seen(session, one, by="checker", verdict="right")
    finish(session)
    assign_selection(session, recheck, [inspector], viewer("city"))

    def told(made):
        return next(
            (found.state, found.verdict)
            for found in outcomes_of(session, made)
            if found.leaf and found.household_id == one.household_id
        )

    assert (told(draw), told(recheck)) == (("completed", "right"), ("waiting", ""))
    seen(session, one, by=inspector.name, minutes=5, verdict="not_eligible")
    assert (told(draw), told(recheck)) == (("completed", "right"), ("completed", "not_eligible"))
    assert [one.account for one in progress_of(session, recheck).checkers] == [inspector]
    assert [one.account.name for one in progress_of(session, draw).checkers] == ["checker"]


def test_what_was_given_for_the_city_cannot_be_rewritten(session, recheck, inspector, viewer):
    assign_selection(session, recheck, [inspector], viewer("city"))
    for statement in ("update recheck set draw_id = account_id", "delete from recheck"):
        with pytest.raises(sa.exc.DBAPIError, match="written once"), session.begin_nested():
            session.execute(sa.text(statement))


@pytest.mark.usefixtures("result")
def test_a_recheck_may_be_limited_to_townships_the_county_drew_in(session, draw, viewer):
    frame = freeze_subround(session, draw, viewer("city"), townships=[world.TOWNSHIP])
    strata = session.scalars(sa.select(FrameUnit.stratum).where(FrameUnit.frame_id == frame.id)).all()
    assert {one.partition("|")[0] for one in strata} == {world.TOWNSHIP}
    listed = outcomes_of(session, draw, role="base")
    assert frame.units == sum(one.township_code == world.TOWNSHIP for one in listed)
    with pytest.raises(Invalid, match=world.OTHER_TOWNSHIP):
        freeze_subround(session, draw, viewer("city"), townships=[world.OTHER_TOWNSHIP])

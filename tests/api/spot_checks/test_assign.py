from collections import Counter

import pytest
import sqlalchemy as sa
import world

from api.collection.tables import Assignment
from api.people.accounts import create_account
from api.people.roles import Role
from api.people.tables import Account
from api.problems import Conflict, Forbidden, Invalid
from api.registry.tables import Household
from api.spot_checks.assign import assign_selection, county_checkers
from api.spot_checks.lists import checkers_of
from api.spot_checks.tables import Selection


@pytest.fixture
def second(session):
    return create_account(
        session, name="checker-2", display_name="第二抽查员", password="a password for tests",
        grants=[(Role.SPOT_CHECKER, world.COUNTY)], cost_kib=8,
    )  # fmt: skip


def given(session):
    statement = sa.select(Assignment, Household.village_code).join(Household, Household.id == Assignment.household_id)
    return session.execute(statement.where(Assignment.purpose == "spot_check")).all()


def test_every_household_of_the_base_list_gets_one_checker_and_reserves_get_none(session, draw, result, second, viewer):
    checkers = county_checkers(session, world.COUNTY)
    assert [one.name for one in checkers] == ["checker", "checker-2"]
    done = assign_selection(session, draw, checkers, viewer("county"))
    base = set(session.scalars(sa.select(Selection.household_id).where(Selection.role == "base")))
    assert Counter(one.household_id for one, _ in given(session)) == Counter(base)
    assert sum(done.by_checker.values()) == len(base)
    assert done.left == []
    assert set(checkers_of(session, draw)) == base


def test_a_village_goes_to_one_checker_so_that_one_road_is_driven_once(session, draw, result, second, viewer):
    assign_selection(session, draw, county_checkers(session, world.COUNTY), viewer("county"))
    by_village = {}
    for one, village in given(session):
        by_village.setdefault(village, set()).add(one.account_id)
    assert all(len(checkers) == 1 for checkers in by_village.values())
    assert len(set.union(*by_village.values())) == 2


def test_assigning_again_gives_nothing_twice(session, draw, result, viewer):
    checkers = county_checkers(session, world.COUNTY)
    first = assign_selection(session, draw, checkers, viewer("county"))
    again = assign_selection(session, draw, checkers, viewer("county"))
    assert sum(again.by_checker.values()) == 0
    assert again.kept == sum(first.by_checker.values())


@pytest.mark.usefixtures("result")
def test_nobody_is_given_a_household_that_he_surveyed_for_the_township(session, campaign, draw, second, viewer):
    checker = session.scalars(sa.select(Account).where(Account.name == "checker")).one()
    own = session.scalars(sa.select(Selection).where(Selection.role == "base")).first()
    session.add(
        Assignment(
            county_code=world.COUNTY, campaign_id=campaign.id, household_id=own.household_id, account_id=checker.id,
            purpose="township_visit",
        )
    )  # fmt: skip
    session.flush()
    alone = assign_selection(session, draw, [checker], viewer("county"))
    assert alone.left == [own.household_code]
    both = assign_selection(session, draw, [checker, second], viewer("county"))
    assert both.by_checker == {checker.id: 0, second.id: 1}
    assert checkers_of(session, draw)[own.household_id] == "第二抽查员"


def test_only_spot_checkers_of_the_whole_county_are_given_a_list(session, draw, result, viewer):
    county = viewer("county")
    with pytest.raises(Invalid, match="至少选择"):
        assign_selection(session, draw, [], county)
    for name in ("surveyor", "checker-outside", "county"):
        stranger = session.scalars(sa.select(Account).where(Account.name == name)).one()
        with pytest.raises(Invalid, match="不能分配"):
            assign_selection(session, draw, [stranger], county)
    with pytest.raises(Forbidden):
        assign_selection(session, draw, county_checkers(session, world.COUNTY), viewer("city"))


def test_without_a_list_there_is_nothing_to_assign(session, draw, viewer):
    with pytest.raises(Conflict, match="没有名单"):
        assign_selection(session, draw, county_checkers(session, world.COUNTY), viewer("county"))

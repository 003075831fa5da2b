"""The list a checker works through shows the frozen roll, whatever has been found since."""

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
import world

from api.collection.entity_lists import entity_id
from api.collection.tables import Assignment
from api.database import now
from api.people.tables import Account
from api.registry.tables import Household
from api.spot_checks.assign import assign_selection, county_checkers
from api.spot_checks.checked_households import CHECKED_HOUSEHOLDS
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import FrameUnit, Selection


@pytest.fixture
def assigned(session, draw, result, viewer):
    """The base list given to the one checker, as his phone gets it."""
    assign_selection(session, draw, county_checkers(session, world.COUNTY), viewer("county"))
    return listed(session, viewer("checker"))


def listed(session, worker):
    text = CHECKED_HOUSEHOLDS.content(session, worker).decode()
    return {row["code"]: row for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)}


def test_the_list_holds_the_drawn_households_with_fixed_columns_from_the_frame_and_nothing_else(
    session, draw, assigned
):
    base = session.execute(
        sa.select(FrameUnit, Assignment.id)
        .join(Selection, Selection.leaf == FrameUnit.leaf)
        .join(Assignment, Assignment.household_id == Selection.household_id)
        .where(Selection.draw_id == draw.id, Selection.role == "base", FrameUnit.frame_id == draw.frame_id)
    ).all()
    assert set(assigned) == {unit.household_code for unit, _ in base}
    assert list(next(iter(assigned.values()))) == [
        "name", "label", "__version", "code", "head_name", "village", "geometry"
    ]  # fmt: skip
    for unit, assignment in base:
        village = f"第{world.VILLAGES.index(unit.village_code) + 1}村"
        assert assigned[unit.household_code] == {
            "name": entity_id(assignment), "label": f"{unit.household_code} {unit.head_name} {village}",
            "__version": "1", "code": unit.household_code, "head_name": unit.head_name, "village": village,
            "geometry": f"{unit.latitude} {unit.longitude} 0 0",
        }  # fmt: skip


def test_nothing_that_a_visit_has_corrected_shows_through_neither_as_a_value_nor_as_a_version(
    session, assigned, viewer
):
    token = CHECKED_HOUSEHOLDS.token(session, viewer("checker"))
    households = session.scalars(sa.select(Household).where(Household.county_code == world.COUNTY)).all()
    for household in households:
        household.head_name, household.persons, household.address = "虚构新户主", 9, "新址"
        household.place = "SRID=4326;POINT(90.1 28.1)"
        household.village_code = world.VILLAGES[1] if household.village_code == world.VILLAGE else world.VILLAGES[3]
        household.township_code = household.village_code[:9]
    session.flush()
    assert {household.version for household in households} == {2}
    assert listed(session, viewer("checker")) == assigned
    assert CHECKED_HOUSEHOLDS.token(session, viewer("checker")) == token


def test_a_later_draw_from_a_later_roll_changes_nothing_of_what_was_given_before(
    session, campaign, assigned, viewer, approve
):
    for household in session.scalars(sa.select(Household)):
        household.head_name = "虚构新户主"
    session.flush()
    frame = freeze_frame(session, campaign, world.COUNTY, viewer("county"), day=now().date())
    second = commit_draw(
        session, frame, make_plan(session, frame, campaign), viewer("county"), reason="名册有重大更正，已报市局"
    )
    approve(second)
    draw_spot_check(session, second, "27182818284590452353", viewer("county"), witnesses="虚构甲，虚构乙")
    assert listed(session, viewer("checker")) == assigned
    given = assign_selection(session, second, county_checkers(session, world.COUNTY), viewer("county"))
    assert sum(given.by_checker.values()) > 0
    fresh = listed(session, viewer("checker"))
    assert {code: row for code, row in fresh.items() if code in assigned} == assigned
    assert {row["head_name"] for code, row in fresh.items() if code not in assigned} == {"虚构新户主"}


def test_a_check_that_follows_no_draw_shows_code_and_village_alone(session, campaign, result, viewer):
    checker = session.scalars(sa.select(Account.id).where(Account.name == "checker")).one()
    household = session.scalars(sa.select(Household).where(Household.code == f"{world.VILLAGE}-0001")).one()
    session.add(
        Assignment(
            county_code=world.COUNTY, campaign_id=campaign.id, household_id=household.id, account_id=checker,
            purpose="spot_check", assigned_at=now() - timedelta(days=1),
        )
    )  # fmt: skip
    session.flush()
    (row,) = listed(session, viewer("checker")).values()
    assert (row["label"], row["head_name"], row["geometry"]) == (f"{household.code} 第1村", "", "")


def test_a_withdrawn_check_leaves_the_list_and_other_checkers_see_nothing_of_it(session, assigned, viewer):
    assert listed(session, viewer("checker-outside")) == listed(session, viewer("surveyor")) == {}
    first = session.scalars(sa.select(Assignment)).first()
    first.withdrawn_at = now()
    session.flush()
    assert len(listed(session, viewer("checker"))) == len(assigned) - 1
    assert entity_id(first.id) not in CHECKED_HOUSEHOLDS.ids(session, viewer("checker"))

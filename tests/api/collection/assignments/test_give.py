"""Households are given once, evenly, to whom they may be given."""

from dataclasses import replace

import field
import pytest
import sqlalchemy as sa
import world

from api.collection.assignments.choose import households_by_code, households_of_villages
from api.collection.tables import Assignment
from api.database import now
from api.people.roles import Role
from api.people.tables import AuditEntry
from api.problems import Conflict, Forbidden, Invalid, NotFound


def test_a_village_is_split_evenly_and_neighbours_stay_together(session, surveyor, second, road, give):
    third = field.worker(session, "surveyor-3")
    done = give(road[:11], second, third, surveyor)
    assert field.open_by(session) == {
        "surveyor": [1, 2, 3, 4], "surveyor-2": [5, 6, 7, 8], "surveyor-3": [9, 10, 11],
    }  # fmt: skip
    assert sum(done.act.details["begun"].values()) == 11
    assert (done.kept, done.visited, done.left) == (0, 0, [])


def test_the_same_order_again_gives_nothing_twice_and_says_why(session, surveyor, second, road, give):
    give(road[:5], surveyor, who="county")
    more = give(road[:7], second, who="county")
    assert (more.kept, field.open_by(session)["surveyor-2"]) == (5, [6, 7])
    with pytest.raises(Conflict, match="7 户已分配给人"):
        give(road[:7], second, who="county")


def test_a_visited_household_is_given_again_only_when_that_is_meant(session, surveyor, second, road, give):
    give(road[:2], surveyor, who="county")
    first = session.scalars(sa.select(Assignment).where(Assignment.household_id == road[0].id)).one()
    first.completed_at = now()
    session.flush()
    with pytest.raises(Conflict, match="1 户已走访"):
        give(road[:1], second, who="county")
    give(road[:1], second, who="county", again=True)
    assert field.open_by(session) == {"surveyor": [2], "surveyor-2": [1]}


def test_two_households_cannot_be_open_at_once_whoever_writes(session, campaign, surveyor, second, road):
    for worker in (surveyor, second):
        session.add(
            Assignment(
                county_code=world.COUNTY, campaign_id=campaign.id, household_id=road[0].id, account_id=worker.id,
                purpose="township_visit",
            )
        )  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()


def test_only_an_active_surveyor_whose_area_holds_the_household_is_given_it(session, road, give):
    for name in ("surveyor-outside", "checker", "township"):
        with pytest.raises(Invalid, match="不能分配给"):
            give(road, field.account(session, name), who="county")
    stopped = field.worker(session, "stopped")
    stopped.active = False
    with pytest.raises(Invalid, match="已停用"):
        give(road, stopped, who="county")
    with pytest.raises(Invalid, match="至少选择一人"):
        give(road, who="county")


def test_a_surveyor_of_one_village_is_given_no_other(session, give):
    village = field.worker(session, "village", (Role.SURVEYOR, world.VILLAGE))
    here, there = field.road(session), field.road(session, world.VILLAGES[1])
    with pytest.raises(Invalid, match=world.VILLAGES[1]):
        give([*here, *there], village, who="county")
    give(here, village, who="county")


def test_nobody_gives_households_of_another_township(surveyor, road, give):
    for name in ("township-outside", "county-outside", "city", "surveyor"):
        with pytest.raises(Forbidden):
            give(road, surveyor, who=name)


def test_who_is_to_check_a_household_does_not_survey_it(session, campaign, second, road, give):
    both = field.worker(session, "both", (Role.SURVEYOR, world.TOWNSHIP), (Role.SPOT_CHECKER, world.COUNTY))
    session.add(
        Assignment(
            county_code=world.COUNTY, campaign_id=campaign.id, household_id=road[0].id, account_id=both.id,
            purpose="spot_check",
        )
    )  # fmt: skip
    session.flush()
    with pytest.raises(Conflict, match="不能再由他入户调查"):
        give(road[:1], both, who="county")
    done = give(road[:2], both, who="county")
    assert (done.left, field.open_by(session)) == ([road[0].code], {"both": [2]})
    done = give(road[:1], both, second, who="county")
    assert field.open_by(session)["surveyor-2"] == [1]


def test_pasted_codes_are_chosen_all_or_none_and_the_strays_are_named(session, viewer):
    township = viewer("township")
    good, strange = f"{world.VILLAGE}-0001", f"{world.VILLAGES[2]}-0001"
    assert [one.code for one in households_by_code(session, township, [good, good])] == [good]
    with pytest.raises(NotFound, match=f"2 个户编码找不到.*{strange}, nothing"):
        households_by_code(session, township, [good, strange, "nothing"])
    with pytest.raises(Invalid, match="没有选中任何家庭"):
        households_by_code(session, township, [])
    with pytest.raises(Invalid, match="同一个县"):
        households_by_code(session, everywhere(viewer), [good, f"{world.VILLAGES[4]}-0001"])


def everywhere(viewer):
    """A supervisor of both counties."""
    return replace(viewer("county"), grants=((Role.COUNTY_SUPERVISOR, "54"),))


def test_a_village_means_its_households_on_the_roll(session, viewer):
    here = field.road(session)
    here[0].on_roll = False
    session.flush()
    chosen = households_of_villages(session, viewer("township"), [world.VILLAGE])
    assert [one.code for one in chosen] == [one.code for one in here[1:]]
    with pytest.raises(Forbidden):
        households_of_villages(session, viewer("township"), [world.VILLAGES[2]])


def test_the_log_names_the_households_of_each_worker(session, surveyor, second, road, give):
    done = give(road[:3], surveyor, second, who="county")
    entries = session.scalars(sa.select(AuditEntry).where(AuditEntry.object_id == str(done.act.id))).all()
    assert {entry.action for entry in entries} == {"assignment.begun"}
    assert {entry.details["worker"]: entry.details["households"] for entry in entries} == {
        str(surveyor.id): [one.code for one in road[:2]],
        str(second.id): [road[2].code],
    }

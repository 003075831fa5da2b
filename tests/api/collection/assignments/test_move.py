"""What is open is moved or taken back, what is done stays; and every act is undone as far as it is safe."""

import field
import pytest
import sqlalchemy as sa
import world

from api.collection.assignments.move import move_assignments, withdraw_assignments
from api.collection.assignments.reach import find_assignments, open_of_worker
from api.collection.assignments.undo import acts_for, find_act, undo_act
from api.collection.tables import Assignment
from api.database import now
from api.people.roles import Role
from api.people.tables import AuditEntry
from api.problems import Conflict, Forbidden, Invalid, NotFound


@pytest.fixture
def given(session, give, surveyor, road, viewer):
    """Six households of the surveyor, the first of them visited."""
    give(road[:6], surveyor)
    ones = open_of_worker(session, viewer("township"), surveyor.id)
    ones[0].completed_at = now()
    session.flush()
    return ones


@pytest.fixture
def checks(session, campaign, road):
    """A spot check of the first two households, given to the checker."""
    ones = [
        Assignment(
            county_code=world.COUNTY, campaign_id=campaign.id, household_id=one.id, purpose="spot_check",
            account_id=field.account(session, "checker").id,
        )
        for one in road[:2]
    ]  # fmt: skip
    session.add_all(ones)
    session.flush()
    return ones


def test_open_households_move_and_the_visited_one_stays(session, given, second, viewer):
    done = move_assignments(session, viewer("township"), given, [second])
    assert (done.done, field.open_by(session)) == (1, {"surveyor-2": [2, 3, 4, 5, 6]})
    assert given[0].withdrawn_at is None
    assert given[1].withdrawn_at is not None  # and its successor is another row: the phone's list loses the one


def test_a_move_to_several_splits_the_road_and_what_somebody_has_already_stays(
    session, given, surveyor, second, viewer
):
    third = field.worker(session, "surveyor-3")
    move_assignments(session, viewer("township"), given, [second, third])
    assert field.open_by(session) == {"surveyor-2": [2, 3, 4], "surveyor-3": [5, 6]}
    ones = open_of_worker(session, viewer("township"), second.id)
    with pytest.raises(Conflict, match="3 户本来就在他名下"):
        move_assignments(session, viewer("township"), ones, [second])


def test_a_move_out_of_the_area_is_refused_whole(session, given, viewer):
    with pytest.raises(Invalid, match=world.VILLAGE):
        move_assignments(session, viewer("county"), given, [field.account(session, "surveyor-outside")])
    assert field.open_by(session) == {"surveyor": [2, 3, 4, 5, 6]}


def test_what_is_taken_back_has_nobody_and_can_be_given_again(session, given, second, viewer, give):
    road = field.road(session)
    withdraw_assignments(session, viewer("township"), given[1:3])
    assert field.open_by(session) == {"surveyor": [4, 5, 6]}
    with pytest.raises(Conflict, match="都已完成或已收回"):
        withdraw_assignments(session, viewer("township"), given[:3])
    give(road[1:3], second)
    assert field.open_by(session)["surveyor-2"] == [2, 3]


def test_each_act_is_undone(session, given, second, viewer):
    township = viewer("township")
    moved = move_assignments(session, township, given, [second])
    undone = undo_act(session, township, moved.act)
    assert (undone.ended, undone.reopened, undone.left) == (5, 5, {})
    assert field.open_by(session) == {"surveyor": [2, 3, 4, 5, 6]}
    taken = withdraw_assignments(session, township, given)
    assert undo_act(session, township, taken.act).reopened == 5
    gift = session.scalars(acts_for(township)).all()[-1]
    assert gift.kind == "give"
    undone = undo_act(session, township, gift)
    assert (undone.ended, undone.left) == (5, {"已走访": 1})
    assert field.open_by(session) == {}
    with pytest.raises(Conflict, match="已经撤销过"):
        undo_act(session, township, gift)
    actions = list(session.scalars(sa.select(AuditEntry.action).where(AuditEntry.object_id == str(gift.id))))
    assert sorted(actions) == ["assignment.begun", "assignment.ended", "assignment.undo"]


def test_an_undoing_goes_over_no_visit_and_no_later_decision(session, given, second, viewer):
    township = viewer("township")
    moved = move_assignments(session, township, given[1:5], [second])
    ones = open_of_worker(session, township, second.id)
    ones[0].completed_at = now()  # household 2 was visited meanwhile
    withdraw_assignments(session, township, ones[1:2])  # 3 was taken back
    undone = undo_act(session, township, moved.act)
    assert (undone.ended, undone.reopened) == (2, 2)
    assert undone.left == {"已走访": 1, "之后已另行分配或收回": 1}
    assert field.open_by(session) == {"surveyor": [4, 5, 6]}


def test_what_went_to_somebody_who_left_stays_free(session, given, surveyor, viewer):
    township = viewer("township")
    taken = withdraw_assignments(session, township, given)
    surveyor.active = False
    session.flush()
    assert undo_act(session, township, taken.act).left == {"原来的人已停用或不再负责该村": 5}
    assert field.open_by(session) == {}


def test_a_household_given_to_another_since_is_not_taken_from_him(session, given, second, viewer, give):
    township, road = viewer("township"), field.road(session)
    taken = withdraw_assignments(session, township, given[1:3])
    give(road[1:2], second)
    undone = undo_act(session, township, taken.act)
    assert (undone.reopened, undone.left) == (1, {"之后已另行分配或收回": 1})
    assert field.open_by(session) == {"surveyor": [3, 4, 5, 6], "surveyor-2": [2]}


def test_a_township_neither_sees_nor_moves_spot_checks(session, checks, viewer):
    ids = [one.id for one in checks]
    assert len(find_assignments(session, viewer("county"), ids)) == 2
    for name in ("township", "county-outside", "city", "checker"):
        with pytest.raises(NotFound):
            find_assignments(session, viewer(name), ids)
        with pytest.raises(Forbidden):
            withdraw_assignments(session, viewer(name), checks)
    done = withdraw_assignments(session, viewer("county"), checks)
    assert done.act.checks
    assert list(session.scalars(acts_for(viewer("township")))) == []
    with pytest.raises(NotFound):
        find_act(session, viewer("township"), done.act.id)
    with pytest.raises(NotFound):
        find_act(session, viewer("city"), done.act.id, manage=True)
    assert undo_act(session, viewer("county"), find_act(session, viewer("county"), done.act.id)).reopened == 2


def test_a_check_moves_to_no_one_who_surveyed_the_household(session, checks, road, viewer, give):
    both = field.worker(session, "both", (Role.SURVEYOR, world.TOWNSHIP), (Role.SPOT_CHECKER, world.COUNTY))
    give(road[:1], both)
    done = move_assignments(session, viewer("county"), checks, [both])
    assert done.left == [road[0].code]
    assert field.open_by(session, "spot_check") == {"checker": [1], "both": [2]}
    with pytest.raises(Conflict, match="1 户他须回避"):
        move_assignments(session, viewer("county"), checks[:1], [both])
    with pytest.raises(Invalid, match="没有这项职责"):
        move_assignments(session, viewer("county"), checks[:1], [field.account(session, "surveyor")])


def test_checks_and_visits_are_not_moved_in_one(session, given, checks, viewer):
    with pytest.raises(Invalid, match="同一类任务"):
        withdraw_assignments(session, viewer("county"), [*given, *checks])

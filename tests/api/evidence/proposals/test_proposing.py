"""What visits would change of the roll: proposed, never silently over it."""

import sqlalchemy as sa
import world
from lists import correction, give, listed_form, rows

from api.collection.entity_lists import entity_id
from api.collection.forms import publish_form
from api.registry.tables import Household, Member
from survey_forms.values import Place

CODE = f"{world.VILLAGE}-0001"
DOOR = Place(28.905, 89.601, 4020.0, 6.0)  # some 440 m north of where the roll has it
FORM = listed_form()
NUMBER = "10000001234"


def test_a_visit_changes_nothing_on_the_roll_and_proposes_what_differs(asks, sends, kept, on_roll):
    before = on_roll()
    sends(place=DOOR, phone=NUMBER, persons=4, address="三组")
    after = on_roll()
    assert (after[0].persons, after[0].address, after[0].version, after[1:]) == (2, "", 1, before[1:])
    (one,) = asks()
    assert one["fields_changed"] == ["place", "phone", "persons", "address"]
    assert one["before"] == {"place": [89.601, 28.901], "persons": 2, "address": "", "phone": None}
    assert one["after"] == {
        "place": [89.601, 28.905, 6.0], "persons": 4, "address": "三组", "phone": "100******34",
    }  # fmt: skip
    assert 440 < one["distance_m"] < 450
    assert (one["household_code"], one["head_name"], one["account_name"]) == (CODE, "虚构户主1", "测试surveyor")
    assert (one["state"], one["conflict"]) == ("open", False)
    assert NUMBER not in str([vars(proposal) for proposal in kept()])


def test_nothing_is_proposed_where_the_visit_says_what_the_roll_says(sends, kept):
    near = Place(28.9011, 89.601, 4020.0, 5.0)  # eleven metres: the same door
    vague = Place(28.902, 89.601, 4020.0, 150.0)  # a hundred metres, and the phone does not know better
    for place in (near, vague):
        sends(place=place, persons=2)
    assert kept() == []


def test_the_same_posting_again_and_files_later_propose_nothing_twice(phone, sends, kept):
    xml = sends(persons=4)
    assert phone.send(xml).status_code == 202
    assert phone.send(xml, {"late.jpg": b"\xff\xd8\xff"}).status_code == 201
    assert [(one.changes, one.state) for one in kept()] == [("persons", "open")]


def test_an_edit_supersedes_what_was_proposed_before(sends, kept):
    sends(persons=4, instance_id="uuid:one")
    sends(persons=5, instance_id="uuid:two", deprecated_id="uuid:one")
    assert [(one.after["persons"], one.state) for one in kept()] == [(4, "superseded"), (5, "open")]
    sends(persons=2, instance_id="uuid:three", deprecated_id="uuid:two")
    assert [one.state for one in kept()] == ["superseded", "superseded"]


def test_an_original_that_comes_after_its_edit_proposes_nothing(sends, kept):
    sends(persons=5, instance_id="uuid:two", deprecated_id="uuid:one")
    sends(persons=4, instance_id="uuid:one")
    assert [(one.after["persons"], one.state) for one in kept()] == [(5, "open")]


def test_members_who_came_and_went_are_proposed_by_name_and_nobody_new_receives_anything(
    decides, asks, sends, database, on_roll
):
    with database.transaction() as session:
        found = session.scalars(sa.select(Household).where(Household.code == CODE)).one()
        for position, name in enumerate(("虚构户主1", "虚构 次仁", "虚构卓玛"), start=1):
            member = Member(county_code=found.county_code, position=position, name=name, relation="子")
            found.members.append(member)
    people = [("虚构·次仁", "儿子"), ("虚构新生儿", "孙女")]
    sends(members=[{"member_name": name, "member_relation": relation} for name, relation in people])
    (one,) = asks()
    members = {"added": [{"name": "虚构新生儿", "relation": "孙女"}], "gone": ["虚构卓玛"]}
    assert one["after"] == {"members": members}
    decides(one["id"])
    found = on_roll()[0]
    assert [(member.name, member.receives) for member in found.members] == [
        ("虚构户主1", True), ("虚构 次仁", True), ("虚构新生儿", False)
    ]  # fmt: skip
    assert found.roll_fingerprint is None


def test_members_are_not_compared_with_a_roll_that_lists_nobody(sends, kept):
    sends(members=[{"member_name": "虚构次仁"}])
    assert kept() == []


def test_what_cannot_be_understood_is_flagged_and_the_rest_is_proposed(sends, kept, flags):
    sends(persons=0, phone="没有", address="三组")
    assert [one.changes for one in kept()] == ["address"]
    assert flags() == [("property-not-taken", "phone"), ("property-not-taken", "persons")]


def test_an_entity_that_was_never_the_senders_proposes_nothing(sends, database, kept, flags):
    with database.transaction() as session:
        (other,) = give(session, "surveyor-outside", 1, village=world.VILLAGES[2])
    for entity in (entity_id(other.id), "nonsense"):
        sends(entity=entity, persons=4)
    assert kept() == []
    assert {kind for kind, _ in flags()} == {"entity-not-taken"}


def test_a_checkers_submission_proposes_nothing(phone_of, sends, database, kept, phone):
    entity = rows(phone.get("lists/households.csv"))[0]["name"]
    assert phone_of("checker").send(correction(FORM, entity, persons=4)).status_code == 201
    with database.transaction() as session:
        give(session, "surveyor", 1, purpose="spot_check")
    sends(entity=entity, persons=4)
    assert kept() == []


def test_the_list_is_filtered_sorted_and_paged(asks, phone, sends):
    second = rows(phone.get("lists/households.csv"))[1]
    sends(persons=4)
    sends(entity=second["name"], code=second["code"], place=Place(28.99, 89.602, 0.0, 4.0))
    assert [one["household_code"][-4:] for one in asks()] == ["0001", "0002"]
    assert [one["household_code"][-4:] for one in asks(order="-distance")] == ["0002", "0001"]
    for query, expected in (
        ({"field": "place"}, ["0002"]),
        ({"q": second["code"]}, ["0002"]),
        ({"q": "户主1"}, ["0001"]),
        ({"area": world.NEXT_TOWNSHIP}, []),
        ({"page": 2, "page_size": 1}, ["0002"]),
    ):
        assert [one["household_code"][-4:] for one in asks(**query)] == expected, query


def test_a_missed_household_is_corrected_by_its_own_entity(phone, database, kept):
    missed = listed_form("missed_households", version="2")
    code = f"{world.VILLAGE}-0002"
    with database.transaction() as session:
        publish_form(session, missed)
        session.scalars(sa.select(Household).where(Household.code == code)).one().on_roll = False
    (row,) = rows(phone.get("lists/missed_households.csv"))
    assert phone.send(correction(missed, row["name"], code=code, persons=7)).status_code == 201
    assert [(one.household_code, one.after) for one in kept()] == [(code, {"persons": 7})]

"""Proposals looked at and decided; the roll and the phone's list follow."""

from uuid import UUID

import sqlalchemy as sa
import world
from lists import give, rows

from api.collection.derive import reprocess
from api.collection.tables import Assignment
from api.database import now
from api.people.tables import AuditEntry
from api.registry.proposals.tables import HouseholdProposal
from api.registry.rotation import rotate_keys
from api.registry.secrecy import open_secrecy
from api.registry.tables import Household
from survey_forms.values import Place

CODE = f"{world.VILLAGE}-0001"
DOOR = Place(28.905, 89.601, 4020.0, 6.0)  # some 440 m north of where the roll has it
NUMBER = "10000001234"


def test_accepting_changes_the_roll_and_the_phones_list_follows(decides, asks, phone, sends, on_roll):
    sends(place=DOOR, phone=NUMBER, persons=4, address="三组")
    assert decides(asks()[0]["id"]) == {"decided": 1}
    found, place, number = on_roll()
    assert (found.persons, found.address, place, number) == (4, "三组", (89.601, 28.905), NUMBER)
    row = rows(phone.get("lists/households.csv"))[0]
    assert (row["persons"], row["address"], row["geometry"]) == ("4", "三组", "28.905 89.601 0 0")
    assert int(row["__version"]) >= 2  # what the phone itself has by now
    (decided,) = asks(state="accepted")
    assert (decided["taken"], decided["decided_by_name"]) == (["place", "phone", "persons", "address"], "测试county")
    assert decided["before"]["persons"] == 2


def test_a_decision_is_written_down_with_what_was_before_and_never_a_number(decides, kept, sends, database):
    sends(place=DOOR, phone=NUMBER, persons=4, address="三组")
    decides(kept()[0].id)
    with database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "proposal.accept")).one()
    assert entry.details["before"] == {"place": [89.601, 28.901], "persons": 2, "address": ""}
    assert entry.details["fields"] == ["place", "phone", "persons", "address"]
    assert entry.details["reason"] == "电话核实无误"
    assert NUMBER not in str(entry.details)


def test_only_some_of_what_was_proposed_may_be_accepted(decides, sends, kept, on_roll):
    sends(persons=4, address="三组")
    (proposal,) = kept()
    decides({"id": str(proposal.id), "fields": ["phone"]}, status=422)
    decides({"id": str(proposal.id), "fields": ["address"]})
    assert (on_roll()[0].persons, on_roll()[0].address) == (2, "三组")
    assert kept()[0].taken == ["address"]


def test_rejecting_leaves_the_roll_and_the_phone_takes_the_rolls_values_again(decides, phone, sends, kept, on_roll):
    sends(persons=4, base=3, trunk=1)  # the phone's third change without a connection
    decides(kept()[0].id, accept=False)
    found = on_roll()[0]
    assert (found.persons, found.content_version) == (2, 1)
    row = rows(phone.get("lists/households.csv"))[0]
    assert (row["persons"], row["__version"]) == ("2", "4")


def test_what_is_decided_stays_decided(decides, sends, kept):
    sends(persons=4)
    (proposal,) = kept()
    decides(proposal.id)
    decides(proposal.id, accept=False, status=409)


def test_a_decision_needs_a_reason_and_is_made_of_all_or_none(decides, sends, phone, kept, on_roll):
    second = rows(phone.get("lists/households.csv"))[1]
    sends(persons=4)
    sends(entity=second["name"], code=second["code"], persons=9)
    first, other = kept()
    decides(first.id, reason=" ", status=422)
    decides(other.id, accept=False)
    decides(first.id, other.id, status=409)
    assert on_roll()[0].persons == 2
    decides(first.id, UUID(int=0), status=404)


def test_a_roll_that_has_changed_since_the_phone_saw_it_is_shown_as_a_conflict(asks, sends, database, phone):
    with database.transaction() as session:
        session.scalars(sa.select(Household).where(Household.code == CODE)).one().address = "二组"
    sends(persons=4, base=1, trunk=1)
    (one,) = asks()
    assert one["conflict"] is True
    assert asks(conflict="true") == [one]
    sends(persons=4, base=2, trunk=2, entity=rows(phone.get("lists/households.csv"))[0]["name"])
    assert [row["conflict"] for row in asks()] == [True, False]


def test_a_rejection_alone_makes_no_conflict(decides, asks, sends, kept):
    sends(persons=4)
    decides(kept()[0].id, accept=False)
    sends(persons=5)
    assert [one["conflict"] for one in asks()] == [False]


def test_a_phone_number_changed_on_the_roll_meanwhile_is_a_conflict(asks, sends, database, settings):
    sends(phone=NUMBER)
    with database.transaction() as session:
        secrecy = open_secrecy(session, settings.encryption_keys())
        session.scalars(sa.select(Household).where(Household.code == CODE)).one().phone_sealed = secrecy.seal("10086")
    assert [one["conflict"] for one in asks()] == [True]


def test_reading_all_bytes_again_makes_the_same_proposals_and_loses_no_decision(decides, app, sends, database, kept):
    sends(persons=4, instance_id="uuid:one")
    sends(persons=5, address="三组", instance_id="uuid:two", deprecated_id="uuid:one")
    sends(persons=6)
    sends(persons=7)
    decides(kept()[1].id)
    decides(kept()[2].id, accept=False)
    before = [vars(one) for one in kept()]

    def again():
        extensions = app.extensions
        assert all(reprocess(database, extensions["ruhu_blobs"], extensions["ruhu_derivers"], everything=True))

    again()
    for old, new in zip(before, kept(), strict=True):
        same = {name: value for name, value in vars(new).items() if not name.startswith("_")}
        assert {name: old[name] for name in same} == same
    with database.transaction() as session:
        session.execute(sa.delete(HouseholdProposal).where(HouseholdProposal.state.in_(("open", "superseded"))))
    again()
    assert [(one.after["persons"], one.state) for one in kept()] == [(5, "accepted"), (6, "rejected"), (7, "open")]


def test_who_sees_proposals_and_who_decides_them(decides, asks, client, bearer, sends):
    sends(persons=4)
    for name in ("county", "township", "city", "discipline"):
        assert len(asks(name)) == 1, name
    for name in ("county-outside", "township-outside", "city-outside", "discipline-outside"):
        assert asks(name) == [], name
    for name in ("surveyor", "checker", "admin"):
        assert client.get("/api/proposals", headers=bearer(name)).status_code == 403, name
    (one,) = asks()
    for name in ("township", "city", "discipline"):
        decides(one["id"], name=name, status=403)
    decides(one["id"], name="county-outside", status=404)


def test_whoever_has_the_household_to_check_may_neither_see_nor_decide_the_proposal(asks, decides, sends, database):
    sends(persons=4)
    (one,) = asks()
    with database.transaction() as session:
        (check,) = give(session, "county", 1, purpose="spot_check")
        key = (check.county_code, check.id)
    assert asks() == []
    decides(one["id"], status=404)
    with database.transaction() as session:
        session.get_one(Assignment, key).withdrawn_at = now()
    assert len(asks()) == 1


def test_an_import_keeps_what_was_accepted_and_the_file_leaves_open(decides, sends, kept, take_roll, on_roll):
    sends(place=DOOR, phone=NUMBER, persons=4)
    decides(kept()[0].id)
    take_roll(address="文件所写")
    found, place, number = on_roll()
    assert (found.persons, found.address, place, number) == (1, "文件所写", (89.601, 28.905), NUMBER)


def test_an_import_makes_a_new_version_of_the_rows_that_show_something_new_and_of_no_other(phone, take_roll):
    def listed():
        return rows(phone.get("lists/households.csv"))[0]

    before = listed()
    take_roll(address="文件所写")
    after = listed()
    assert (int(after["__version"]), after["address"]) == (int(before["__version"]) + 1, "文件所写")
    take_roll(address="文件所写", benefit="999.00")
    assert listed() == after  # of money the list says nothing


def test_proposed_numbers_are_encrypted_anew_with_the_other_numbers(database, sends, settings, kept):
    sends(phone=NUMBER)
    sealed = kept()[0].phone_sealed
    rotate_keys(database, settings.encryption_keys())
    assert kept()[0].phone_sealed != sealed

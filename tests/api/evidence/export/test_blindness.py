"""Nobody finds in an export what he may not see: the area, and blindness before one's own check has arrived."""

import pytest
import sqlalchemy as sa
import world
from collect import HOUSEHOLD, JPEG, visit

from api.collection.forms import publish_form
from api.collection.tables import Assignment
from api.database import now
from api.people.tables import Account, RoleGrant
from survey_forms.compile import compile_form
from survey_forms.filling import fill
from survey_forms.xform import read_schema

OTHER = f"{world.VILLAGE}-0002"
KINDS = [{"format": "csv"}, {"format": "csv", "repeats": False}, {"format": "xlsx"}, {"format": "geojson"},
         {"format": "media"}]  # fmt: skip

MEETING = """
[languages]
zh = "中文 (zh)"
[settings]
form_id = "meeting"
version = "1"
[[survey]]
type = "text"
name = "place_name"
label = { zh = "地点" }
[[survey]]
type = "begin_repeat"
name = "votes"
label = { zh = "表决" }
[[survey]]
type = "text"
name = "code"
label = { zh = "户编码" }
evidence = "vote.household"
[[survey]]
type = "text"
name = "said"
label = { zh = "意见" }
[[survey]]
type = "image"
name = "sheet"
label = { zh = "表决单" }
[[survey]]
type = "end_repeat"
"""


@pytest.fixture
def visited(phone_of):
    """Two households visited by the township, one of them checked by somebody else too."""
    for name, code, note in (
        ("surveyor", HOUSEHOLD, "township-saw-one"),
        ("surveyor", OTHER, "township-saw-two"),
        ("checker", HOUSEHOLD, "checker-saw-one"),
    ):
        answer = phone_of(name).send(visit(household=code, surveyor_note=note), {"house.jpg": JPEG + note.encode()})
        assert answer.status_code == 201


@pytest.fixture
def sees(taken, opened):
    """A function from an account's name to what an export tells it, checked to be the same in every kind of file."""

    def notes(name, **wanted):
        texts = [repr(opened(taken(name, **wanted, **kind))) for kind in KINDS]
        found = [{note for note in NOTES if note in text} for text in texts]
        assert all(one == found[0] for one in found), found
        return sorted(found[0])

    return notes


NOTES = ("township-saw-one", "township-saw-two", "checker-saw-one", "own-check")


def test_an_export_holds_the_askers_area_and_nothing_of_the_neighbours(visited, sees, phone_of):
    phone_of("surveyor-outside").send(visit(household="540222201201-0001", surveyor_note="own-check"))
    assert sees("county") == sorted(NOTES[:4])
    assert sees("township") == sorted(NOTES[:3])
    assert sees("township-outside") == ["own-check"]
    assert sees("county-outside") == sees("city-outside") == []
    assert sees("city") == sees("discipline") == sorted(NOTES[:4])


@pytest.mark.parametrize("name", ["county", "township", "discipline"])
def test_whoever_has_an_open_check_of_a_household_gets_nobody_elses_rows_of_it(visited, sees, assign, database, name):
    key = assign(name, HOUSEHOLD)
    assert sees(name) == ["township-saw-two"]
    with database.transaction() as session:
        session.get_one(Assignment, key).withdrawn_at = now()
    assert sees(name) == sorted(NOTES[:3])


def test_a_check_given_after_the_export_was_made_takes_its_file_away(visited, desk, assign, database):
    asked = desk.ask("county")
    desk.work()
    assert desk.fetch(asked).status_code == 200
    key = assign("county", HOUSEHOLD)
    assert desk.fetch(asked).status_code == 403
    again = desk.ask("county")
    assert again.status_code == 202  # not the file of before
    desk.work()
    assert desk.fetch(again).status_code == 200
    with database.transaction() as session:
        session.get_one(Assignment, key).completed_at = now()
    assert desk.fetch(again).status_code == 403
    assert desk.ask("county").json["id"] == asked.json["id"]  # and what he saw before is good again


def test_a_check_given_before_the_export_is_made_is_obeyed(visited, desk, assign, opened):
    asked = desk.ask("county")
    assign("county", HOUSEHOLD)
    desk.work()
    told = repr(opened(desk.fetch(asked).data))
    assert ("township-saw-one" in told, "township-saw-two" in told) == (False, True)


def test_an_own_visit_is_never_hidden_and_ends_blindness(visited, sees, assign, phone_of, database):
    with database.transaction() as session:
        account = session.scalars(sa.select(Account).where(Account.name == "surveyor")).one()
        session.add(RoleGrant(account_id=account.id, role="township_reviewer", area_code=world.TOWNSHIP))
    assign("surveyor", HOUSEHOLD)
    assert sees("surveyor") == ["township-saw-one", "township-saw-two"]  # his own
    phone_of("surveyor").send(visit(household=HOUSEHOLD, surveyor_note="own-check"))
    assert sees("surveyor") == sorted(NOTES[:4])


def test_a_checker_who_reviews_elsewhere_exports_only_there(visited, sees, database):
    with database.transaction() as session:
        account = session.scalars(sa.select(Account).where(Account.name == "checker")).one()
        session.add(RoleGrant(account_id=account.id, role="township_reviewer", area_code=world.NEXT_TOWNSHIP))
    assert sees("checker") == []


def test_an_unknown_code_that_names_the_household_is_hidden_as_well(sees, assign, phone_of, database):
    """A submission that could not be located stays with its sender's area; its code still says whose it is."""
    phone_of("surveyor").send(visit("uuid:1", household=HOUSEHOLD, surveyor_note="township-saw-one"))
    with database.transaction() as session:
        session.execute(sa.text("UPDATE submission SET household_id = NULL"))
    assert sees("county") == ["township-saw-one"]
    assign("county", HOUSEHOLD)
    assert sees("county") == []


def test_rows_of_a_repeat_that_speak_of_the_household_stay_out_with_their_files(
    phone_of, assign, database, taken, opened
):
    compiled = compile_form(MEETING)
    with database.transaction() as session:
        publish_form(session, compiled)
    votes = [
        {"code": HOUSEHOLD, "said": "of-one", "sheet": "one.jpg"},
        {"code": OTHER, "said": "of-two", "sheet": "two.jpg"},
    ]
    xml = fill(read_schema(compiled.xml), {"place_name": "x", "votes": votes}, instance_id="uuid:1")
    phone_of("surveyor").send(xml, {"one.jpg": JPEG + b"1", "two.jpg": JPEG + b"2"})
    meeting = {"form_id": "meeting", "area": world.TOWNSHIP}
    with_files = {**meeting, "format": "media"}
    assert len([name for name in opened(taken("county", **with_files)) if name.startswith("media/")]) == 2
    key = assign("county", OTHER)
    told = opened(taken("county", **with_files))
    assert [row[0] for row in told["meeting-votes.csv"][1:]] == ["uuid:1/votes[1]"]
    assert [name for name in told if name.startswith("media/")] == ["media/1/one.jpg"]
    assert len(told["meeting.csv"]) == 2
    with database.transaction() as session:
        session.get_one(Assignment, key).withdrawn_at = now()
    assign("county", HOUSEHOLD)
    assert [row[0] for row in opened(taken("county", **with_files))["meeting-votes.csv"][1:]] == ["uuid:1/votes[2]"]

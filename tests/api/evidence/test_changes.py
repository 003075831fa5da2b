"""What was made of a township's evidence can be told to be old."""

import world
from collect import JPEG, visit

from api.evidence.changes import note_change, versions_of


def test_a_visit_that_arrives_or_is_edited_makes_its_township_newer_and_no_other(phone_of, database):
    phone = phone_of("surveyor")
    first = visit()
    assert phone.send(first, {"house.jpg": JPEG}).status_code == 201
    with database.read() as session:
        before = versions_of(session, [world.COUNTY])
    assert set(before) == {world.TOWNSHIP}
    assert phone.send(visit(household=f"{world.VILLAGE}-0002"), {"house.jpg": JPEG}).status_code == 201
    with database.read() as session:
        after = versions_of(session, [world.COUNTY])
        assert versions_of(session, [world.NEXT_TOWNSHIP]) == {}
    assert after[world.TOWNSHIP] > before[world.TOWNSHIP]


def test_what_lies_in_no_township_stands_under_its_county(database):
    with database.transaction() as session:
        note_change(session, [world.COUNTY, world.VILLAGE, world.TOWNSHIP])
        assert versions_of(session, ["54"]) == {world.COUNTY: 1, world.TOWNSHIP: 1}

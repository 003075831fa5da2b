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


def test_a_code_above_the_townships_is_nobodys_change(database):
    with database.transaction() as session:
        note_change(session, [world.COUNTY, world.VILLAGE, world.TOWNSHIP])
        assert versions_of(session, ["54"]) == {world.TOWNSHIP: 1}

"""Each rule about photos finds what is planted for it, and leaves alone what only looks like it."""

from datetime import timedelta

import field
import sqlalchemy as sa
import world
from checks import METRE, NOON

from api.database import now
from api.evidence.checks.judge import waiting
from api.evidence.tables import Photo, PhotoMetadata


def test_one_photo_for_two_households_is_found_on_both_and_a_signature_is_no_photo(session, homes, visit, rules_of):
    one = visit(homes[0], photo="a" * 64)
    assert rules_of(one) == []
    other = visit(homes[5], by="checker", purpose="spot_check", photo="a" * 64, began=NOON + timedelta(days=1))
    account = field.account(session, "surveyor").id
    assert account in waiting(session, world.COUNTY)  # the older one is judged again
    assert rules_of(one) == ["same-photo"]
    assert rules_of(other, by="checker") == ["same-photo"]
    photo = session.scalars(sa.select(Photo).where(Photo.evidence_id == other.id)).one()
    photo.question = "/home_visit/signs/surveyor_signature"
    session.flush()
    assert rules_of(other, by="checker") == ["no-photo"]


def test_a_photo_saved_anew_for_another_household_is_found_and_one_of_another_house_is_not(
    session, homes, visit, rules_of
):
    one, copy, own = visit(homes[0]), visit(homes[1], began=NOON + timedelta(hours=3)), visit(
        homes[2], began=NOON + timedelta(days=1)
    )  # fmt: skip
    _shows(session, one, "0f" * 32)
    _shows(session, copy, "0f" * 30 + "0000")  # eight of 256 spots differ
    _shows(session, own, "0f" * 29 + "000000")  # twelve from the first, four from the second: nearer than the threshold
    assert rules_of(one, copy, own) == [["alike-photo"]] * 3
    photo = session.scalars(sa.select(PhotoMetadata).where(PhotoMetadata.likeness == "0f" * 29 + "000000")).one()
    photo.likeness = "f0" * 32
    session.flush()
    assert rules_of(one, copy, own) == [["alike-photo"], ["alike-photo"], []]


def test_whose_photo_was_taken_over_later_by_another_worker_is_told_as_well(session, homes, visit, rules_of):
    one = visit(homes[0])
    _shows(session, one, "0f" * 32)
    assert rules_of(one) == []
    other = visit(homes[5], by="checker", purpose="spot_check", began=NOON + timedelta(days=1))
    _shows(session, other, "0f" * 31 + "00")
    assert rules_of(other, by="checker") == ["alike-photo"]
    assert waiting(session, world.COUNTY) == [field.account(session, "surveyor").id]
    assert rules_of(one) == ["alike-photo"]
    assert waiting(session, world.COUNTY) == []


def _shows(session, piece, likeness):
    photo = session.scalars(sa.select(Photo).where(Photo.evidence_id == piece.id)).one()
    session.add(PhotoMetadata(county_code=piece.county_code, photo_id=photo.id, state="read", likeness=likeness))
    session.flush()


def test_a_photo_that_never_came_is_told_after_some_days(session, homes, visit, rules_of):
    piece = visit(homes[0])
    photo = session.scalars(sa.select(Photo).where(Photo.evidence_id == piece.id)).one()
    photo.sha256 = None
    session.flush()
    assert rules_of(piece) == []
    piece.received_at = now() - timedelta(days=4)
    session.flush()
    assert rules_of(piece) == ["photo-missing"]


def test_a_photos_own_time_and_place_are_compared_with_the_answers(session, homes, visit, rules_of):
    piece = visit(homes[0])
    photo = session.scalars(sa.select(Photo).where(Photo.evidence_id == piece.id)).one()
    told = PhotoMetadata(
        county_code=piece.county_code, photo_id=photo.id, state="read", taken_at=NOON + timedelta(hours=11),
        longitude=homes[0].home[0], latitude=homes[0].home[1] + 900 * METRE,
    )  # fmt: skip
    session.add(told)
    session.flush()
    assert rules_of(piece) == []
    told.taken_at, told.latitude = NOON - timedelta(hours=13), homes[0].home[1] + 1100 * METRE
    session.flush()
    assert rules_of(piece) == ["photo-place", "photo-time"]


def test_a_photo_that_is_a_picture_of_a_screen_by_its_own_word_is_told_and_one_without_a_sign_is_not(
    session, homes, visit, rules_of
):
    piece = visit(homes[0])
    photo = session.scalars(sa.select(Photo).where(Photo.evidence_id == piece.id)).one()
    told = PhotoMetadata(county_code=piece.county_code, photo_id=photo.id, state="read")
    session.add(told)
    session.flush()
    assert rules_of(piece) == []
    told.screen_sign = "png"
    session.flush()
    assert rules_of(piece) == ["screen-photo"]

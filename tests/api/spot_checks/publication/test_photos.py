import io

import pytest
import sqlalchemy as sa
import world
from collect import JPEG
from photos import exif, picture

from api.collection.blobs import Blobs
from api.collection.integrity import verify_blobs
from api.people.tables import AuditEntry
from api.problems import Conflict, Forbidden, Invalid, TooLarge, WrongMediaType
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.publication import photos
from api.spot_checks.publication.photos import add_photo, check_photo, keep_photo, photos_of
from api.spot_checks.publication.tables import DrawPhoto
from api.spot_checks.verify import verify_draw

DICE = "31415926535897932384"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(20)


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "blobs")


@pytest.mark.parametrize(("data", "kind"), [(JPEG, "image/jpeg"), (PNG, "image/png"), (HEIC, "image/heic")])
def test_photos_are_told_by_their_bytes(data, kind):
    assert check_photo(data) == kind


@pytest.mark.parametrize(
    ("data", "refusal"),
    [(b"", Invalid), (b"<html>", WrongMediaType), (b"%PDF-1.7", WrongMediaType), (b"GIF89a", WrongMediaType)],
)
def test_what_is_no_photo_is_refused(data, refusal):
    with pytest.raises(refusal):
        check_photo(data)


def test_a_photo_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(photos, "MOST_BYTES", len(JPEG) - 1)
    with pytest.raises(TooLarge):
        check_photo(JPEG)


def test_the_audit_log_names_the_photo_with_the_result_and_the_bytes_stay_as_they_came(session, draw, viewer, blobs):
    kept = keep_photo(blobs, JPEG)
    draw_spot_check(session, draw, DICE, viewer("county"), witnesses="虚构甲，虚构乙", photos=[kept])
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "draw.result")).one()
    assert entry.details["photos"] == [kept.sha256]
    assert [photo.sha256 for photo in photos_of(session, draw)] == [kept.sha256]
    assert blobs.read(kept.sha256) == JPEG
    assert verify_draw(session, draw).same


def test_a_photo_is_added_once_by_the_county_alone_and_never_changed(session, draw, result, viewer, blobs):
    kept = keep_photo(blobs, JPEG)
    add_photo(session, draw, kept, viewer("county"))
    with pytest.raises(Conflict):
        add_photo(session, draw, kept, viewer("county"))
    for name in ("county-outside", "city", "admin"):
        with pytest.raises(Forbidden):
            add_photo(session, draw, keep_photo(blobs, PNG), viewer(name))
    for statement in (sa.update(DrawPhoto).values(size=1), sa.delete(DrawPhoto)):
        with pytest.raises(sa.exc.DBAPIError, match="written once"), session.begin_nested():
            session.execute(statement)


def test_there_is_an_end_to_photos(session, draw, viewer, blobs, monkeypatch):
    monkeypatch.setattr(photos, "MOST_PHOTOS", 1)
    add_photo(session, draw, keep_photo(blobs, JPEG), viewer("county"))
    with pytest.raises(Conflict, match="最多 1 张"):
        add_photo(session, draw, keep_photo(blobs, PNG), viewer("county"))


def test_a_photo_removed_or_slipped_in_behind_the_log_is_found(session, draw, result, viewer, blobs):
    kept = keep_photo(blobs, JPEG)
    add_photo(session, draw, kept, viewer("county"))
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sa.text("drop trigger draw_photo_no_delete"))
    else:
        session.execute(sa.text("alter table draw_photo disable trigger user"))
    session.execute(sa.delete(DrawPhoto))
    session.expire_all()
    assert kept.sha256 in str(verify_draw(session, draw))


def test_dice_come_with_their_photo_on_the_page_and_it_is_shown_without_what_the_camera_wrote(signed_in, made):
    draw, county = made.commit(), signed_in("county")
    page = county.get("/spot-checks")
    data = picture(exif=exif())
    assert b"Exif" in data
    form = {
        "csrf_token": world.csrf_token(page.text), "part": DICE, "witnesses": "虚构甲\n虚构乙",
        "photo": (io.BytesIO(data), "dice.jpg"),
    }  # fmt: skip
    answer = county.post(f"/spot-checks/{draw.id}/result", data=form)
    assert answer.status_code == 302, answer.text
    ((sha256,),) = made.all(DrawPhoto.sha256)
    assert sha256 in county.get(f"/spot-checks/{draw.id}").text
    shown = county.get(f"/spot-checks/{draw.id}/photos/{sha256}")
    assert (shown.status_code, shown.content_type, b"Exif" in shown.data) == (200, "image/jpeg", False)
    original = county.get(f"/spot-checks/{draw.id}/photos/{sha256}?original=1", buffered=True)
    assert original.data == data
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert signed_in("county-outside").get(f"/spot-checks/{draw.id}/photos/{sha256}").status_code == 404


def test_a_file_that_is_no_photo_leaves_the_dice_unthrown_and_what_was_typed_in_place(signed_in, made):
    draw, county = made.commit(), signed_in("county")
    form = {
        "csrf_token": world.csrf_token(county.get("/spot-checks").text), "part": DICE, "witnesses": "虚构甲\n虚构乙",
        "photo": (io.BytesIO(b"<html>"), "dice.jpg"),
    }  # fmt: skip
    answer = county.post(f"/spot-checks/{draw.id}/result", data=form)
    assert answer.status_code == 415
    assert f">{DICE}</textarea>" in answer.text
    assert county.get(f"/spot-checks/{draw.id}").text.count("还没有名单") == 1


def test_photos_come_later_by_page_and_by_interface(signed_in, client, bearer, made, drawn):
    county = signed_in("county")
    address = f"/spot-checks/{drawn.id}/photos"
    token = world.csrf_token(county.get(f"/spot-checks/{drawn.id}").text)
    assert county.post(address, data={"csrf_token": token}).status_code == 422
    sent = county.post(address, data={"csrf_token": token, "photo": (io.BytesIO(JPEG), "a.jpg")})
    assert sent.status_code == 303
    answer = client.post(
        f"/api{address.replace('/spot-checks', '/spot-checks/draws')}",
        data={"photo": (io.BytesIO(PNG), "b.png")},
        headers=bearer("county"),
    )
    assert (answer.status_code, answer.json["media_type"]) == (201, "image/png")
    assert len(made.all(DrawPhoto.sha256)) == 2


def test_a_photo_whose_bytes_are_gone_is_named_by_the_check_of_all_bytes(app, signed_in, made, drawn):
    county = signed_in("county")
    token = world.csrf_token(county.get(f"/spot-checks/{drawn.id}").text)
    form = {"csrf_token": token, "photo": (io.BytesIO(JPEG), "a.jpg")}
    assert county.post(f"/spot-checks/{drawn.id}/photos", data=form).status_code == 303
    blobs = app.extensions["ruhu_blobs"]
    assert [one.found for one in verify_blobs(made.database, blobs)] == ["good"]
    ((sha256,),) = made.all(DrawPhoto.sha256)
    blobs.path(sha256).unlink()
    assert [(one.found, one.named_by) for one in verify_blobs(made.database, blobs)] == [
        ("missing", (("dice", str(drawn.id)),))
    ]

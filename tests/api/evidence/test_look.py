"""Photos are looked at after they have arrived: never in a phone's way, each once, crashes included."""

import hashlib

import pytest
import sqlalchemy as sa
import world
from collect import JPEG, visit
from photos import exif, heic, picture, png_bomb

from api.collection.tables import Assignment
from api.database import now
from api.evidence import look
from api.evidence.commands import read_photos
from api.evidence.look import look_at_photos
from api.evidence.tables import Photo, PhotoMetadata
from api.problems import Unavailable

PHOTO = picture(exif=exif())


@pytest.fixture
def looked(app, database):
    """A function that looks at what is unseen; it returns what was found, in the order of the photos."""

    def do_it():
        extensions = app.extensions
        look_at_photos(database, extensions["ruhu_blobs"], extensions["ruhu_thumbnails"])
        with database.read() as session:
            return session.scalars(
                sa.select(PhotoMetadata).join(Photo, Photo.id == PhotoMetadata.photo_id).order_by(Photo.id)
            ).all()

    return do_it


@pytest.fixture
def photo_of(client, bearer):
    """A function that asks for the photo of the newest visit, as an account."""

    def ask(name="county", path="", **more):
        headers = {**bearer(name), **more.pop("headers", {})}
        page = client.get("/api/evidence?kind=visit", headers=bearer("city")).json
        address = page["features"][0]["properties"]["photos"][0]["url"]
        return client.get(f"{address}{path}", headers=headers, buffered=True)

    return ask


def test_a_photo_is_read_once_it_is_here_and_its_facts_are_kept_apart_from_the_answers(
    phone_of, looked, photo_of, client, bearer
):
    xml = visit("uuid:1")
    phone_of("surveyor").send(xml)
    assert looked() == []  # its bytes are still on the phone
    phone_of("surveyor").send(xml, {"house.jpg": PHOTO})
    assert photo_of(path="/metadata").json["state"] == "waiting"
    (found,) = looked()
    assert (found.state, found.camera) == ("read", "Nowhere Z1")
    told = photo_of(path="/metadata").json
    assert (told["taken_at"], told["offset_written"]) == ("2018-06-20T02:11:12+00:00", True)
    assert (round(told["latitude"], 4), round(told["longitude"], 4)) == (28.95, 89.61)
    listed = client.get("/api/evidence", headers=bearer("county")).text
    assert "Nowhere" not in listed
    assert "2018-06-20T02:11" not in listed
    assert photo_of().data == PHOTO  # the original is what was sent


def test_small_copies_are_made_once_served_with_a_tag_and_made_again_when_the_folder_is_gone(
    phone_of, looked, photo_of, app
):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": PHOTO})
    looked()
    root = app.extensions["ruhu_thumbnails"].root
    assert [path.name[64:] for path in root.rglob("*.jpg")] == ["-320.jpg"]  # for lists; the rest when it is wanted
    answer = photo_of(path="?size=1280")
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.data[:3] == b"\xff\xd8\xff"
    assert b"Nowhere" not in answer.data
    for name, value in {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}.items():
        assert answer.headers[name] == value
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "house-1280.jpg" in answer.headers["Content-Disposition"]
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert photo_of(path="?size=1280", headers=tag).status_code == 304
    assert photo_of(path="?size=320", headers=tag).status_code == 200
    for path in root.rglob("*.jpg"):
        path.write_bytes(b"")  # as after a power cut
    assert photo_of(path="?size=1280").data == answer.data
    assert photo_of(path="?size=640").status_code == 422


def test_a_heic_photo_is_accepted_shown_small_and_offered_for_saving_as_it_is(phone_of, looked, photo_of):
    content = heic()
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": content})
    assert [one.state for one in looked()] == ["read"]
    original = photo_of()
    assert (original.data, original.content_type) == (content, "application/octet-stream")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert photo_of(path="?size=320").content_type == "image/jpeg"


def test_parts_of_a_photo_are_sent_when_asked_for(phone_of, photo_of):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": PHOTO})
    part = photo_of(headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, PHOTO[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(PHOTO)}"
    assert photo_of(headers={"Range": "bytes=-50"}).data == PHOTO[-50:]
    assert photo_of(headers={"Range": f"bytes={len(PHOTO)}-"}).status_code == 416
    assert photo_of().headers["Accept-Ranges"] == "bytes"


def test_a_head_request_learns_the_size_without_the_bytes(phone_of, client, bearer):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": PHOTO})
    (feature,) = client.get("/api/evidence", headers=bearer("county")).json["features"]
    answer = client.head(feature["properties"]["photos"][0]["url"], headers=bearer("county"))
    assert (answer.status_code, answer.content_length, answer.data) == (200, len(PHOTO), b"")


@pytest.mark.parametrize(
    ("content", "note"),
    [(JPEG, "not-a-picture"), (png_bomb(), "too-large"), (b"<html><script>", "not-a-picture"), (PHOTO[:-900], "")],
)
def test_what_cannot_be_read_never_stops_a_phone_and_is_noted(  # noqa: PLR0917 - all take part
    phone_of, looked, photo_of, content, note, app
):
    assert phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": content}).status_code == 201
    (found,) = looked()
    assert found.note in {note, "unreadable"}
    refused = photo_of(path="?size=320")
    assert refused.status_code == 404
    assert "下载原件" in refused.json["detail"]
    assert photo_of().data == content
    marks = list(app.extensions["ruhu_thumbnails"].root.rglob("*.none"))
    assert len(marks) == 1  # nobody tries again at each look


def test_a_photo_that_brings_the_process_down_is_not_opened_again(phone_of, looked, database, monkeypatch):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": PHOTO})

    def power_cut(_file):
        raise SystemExit

    monkeypatch.setattr(look, "read_facts", power_cut)
    with pytest.raises(SystemExit):
        looked()
    monkeypatch.undo()
    assert [one.state for one in looked()] == ["begun"]


def test_a_store_that_is_down_leaves_photos_for_later(phone_of, looked, database, monkeypatch):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": PHOTO})

    def down(_file):
        raise Unavailable("存储暂时不可用")

    monkeypatch.setattr(look, "read_facts", down)
    with pytest.raises(Unavailable):
        looked()
    monkeypatch.undo()
    assert [one.state for one in looked()] == ["read"]


def test_bytes_that_are_gone_are_noted(phone_of, looked, app, photo_of):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": PHOTO})
    app.extensions["ruhu_blobs"].path(hashlib.sha256(PHOTO).hexdigest()).unlink()
    assert [(one.state, one.note) for one in looked()] == [("unreadable", "missing")]
    assert photo_of().status_code == photo_of(path="?size=320").status_code == 404


def test_every_photo_is_looked_at_again_on_command_and_goes_with_its_evidence(phone_of, looked, app, database):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": PHOTO})
    looked()
    with database.transaction() as session:
        session.execute(sa.update(PhotoMetadata).values(camera="", state="begun"))
    assert "0 张" in app.test_cli_runner().invoke(read_photos).output
    assert "1 张" in app.test_cli_runner().invoke(read_photos, ["--again"]).output
    (found,) = looked()
    assert found.camera == "Nowhere Z1"
    phone_of("surveyor").send(visit("uuid:2", deprecated_id="uuid:1", photo=None))
    assert looked() == []


def test_any_file_of_a_submission_is_reached_by_whoever_may_see_it_also_one_the_answers_do_not_name(
    phone_of, client, bearer
):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": PHOTO, "stray.bin": b"<html>"})
    (feature,) = client.get("/api/evidence", headers=bearer("county")).json["features"]
    base = f"/api/submissions/{feature['properties']['submission_id']}"
    for name in ("county", "surveyor", "township"):
        file = client.get(f"{base}/files/stray.bin", headers=bearer(name), buffered=True)
        assert (file.data, file.content_type) == (b"<html>", "application/octet-stream")
    assert client.get(f"{base}/files/house.jpg", headers=bearer("county"), buffered=True).data == PHOTO
    assert client.get(f"{base}/files/none.jpg", headers=bearer("county")).status_code == 404
    for name in ("checker", "county-outside", "township-outside"):
        assert client.get(f"{base}/files/stray.bin", headers=bearer(name)).status_code == 404
    # an administrator reads no evidence; what nobody's answers name, an operator may take
    assert client.get(f"{base}/files/stray.bin", headers=bearer("admin")).status_code == 403
    assert client.get(f"{base}/stray-files/stray.bin", headers=bearer("admin"), buffered=True).data == b"<html>"
    assert client.get(f"{base}/stray-files/house.jpg", headers=bearer("admin")).status_code == 404
    assert client.get(f"{base}/stray-files/stray.bin", headers=bearer("county-outside")).status_code == 404


def test_whoever_is_to_check_a_household_reaches_no_file_of_it_before_his_own_visit(
    phone_of, client, bearer, assign, database
):
    phone_of("surveyor").send(visit("uuid:1"), {"house.jpg": PHOTO, "stray.bin": b"x"})
    (feature,) = client.get("/api/evidence", headers=bearer("county")).json["features"]
    base = f"/api/submissions/{feature['properties']['submission_id']}"
    key = assign("county", household=f"{world.VILLAGE}-0001")
    addresses = [f"{base}/{path}" for path in ("files/stray.bin", "files/house.jpg", "stray-files/stray.bin")]
    photo = feature["properties"]["photos"][0]["url"]
    addresses += [photo, f"{photo}?size=320", f"{photo}?size=1280", f"{photo}/metadata"]
    assert {client.get(address, headers=bearer("county")).status_code for address in addresses} == {404}
    with database.transaction() as session:
        session.get_one(Assignment, key).completed_at = now()  # his own visit is in
    assert {client.get(address, headers=bearer("county"), buffered=True).status_code for address in addresses} == {200}

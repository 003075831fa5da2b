"""Bytes in an S3-compatible store, over HTTP: the whole way of a posting, a store that is down, one that lies."""

import base64
import hashlib
import io
import os
import threading

import pytest
import requests
import sqlalchemy as sa
import world
from collect import JPEG, Phone, visit, words
from conftest import running
from live import Live, multipart
from s3 import Store

from api.collection.blobs import Blobs
from api.collection.commands import move_blobs_command, verify_blobs_command
from api.collection.forms import publish_form
from api.collection.integrity import move_blobs
from api.collection.object_store import ObjectStore, StoreUnavailable, open_blobs
from api.collection.tables import Attachment, Submission, SubmissionVersion
from api.settings import Settings
from survey_forms.catalogue import compiled


@pytest.fixture
def store(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr("api.collection.object_store.TRIES", 1)  # a store that is down is down at once
    found = Store()
    yield found
    found.client.close()
    found.stop()


@pytest.fixture
def settings(settings, store):
    """The settings of every test here name the store."""
    return store.settings(settings)


@pytest.fixture
def blobs(settings):
    return open_blobs(settings)


@pytest.fixture
def phone(client):
    return Phone(client)


def key(content):
    sha256 = hashlib.sha256(content).hexdigest()
    return f"ruhu/{sha256[:2]}/{sha256}"


def local_files(settings):
    return [path for path in (settings.data_dir / "blobs").rglob("*") if path.is_file()]


def test_what_is_kept_lies_in_the_store_under_its_hash_and_nothing_stays_on_the_disk(blobs, store, settings):
    kept = blobs.put(b"a photo")
    assert store.objects() == {key(b"a photo"): b"a photo"}
    assert blobs.read(kept.sha256) == b"a photo"
    assert local_files(settings) == []


def test_a_kept_file_is_read_from_anywhere_in_it(blobs):
    content = os.urandom(200_000)
    with blobs.open(blobs.put(content).sha256) as file:
        assert file.seek(0, io.SEEK_END) == 200_000
        file.seek(150_000)
        assert file.read(100) == content[150_000:150_100]
        file.seek(3)
        assert file.read() == content[3:]
        assert file.read() == b""


def test_what_was_never_kept_is_not_found(blobs):
    with pytest.raises(FileNotFoundError):
        blobs.open("0" * 64)


def test_the_same_bytes_again_mend_an_object_that_was_damaged(blobs, store):
    kept = blobs.put(b"a photo")
    store.spoil(key(b"a photo"), b"a phOto")
    blobs.put(b"a photo")
    assert blobs.read(kept.sha256) == b"a photo"


def test_a_store_that_names_no_checksum_is_read_back_and_one_that_keeps_other_bytes_is_not_believed(blobs, store):
    ask = blobs._ask

    def knows_no_checksums(question):
        answer = ask(question)
        answer.pop("ChecksumSHA256", None)
        return answer

    blobs._ask = knows_no_checksums
    assert blobs.read(blobs.put(b"a photo").sha256) == b"a photo"

    def loses_the_end(question):
        answer = knows_no_checksums(question)
        store.spoil(key(b"a second photo"), b"a sec")
        return answer

    blobs._ask = loses_the_end
    with pytest.raises(StoreUnavailable):
        blobs.put(b"a second photo")


def test_a_store_that_names_the_checksum_it_computed_is_believed_without_reading_back(blobs, store, monkeypatch):
    ask = blobs._ask

    def names_it(question):  # as Amazon's and MinIO do; moto computes none
        digest = base64.b64encode(hashlib.sha256(b"a photo").digest()).decode()
        return {"ChecksumSHA256": digest} | ask(question)

    monkeypatch.setattr(blobs, "_ask", names_it)
    monkeypatch.setattr(blobs, "hash_stored", None)
    blobs.put(b"a photo")
    with pytest.raises(TypeError):  # other bytes than it names: then it would be read back
        blobs.put(b"another")


def test_many_threads_share_one_connection_to_the_store(blobs, store):
    start, found = threading.Barrier(6), []

    def bring(number):
        start.wait()
        found.append(blobs.put(bytes([number]) * 100_000))

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(store.objects()) == 6


def test_a_posting_goes_through_the_store_and_its_photo_comes_back_whole_and_in_parts(phone, client, bearer, store):
    xml = visit("uuid:1")
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 201
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 202
    assert store.objects() == {key(xml): xml, key(JPEG): JPEG}
    (feature,) = client.get("/api/evidence", headers=bearer("county")).json["features"]
    address = feature["properties"]["photos"][0]["url"]
    whole = client.get(address, headers=bearer("county"), buffered=True)
    assert (whole.data, whole.content_type) == (JPEG, "image/jpeg")
    part = client.get(address, headers={**bearer("county"), "Range": "bytes=10-19"}, buffered=True)
    assert (part.status_code, part.data) == (206, JPEG[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(JPEG)}"
    tag = whole.headers["ETag"]
    assert client.get(address, headers={**bearer("county"), "If-None-Match": tag}).status_code == 304


def test_a_store_that_is_down_is_answered_503_nothing_is_acknowledged_and_the_next_try_succeeds(
    phone, store, stored, settings
):
    xml = visit("uuid:1")
    store.stop()
    try:
        answer = phone.send(xml, {"house.jpg": JPEG})
        assert answer.status_code == 503
        assert "对象存储" in words(answer)
        assert answer.headers["Retry-After"] == "30"
        assert phone.send(xml[:-20]).status_code == 503  # a refusal cannot be kept aside either
        assert stored() == (0, 0)
        assert local_files(settings) == []
    finally:
        store.start()
    assert phone.send(xml, {"house.jpg": JPEG}).status_code == 201
    assert stored() == (1, 1)


def test_real_processes_share_a_store_and_what_they_acknowledged_is_in_it(settings, store, database):
    database.dispose()
    with Live(settings, threads=2) as live:
        address = f"{live.address}/key/{world.PHONE_TOKENS['surveyor']}/submission"
        sent = {}
        for number in range(4):
            xml, photo = visit(f"uuid:{number}"), os.urandom(60_000)
            body, content_type = multipart(xml, {"house.jpg": photo})
            answer = requests.post(address, data=body, headers={"Content-Type": content_type}, timeout=60)
            assert answer.status_code == 201
            sent |= {key(xml): xml, key(photo): photo}
            if number == 1:
                live.kill_a_worker(lambda pids: pids[0])
        assert store.objects() == sent
    assert local_files(settings) == []


@pytest.fixture
def two_visits(phone):
    """Two visits with a photo each, and one posting that was refused."""
    assert phone.send(visit("uuid:1"), {"house.jpg": JPEG}).status_code == 201
    assert phone.send(visit("uuid:2"), {"house.jpg": JPEG + b"2"}).status_code == 201
    assert phone.send(visit("uuid:3")[:-20], {"house.jpg": JPEG + b"3"}).status_code == 400


def test_verify_blobs_says_what_is_missing_and_what_was_changed_and_whose_it_is(app, two_visits, store):
    runner = app.test_cli_runner()
    result = runner.invoke(verify_blobs_command)
    assert (result.exit_code, "6 个完好" in result.output) == (0, True), result.output
    store.client.delete_object(Bucket=store.bucket, Key=key(JPEG + b"3"))
    store.spoil(key(JPEG), JPEG[:-1])
    result = runner.invoke(verify_blobs_command)
    assert result.exit_code == 3
    assert "file house.jpg of uuid:1" in result.output
    assert "uuid:2" not in result.output
    assert "posting kept aside" in result.output
    assert "4 个完好 good, 1 个缺失 missing, 1 个被改动 changed" in result.output


def test_blobs_are_moved_while_the_server_works_and_a_damaged_one_is_left_where_it_is(settings, store, tmp_path):
    with running(Settings(**(vars(settings) | {"blob_store": ""}))) as before:
        with before.extensions["ruhu_database"].transaction() as session:
            publish_form(session, compiled("home_visit"))
        for number in range(3):
            photo = JPEG + bytes([number])
            assert Phone(before.test_client()).send(visit(f"uuid:{number}"), {"house.jpg": photo}).status_code == 201
        damaged = before.extensions["ruhu_blobs"].path(hashlib.sha256(JPEG + b"\0").hexdigest())
        damaged.write_bytes(b"not any more")
    with running(settings) as app:
        blobs = app.extensions["ruhu_blobs"]
        steps = move_blobs(Blobs(blobs.root), blobs)
        next(steps)
        steps.close()  # broken off after the first
        assert len(store.objects()) + len(local_files(settings)) == 6
        with app.extensions["ruhu_database"].read() as session:
            for version in session.scalars(sa.select(SubmissionVersion)):
                assert len(blobs.read(version.xml_sha256)) == version.xml_bytes  # wherever it lies by now
        result = app.test_cli_runner().invoke(move_blobs_command)
        assert (result.exit_code, local_files(settings)) == (3, [damaged]), result.output
        assert len(store.objects()) == 5
        again = app.test_cli_runner().invoke(move_blobs_command)
        assert again.exit_code == 3


def test_blobs_can_be_copied_and_the_folder_kept(settings, store, blobs):
    folder = Blobs(blobs.root)
    folder.put(b"a photo")
    folder.put(b"another")
    assert [one.found for one in move_blobs(folder, blobs, keep_local=True)] == ["good", "good"]
    assert [one.found for one in move_blobs(folder, blobs, keep_local=True)] == ["good", "good"]
    assert len(local_files(settings)) == len(store.objects()) == 2


def test_a_bucket_without_a_prefix_is_a_store_too(settings, store):
    bare = ObjectStore(
        settings.data_dir / "blobs", Settings(**(vars(settings) | {"blob_store": f"s3://{store.bucket}"}))
    )
    bare.put(b"a photo")
    assert list(store.objects()) == [key(b"a photo").removeprefix("ruhu/")]


def test_no_row_is_left_of_a_posting_whose_photo_could_not_be_kept(phone, app, database, monkeypatch):
    upload = app.extensions["ruhu_blobs"].upload

    def fails_at_the_photo(path, sha256):
        if sha256 == hashlib.sha256(JPEG).hexdigest():
            raise StoreUnavailable("存放附件的对象存储暂时不可用，没有保存任何内容，请稍后重试")
        upload(path, sha256)

    monkeypatch.setattr(app.extensions["ruhu_blobs"], "upload", fails_at_the_photo)
    assert phone.send(visit("uuid:1"), {"house.jpg": JPEG}).status_code == 503
    with database.read() as session:
        assert session.scalars(sa.select(Submission)).all() == session.scalars(sa.select(Attachment)).all() == []

"""What was acknowledged survives: workers killed at any moment, connections cut at any byte, twenty posts at once."""

import os
import random
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import requests
import sqlalchemy as sa
import world
from collect import visit
from live import Live, multipart

from api.collection.blobs import Blobs
from api.collection.tables import Attachment, Submission, SubmissionVersion
from api.database import Database
from api.evidence.tables import Evidence

SOAK = bool(os.environ.get("RUHU_SOAK"))
POSTERS = 8
KILLS = 200 if SOAK else 6


@pytest.fixture
def live(settings, published, database):
    """A real server on the test's own database, which nobody else keeps open."""
    database.dispose()
    with Live(settings) as server:
        yield server


def url(live):
    return f"{live.address}/key/{world.PHONE_TOKENS['surveyor']}/submission"


def post(live, xml, files):
    body, content_type = multipart(xml, files)
    return requests.post(url(live), data=body, headers={"Content-Type": content_type}, timeout=60)


def stored_once_and_whole(settings, acknowledged):
    """Look with fresh eyes: every acknowledged id exactly once, its bytes on the disk the ones that were sent."""
    database, blobs = Database(settings.database_url), Blobs(settings.data_dir / "blobs")
    with database.read() as session:
        versions = session.scalars(sa.select(SubmissionVersion)).all()
        by_id = {version.instance_id: version for version in versions}
        assert len(by_id) == len(versions)
        assert session.scalar(sa.select(sa.func.count()).select_from(Submission)) == len(versions)
        for instance_id, (xml, photo) in acknowledged.items():
            version = by_id[instance_id]
            assert blobs.read(version.xml_sha256) == xml
            (file,) = session.scalars(
                sa.select(Attachment).where(Attachment.submission_id == version.submission_id)
            ).all()
            assert blobs.read(file.sha256) == photo
        # and nothing half stored either: a row has its bytes, its evidence and its photo's row
        for version in versions:
            assert blobs.path(version.xml_sha256).exists()
            assert version.derived_at is not None
        assert session.scalar(sa.select(sa.func.count()).select_from(Evidence)) == len(versions)
    database.dispose()
    return len(versions)


def drafts_once_given_up(settings):
    """The bytes still on their way in, after the server has had time to notice that nobody sends any more."""
    until = time.monotonic() + 60
    incoming = settings.data_dir / "blobs" / "incoming"
    while (found := list(incoming.glob("*"))) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def test_every_201_is_there_whole_and_once_after_workers_were_killed_at_random_moments(live, settings):
    chance = random.Random(7)
    over, acknowledged, tries = Event(), {}, [0]

    def a_poster(number):
        own = random.Random(number)
        while not over.is_set():
            instance_id = f"uuid:{uuid.UUID(int=own.getrandbits(128))}"
            xml, photo = visit(instance_id), b"\xff\xd8\xff" + own.randbytes(60_000)
            while not over.is_set():  # a phone sends until it hears 201 or 202
                tries[0] += 1
                try:
                    status = post(live, xml, {"house.jpg": photo}).status_code
                except requests.RequestException:
                    time.sleep(0.05)
                    continue
                assert status in {201, 202, 503}, status
                if status in {201, 202}:
                    acknowledged[instance_id] = (xml, photo)
                    break

    with ThreadPoolExecutor(POSTERS) as pool:
        posters = [pool.submit(a_poster, number) for number in range(POSTERS)]
        try:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.1, 0.8))
                live.kill_a_worker(chance.choice)
            time.sleep(1)
        finally:
            over.set()
        for poster in posters:
            poster.result(90)
    live.__exit__()
    with Live(settings) as again:  # after a restart
        assert requests.get(f"{again.address}/alive", timeout=10).status_code == 200
    assert len(acknowledged) >= POSTERS
    assert tries[0] > len(acknowledged)  # some were killed on the way, or the test shows nothing
    stored_once_and_whole(settings, acknowledged)


def test_two_processes_post_the_same_submission_20_times_at_once(live, settings):
    until = time.monotonic() + 30
    while len(live.worker_pids()) < 2 and time.monotonic() < until:  # the first answers before the second is forked
        time.sleep(0.1)
    assert len(live.worker_pids()) == 2
    for _ in range(5 if SOAK else 2):
        instance_id = f"uuid:{uuid.uuid4()}"
        xml, photo = visit(instance_id), os.urandom(100_000)
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _n: post(live, xml, {"house.jpg": photo}), range(20)))  # noqa: B023 - done within the round
        assert sorted(answer.status_code for answer in answers) == [201] + [202] * 19
        stored_once_and_whole(settings, {instance_id: (xml, photo)})


def test_the_same_unknown_form_posted_at_once_is_kept_aside_once(live):
    xml = visit("uuid:1").replace(b'id="home_visit"', b'id="other"')
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _n: post(live, xml, {}), range(10)))
    assert {answer.status_code for answer in answers} == {404}
    headers = {"Authorization": f"Bearer {world.PROGRAM_TOKENS['county']}"}
    (row,) = requests.get(f"{live.address}/api/quarantine", headers=headers, timeout=10).json()
    assert row["times"] == 10


def test_a_connection_cut_at_any_byte_stores_nothing_and_the_next_try_is_new(live, settings):
    xml, photo = visit("uuid:1"), os.urandom(150_000)
    body, content_type = multipart(xml, {"house.jpg": photo})
    head = (
        f"POST {url(live).removeprefix(live.address)} HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    chance = random.Random(3)
    # the last one is just before the closing boundary
    ends = [0, 1, len(xml), *(chance.randrange(len(body)) for _ in range(12)), len(body) - 40]
    for number, end in enumerate(ends):
        with socket.create_connection(("127.0.0.1", live.port), timeout=60) as connection:
            connection.sendall(head + body[:end])
            if number % 2:  # half of them can still listen; the others are gone at once
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(65536).startswith(b"HTTP/1.1 400")
    assert drafts_once_given_up(settings) == []
    assert stored_once_and_whole(settings, {}) == 0
    blobs = settings.data_dir / "blobs"
    assert [path for path in blobs.rglob("*") if path.is_file() and path.parent != blobs / "incoming"] == []
    assert post(live, xml, {"house.jpg": photo}).status_code == 201
    stored_once_and_whole(settings, {"uuid:1": (xml, photo)})


def test_chunked_postings_are_accepted_and_every_answer_carries_a_date(live, settings):
    xml, photo = visit("uuid:1"), os.urandom(150_000)
    body, content_type = multipart(xml, {"house.jpg": photo})
    pieces = (body[start : start + 7_000] for start in range(0, len(body), 7_000))
    answer = requests.post(url(live), data=pieces, headers={"Content-Type": content_type}, timeout=60)
    assert answer.status_code == 201
    assert answer.headers["Date"]
    assert "," in answer.headers["Date"]
    assert answer.headers["Date"].count("GMT") == 1
    stored_once_and_whole(settings, {"uuid:1": (xml, photo)})


def test_a_refused_key_is_heard_even_behind_a_large_body(live):
    size = 14_000_000
    with socket.create_connection(("127.0.0.1", live.port), timeout=30) as connection:
        head = f"POST /key/wrong/submission HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
        connection.sendall(head.encode())
        connection.sendall(bytes(size))  # as Collect does: all of it, before it listens
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 403")
    assert b"X-OpenRosa-Version: 1.0" in answer

"""Thirty phones come back into the net at once: a township's surveyors in the evening, at one access point."""

import random
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import field
import pytest
import requests
import sqlalchemy as sa
import world
from collect import visit
from live import Live, multipart

from api.collection.blobs import Blobs
from api.collection.tables import Attachment, Quarantined, Submission, SubmissionVersion
from api.database import Database
from api.evidence.tables import Evidence, Photo
from api.people.tables import Account, Token
from api.people.tokens import token_hash

PHONES, RECORDS = 30, 3
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


@pytest.fixture
def keys(database):
    """The keys of thirty phones, each of another surveyor of the township."""
    found = {}
    with database.transaction() as session:
        for number in range(PHONES):
            name = f"phone-{number}"
            account = field.worker(session, name)
            found[name] = f"test-{name}"
            session.add(Token(account_id=account.id, kind="phone", label=name, token_hash=token_hash(found[name])))
    return found


@pytest.fixture
def live(settings, published, keys, database):
    """A real server of three processes on the test's own database, which nobody else keeps open."""
    database.dispose()
    with Live(settings, workers=3) as server:
        yield server


def records_of(own):
    """What one phone has to send: a visit each with three photos, in the parts that Collect splits it into."""
    for _ in range(RECORDS):
        instance_id = f"uuid:{uuid.UUID(int=own.getrandbits(128))}"
        household = f"{world.VILLAGE}-{own.randint(1, 12):04d}"
        photos = {name: JPEG + own.randbytes(20_000) for name in ("house.jpg", "car.jpg", "yaks.jpg")}
        assets = [
            {"asset_kind": "vehicle", "asset_photo": "car.jpg"},
            {"asset_kind": "livestock", "asset_photo": "yaks.jpg"},
        ]
        xml = visit(instance_id, household=household, assets_seen="yes", assets=assets, check=False)
        yield instance_id, xml, photos


def test_thirty_phones_at_once_are_each_stored_once_and_whole(live, keys, settings):
    begin = Barrier(PHONES)

    def a_phone(item):
        name, key = item
        own, heard, sent = random.Random(name), Counter(), {}
        address = f"{live.address}/key/{key}/submission"
        begin.wait(60)
        with requests.Session() as line:
            for instance_id, xml, photos in records_of(own):
                (house, car, yaks) = photos.items()
                # the XML goes along with every part; each part is sent again as after a lost answer, in any order
                posts = [[dict([house])], [dict([car, yaks])]]
                own.shuffle(posts)
                posts = [part for parts in posts for part in parts * 2]
                if own.random() < 0.5:
                    posts.append(photos)  # and once more from the first part
                for part in posts:
                    assert line.head(address, timeout=60).status_code == 204
                    body, content_type = multipart(xml, part)
                    answer = line.post(address, data=body, headers={"Content-Type": content_type}, timeout=60)
                    heard[answer.status_code] += 1
                sent[instance_id] = (name, xml, photos)
        return heard, sent

    with ThreadPoolExecutor(PHONES) as pool:
        results = list(pool.map(a_phone, keys.items()))
    heard = sum((found for found, _ in results), Counter())
    sent = {instance_id: what for _, own in results for instance_id, what in own.items()}
    assert len(sent) == PHONES * RECORDS
    # each part of each record is new once, and known ever after; nobody was turned away
    assert set(heard) == {201, 202}
    assert heard[201] == 2 * len(sent)
    assert heard[202] >= 2 * len(sent)
    live.__exit__()
    look_at_what_is_stored(settings, sent)


def look_at_what_is_stored(settings, sent):
    database, blobs = Database(settings.database_url), Blobs(settings.data_dir / "blobs")
    with database.read() as session:
        names = dict(session.execute(sa.select(Account.id, Account.name)).all())
        submissions = {one.instance_id: one for one in session.scalars(sa.select(Submission))}
        versions = {one.instance_id: one for one in session.scalars(sa.select(SubmissionVersion))}
        assert set(submissions) == set(versions) == set(sent)
        assert session.scalar(sa.select(sa.func.count()).select_from(Submission)) == len(sent)
        assert session.scalar(sa.select(sa.func.count()).select_from(SubmissionVersion)) == len(sent)
        assert session.scalars(sa.select(Quarantined)).all() == []
        files = {}
        for file in session.scalars(sa.select(Attachment)):
            assert files.setdefault((file.submission_id, file.name), file) is file
        for instance_id, (name, xml, photos) in sent.items():
            submission, version = submissions[instance_id], versions[instance_id]
            assert names[submission.account_id] == name
            assert blobs.read(version.xml_sha256) == xml
            assert (version.derived_at is not None, version.flags) == (True, [])
            for photo, content in photos.items():
                assert blobs.read(files.pop((submission.id, photo)).sha256) == content
        assert files == {}
        # a visit each and its two assets, every photo known to have come
        kinds = dict(session.execute(sa.select(Evidence.kind, sa.func.count()).group_by(Evidence.kind)).all())
        assert kinds == {"visit": len(sent), "asset": 2 * len(sent)}
        assert session.scalar(sa.select(sa.func.count()).select_from(Photo).where(Photo.sha256.is_not(None))) == (
            3 * len(sent)
        )
    database.dispose()

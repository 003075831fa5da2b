"""A phone's last contact is written cheaply, and never waited for."""

import time
from datetime import timedelta
from uuid import UUID

import field
import pytest
import sqlalchemy as sa
import world
from collect import JPEG, Phone, visit, words

from api.collection.tables import Assignment
from api.collection.workers import contact
from api.collection.workers.contact import Contacts, Seen
from api.collection.workers.progress import files_owed, phones_of, progress_of
from api.collection.workers.tables import PhoneContact
from api.database import now
from api.people.tables import Account, Token
from api.people.tokens import token_hash

COLLECT = "org.odk.collect.android/v2025.3.1 Dalvik/2.1.0 (Linux; U; Android 13; Redmi 12 Build/TP1A.22)"

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture
def phone(client):
    return Phone(client)


def contacts(database):
    with database.read() as session:
        return session.scalars(sa.select(PhoneContact)).all()


def test_a_phone_that_asks_is_seen_with_its_program_device_and_list_of_forms(phone, database):
    assert contacts(database) == []
    phone.get("formList?deviceID=collect:abc", headers={"User-Agent": COLLECT})
    (seen,) = contacts(database)
    assert (seen.user_agent, seen.device_id) == (COLLECT, "collect:abc")
    assert seen.at == seen.forms_at
    assert now() - seen.at < timedelta(minutes=1)
    assert len(seen.forms_hash) == 32
    with database.read() as session:
        token = session.get(Token, seen.token_id)
        assert token.token_hash == token_hash(world.PHONE_TOKENS["surveyor"])


def test_most_requests_write_nothing(phone, database, monkeypatch):
    writes = []
    real = type(database).write_if_free
    monkeypatch.setattr(type(database), "write_if_free", lambda self, work: writes.append(1) or real(self, work))
    for _ in range(5):
        phone.get("formList")
        phone.head()
    assert len(writes) == 1
    monkeypatch.setattr(contact, "SECONDS_BETWEEN", 0)
    phone.head()
    assert len(writes) == 2


def test_another_device_or_list_of_forms_is_written_sooner():
    remembered = Contacts()
    first = Seen(token_id=UUID(int=1), user_agent="a", device_id="d", forms_hash="f")
    remembered.written(first)
    assert not remembered.is_due(first)
    assert not remembered.is_due(Seen(token_id=UUID(int=1), user_agent="a", device_id="d"))
    remembered._written[UUID(int=1)] = (time.monotonic() - 30, ("a", "d", "f"))
    assert not remembered.is_due(first)
    assert remembered.is_due(Seen(token_id=UUID(int=1), user_agent="a", device_id="other"))
    assert remembered.is_due(Seen(token_id=UUID(int=1), user_agent="a", device_id="d", forms_hash="newer"))


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(contact, "MOST_REMEMBERED", 10)
    remembered = Contacts()
    for number in range(50):
        remembered.written(Seen(token_id=UUID(int=number), user_agent="", device_id=""))
    assert len(remembered._written) == 10


def test_a_get_never_waits_while_somebody_else_writes_and_the_next_submission_tells(phone, database, monkeypatch):
    phone.head()
    (before,) = contacts(database)
    monkeypatch.setattr(contact, "SECONDS_BETWEEN", 0)
    monkeypatch.setattr(contact, "SECONDS_WHEN_CHANGED", 0)
    with database.transaction() as writing:
        # takes the embedded database's one write place, and the row on PostgreSQL
        writing.execute(sa.update(PhoneContact).values(device_id="held"))
        began = time.monotonic()
        assert phone.get("formList").status_code == 200
        assert phone.head().status_code == 204
        assert time.monotonic() - began < 5  # a writer waits up to 30 s
    assert contacts(database)[0].at == before.at
    assert phone.send(visit(photo=None)).status_code == 201
    (seen,) = contacts(database)
    assert seen.device_id == "collect:test"
    assert seen.at > before.at


def test_writing_if_free_leaves_the_connection_patient_again(database):
    if not database.is_embedded:
        pytest.skip("only the embedded database has one write place")
    assert database.write_if_free(lambda session: session.scalar(sa.select(1)) == 1)
    for _ in range(3):
        with database.write() as session:
            assert session.scalar(sa.text("PRAGMA busy_timeout")) == 30_000


def test_a_key_nobody_issued_leaves_no_trace(client, database):
    assert Phone(client, token="invented").get("formList").status_code == 403
    assert contacts(database) == []


@pytest.mark.parametrize("agent", ["", "x" * 5000, "\x7f\x80odd/1", "curl/8"])
def test_strange_programs_are_kept_readable(phone, database, agent):
    phone.get("formList", headers={"User-Agent": agent})
    (seen,) = contacts(database)
    assert len(seen.user_agent) <= 200
    assert seen.user_agent.isprintable()


def test_files_that_have_not_arrived_are_counted_for_the_phone_that_owes_them(phone, database):
    first, second = visit(photo="one.jpg"), visit(photo="two.jpg", household=f"{world.VILLAGE}-0002")
    phone.send(first)
    phone.send(second, {"two.jpg": JPEG})
    with database.read() as session:
        worker = session.scalars(sa.select(Account).where(Account.name == "surveyor")).one()
        township = world.viewer(session, "township")
        ((_, _, token_id, names),) = files_owed(session, township, [worker.id])
        assert names == ["one.jpg"]
        (found,) = phones_of(session, township, worker)
        assert (found.token.id, found.records, found.files_waiting) == (token_id, 2, 1)
        (progress,) = progress_of(session, township, [worker])
        assert (progress.files_waiting, progress.keys) == (1, 1)
        assert progress.last_contact >= progress.last_sent
    phone.send(first, {"one.jpg": JPEG})
    with database.read() as session:
        assert files_owed(session, township, [worker.id]) == []


def test_the_server_answers_a_phone_in_its_workers_language(client, database):
    phone = Phone(client)
    assert "已收到" in words(phone.send(visit(photo=None)))
    with database.transaction() as session:
        session.scalars(sa.select(Account).where(Account.name == "surveyor")).one().language = "en"
    answer = phone.send(visit(photo=None, household=f"{world.VILLAGE}-0002"))
    assert answer.headers["Content-Language"] == "en"
    assert words(answer) == "Received. Thank you for your work"
    refused = phone.send(b"<home_visit")
    assert (refused.status_code, refused.headers["Content-Language"]) == (400, "en")
    assert not any("\u3400" <= sign <= "\u9fff" for sign in words(refused))


def test_a_township_learns_nothing_of_a_spot_check_from_its_surveyors_phone(client, database):
    with database.transaction() as session:
        surveyor, one = field.account(session, "surveyor"), field.road(session)[0]
        session.add(
            Assignment(
                county_code=world.COUNTY, campaign_id=field.campaign(session).id, household_id=one.id,
                account_id=surveyor.id, purpose="spot_check",
            )
        )  # fmt: skip
    assert Phone(client).send(visit(photo="one.jpg")).status_code == 201
    with database.read() as session:
        (shown,) = progress_of(session, world.viewer(session, "township"), [surveyor])
        assert (shown.assigned, shown.last_sent, shown.files_waiting) == (0, None, 0)
        (phone,) = phones_of(session, world.viewer(session, "township"), surveyor)
        assert (phone.records, phone.waiting) == (0, {})
        (shown,) = progress_of(session, world.viewer(session, "county"), [surveyor])
        assert (shown.visited, shown.files_waiting) == (1, 1)


def test_a_worker_whose_language_has_no_translations_is_answered_in_chinese_and_told_so(client, database):
    phone = Phone(client)
    with database.transaction() as session:
        session.scalars(sa.select(Account).where(Account.name == "surveyor")).one().language = "bo"
    answer = phone.send(visit(photo=None))
    assert (words(answer), answer.headers["Content-Language"]) == ("已收到，感谢您的工作", "zh")

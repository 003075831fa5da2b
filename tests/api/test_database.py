"""The ground under every table: rows inserted at once, groups that commit together, and turns at the write place."""

import fcntl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
import world

from api.database import insert_at_once, insert_row, new_id
from api.databases import server
from api.databases.checkpoints import Checkpoints
from api.databases.write_place import WritePlace
from api.people.tables import Account, AuditEntry
from api.registry.tables import Household

PATIENCE = 30  # seconds, on a crowded machine


def entry(subject):
    return {
        "county_code": world.COUNTY, "actor_name": "x", "action": "x.y", "object_kind": "x", "object_id": subject,
    }  # fmt: skip


def kept(database):
    with database.read() as session:
        return sorted(session.scalars(sa.select(AuditEntry.object_id).where(AuditEntry.action == "x.y")))


def wait_until(true):
    until = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    assert true()


def test_a_row_inserted_at_once_is_the_sessions_like_any_other(database):
    with database.transaction() as session:
        row = Household(
            county_code=world.COUNTY, id=new_id(), township_code=world.TOWNSHIP, village_code=world.VILLAGE,
            code=f"{world.VILLAGE}-9001", scheme="rural", head_name="虚构", persons=1, benefit_fen_per_month=0,
        )  # fmt: skip
        insert_row(session, row)
        assert row.on_roll is True  # left out: the column's default, read back
        row.persons = 2
    with database.read() as session:
        assert session.get_one(Household, (world.COUNTY, row.id)).persons == 2


def test_what_several_threads_write_at_once_is_committed_together(database):
    begun, go_on, commits = threading.Event(), threading.Event(), []
    sa.event.listen(database.engine, "commit", commits.append)

    def slow(session):
        begun.set()
        assert go_on.wait(PATIENCE)
        insert_at_once(session, AuditEntry, [entry("first")])

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(database.together, slow)
        assert begun.wait(PATIENCE)
        others = [
            pool.submit(database.together, lambda session, n=n: insert_at_once(session, AuditEntry, [entry(str(n))]))
            for n in range(4)
        ]
        if database.is_embedded:
            wait_until(lambda: len(database._group._waiting) == 4)
        go_on.set()
        for one in [first, *others]:
            one.result(PATIENCE)
    assert kept(database) == ["0", "1", "2", "3", "first"]
    assert len(commits) == (2 if database.is_embedded else 5)


def test_one_of_a_group_that_fails_takes_nothing_of_the_others_with_it(database):
    begun, go_on = threading.Event(), threading.Event()

    def slow(session):
        begun.set()
        assert go_on.wait(PATIENCE)
        insert_at_once(session, AuditEntry, [entry("slow")])

    def good(session):
        insert_at_once(session, AuditEntry, [entry("good")])
        return "good"

    def bad(session):
        insert_at_once(session, AuditEntry, [entry("bad")])
        raise LookupError("bad")

    with ThreadPoolExecutor(3) as pool:
        pool.submit(database.together, slow)
        assert begun.wait(PATIENCE)
        results = [pool.submit(database.together, verb) for verb in (good, bad)]
        if database.is_embedded:
            wait_until(lambda: len(database._group._waiting) == 2)
        go_on.set()
        assert results[0].result(PATIENCE) == "good"
        with pytest.raises(LookupError, match="bad"):
            results[1].result(PATIENCE)
    assert kept(database) == ["good", "slow"]


def test_a_writer_who_waits_comes_before_one_who_has_just_left(tmp_path):
    # two places on one file are what two processes have
    ours, theirs = (WritePlace(tmp_path / "ruhu.db") for _ in range(2))
    order = []

    def write(place, name):
        assert place.take(PATIENCE)
        order.append(name)
        place.leave()

    assert ours.take(1)
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(write, theirs, "theirs")
        wait_until(lambda: not _free(theirs._door))  # they stand at the door
        pool.submit(write, ours, "ours again")
        ours.leave()
        waiting.result(PATIENCE)
    assert order == ["theirs", "ours again"]


def test_a_writer_gives_up_when_the_place_stays_taken(tmp_path):
    ours, theirs = (WritePlace(tmp_path / "ruhu.db") for _ in range(2))
    assert ours.take(1)
    assert not theirs.take(0.05)
    assert not ours.take(0.05)
    ours.leave()
    assert theirs.take(1)
    theirs.leave()


def test_a_killed_process_holds_no_place(tmp_path):
    path = tmp_path / "ruhu.db"
    program = (
        "import sys, time; from pathlib import Path; from api.databases.write_place import WritePlace\n"
        "place = WritePlace(Path(sys.argv[1])); print(place.take(1), flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"True\n"
        place = WritePlace(path)
        assert not place.take(0.05)
        other.kill()
        other.wait(PATIENCE)
        assert place.take(PATIENCE)
        place.leave()


def test_what_is_committed_is_carried_into_the_file_beside_the_writers(database):
    if not database.is_embedded:
        pytest.skip("a server looks after its own log")
    with database.transaction() as session:
        insert_at_once(session, AuditEntry, [entry("carried over")])
    with open(database.url.database, "rb") as file:  # noqa: PTH123 - an address, not a path
        wait_until(lambda: file.seek(0) == 0 and b"carried over" in file.read())


def test_a_connection_that_the_server_has_closed_is_noticed_after_a_pause(database, monkeypatch):
    if database.is_embedded:
        pytest.skip("there is no server to close it")
    with database.read() as session:
        process = session.scalar(sa.text("select pg_backend_pid()"))
    other = sa.create_engine(database.url, poolclass=sa.NullPool)
    with other.begin() as connection:
        connection.exec_driver_sql(f"select pg_terminate_backend({process})")
        connection.exec_driver_sql("select pg_sleep(0.2)")
    monkeypatch.setattr(server, "TRUSTED_SECONDS", 0)
    with database.read() as session:
        assert session.scalar(sa.text("select pg_backend_pid()")) != process


def _free(path):
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_an_end_whose_sign_is_cleared_away_still_ends_the_checkpoints():
    checkpoints = Checkpoints(lambda: pytest.fail("there was nothing more to carry"))

    class Late(threading.Event):
        def clear(self):
            checkpoints._ended.set()  # another thread ends them between the pause and this very moment
            self.set()
            super().clear()

    checkpoints._written = Late()
    checkpoints.due()
    checkpoints._thread.join(PATIENCE)
    assert not checkpoints._thread.is_alive()


def test_a_glance_sees_what_others_commit_between_two_of_its_questions(database):
    with database.glance() as glance:
        assert glance.scalar(sa.text("select count(*) from account where name = 'glanced'")) == 0
        with database.transaction() as session:
            session.add(Account(name="glanced", display_name="虚构", password_hash="x", session_stamp="0" * 32))
        assert glance.scalar(sa.text("select count(*) from account where name = 'glanced'")) == 1
    # and whoever reads with a transaction again has one: the connection is as it was before
    with database.snapshot() as reading:
        assert reading.scalar(sa.text("select count(*) from account where name = 'later'")) == 0
        with database.transaction() as session:
            session.add(Account(name="later", display_name="虚构", password_hash="x", session_stamp="0" * 32))
        assert reading.scalar(sa.text("select count(*) from account where name = 'later'")) == 0

import threading
from datetime import timedelta

import pytest
import world

from api.database import now
from api.jobs.tables import Job
from api.jobs.work import MOST_ATTEMPTS, ask_for, do, left_undone
from api.problems import Invalid

COUNTY = world.COUNTY


@pytest.fixture
def asked(database):
    """A waiting job, committed; and the list of what the queue was told."""
    told = []
    database.hasten = lambda county_code, job_id: told.append((county_code, job_id))
    with database.transaction() as session:
        job = ask_for(session, "count", county_code=COUNTY, arguments={"to": 3})
        assert told == []  # nothing is promised before it is committed
    assert told == [(COUNTY, job.id)]
    return job.id


def state(database, job_id):
    with database.read() as session:
        return session.get_one(Job, (COUNTY, job_id))


def test_a_job_is_done_once_and_keeps_its_result_and_progress(database, asked):
    def count(task):
        task.progress(3, task.arguments["to"], "数完了", last=True)
        return {"counted": task.arguments["to"]}

    assert do(database, {"count": count}, COUNTY, asked)
    job = state(database, asked)
    assert (job.state, job.result, job.progress_done, job.progress_total) == ("done", {"counted": 3}, 3, 3)
    assert not do(database, {"count": count}, COUNTY, asked)


def test_two_consumers_do_not_do_the_same_job(database, asked):
    done, barrier = [], threading.Barrier(2)

    def consumer():
        barrier.wait()
        do(database, {"count": lambda task: done.append(task.job_id)}, COUNTY, asked)

    threads = [threading.Thread(target=consumer) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [asked]


def test_an_asker_who_rolls_back_has_asked_for_nothing(database):
    told = []
    database.hasten = lambda *job: told.append(job)
    with database.write() as session:
        ask_for(session, "count", county_code=COUNTY, arguments={})
        session.rollback()
        session.commit()
    assert told == []
    with database.read() as session:
        assert left_undone(session) == []


def test_a_queue_that_cannot_be_told_loses_nothing(database):
    def broken(county_code, job_id):
        raise OSError("no queue")

    database.hasten = broken
    with database.transaction() as session:
        job = ask_for(session, "count", county_code=COUNTY, arguments={})
    with database.read() as session:
        assert left_undone(session) == [(COUNTY, job.id)]


def test_an_error_is_tried_again_later_and_given_up_after_the_last_attempt(database, asked):
    def fails(task):
        raise ConnectionError("the disk went away")

    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert not do(database, {"count": fails}, COUNTY, asked)
        job = state(database, asked)
        assert job.attempts == attempt
        assert "the disk went away" in job.message
        with database.transaction() as session:
            assert left_undone(session) == []  # not at once
            session.get_one(Job, (COUNTY, asked)).not_before = None
    assert state(database, asked).state == "failed"


def test_a_refusal_is_final(database, asked):
    def refuses(task):
        raise Invalid("第 {row} 行有误", row=4)

    do(database, {"count": refuses}, COUNTY, asked)
    job = state(database, asked)
    assert (job.state, job.message) == ("failed", "第 4 行有误")


def test_a_job_whose_consumer_was_killed_is_found_by_the_sweep(database, asked):
    with database.transaction() as session:
        job = session.get_one(Job, (COUNTY, asked))
        job.state, job.lease_until = "running", now() - timedelta(seconds=1)
    with database.read() as session:
        assert left_undone(session) == [(COUNTY, asked)]
    assert do(database, {"count": lambda _: None}, COUNTY, asked)


def test_a_job_is_seen_in_its_county_and_nowhere_else(client, bearer, asked):
    assert client.get(f"/api/jobs/{asked}", headers=bearer("county")).json["state"] == "waiting"
    assert client.get(f"/api/jobs/{asked}", headers=bearer("county-outside")).status_code == 404
    assert client.get(f"/api/jobs/{asked}", headers=bearer("surveyor")).status_code == 403

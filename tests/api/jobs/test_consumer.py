import signal
import subprocess
import sys
import time

import pytest
import world
from live import environment_of

from api.jobs.tables import Job
from api.jobs.work import ask_for
from api.people.audit import record
from api.people.sealing import head

# The real command, with one more kind of work.
CONSUMER = """
from api import create_app
from api.jobs.commands import work
app = create_app()
app.extensions["ruhu_queue"].register("double", lambda task: {"twice": 2 * task.arguments["number"]})
with app.app_context():
    work.main([], standalone_mode=False)
"""


@pytest.fixture
def consumer(settings, app, project):
    process = subprocess.Popen([sys.executable, "-c", CONSUMER], env=environment_of(settings), cwd=project)
    yield process
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "the consumer did not do it in time"
        time.sleep(0.1)
    return found


def test_a_committed_job_is_done_by_the_consumer_process_and_the_log_is_sealed(database, request):
    with database.transaction() as session:
        early = ask_for(session, "double", county_code=world.COUNTY, arguments={"number": 4})
        record(session, None, "test.do", "thing", 1, division_code=world.COUNTY)
    request.getfixturevalue("consumer")

    def done(job):
        with database.read() as session:
            found = session.get_one(Job, (world.COUNTY, job.id))
            return found.state == "done" and found.result

    assert wait_for(lambda: done(early)) == {"twice": 8}  # asked for before the consumer lived
    with database.transaction() as session:
        late = ask_for(session, "double", county_code=world.COUNTY, arguments={"number": 21})
    assert wait_for(lambda: done(late)) == {"twice": 42}
    with database.read() as session:
        assert head(session, world.COUNTY).position == 1

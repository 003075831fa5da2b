"""The tests' own PostgreSQL server: shared by one run, gone with it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import postgres_cluster as cluster
import psycopg
import pytest

ROOT = Path(__file__).resolve().parent.parent


def connect(url):
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_a_new_database_takes_postgis_and_is_a_template_for_the_next():
    first = cluster.create_database()
    with connect(first) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute("CREATE TABLE household AS SELECT ST_Point(89.6, 28.9, 4326) AS place, '次仁' AS name")
    copy = cluster.create_database(template=first)
    try:
        with connect(copy) as connection:
            row = connection.execute("SELECT ST_Y(place), name FROM household WHERE lower(name) ~ '^\\w+$'")
            assert row.fetchone() == (28.9, "次仁")
    finally:
        cluster.drop_database(copy)
        cluster.drop_database(first)


def test_a_dropped_database_is_gone_even_while_someone_is_connected():
    url = cluster.create_database()
    with connect(url):
        cluster.drop_database(url)
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            connect(url)
    cluster.drop_database(url)  # a second time is no error


def test_the_server_lets_nobody_in_without_its_password():
    address = urlsplit(cluster.server_url())
    open_door = address._replace(scheme="postgresql", netloc=f"{address.username}@127.0.0.1:{address.port}")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(open_door.geturl())


ASK = """
import signal, sys
import postgres_cluster
signal.signal(signal.SIGINT, signal.default_int_handler)  # a run begun in the background ignores it, and so would we
print(postgres_cluster.server_url(), flush=True)
sys.stdin.read()
"""


def run_that_holds(run):
    environment = os.environ | {"PYTEST_XDIST_TESTRUNUID": run, "PYTHONPATH": str(ROOT / "tests")}
    return subprocess.Popen(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def is_gone(url, folder):
    deadline = time.monotonic() + 20
    while list(folder.parent.glob(folder.name + "*")):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        connect(url)
    return True


def test_two_workers_share_a_server_that_ends_with_the_last_of_them_even_when_it_is_killed(monkeypatch):
    ours = cluster.server_url()  # before the run is given another name
    run = f"test{os.getpid()}"
    monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", run)
    folder = cluster._folder()
    with run_that_holds(run) as first, run_that_holds(run) as second:
        url = first.stdout.readline().strip()
        assert url == second.stdout.readline().strip()
        assert url != ours
        first.send_signal(signal.SIGKILL)
        first.wait()
        time.sleep(0.3)
        with connect(url) as connection:  # the second still needs it
            assert connection.execute("SELECT 1").fetchone() == (1,)
        second.send_signal(signal.SIGINT)
        second.wait()
        second.stdout.read()
        assert is_gone(url, folder)


def test_a_run_that_begins_as_another_ends_gets_a_server_that_lives(monkeypatch):
    run = f"again{os.getpid()}"
    monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", run)
    folder = cluster._folder()
    with run_that_holds(run) as first:
        url = first.stdout.readline().strip()
    with run_that_holds(run) as second:
        later = second.stdout.readline().strip()
        assert later != url
        with connect(later) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert is_gone(later, folder)


def test_a_server_that_cannot_start_says_why(tmp_path):
    source = (ROOT / "tests" / "postgres_cluster.py").read_text()
    (tmp_path / "postgres_cluster.py").write_text(source.replace('"128MB"', '"plenty"'))
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_XDIST_TESTRUNUID": f"broken{os.getpid()}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert 'invalid value for parameter "shared_buffers": "plenty"' in done.stderr

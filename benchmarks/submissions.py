"""How many submissions a second, each with a 150 kB photo, at 1, 8 and 32 connections, on both databases.

    python benchmarks/submissions.py [--seconds 5] [--stored 50000] [--only embedded|server]

A real gunicorn (2 processes, 8 threads each) takes them over HTTP; every one counted was answered 201, which means that
its bytes and rows were synced. ``--stored`` fills the tables first: the rate must not fall with what is stored.
The load comes from the same machine and takes its share of it.
"""

import argparse
import http.client
import os
import statistics
import sys
import tempfile
import time
import uuid
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

import postgres_cluster  # noqa: E402 - found through the path above
import world  # noqa: E402 - the same
from collect import visit  # noqa: E402 - the same
from live import Live, multipart  # noqa: E402 - the same

from api.collection.forms import publish_form  # noqa: E402 - the same
from api.collection.tables import Submission, SubmissionVersion  # noqa: E402 - the same
from api.database import Database, new_id  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.settings import Settings  # noqa: E402 - the same
from survey_forms.catalogue import compiled  # noqa: E402 - the same

PHOTO_BYTES = 150_000
CONNECTIONS = (1, 8, 32)
LOADERS = 2  # processes that post: one alone is held up by its own lock before the server is
PATH = f"/key/{world.PHONE_TOKENS['surveyor']}/submission"


def poster(port: int, seconds: float, number: int) -> list[float]:
    """Post fresh submissions on one connection; return how long each took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    photo = b"\xff\xd8\xff" + os.urandom(PHOTO_BYTES)
    taken, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until:
        instance_id = f"uuid:{uuid.uuid4()}"
        household = f"{world.VILLAGE}-{1 + number % 12:04d}"
        body, content_type = multipart(
            visit(instance_id, household=household), {"house.jpg": photo + instance_id.encode()}
        )
        started = time.perf_counter()
        connection.request("POST", PATH, body, {"Content-Type": content_type})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 201, answer.status  # noqa: S101 - a figure of refusals is no figure
        taken.append(time.perf_counter() - started)
    connection.close()
    return taken


def posters(port: int, seconds: float, count: int) -> list[float]:
    """Run several connections in one process."""
    with ThreadPoolExecutor(count) as pool:
        return [one for found in pool.map(lambda n: poster(port, seconds, n), range(count)) for one in found]


def fill(database: Database, count: int) -> None:
    """Put rows of earlier submissions into the tables; their bytes do not matter to the rate of new ones."""
    with database.transaction() as session:
        account = world.viewer(session, "surveyor").account_id
        for start in range(0, count, 5000):
            keys = [new_id() for _ in range(min(5000, count - start))]
            common = {"county_code": world.COUNTY, "account_id": account}
            rows = [{**common, "id": key, "instance_id": f"uuid:{key}"} for key in keys]
            session.execute(
                sa.insert(Submission),
                [{**row, "form_id": "home_visit", "village_code": world.VILLAGE, "edited": False} for row in rows],
            )
            session.execute(
                sa.insert(SubmissionVersion),
                [
                    {**row, "submission_id": row["id"], "form_version": "1", "xml_sha256": "0" * 64, "xml_bytes": 1}
                    for row in rows
                ],
            )


def measure(kind: str, address: str, seconds: float, stored: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder),
            database_url=address.format(folder=folder),
            secret_key="benchmark",  # noqa: S106 - of a server that lives for a minute
            field_keys=Fernet.generate_key().decode(),
        )
        database = Database(settings.database_url)
        migrate(database)
        with database.transaction() as session:
            world.build(session, field_key=settings.field_keys)
            publish_form(session, compiled("home_visit"))
        fill(database, stored)
        database.dispose()
        with Live(settings) as live:
            posters(live.port, 0.5, 4)  # both processes have read the form once
            for connections in CONNECTIONS:
                loaders = min(LOADERS, connections)
                with ProcessPoolExecutor(loaders) as pool:
                    jobs = [pool.submit(posters, live.port, seconds, connections // loaders) for _ in range(loaders)]
                    taken = [one for job in jobs for one in job.result()]
                p95 = statistics.quantiles(taken, n=20)[18] if len(taken) > 1 else taken[0]
                print(
                    f"{kind:<9} {stored:>6} stored before  {connections:>2} connections  "
                    f"{len(taken) / seconds:6.1f}/s  p95 {p95 * 1000:6.0f} ms"
                )


def durable(address: str) -> None:
    """Make the tests' PostgreSQL keep its promises: without syncing it would win a race it must not win."""
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = 'on'")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--seconds", type=float, default=5)
    wanted.add_argument("--stored", type=int, default=0)
    wanted.add_argument("--only", choices=["embedded", "server"])
    given = wanted.parse_args()
    if given.only != "server":
        measure("embedded", "sqlite:///{folder}/ruhu.db", given.seconds, given.stored)
    if given.only != "embedded":
        address = postgres_cluster.create_database()
        durable(address)
        measure("server", address, given.seconds, given.stored)
        postgres_cluster.drop_database(address)


if __name__ == "__main__":
    main()

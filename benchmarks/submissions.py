"""How many submissions a second, each with a 150 kB photo, at 1, 8 and 32 connections, on both databases.

    python benchmarks/submissions.py [--seconds 5] [--stored 50000] [--connections 1,8,32] [--only embedded|server]

A real gunicorn (2 processes, 8 threads each) takes them over HTTP; every one counted was answered 201, which means that
its bytes and rows were synced. ``--stored`` fills the tables first: the rate must not fall with what is stored. The
load comes from the same machine and takes its share of it; the processor time is the server's alone.

The bare loop is what this disk allows at most: one process that writes and syncs the same two files and one row.
"""

import argparse
import hashlib
import http.client
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

import postgres_cluster  # noqa: E402 - found through the path above
import world  # noqa: E402 - the same
from collect import visit  # noqa: E402 - the same
from live import Live, multipart  # noqa: E402 - the same

from api.collection.blobs import Blobs  # noqa: E402 - the same
from api.collection.forms import publish_form  # noqa: E402 - the same
from api.collection.tables import Attachment, Submission, SubmissionVersion  # noqa: E402 - the same
from api.database import Database, new_id, now  # noqa: E402 - the same
from api.evidence.tables import Evidence, Photo  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.people.tables import AuditEntry  # noqa: E402 - the same
from api.settings import Settings  # noqa: E402 - the same
from survey_forms.catalogue import compiled  # noqa: E402 - the same

PHOTO_BYTES = 150_000
LOADERS = 2  # processes that post: one alone is held up by its own lock before the server is
TICKS = os.sysconf("SC_CLK_TCK")
PATH = f"/key/{world.PHONE_TOKENS['surveyor']}/submission"
CHUNK = 5_000


Spans = list[tuple[float, float]]


def poster(port: int, seconds: float, number: int) -> Spans:
    """Post fresh submissions on one connection; return when each began and was answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    photo = b"\xff\xd8\xff" + os.urandom(PHOTO_BYTES)
    xml = visit("uuid:instance", household=f"{world.VILLAGE}-{1 + number % 12:04d}")
    spans, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until:
        instance_id = f"uuid:{uuid.uuid4()}".encode()
        body, content_type = multipart(
            xml.replace(b"uuid:instance", instance_id), {"house.jpg": photo + instance_id}
        )  # fmt: skip
        started = time.perf_counter()
        connection.request("POST", PATH, body, {"Content-Type": content_type})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 201, answer.status  # noqa: S101 - a figure of refusals is no figure
        spans.append((started, time.perf_counter()))
    connection.close()
    return spans


def posters(port: int, seconds: float, count: int) -> Spans:
    """Run several connections in one process."""
    with ThreadPoolExecutor(count) as pool:
        return [one for found in pool.map(lambda n: poster(port, seconds, n), range(count)) for one in found]


def submissions(session: Any, keys: list[uuid.UUID]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """Every row that a submission with a photo brings, table by table."""
    account, moment = world.viewer(session, "surveyor").account_id, now()
    mine = [{"county_code": world.COUNTY, "id": key} for key in keys]
    sent = {"account_id": account, "received_at": moment}
    yield Submission, [
        {**row, **sent, "instance_id": f"uuid:{row['id']}", "form_id": "home_visit", "village_code": world.VILLAGE}
        for row in mine
    ]  # fmt: skip
    yield SubmissionVersion, [
        {
            **row, **sent, "submission_id": row["id"], "instance_id": f"uuid:{row['id']}", "form_version": "1",
            "xml_sha256": "0" * 64, "xml_bytes": 1, "derived_at": moment,
        }
        for row in mine
    ]  # fmt: skip
    photo = {"name": "house.jpg"}
    yield Attachment, [
        {
            **row, **photo, "submission_id": row["id"], "sha256": hashlib.sha256(row["id"].bytes).hexdigest(),
            "bytes": 1, "media_type": "image/jpeg", "named": True,
        }
        for row in mine
    ]  # fmt: skip
    yield Evidence, [
        {
            **row, **sent, "submission_id": row["id"], "kind": "visit", "purpose": "township_visit",
            "question": "visit", "village_code": world.VILLAGE,
            "household_code": f"{world.VILLAGE}-{1 + number % 12:04d}",
            "place": f"SRID=4326;POINT({89 + number % 997 / 1000} {28 + number % 991 / 1000})",
        }
        for number, row in enumerate(mine)
    ]  # fmt: skip
    yield Photo, [{**row, **photo, "evidence_id": row["id"], "question": "/data/house_photo"} for row in mine]
    yield AuditEntry, [
        {
            **row, "actor_id": account, "actor_name": "surveyor", "action": "submission.receive",
            "object_kind": "submission", "object_id": str(row["id"]),
        }
        for row in mine
    ]  # fmt: skip


def fill(database: Database, count: int) -> None:
    """Put the rows of earlier submissions into the tables; their bytes do not matter to the rate of new ones."""
    for start in range(0, count, CHUNK):
        with database.transaction() as session:
            keys = [new_id() for _ in range(min(CHUNK, count - start))]
            for table, rows in submissions(session, keys):
                session.execute(sa.insert(table), rows)


def processor_seconds(pids: list[int]) -> float:
    """What the server's processes have used so far, by the kernel's account."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(field[11]) + int(field[12]) for field in fields) / TICKS


def memory_mb(pids: list[int]) -> float:
    """What they hold together, shared pages counted once."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def line(kind: str, stored: int, what: str, spans: Spans, more: str = "") -> None:
    taken = [ended - began for began, ended in spans]
    seconds = max(ended for _, ended in spans) - min(began for began, _ in spans)
    p95 = statistics.quantiles(taken, n=20)[18] if len(taken) > 1 else taken[0]
    rate = f"{len(taken) / seconds:6.1f}/s  p95 {p95 * 1000:6.0f} ms"
    print(f"{kind:<9} {stored:>6} stored before  {what:<15} {rate}{more}", flush=True)


def floor(database: Database, folder: Path, seconds: float) -> Spans:
    """Write, sync and name the same two files, and commit one row, one after another and nothing else."""
    blobs, photo = Blobs(folder), b"\xff\xd8\xff" + os.urandom(PHOTO_BYTES)
    spans, until = [], time.perf_counter() + seconds
    with database.write() as session:
        while (started := time.perf_counter()) < until:
            for data in (os.urandom(1_500), photo + os.urandom(16)):
                blobs.put(data)
            entry = {
                "county_code": world.COUNTY, "actor_name": "bare loop", "action": "x.y", "object_kind": "x",
                "object_id": "1",
            }  # fmt: skip
            session.execute(sa.insert(AuditEntry.__table__), entry)
            session.commit()
            spans.append((started, time.perf_counter()))
    return spans


def measure(kind: str, address: str, given: argparse.Namespace) -> None:
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
        fill(database, given.stored)
        line(kind, given.stored, "bare loop", floor(database, Path(folder) / "floor", min(given.seconds, 2)))
        database.dispose()
        with Live(settings, workers=given.workers, threads=given.threads) as live:
            posters(live.port, 0.5, 2 * given.workers)  # every process has read the form once
            pids = live.worker_pids()
            for connections in map(int, given.connections.split(",")):
                loaders = min(LOADERS, connections)
                with ProcessPoolExecutor(loaders) as pool:
                    used = processor_seconds(pids)
                    jobs = [
                        pool.submit(posters, live.port, given.seconds, connections // loaders) for _ in range(loaders)
                    ]
                    spans = [one for job in jobs for one in job.result()]
                used = processor_seconds(pids) - used
                more = f"  {used / len(spans) * 1000:5.1f} ms of processor  {memory_mb(pids):4.0f} MB"
                line(kind, given.stored, f"{connections:>2} connections", spans, more)


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
    wanted.add_argument("--connections", default="1,8,32")
    wanted.add_argument("--workers", type=int, default=2)
    wanted.add_argument("--threads", type=int, default=8)
    wanted.add_argument("--only", choices=["embedded", "server"])
    given = wanted.parse_args()
    if given.only != "server":
        measure("embedded", "sqlite:///{folder}/ruhu.db", given)
    if given.only != "embedded":
        address = postgres_cluster.create_database()
        durable(address)
        measure("server", address, given)
        postgres_cluster.drop_database(address)


if __name__ == "__main__":
    main()

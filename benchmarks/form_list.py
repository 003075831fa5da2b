"""How many form lists, manifests and lists of households a second, on both databases.

    python benchmarks/form_list.py [--seconds 3] [--connections 8] [--households 1500] [--only embedded|server]

A real gunicorn (2 processes, 8 threads each) answers them over HTTP to a worker who has all of the house's forms and
1,500 households. Unchanged means that the phone sends the tag it has and is answered 304. The first line is the
route that only says the server lives: what the web server and the framework cost by themselves on this machine at
this moment. Processor time is what both processes used for one answer; it says more than the rate where others use the
machine too. The load comes from the same machine and takes its share.
"""

import argparse
import http.client
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

import postgres_cluster  # noqa: E402 - found through the path above
import world  # noqa: E402 - the same
from lists import give  # noqa: E402 - the same
from live import Live  # noqa: E402 - the same
from submissions import processor_seconds  # noqa: E402 - the same

from api.collection.forms import publish_form  # noqa: E402 - the same
from api.database import Database  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.registry.tables import Household  # noqa: E402 - the same
from api.settings import Settings  # noqa: E402 - the same
from survey_forms.catalogue import CATALOGUE, compiled  # noqa: E402 - the same

LOADERS = 2  # processes that ask: one alone is held up by its own lock before the server is
KEY = f"/key/{world.PHONE_TOKENS['surveyor']}"
MANIFEST = f"{KEY}/forms/home_visit/{compiled('home_visit').version}/manifest"
ASKED = (
    ("alive", "/alive", False),
    ("form list", f"{KEY}/formList", False),
    ("form list, unchanged", f"{KEY}/formList", True),
    ("manifest", MANIFEST, False),
    ("manifest, unchanged", MANIFEST, True),
    ("households", f"{KEY}/lists/households.csv", False),
    ("households, unchanged", f"{KEY}/lists/households.csv", True),
)


def asker(port: int, path: str, seconds: float, *, unchanged: bool) -> tuple[list[float], int]:
    """Ask for one thing on one connection; return how long each answer took, and its size in bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"X-OpenRosa-Version": "1.0", "Accept-Encoding": "gzip"}
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    if unchanged:
        headers["If-None-Match"] = answer.headers["ETag"]
    taken, size, until = [], 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        size = len(answer.read())
        assert answer.status == (304 if unchanged else 200), answer.status  # noqa: S101 - of refusals no figure
        taken.append(time.perf_counter() - started)
    connection.close()
    return taken, size


def askers(port: int, path: str, seconds: float, unchanged: bool, count: int) -> list[tuple[list[float], int]]:
    """Run several connections in one process."""
    with ThreadPoolExecutor(count) as pool:
        jobs = [pool.submit(asker, port, path, seconds, unchanged=unchanged) for _ in range(count)]
        return [job.result() for job in jobs]


def fill(database: Database, settings: Settings, households: int) -> None:
    """Publish the house's forms and give the worker his households."""
    with database.transaction() as session:
        world.build(session, field_key=settings.field_keys)
        for form in CATALOGUE:
            publish_form(session, compiled(form.form_id), for_roles=form.for_roles)
        serials = range(1001, 1001 + households)
        session.add_all(
            Household(
                county_code=world.COUNTY, township_code=world.TOWNSHIP, village_code=world.VILLAGE,
                code=f"{world.VILLAGE}-{serial}", scheme="rural", head_name=f"虚构户主{serial}", persons=3,
                benefit_fen_per_month=30_000, address=f"虚构{serial % 9}组",
                place=f"SRID=4326;POINT({89.6 + serial / 100_000} {28.9 + serial / 100_000})",
            )
            for serial in serials
        )  # fmt: skip
        session.flush()
        give(session, "surveyor", *serials)
        session.flush()
        session.execute(sa.text("ANALYZE"))  # as the server's own housekeeping does within a minute


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
        fill(database, settings, given.households)
        database.dispose()
        with Live(settings) as live:
            for name, path, unchanged in ASKED:
                each = max(1, given.connections // LOADERS)
                with ProcessPoolExecutor(LOADERS) as pool:
                    list(pool.map(askers, [live.port] * LOADERS, [path] * LOADERS, [0.3] * LOADERS,
                                  [unchanged] * LOADERS, [each] * LOADERS))  # fmt: skip
                    before = processor_seconds(live.worker_pids())
                    jobs = [
                        pool.submit(askers, live.port, path, given.seconds, unchanged, each) for _ in range(LOADERS)
                    ]
                    found = [one for job in jobs for one in job.result()]
                    used = processor_seconds(live.worker_pids()) - before
                taken = [one for times, _ in found for one in times]
                print(
                    f"{kind:<9} {name:<22} {len(taken) / given.seconds:7.1f}/s  "
                    f"median {statistics.median(taken) * 1000:6.1f} ms  "
                    f"{used / len(taken) * 1000:6.2f} ms of processor  {found[0][1]:>7,} bytes"
                )


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--seconds", type=float, default=3)
    wanted.add_argument("--connections", type=int, default=8)
    wanted.add_argument("--households", type=int, default=1500)
    wanted.add_argument("--only", choices=["embedded", "server"])
    given = wanted.parse_args()
    if given.only != "server":
        measure("embedded", "sqlite:///{folder}/ruhu.db", given)
    if given.only != "embedded":
        address = postgres_cluster.create_database()
        measure("server", address, given)
        postgres_cluster.drop_database(address)


if __name__ == "__main__":
    main()

"""How long the review queue takes, on both databases, while very many submissions wait.

Run ``python benchmarks/review_queue.py [--submissions 200000] [--databases embedded,server]``.

Submissions, checks and counties are those of ``benchmarks/tiles.py``: a fourth of the submissions waits, one in twenty
does not pass a check. A city's inspector, a county's supervisor and a township's reviewer open the first page, count
by state, go to the next, and list what every check passed. Prints medians of five, in milliseconds.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests"), str(HERE)]

import postgres_cluster  # noqa: E402 - found through the line above
import sqlalchemy as sa  # noqa: E402 - the same
import tiles  # noqa: E402 - the same
import world  # noqa: E402 - the same

from api.database import Database, now  # noqa: E402 - the same
from api.evidence.checks.tables import JudgedEvidence  # noqa: E402 - the same
from api.evidence.review.queue import Wanted, counts_by_state, neighbours, queue  # noqa: E402 - the same
from api.evidence.tables import Evidence  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.people.roles import Role  # noqa: E402 - the same
from api.people.tables import Account, RoleGrant  # noqa: E402 - the same

COUNTY, TOWNSHIP = "540250", "540250105"


def prepare(database: Database) -> None:
    """Have everything judged, and somebody to review a county and a township."""
    with database.transaction() as session:
        judged = sa.select(
            Evidence.county_code, Evidence.id, sa.literal("b"), sa.literal(now(), JudgedEvidence.judged_at.type)
        )
        columns = ["county_code", "id", "thresholds", "judged_at"]
        session.execute(sa.insert(JudgedEvidence).from_select(columns, judged))
        for name, role, area in (
            ("county", Role.COUNTY_SUPERVISOR, COUNTY), ("township", Role.TOWNSHIP_REVIEWER, TOWNSHIP)
        ):  # fmt: skip
            account = session.scalars(sa.select(Account).where(Account.name == name)).one()
            account.grants[:] = [RoleGrant(role=role, area_code=area)]
    database.refresh_statistics(JudgedEvidence)


def measure(database: Database) -> None:
    for name in ("city", "county", "township"):
        with database.read() as session:
            viewer = world.viewer(session, name)
            rows, total = queue(session, viewer, Wanted(), limit=50)
            asked: dict[str, Callable[[], Any]] = {
                "first page": partial(queue, session, viewer, Wanted(), limit=50),
                "counts": partial(counts_by_state, session, viewer, Wanted()),
                "next": partial(neighbours, session, viewer, Wanted(), rows[10].id),
                "clean": partial(queue, session, viewer, Wanted(clean=True), limit=500),
            }
            for words, ask in asked.items():
                spent = []
                for _ in range(5):
                    began = time.perf_counter()
                    ask()
                    spent.append(1000 * (time.perf_counter() - began))
                print(f"  {name:9} {total:8,} wait  {words:11} {statistics.median(spent):8.0f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=200_000)
    parser.add_argument("--databases", default="embedded,server")
    asked = parser.parse_args()
    for kind in asked.databases.split(","):
        with tempfile.TemporaryDirectory() as folder:
            address = f"sqlite:///{folder}/ruhu.db" if kind == "embedded" else postgres_cluster.create_database()
            database = Database(address)
            try:
                migrate(database)
                with database.transaction() as session:
                    world.build(session, field_key=tiles.KEY)
                print(f"{kind}, {asked.submissions:,} submissions", flush=True)
                tiles.fill(database, asked.submissions)
                prepare(database)
                measure(database)
            finally:
                database.dispose()
                if kind == "server":
                    postgres_cluster.drop_database(address)


if __name__ == "__main__":
    main()

"""How long the map's search box waits, on both databases, over many pieces of evidence and households.

Run ``python benchmarks/map_search.py [--points 200000] [--databases embedded,server]``.

Evidence and counties are those of ``benchmarks/tiles.py``, with answers of a home visit's length and a hundred
households in each village. A city's inspector and a county's supervisor search; prints the median and the slowest of
five in milliseconds, and how many hits there were. *no such words* is the worst case: every piece is read.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests"), str(HERE)]

import postgres_cluster  # noqa: E402 - found through the line above
import tiles  # noqa: E402 - the same
import world  # noqa: E402 - the same

from api.database import Database, new_id  # noqa: E402 - the same
from api.evidence.tables import Evidence  # noqa: E402 - the same
from api.evidence_map.panel.search import find  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.people.roles import Role  # noqa: E402 - the same
from api.people.tables import Account, RoleGrant  # noqa: E402 - the same
from api.registry.tables import Division, Household  # noqa: E402 - the same

COUNTY = "540250"
IN_VILLAGE = 100
ANSWERS = {
    "outcome": "met_householder", "outcome_note": "虚构的说明文字，家里只有老人在，其他人外出放牧",
    **{f"income_{number}_fen_per_year": 123_400 + number for number in range(20)},
    **{f"question_{number}": "one two three" for number in range(20)},
}  # fmt: skip
ASKED = {
    "no such words": "从未写过", "words everywhere": "说明文字", "head's name": "虚构户主12", "division": "540250",
    "household": f"{COUNTY}105203-0042",
}  # fmt: skip


def people(database: Database) -> None:
    """Put households into all villages, answers into all evidence, and a supervisor into one county."""
    with database.transaction() as session:
        villages = session.scalars(sa.select(Division.code).where(Division.source == "b")).all()
        for village in villages:
            session.execute(sa.insert(Household), [
                {"id": new_id(), "county_code": village[:6], "township_code": village[:9], "village_code": village,
                 "code": f"{village}-{serial:04d}", "scheme": "rural", "registered_poor": False, "persons": 3,
                 "head_name": f"虚构户主{serial}", "benefit_fen_per_month": 10_000,
                 "place": f"SRID=4326;POINT({89 + serial / 1000} 29)"}
                for serial in range(IN_VILLAGE)
            ])  # fmt: skip
        session.execute(sa.update(Evidence).values(content=ANSWERS))
        somebody = session.scalars(sa.select(Account).where(Account.name == "county")).one()
        somebody.grants.append(RoleGrant(role=Role.COUNTY_SUPERVISOR, area_code=COUNTY))
    database.refresh_statistics(Evidence, Household)


def measure(database: Database) -> None:
    for name in ("city", "county"):
        for words, asked in ASKED.items():
            spent, hits = [], 0
            for _ in range(5):
                with database.read() as session:
                    viewer = world.viewer(session, name)
                    began = time.perf_counter()
                    hits = len(find(session, viewer, asked))
                    spent.append(1000 * (time.perf_counter() - began))
            print(
                f"  {name:7} {words:17} {statistics.median(spent):8.0f} {max(spent):8.0f} ms   {hits} hits", flush=True
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=200_000)
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
                print(f"{kind}, {asked.points:,} pieces", flush=True)
                tiles.fill(database, asked.points)
                people(database)
                measure(database)
            finally:
                database.dispose()
                if kind == "server":
                    postgres_cluster.drop_database(address)


if __name__ == "__main__":
    main()

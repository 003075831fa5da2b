"""How long the map's divisions take: figures over a county's evidence, and ground drawn coarser, on both databases.

Run ``python benchmarks/map_divisions.py [--households 20000] [--pieces 10] [--databases embedded,server] [--times 5]``.
Prints the median seconds of each step and the bytes of the answer. Each household gets so many pieces of evidence, nine
in ten judged, one in fifty doubted. The ground of 200 townships has rough edges of 120,000 points in all.
"""

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import shapely
import sqlalchemy as sa
from cryptography.fernet import Fernet

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

import postgres_cluster  # noqa: E402 - found through the line above
import world  # noqa: E402 - the same
from spot_check import fill  # noqa: E402 - the same

from api.collection.tables import Submission  # noqa: E402 - the same
from api.database import Database, new_id  # noqa: E402 - the same
from api.evidence.checks.tables import FieldCheck, JudgedEvidence  # noqa: E402 - the same
from api.evidence.tables import Evidence  # noqa: E402 - the same
from api.evidence_map.divisions import grounds  # noqa: E402 - the same
from api.evidence_map.divisions.figures import division_figures  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.registry.tables import Division, DivisionBoundary, Household  # noqa: E402 - the same

AT_ONCE = 20_000
TOWNSHIPS, POINTS = 200, 600
SEEN = datetime(2026, 6, 16, tzinfo=UTC)


def see(database: Database, pieces: int) -> int:
    """Give every household of the county its evidence; return how many pieces there are."""
    with database.transaction() as session:
        by = world.viewer(session, "surveyor").account_id
        households = session.execute(
            sa.select(Household.id, Household.code, Household.village_code).where(
                Household.county_code == world.COUNTY
            )
        ).all()  # fmt: skip
        numbered = enumerate(itertools.product(households, range(pieces)))
        while part := list(itertools.islice(numbered, AT_ONCE)):
            rows: dict[type, list[dict[str, object]]] = {
                Submission: [], Evidence: [], JudgedEvidence: [], FieldCheck: [],
            }  # fmt: skip
            for number, (one, piece) in part:
                whose = {
                    "county_code": world.COUNTY, "household_id": one.id, "household_code": one.code,
                    "village_code": one.village_code, "account_id": by, "received_at": SEEN,
                    "purpose": "township_visit",
                }  # fmt: skip
                submission, evidence = new_id(), new_id()
                rows[Submission].append(
                    {"id": submission, "instance_id": f"uuid:bench-{number}", "form_id": "home_visit", **whose}
                )
                rows[Evidence].append(
                    {"id": evidence, "submission_id": submission, "content": {}, **whose,
                     "kind": "asset" if piece else "visit", "question": f"asset/{piece}" if piece else "visit"}
                )  # fmt: skip
                if number % 10:
                    rows[JudgedEvidence].append(
                        {"county_code": world.COUNTY, "id": evidence, "thresholds": "1", "judged_at": SEEN}
                    )
                if number % 50 == 1:
                    rows[FieldCheck].append(
                        {"county_code": world.COUNTY, "evidence_id": evidence, "rule": "too-short", "numbers": {},
                         "thresholds": "1", "found_at": SEEN}
                    )  # fmt: skip
            for table, some in rows.items():
                session.execute(sa.insert(table), some)
    database.refresh_statistics(Household, Submission, Evidence, JudgedEvidence, FieldCheck)
    return len(households) * pieces


def draw(database: Database) -> None:
    """Give another county 200 townships in a row whose common edges are rough."""
    chance = np.random.default_rng(5)
    heights = np.linspace(28, 29, POINTS)
    edges = [
        np.column_stack([85 + at * 0.02 + chance.uniform(-0.004, 0.004, POINTS), heights])
        for at in range(TOWNSHIPS + 1)
    ]
    with database.transaction() as session:
        for at in range(TOWNSHIPS):
            code = f"{world.OTHER_COUNTY}{300 + at}"
            session.add(
                Division(code=code, level="township", name=f"虚构{at}乡", parent_code=world.OTHER_COUNTY, source="b")
            )
            session.flush()
            ground = shapely.MultiPolygon([shapely.Polygon(np.vstack([edges[at], edges[at + 1][::-1]]))])
            session.add(
                DivisionBoundary(
                    division_code=code, ground=f"SRID=4326;{ground.wkt}", synthetic=True, source="b"
                )
            )  # fmt: skip


def measure(database: Database, times: int) -> dict[str, list[float]]:
    """Return the seconds of each step."""
    spent: dict[str, list[float]] = {}

    def clock(step: str, began: float) -> float:
        spent.setdefault(step, []).append(time.perf_counter() - began)
        return time.perf_counter()

    for _ in range(times):
        with database.read() as session:
            county, city = world.viewer(session, "county"), world.viewer(session, "city")
            began = time.perf_counter()
            found = division_figures(session, county, level="township", within=world.COUNTY)
            began = clock("figures", began)
            grounds._kept.clear()  # noqa: SLF001 - what is measured is drawing it anew
            began = time.perf_counter()
            grounds.division_grounds(session, city, level="township", within=world.OTHER_COUNTY)
            began = clock("ground, new", began)
            shapes = grounds.division_grounds(session, city, level="township", within=world.OTHER_COUNTY)
            clock("ground, kept", began)
    if not sum(one.doubted for one in found):
        raise SystemExit("nothing is doubted: nothing was measured")
    print(f"          ground of {len(shapes)} townships: {sum(len(one.geometry) for one in shapes):,} bytes")
    return spent


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, default=20_000)
    parser.add_argument("--pieces", type=int, default=10)
    parser.add_argument("--databases", default="embedded,server")
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    for kind in asked.databases.split(","):
        with tempfile.TemporaryDirectory() as folder:
            address = f"sqlite:///{folder}/ruhu.db" if kind == "embedded" else postgres_cluster.create_database()
            database = Database(address)
            try:
                migrate(database)
                with database.transaction() as session:
                    world.build(session, field_key=Fernet.generate_key().decode())
                fill(database, asked.households)
                pieces = see(database, asked.pieces)
                draw(database)
                for step, seconds in measure(database, asked.times).items():
                    print(f"{kind:9} {step:12} {pieces:>9,} pieces  {statistics.median(seconds):7.3f} s")
            finally:
                database.dispose()
                if kind == "server":
                    postgres_cluster.drop_database(address)


if __name__ == "__main__":
    main()

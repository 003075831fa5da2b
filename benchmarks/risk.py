"""How long risk takes: reading a county's signs, the mark that says they still hold, a preview, on both databases.

Run ``python benchmarks/risk.py [--households 20000] [--databases embedded,server] [--times 5]``. Prints the median
seconds of each step. Every second household has been visited by the township. The server is a private PostgreSQL.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

import postgres_cluster  # noqa: E402 - found through the line above
import world  # noqa: E402 - the same
from spot_check import DAY, fill  # noqa: E402 - the same

from api.campaigns.create import create_campaign  # noqa: E402 - the same
from api.campaigns.plans import read_plan  # noqa: E402 - the same
from api.collection.tables import Submission  # noqa: E402 - the same
from api.database import Database, new_id  # noqa: E402 - the same
from api.evidence.tables import Evidence  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.registry.tables import Household  # noqa: E402 - the same
from api.spot_checks.risk import keep  # noqa: E402 - the same
from api.spot_checks.risk.cuts import suggest_cuts  # noqa: E402 - the same
from api.spot_checks.risk.find import movers  # noqa: E402 - the same
from api.spot_checks.risk.keep import mark_of_signs, signs_of_county  # noqa: E402 - the same
from api.spot_checks.risk.model import DEFAULTS, weights_of  # noqa: E402 - the same
from api.spot_checks.risk.preview import preview_model, row_shown  # noqa: E402 - the same

CHANGED = {"vehicle": 7, "subsidy": 5, "machinery": 0}


def visit(database: Database) -> None:
    """Let the township visit every second household, with answers of which one in ten says something."""
    chance = random.Random(2)
    began = datetime(2026, 6, 16, tzinfo=UTC)
    with database.transaction() as session:
        by = world.viewer(session, "surveyor").account_id
        households = session.execute(
            sa.select(Household.id, Household.code, Household.village_code)
            .where(Household.county_code == world.COUNTY)
            .order_by(Household.code)
        ).all()[::2]
        submissions, evidence = [], []
        for number, one in enumerate(households):
            whose = {
                "county_code": world.COUNTY, "household_id": one.id, "household_code": one.code,
                "village_code": one.village_code, "account_id": by, "purpose": "township_visit",
                "received_at": began + timedelta(seconds=number),
            }  # fmt: skip
            submission = {"id": new_id(), "instance_id": f"uuid:bench-{number}", "form_id": "home_visit", **whose}
            submissions.append(submission)
            evidence.append(
                {
                    "id": new_id(), "kind": "visit", "submission_id": submission["id"], "question": "visit",
                    "content": {
                        "outcome": "met_householder", "receives": "yes", "members_count": chance.randint(2, 4),
                        "card_holder": chance.choice(["own_household"] * 9 + ["cadre"]),
                        "withheld": chance.choice(["no"] * 9 + ["yes"]),
                        "income_fen_per_person_year": chance.randrange(100_000, 600_000),
                        **{f"answer_{place}": "虚构" * 8 for place in range(60)},
                    },
                    **whose,
                }
            )  # fmt: skip
        session.execute(sa.insert(Submission), submissions)
        session.execute(sa.insert(Evidence), evidence)


def measure(database: Database, times: int) -> dict[str, list[float]]:
    spent: dict[str, list[float]] = {}

    def clock(step: str, began: float) -> float:
        ended = time.perf_counter()
        spent.setdefault(step, []).append(ended - began)
        return ended

    with database.transaction() as session:
        campaign = create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
    tried = weights_of(CHANGED, (3, 7), base=DEFAULTS)
    for _ in range(times):
        with database.read() as session:
            began = time.perf_counter()
            keep._kept.clear()  # noqa: SLF001 - what is measured is reading them anew
            county = signs_of_county(session, campaign, world.COUNTY, DAY)
            began = clock("signs, read", began)
            mark_of_signs(session, campaign, world.COUNTY)
            began = clock("mark", began)
            county = signs_of_county(session, campaign, world.COUNTY, DAY)
            found = preview_model(county, DEFAULTS, tried, percent=30)
            rows = movers(county, found)
            for row in rows[:50]:
                row_shown(county, found, row)
            began = clock("preview", began)
            suggest_cuts(county, tried)
            clock("cuts, help", began)
            if not rows:
                raise SystemExit("nobody moves: nothing was measured")
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, default=20_000)
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
                visit(database)
                for step, seconds in measure(database, asked.times).items():
                    print(f"{kind:9} {step:12} {asked.households:>9,} households  {statistics.median(seconds):7.3f} s")
            finally:
                database.dispose()
                if kind == "server":
                    postgres_cluster.drop_database(address)


if __name__ == "__main__":
    main()

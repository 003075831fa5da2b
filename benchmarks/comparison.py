"""How long it takes to put a whole county's visits, or one household's, beside each other, and to estimate.

Run ``python benchmarks/comparison.py [--households 20000] [--databases embedded,server] [--times 3]``. Every drawn
household has a visit of the township and a check, each with three members. Prints the median seconds of processor time
of this process, and of the clock.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests"), str(HERE)]

import postgres_cluster  # noqa: E402 - found through the line above
import spot_check  # noqa: E402 - the same
import world  # noqa: E402 - the same
from cryptography.fernet import Fernet  # noqa: E402 - below the line that all imports wait for

from api.campaigns.create import create_campaign  # noqa: E402 - the same
from api.campaigns.plans import read_plan  # noqa: E402 - the same
from api.collection.tables import Submission  # noqa: E402 - the same
from api.database import Database, new_id, now  # noqa: E402 - the same
from api.evidence.tables import Evidence  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.spot_checks.commit import commit_draw  # noqa: E402 - the same
from api.spot_checks.comparison.rates import discrepancy_rates  # noqa: E402 - the same
from api.spot_checks.comparison.reading import compare_draw, compare_household  # noqa: E402 - the same
from api.spot_checks.draw import draw_spot_check  # noqa: E402 - the same
from api.spot_checks.estimates.report import make_report  # noqa: E402 - the same
from api.spot_checks.frame import freeze_frame  # noqa: E402 - the same
from api.spot_checks.plan import make_plan  # noqa: E402 - the same
from api.spot_checks.tables import Draw, Selection  # noqa: E402 - the same

FORMS = {"township_visit": "home_visit", "spot_check": "spot_check_visit"}
WRONG = 0.1


def drawn(database: Database) -> Draw:
    with database.transaction() as session:
        viewer = world.viewer(session, "county")
        campaign = create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
        frame = freeze_frame(session, campaign, world.COUNTY, viewer, day=spot_check.DAY)
        draw = commit_draw(session, frame, make_plan(session, frame, campaign), viewer)
        draw_spot_check(session, draw, f"{1:020d}", viewer, witnesses="计时甲，计时乙")
        return draw


def visit(database: Database, draw: Draw) -> int:
    """Let every drawn household be visited twice."""
    chance = random.Random(2)
    with database.transaction() as session:
        by = {"township_visit": "surveyor", "spot_check": "checker"}
        who = {purpose: world.viewer(session, name).account_id for purpose, name in by.items()}
        base = session.scalars(sa.select(Selection).where(Selection.draw_id == draw.id, Selection.role == "base")).all()
        submissions, evidence = [], []
        for one in base:
            for purpose, form in FORMS.items():
                members = 2 if purpose == "spot_check" and chance.random() < WRONG else spot_check.PERSONS
                whose = {
                    "county_code": one.county_code, "household_id": one.household_id, "purpose": purpose,
                    "household_code": one.household_code, "village_code": one.village_code,
                    "account_id": who[purpose],
                    "received_at": now() + timedelta(minutes=purpose == "spot_check"),
                }  # fmt: skip
                identity = new_id()
                submissions.append({"id": identity, "instance_id": f"uuid:{identity}", "form_id": form, **whose})
                said = {
                    "outcome": "met_householder", "members_count": members, "income_fen_per_person_year": 300_000,
                    "income_wages_fen_per_year": 900_000, "income_sources": "wages", "withheld": "no",
                    "card_holder": "own_household", "receives": "yes", "received_fen": 60_000,
                    "received_every": "quarter", "housing": "own", "verdict": "right", "error_kinds": "none",
                }  # fmt: skip
                rows = [("visit", said)] + [
                    (f"member/{at}", {"name": f"虚构{at}", "relation": "child", "birth_year": 1980 + at})
                    for at in range(members)
                ]
                evidence += [
                    {
                        "id": new_id(), "kind": question.partition("/")[0], "question": question, "content": content,
                        "submission_id": identity, "place": "SRID=4326;POINT(89.6 28.9)", **whose,
                    }
                    for question, content in rows
                ]  # fmt: skip
        for table, values in ((Submission, submissions), (Evidence, evidence)):
            session.execute(sa.insert(table), values)
        return len(base)


def clocks() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, default=20_000)
    parser.add_argument("--databases", default="embedded,server")
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    for kind in asked.databases.split(","):
        with tempfile.TemporaryDirectory() as folder:
            address = f"sqlite:///{folder}/ruhu.db" if kind == "embedded" else postgres_cluster.create_database()
            database = Database(address)
            try:
                migrate(database)
                with database.transaction() as session:
                    world.build(session, field_key=Fernet.generate_key().decode())
                spot_check.fill(database, asked.households)
                draw = drawn(database)
                checked = visit(database, draw)
                spent: dict[str, list[tuple[float, float]]] = {
                    step: [] for step in ("compare", "rates", "household", "estimates")
                }
                for _ in range(asked.times):
                    with database.read() as session:
                        times = [clocks()]
                        found = compare_draw(session, world.viewer(session, "county"), draw)
                        times.append(clocks())
                        discrepancy_rates(draw, found.compared)
                        times.append(clocks())
                        one = found.compared[0].outcome.household_id
                        compare_household(session, world.viewer(session, "county"), draw, one)
                        times.append(clocks())
                        make_report(session, draw)
                        times.append(clocks())
                    for step, before, after in zip(spent, times, times[1:], strict=False):
                        spent[step].append((after[0] - before[0], after[1] - before[1]))
                for step, seconds in spent.items():
                    worked, waited = (statistics.median(column) for column in zip(*seconds, strict=True))
                    print(
                        f"{kind:9} {step:9} {checked:>6,} of {asked.households:>7,}  {worked:6.2f} s of processor, "
                        f"{waited:6.2f} s by the clock"
                    )
            finally:
                database.dispose()
                if kind == "server":
                    postgres_cluster.drop_database(address)


if __name__ == "__main__":
    main()

"""How long a county's spot check takes: freeze, preview, plan, commit, draw, verify, on both databases.

Run ``python benchmarks/spot_check.py [--households 20000] [--databases embedded,server] [--times 3] [--design srs]``.
Prints the median seconds of each step, on the wall and of this process, and its largest memory. The server is a
private PostgreSQL with PostGIS. ``--households 1000000`` takes a quarter of an hour for each database and time.
"""

import argparse
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import sqlalchemy as sa

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

import postgres_cluster  # noqa: E402 - found through the line above
import world  # noqa: E402 - the same
from cryptography.fernet import Fernet  # noqa: E402 - below the line that all imports wait for

from api.campaigns.create import create_campaign  # noqa: E402 - the same
from api.campaigns.plans import read_plan  # noqa: E402 - the same
from api.campaigns.tables import Campaign  # noqa: E402 - the same
from api.database import Database, new_id  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.registry.tables import DepartmentRecord, Division, Household, Member  # noqa: E402 - the same
from api.spot_checks.commit import commit_draw  # noqa: E402 - the same
from api.spot_checks.draw import draw_spot_check  # noqa: E402 - the same
from api.spot_checks.frame import freeze_frame  # noqa: E402 - the same
from api.spot_checks.plan import make_plan  # noqa: E402 - the same
from api.spot_checks.planning.options import PlanOptions  # noqa: E402 - the same
from api.spot_checks.planning.preview import preview  # noqa: E402 - the same
from api.spot_checks.publication.approve import decide_second_draw  # noqa: E402 - the same
from api.spot_checks.tables import Frame  # noqa: E402 - the same
from api.spot_checks.verify import verify_draw  # noqa: E402 - the same

TOWNSHIPS = 19  # as in Gyantse
VILLAGES = 8  # in each
PERSONS = 3  # in each household
SIGNS = ("vehicle", "company", "payroll", "subsidy", "machinery")
DAY = date(2026, 7, 1)
NUMBERS = {"srs": "none", "pareto": "persons", "systematic": "curve"}  # what each design needs the frame to publish


Moment = tuple[float, float]  # on the wall, of this process


def moment() -> Moment:
    return time.perf_counter(), time.process_time()


def fill(database: Database, households: int) -> None:
    """Put a county of synthetic households, members and department records beside the small world's."""
    chance = random.Random(1)
    with database.transaction() as session:
        villages = []
        for township in range(TOWNSHIPS):
            code = f"{world.COUNTY}{300 + township}"
            session.add(Division(code=code, level="township", name=code, parent_code=world.COUNTY, source="benchmark"))
            session.flush()
            for number in range(VILLAGES):
                village = f"{code}{200 + number}"
                session.add(Division(code=village, level="village", name=village, parent_code=code, source="benchmark"))
                villages.append(village)
        session.flush()
        rows, members, records = [], [], []
        for serial in range(households):
            village = villages[serial % len(villages)]
            identity = new_id()
            rows.append(
                {
                    "county_code": world.COUNTY, "id": identity, "township_code": village[:9], "village_code": village,
                    "code": f"{village}-{serial:06d}", "scheme": "urban" if serial % 9 == 0 else "rural",
                    "head_name": f"虚构户主{serial}", "persons": PERSONS, "benefit_fen_per_month": 20_000,
                    "income_fen_per_person_year": chance.randrange(100_000, 500_000), "on_roll": True,
                    "place": f"SRID=4326;POINT({89.6 + serial % 97 / 1000} {28.9 + serial % 89 / 1000})",
                }
            )  # fmt: skip
            for position in range(1, PERSONS + 1):
                number = serial * PERSONS + position
                members.append(
                    {
                        "county_code": world.COUNTY, "household_id": identity, "position": position,
                        "name": f"虚构{number}", "relation": "子", "identity_hash": f"{number:064d}",
                    }
                )  # fmt: skip
                if chance.random() < 0.05:
                    records.append(
                        {
                            "county_code": world.COUNTY, "department": "公安", "kind": chance.choice(SIGNS),
                            "name": f"虚构{number}", "identity_hash": f"{number:064d}",
                        }
                    )  # fmt: skip
        for table, values in ((Household, rows), (Member, members), (DepartmentRecord, records)):
            session.execute(sa.insert(table), values)


def measure(database: Database, times: int, design: str) -> dict[str, list[tuple[float, float]]]:
    spent: dict[str, list[tuple[float, float]]] = {}

    def clock(step: str, began: Moment) -> Moment:
        ended = moment()
        spent.setdefault(step, []).append((ended[0] - began[0], ended[1] - began[1]))
        return ended

    with database.transaction() as session:
        campaign = create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
        viewer = world.viewer(session, "county")
    for number in range(times):
        with database.write() as session, session.begin():
            began = moment()
            frame = freeze_frame(session, campaign, world.COUNTY, viewer, day=DAY, numbered_by=NUMBERS[design])
            session.commit()
            clock("freeze", began)
        previews(database, frame, campaign, clock)
        with database.write() as session, session.begin():
            began = moment()
            plan = make_plan(session, frame, campaign, options=PlanOptions(design=design))
            began = clock("plan", began)
            draw = commit_draw(session, frame, plan, viewer, reason=f"计时第 {number} 次")
            session.commit()
            clock("commit", began)
        with database.write() as session, session.begin():
            began = moment()
            if number:
                decide_second_draw(session, draw, world.viewer(session, "city"), approved=True, note="")
            draw_spot_check(session, draw, f"{number:020d}", viewer, witnesses="计时甲，计时乙")
            session.commit()
            clock("draw", began)
        with database.read() as session:
            began = moment()
            found = verify_draw(session, draw)
            clock("verify", began)
            if not found.same:
                raise SystemExit(f"the draw does not verify: {found}")
    return spent


def previews(database: Database, frame: Frame, campaign: Campaign, clock: Callable[[str, Moment], Moment]) -> None:
    """Look at plans as the page does while somebody types: the first, one changed option, two side by side, widths."""
    days = max(2_000, frame.units // 50)  # enough for a third of the roll at 4 teams and 8 households a day
    looks = {
        "preview, first": [PlanOptions()],
        "preview, next": [PlanOptions(floor_township=35, bands={"high": 60})],
        "two plans": [PlanOptions(allocation="equal", aim="days", days=days), PlanOptions(floor_county=40)],
        "wanted width": [PlanOptions(aim="width", width_county=10)],
        "widths of townships": [PlanOptions(aim="width", width_township=60)],
    }
    for name, plans in looks.items():
        with database.read() as session:
            began = moment()
            for options in plans:
                preview(session, frame, campaign, options)
            clock(name, began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, default=20_000)
    parser.add_argument("--databases", default="embedded,server")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--design", choices=sorted(NUMBERS), default="srs")
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
                for step, spent in measure(database, asked.times, asked.design).items():
                    wall, own = (statistics.median(seconds) for seconds in zip(*spent, strict=True))
                    print(f"{kind:9} {step:19} {asked.households:>9,} households  {wall:7.2f} s  {own:7.2f} s of CPU")
            finally:
                database.dispose()
                if kind == "server":
                    postgres_cluster.drop_database(address)
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()

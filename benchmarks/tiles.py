"""How long a tile takes, and how large it is, on both databases: cold, again, and by its tag alone.

Run ``python benchmarks/tiles.py [--points 100000] [--databases embedded,server] [--tiles 40] [--page]``.

Pieces of evidence lie in villages of eighteen counties. Each tile is asked for through the whole application, as a
browser does; *cold*: the first time, in an application just started (the system's file cache is as it is); *tag*:
again with its ETag, answered 304. Prints the median and the 95th percentile in milliseconds, and the largest tile in
kilobytes as made (before gzip). With ``--page``: the seconds until Chromium shows the whole map page with its counts,
and again from its cache. A million points take some ten minutes to make.
"""

import argparse
import itertools
import random
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from cryptography.fernet import Fernet
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

import postgres_cluster  # noqa: E402 - found through the line above
import world  # noqa: E402 - the same
from live import Live  # noqa: E402 - the same

from api import create_app  # noqa: E402 - the same
from api.collection.tables import Submission  # noqa: E402 - the same
from api.database import Database, new_id  # noqa: E402 - the same
from api.evidence.cells.count import sweep  # noqa: E402 - the same
from api.evidence.changes import note_change  # noqa: E402 - the same
from api.evidence.checks.tables import FieldCheck  # noqa: E402 - the same
from api.evidence.review.tables import Review  # noqa: E402 - the same
from api.evidence.square import world as square  # noqa: E402 - the same
from api.evidence.tables import Evidence  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.registry.tables import Division  # noqa: E402 - the same
from api.settings import Settings  # noqa: E402 - the same

COUNTIES, TOWNSHIPS, VILLAGES = 18, 11, 9
AT_ONCE = 20_000
ZOOMS = (6, 8, 10, 12, 13, 14, 16)
KEY = Fernet.generate_key().decode()
SEEN = datetime(2026, 6, 16, tzinfo=UTC)
KINDS = ("visit", "asset", "interview", "member", "posting")
STATES = ("accepted", "accepted", "returned", "in_review")


def found(database: Database) -> tuple[list[str], Any]:
    """Make eighteen counties; return their villages, and who has been everywhere."""
    villages: list[str] = []
    with database.transaction() as session:
        by = world.viewer(session, "surveyor").account_id
        for county in range(COUNTIES):
            code = f"5402{40 + county}"
            session.add(Division(code=code, level="county", name=code, parent_code="5402", source="benchmark"))
            session.flush()
            for township in range(TOWNSHIPS):
                above = f"{code}{100 + township}"
                session.add(Division(code=above, level="township", name=above, parent_code=code, source="benchmark"))
                session.flush()
                for number in range(VILLAGES):
                    below = f"{above}{200 + number}"
                    session.add(Division(code=below, level="village", name=below, parent_code=above, source="b"))
                    villages.append(below)
    return villages, by


def fill(database: Database, points: int) -> np.ndarray[Any, Any]:
    """Put so many pieces into the villages of eighteen counties; return where they lie."""
    chance, numbers = random.Random(1), np.random.default_rng(1)
    villages, by = found(database)
    # counties on a grid of about 100 km, villages in them, homes within some hundred metres of the middle of a village
    middles = np.array([
        [85.0 + (at // (TOWNSHIPS * VILLAGES)) % 6 * 1.1 + chance.random() * 0.9,
         28.3 + (at // (TOWNSHIPS * VILLAGES)) // 6 * 0.9 + chance.random() * 0.7]
        for at in range(len(villages))
    ])  # fmt: skip
    which = numbers.integers(0, len(villages), points)
    places = middles[which] + numbers.normal(0, 0.006, (points, 2))
    numbered = iter(range(points))
    while part := list(itertools.islice(numbered, AT_ONCE)):
        rows: dict[type, list[dict[str, Any]]] = {Submission: [], Evidence: [], Review: [], FieldCheck: []}
        for number in part:
            village = villages[which[number]]
            whose = {
                "county_code": village[:6], "village_code": village, "account_id": by, "received_at": SEEN,
                "purpose": "township_visit", "household_code": f"{village}-{number:07d}", "household_id": None,
            }  # fmt: skip
            submission, evidence = new_id(), new_id()
            rows[Submission].append({"id": submission, "instance_id": f"uuid:b-{number}", "form_id": "b", **whose})
            x, y = places[number]
            rows[Evidence].append({
                "id": evidence, "submission_id": submission, "kind": KINDS[number % 5], "question": "visit",
                "content": {}, "place": f"SRID=4326;POINT({x} {y})", "accuracy_m": 5.0,
                "collected_at": SEEN + timedelta(minutes=number % 90_000), **whose,
            })  # fmt: skip
            if chance.random() < 0.7:
                state = chance.choice(STATES)
                rows[Review].append({"county_code": village[:6], "id": submission, "state": state, "steps": 1,
                                     "changed_at": SEEN})  # fmt: skip
            if chance.random() < 0.05:
                rows[FieldCheck].append({
                    "county_code": village[:6], "id": new_id(), "evidence_id": evidence, "numbers": {},
                    "rule": chance.choice(["far-from-home", "dark"]), "thresholds": "b", "found_at": SEEN,
                })  # fmt: skip
        with database.transaction() as session:
            for table, values in rows.items():
                if values:
                    session.execute(sa.insert(table), values)
    with database.transaction() as session:
        note_change(session, villages)
    began = time.perf_counter()
    while sweep(database):
        pass
    print(f"cells of {len(villages) // VILLAGES} townships counted in {time.perf_counter() - began:.1f} s")
    database.refresh_statistics(Evidence, Submission, Review, FieldCheck)
    return places


def measure(address: str, folder: str, places: np.ndarray[Any, Any], tiles: int) -> None:
    token = {"Authorization": f"Bearer {world.PROGRAM_TOKENS['city']}"}
    # the first of all townships of the eleventh county; returned; a worker; a rule; a week: all may be asked for
    filters = {
        "nothing chosen": "", "kind": "kind=visit", "township": "area=540250105", "state": "state=returned",
        "worker": f"worker={WORKER[0]}", "rule": "rule=far-from-home", "a week": "since=2026-07-01&until=2026-07-07",
    }  # fmt: skip
    east, south = square(places[:, 0], places[:, 1])
    for words, query in filters.items():
        app = create_app(Settings(data_dir=Path(folder), database_url=address, secret_key=KEY, field_keys=KEY))
        client = app.test_client()
        client.get("/api/me", headers=token)
        for zoom in ZOOMS:
            lies = np.unique(np.column_stack([east, south]) * (1 << zoom) // 1, axis=0).astype(int)
            asked = random.Random(zoom).sample(lies.tolist(), min(tiles, len(lies)))
            cold, warm, tagged, largest = [], [], [], 0
            for x, y in asked:
                path = f"/api/evidence/map/tiles/{zoom}/{x}/{y}.mvt?{query}"
                tag = ""
                for spent in (cold, warm, tagged):
                    headers = token | ({"If-None-Match": tag} if spent is tagged else {})
                    began = time.perf_counter()
                    answer = client.get(path, headers=headers)
                    spent.append(1000 * (time.perf_counter() - began))
                    tag, largest = answer.headers["ETag"], max(largest, len(answer.data))
                if answer.status_code != 304:
                    raise SystemExit(f"{path} is sent again though nothing has changed")
            told = "  ".join(
                f"{statistics.median(one):6.1f} {np.percentile(one, 95):6.1f}" for one in (cold, warm, tagged)
            )
            print(
                f"  {words:15} z{zoom:<3} {len(asked):3} tiles   cold, again, tag: {told} ms   {largest / 1000:6.1f} kB"
            )
        app.extensions["ruhu_database"].dispose()


def paint(address: str, folder: str) -> None:
    """Open the map page as a city's inspector in a real browser, of a server with two processes."""
    settings = Settings(data_dir=Path(folder), database_url=address, secret_key=KEY, field_keys=KEY)
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with Live(settings, threads=4) as live, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-background-networking", "--use-angle=swiftshader",
                  "--enable-unsafe-swiftshader"],
        )  # fmt: skip
        page = browser.new_page(viewport={"width": 1280, "height": 800}, base_url=live.address)
        page.goto("/sign-in")
        page.locator("[name=name]").fill("city")
        page.locator("[name=password]").fill(world.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
        for words in ("first", "again"):
            began = time.perf_counter()
            page.goto("/map")
            page.wait_for_selector("[data-map-canvas][data-ready]")
            ready = time.perf_counter() - began
            page.wait_for_selector("[data-map-canvas][data-idle]")
            drawn = time.perf_counter() - began
            page.get_by_text("地图上 ").first.wait_for()
            counted = time.perf_counter() - began
            told = page.locator("[data-map-status]").text_content()
            print(
                f"map page, {words}: map there after {ready:.2f} s, all drawn after {drawn:.2f} s, "
                f"counted after {counted:.2f} s: {told}"
            )
        browser.close()


WORKER: list[Any] = []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--databases", default="embedded,server")
    parser.add_argument("--tiles", type=int, default=40)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    for kind in asked.databases.split(","):
        with tempfile.TemporaryDirectory() as folder:
            address = f"sqlite:///{folder}/ruhu.db" if kind == "embedded" else postgres_cluster.create_database()
            database = Database(address)
            try:
                migrate(database)
                with database.transaction() as session:
                    world.build(session, field_key=KEY)
                    WORKER[:] = [world.viewer(session, "surveyor").account_id]
                print(f"{kind}, {asked.points:,} pieces")
                places = fill(database, asked.points)
                measure(address, folder, places, asked.tiles)
                if asked.page:
                    paint(address, folder)
            finally:
                database.dispose()
                if kind == "server":
                    postgres_cluster.drop_database(address)


if __name__ == "__main__":
    main()

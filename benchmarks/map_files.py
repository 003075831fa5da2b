"""How long a selection takes as a GeoPackage and as GeoJSON, in how much memory; and pages of an OGC layer.

Run ``python benchmarks/map_files.py [--points 200000] [--databases embedded,server] [--profile]``.

Evidence and counties are those of ``benchmarks/tiles.py``; each piece answers every question of its kind as the forms
of the house ask it, each visit has two photos. A city's inspector takes everything, through the whole application; the
limit on the rows of a file is lifted for that.
Each figure comes from a process of its own: seconds on the wall and of CPU (our process and the one that writes
GeoPackages), seconds until the first byte, the largest memory of either, megabytes sent. Then pages of a thousand
features, by the way the links lead: the first (which counts all there are), one in the middle, the last; median of
five in milliseconds, and again by its tag. CPU seconds say more than seconds on a machine that others use as well.
"""

import argparse
import contextlib
import cProfile
import gc
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests"), str(HERE)]

import postgres_cluster  # noqa: E402 - found through the line above
import tiles  # noqa: E402 - the same
import world  # noqa: E402 - the same
from roll_import import peak_mb  # noqa: E402 - the same

from api import create_app  # noqa: E402 - the same
from api.collection.forms import publish_form  # noqa: E402 - the same
from api.database import Database, new_id  # noqa: E402 - the same
from api.evidence.tables import Evidence, Photo  # noqa: E402 - the same
from api.evidence_map.ogc import files  # noqa: E402 - the same
from api.evidence_map.ogc.asked import write_key  # noqa: E402 - the same
from api.evidence_map.ogc.columns import answers_of  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.settings import Settings  # noqa: E402 - the same
from survey_forms.catalogue import CATALOGUE, compiled  # noqa: E402 - the same

ANSWERS = {"integer": 12_000, "number": 12.5, "boolean": True, "string": "虚构的说明，十来个字"}
PHOTOS = 2
AT_ONCE = 5000
PAGE = 1000
SUFFIXES = ("gpkg", "geojson")
TOKEN = {"Authorization": f"Bearer {world.PROGRAM_TOKENS['city']}"}


def fill(database: Database, points: int) -> None:
    """Put pieces of evidence into eighteen counties, with answers and photos."""
    with database.transaction() as session:
        for form in CATALOGUE:
            publish_form(session, compiled(form.form_id))
    tiles.fill(database, points)
    with database.transaction() as session:
        asked = answers_of(session, world.viewer(session, "city"))
        for kind in tiles.KINDS:
            content = {field: ANSWERS[column.type] for field, column in asked[kind].items()}
            print(f"  {kind}: {len(content)} answers")
            session.execute(sa.update(Evidence).where(Evidence.kind == kind).values(content=content))
        visits = session.execute(sa.select(Evidence.county_code, Evidence.id).where(Evidence.kind == "visit")).all()
        for start in range(0, len(visits), AT_ONCE):
            session.execute(sa.insert(Photo), [
                {"county_code": county, "id": new_id(), "evidence_id": evidence, "question": "q", "name": f"{at}.jpg"}
                for county, evidence in visits[start : start + AT_ONCE] for at in range(PHOTOS)
            ])  # fmt: skip
    database.refresh_statistics(Evidence, Photo)


def started(address: str, folder: str) -> Any:
    app = create_app(Settings(data_dir=Path(folder), database_url=address, secret_key=tiles.KEY, field_keys=tiles.KEY))
    client = app.test_client()
    client.get("/api/me", headers=TOKEN)
    gc.collect()
    gc.freeze()  # as wsgi.py does
    return app, client


def take(address: str, folder: str, suffix: str, *, profile: bool) -> None:
    """Take everything along once; prints what it cost."""
    app, client = started(address, folder)
    files.MOST_ROWS.update(dict.fromkeys(files.MOST_ROWS, sys.maxsize))
    before, largest, ended = peak_mb(), [0.0], threading.Event()
    threading.Thread(target=_watch, args=(largest, ended)).start()
    profiler = cProfile.Profile() if profile else contextlib.nullcontext()
    began, cpu, first, sent = time.perf_counter(), os.times(), 0.0, 0
    with profiler:
        answer = client.get(f"/api/evidence/map/export.{suffix}", headers=TOKEN)
        for chunk in answer.iter_encoded():
            first = first or time.perf_counter() - began
            sent += len(chunk)
        answer.close()
    wall, spent = time.perf_counter() - began, [now - then for now, then in zip(os.times(), cpu, strict=True)]
    ended.set()
    if answer.status_code != 200:
        raise SystemExit(answer.status)
    print(
        f"  {suffix:8} {wall:6.1f} s, first byte {first:5.1f} s; CPU {spent[0] + spent[1]:5.1f} s ours, "
        f"{spent[2] + spent[3]:5.1f} s the writer's; at most {peak_mb():4.0f} MB ours (before: {before:.0f}), "
        f"{largest[0]:4.0f} MB the writer's; {sent / 1e6:.0f} MB sent", flush=True,
    )  # fmt: skip
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)
    app.extensions["ruhu_database"].dispose()


def _watch(largest: list[float], ended: threading.Event) -> None:
    """Note the largest memory of our children; Linux keeps the peak of each itself."""
    ours = f"PPid:\t{os.getpid()}"
    while not ended.wait(0.2):
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                said = status.read_text().splitlines()
                peak = [int(line.split()[1]) / 1024 for line in said if line.startswith("VmHWM")]
                if ours in said and peak:
                    largest[0] = max(largest[0], *peak)


def pages(address: str, folder: str) -> None:
    """Ask for pages of a thousand features."""
    app, client = started(address, folder)
    with app.extensions["ruhu_database"].read() as session:
        for layer, where in (("evidence", sa.true()), ("visit", Evidence.kind == "visit")):
            keys = session.execute(
                sa.select(Evidence.county_code, Evidence.id).where(where).order_by(Evidence.county_code, Evidence.id)
            ).all()
            behind = {"first": None, "middle": keys[len(keys) // 2], "last": keys[-PAGE - 1]}
            told = []
            for name, key in behind.items():
                query = {"limit": str(PAGE)} | ({"after": write_key((key[0], key[1]))} if key else {})
                cold, tagged = [], []
                tag = ""
                for spent, headers in ((cold, {}), (tagged, {"If-None-Match": "?"})):
                    for _ in range(5):
                        began = time.perf_counter()
                        answer = client.get(
                            f"/ogc/collections/{layer}/items", query_string=query,
                            headers=TOKEN | ({"If-None-Match": tag} if headers else {}),
                        )  # fmt: skip
                        spent.append(1000 * (time.perf_counter() - began))
                        tag = answer.headers.get("ETag", "")
                told.append(
                    f"{name} {statistics.median(cold):.0f} ms (tag {statistics.median(tagged):.0f} ms, "
                    f"{answer.status_code})"
                )
            print(f"  {layer}: {', '.join(told)}", flush=True)
    app.extensions["ruhu_database"].dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=200_000)
    parser.add_argument("--databases", default="embedded,server")
    parser.add_argument("--profile", action="store_true", help="print where the time of our process goes")
    parser.add_argument("--once", nargs=3, metavar=("WHAT", "ADDRESS", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once:
        what, address, folder = asked.once
        return pages(address, folder) if what == "pages" else take(address, folder, what, profile=asked.profile)
    for kind in asked.databases.split(","):
        with tempfile.TemporaryDirectory() as folder:
            address = f"sqlite:///{folder}/ruhu.db" if kind == "embedded" else postgres_cluster.create_database()
            database = Database(address)
            try:
                migrate(database)
                with database.transaction() as session:
                    world.build(session, field_key=tiles.KEY)
                print(f"{kind}, {asked.points:,} pieces", flush=True)
                fill(database, asked.points)
                for what in (*SUFFIXES, "pages"):
                    more = ["--profile"] if asked.profile else []
                    subprocess.run([sys.executable, __file__, *more, "--once", what, address, folder], check=True)
            finally:
                database.dispose()
                if kind == "server":
                    postgres_cluster.drop_database(address)
    return None


if __name__ == "__main__":
    main()

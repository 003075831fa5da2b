"""Field checks on the demo: how much of what is planted is found, and how often each rule doubts what is faultless.

Loads the demo county into a temporary embedded database, lets the sweep judge it and compares with ``doubts.csv``,
which the rules never read. ``--households`` makes the county smaller.
"""

import argparse
import csv
import tempfile
import time
from collections import Counter
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet

from api.collection.object_store import open_blobs
from api.database import Database
from api.demo.load import load_demo
from api.demo.marks import demo_folder
from api.evidence.checks.judge import sweep
from api.evidence.checks.rules import RULES
from api.evidence.checks.tables import FieldCheck
from api.evidence.look import look_at_photos
from api.evidence.tables import Evidence
from api.evidence.thumbnails import Thumbnails
from api.migrate import migrate
from api.settings import Settings

# which rule must find which planted doubt
MEANT = {
    "four-minutes": "too-short",
    "far-from-home": "far-from-home",
    "no-photo": "no-photo",
    "same-spot": "same-spot",
}


def main() -> None:
    """Print recall by planted doubt and false alarms by rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=3000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder), database_url=f"sqlite:///{folder}/ruhu.db", secret_key="bench",  # noqa: S106 - a throw-away database
            field_keys=Fernet.generate_key().decode(), password_cost=8,
        )  # fmt: skip
        database = Database(settings.database_url)
        migrate(database)
        load_demo(database, settings, password="demo-demo-demo", households=asked.households)  # noqa: S106 - invented people
        began = time.perf_counter()
        blobs = open_blobs(settings)
        seen = look_at_photos(database, blobs, Thumbnails(Path(folder) / "thumbnails", blobs), seconds=3600)
        print(f"{seen} photos and signatures looked at in {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        while sweep(database, seconds=3600):
            pass
        print(f"judged in {time.perf_counter() - began:.1f} s")
        with (demo_folder(settings) / "doubts.csv").open(encoding="utf-8-sig", newline="") as file:
            planted = {(row["household_code"], row["sender"]): row["doubt"] for row in csv.DictReader(file)}
        report(database, planted)
        database.dispose()


def report(database: Database, planted: dict[tuple[str, str], str]) -> None:
    """Print what was found beside what was planted, on the visits."""
    from api.people.tables import Account  # noqa: PLC0415 - only here

    with database.read() as session:
        visits = session.execute(
            sa.select(Evidence.id, Evidence.household_code, Account.name, Evidence.content)
            .join(Account, Account.id == Evidence.account_id)
            .where(Evidence.kind == "visit")
        ).all()
        found: dict[object, set[str]] = {}
        for key, rule in session.execute(sa.select(FieldCheck.evidence_id, FieldCheck.rule)):
            found.setdefault(key, set()).add(rule)
        everything = session.scalar(sa.select(sa.func.count()).select_from(Evidence))
    of: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    clean = 0
    for key, code, sender, content in visits:
        doubt = planted.get((code, sender), "")
        if not doubt:
            clean += 1
            alarms.update(found.get(key, set()))
            continue
        met = str(content.get("outcome", "")).startswith("met_")
        name = doubt if met or doubt not in {"four-minutes", "no-photo"} else f"{doubt} (nobody met)"
        of[name] += 1
        hit[name] += MEANT[doubt] in found.get(key, set())
    print(f"{everything} pieces, {len(visits)} visits, {clean} without a planted doubt")
    for name in sorted(of):
        print(f"found {hit[name]:5} of {of[name]:5}  {name}")
    for rule in RULES:
        print(f"false {alarms[rule.key]:5} = {alarms[rule.key] / clean:7.2%}  {rule.key}")


if __name__ == "__main__":
    main()

"""How long an export of 50,000 home visits takes, and in how much memory, beside loading everything at once.

    python benchmarks/export.py [--submissions 50000] [--database embedded|server] [--format csv] [--format xlsx]

The submissions are put straight into the tables and the folder of bytes, each with XML of its own in which every
question is answered, two of three with two rows of each repeat, all with a photo that has arrived. Each figure comes
from a process of its own: an export as it is asked for and made in the background (labels in Chinese, numbers masked,
repeats as tables of their own in one zip, the file synced to disk), the same asked for once more, and, as the plain
alternative, a program that loads every submission as an object, reads each with
`survey_forms.submission.read_submission` and then writes one CSV of the main table. CPU seconds say more than seconds
on a machine that others use as well. Of the memory, what the program takes before it begins is printed too: most of it
is libraries that the export does not use.
"""

import argparse
import csv
import hashlib
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet
from roll_import import cluster, peak_mb

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

import world  # noqa: E402 - found through the path above

from api.collection.blobs import Blobs  # noqa: E402 - the same
from api.collection.forms import publish_form, schema_of  # noqa: E402 - the same
from api.collection.tables import Attachment, FormVersion, Submission, SubmissionVersion  # noqa: E402 - the same
from api.database import Database, new_id, now  # noqa: E402 - the same
from api.evidence.export.ask import ask_for_export, prepare  # noqa: E402 - the same
from api.evidence.export.carry_out import carry_out  # noqa: E402 - the same
from api.evidence.export.finding import file_of  # noqa: E402 - the same
from api.evidence.export.tables import Export  # noqa: E402 - the same
from api.evidence.export.wanted import Wanted  # noqa: E402 - the same
from api.evidence.reading import CHINA  # noqa: E402 - the same
from api.jobs.work import do  # noqa: E402 - the same
from api.migrate import migrate  # noqa: E402 - the same
from api.registry.tables import Household  # noqa: E402 - the same
from survey_forms.catalogue import compiled  # noqa: E402 - the same
from survey_forms.catalogue import schema_of as schema_of_house  # noqa: E402 - the same
from survey_forms.filling import fill  # noqa: E402 - the same
from survey_forms.schema import FormSchema, Question  # noqa: E402 - the same
from survey_forms.submission import read_submission  # noqa: E402 - the same
from survey_forms.values import Place  # noqa: E402 - the same

CHUNK = 2500
VISITS_PER_HOUSEHOLD = 5
DAY = timedelta(days=1)
ROWS = 2  # of each repeat, in two of three submissions


def templates() -> list[bytes]:
    """XML of home visits with every question answered, with words in the place of what differs."""
    schema = schema_of_house("home_visit")
    told = {question.path: _answer(question) for question in schema.questions if not question.repeats}
    told |= {question.path: "HOUSEHOLD" for question in schema.with_evidence("visit.household")}
    several = {repeat.path: _rows(schema, repeat.path) for repeat in schema.repeats if not repeat.repeats}
    made = [fill(schema, answers, instance_id="uuid:INSTANCE", check=False) for answers in (told, told | several)]
    # a phone writes the answers without the namespace of the form
    bare = [xml.replace(b' xmlns="http://www.w3.org/2002/xforms"', b"") for xml in made]
    return [bare[0], bare[1], bare[1]]


def _rows(schema: FormSchema, repeat: str) -> list[dict[str, Any]]:
    row = {question.path: _answer(question) for question in schema.questions if question.repeats == (repeat,)}
    return [row] * ROWS


def _answer(question: Question) -> Any:
    """An answer as a phone would give it; photos are counted, but lie on no disk here."""
    if question.shown_only:
        return None
    if question.choices:
        several = question.type in {"select_multiple", "rank"}
        return [choice.name for choice in question.choices[:2]] if several else question.choices[0].name
    return {
        "int": 12_000, "decimal": Decimal("12.5"), "date": date(2026, 7, 1), "binary": "house.jpg",
        "dateTime": datetime(2026, 7, 1, 10, 2, 11, tzinfo=CHINA), "geopoint": Place(28.9147, 89.6021, 4021.5, 6.2),
    }.get(question.type, "虚构的说明，十来个字")  # fmt: skip


def store(database: Database, folder: Path, count: int) -> None:
    """Put submissions into the tables and their bytes into the folder, as reception would have."""
    made, blobs = templates(), Blobs(folder / "blobs")
    with database.transaction() as session:
        account = world.viewer(session, "surveyor").account_id
        version = session.scalars(sa.select(FormVersion.version)).one()
        households = _households(session, -(-count // VISITS_PER_HOUSEHOLD))
        for start in range(0, count, CHUNK):
            rows: list[dict[str, Any]] = []
            for number in range(start, min(start + CHUNK, count)):
                key, household = new_id(), households[number // VISITS_PER_HOUSEHOLD]
                xml = made[number % len(made)].replace(b"INSTANCE", str(key).encode())
                xml = xml.replace(b"HOUSEHOLD", household["code"].encode())
                sha256 = hashlib.sha256(xml).hexdigest()
                path = blobs.path(sha256)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(xml)
                rows.append({
                    "county_code": world.COUNTY, "id": key, "submission_id": key, "instance_id": f"uuid:{key}",
                    "form_id": "home_visit", "account_id": account, "device_id": "collect:Xk3bq0WvM2sT9cYa",
                    "household_id": household["id"], "household_code": household["code"],
                    "village_code": household["village_code"], "edited": False, "form_version": version,
                    "xml_sha256": sha256, "xml_bytes": len(xml), "named_files": ["house.jpg"], "derived_at": now(),
                    "name": "house.jpg", "sha256": sha256, "bytes": 150_000, "media_type": "image/jpeg", "named": True,
                })  # fmt: skip
            for table in (Submission, SubmissionVersion, Attachment):
                known = sa.inspect(table).columns.keys()
                session.execute(
                    sa.insert(table), [{name: row[name] for name in row.keys() & set(known)} for row in rows]
                )


def _households(session: Any, count: int) -> list[dict[str, Any]]:
    rows = [
        {
            "county_code": world.COUNTY, "id": new_id(), "code": f"{world.VILLAGE}-{100 + number:05d}",
            "township_code": world.TOWNSHIP, "village_code": world.VILLAGE, "scheme": "rural", "persons": 4,
            "head_name": f"虚构{number}", "benefit_fen_per_month": 30_000,
        }
        for number in range(count)
    ]  # fmt: skip
    session.execute(sa.insert(Household), rows)
    return rows


def export_once(address: str, folder: Path, kind: str) -> None:
    """Ask, make, ask again; prints seconds, CPU seconds, MB of the tables, peak MB before and after, seconds again."""
    database, before = Database(address), peak_mb()
    with database.read() as session:
        viewer = world.viewer(session, "county")
    wanted = Wanted(form_id="home_visit", format=kind)
    began, worked = time.perf_counter(), time.process_time()
    export, made = _asked(database, viewer, wanted, folder), {"evidence.export": _work(folder)}
    assert do(database, made, export.county_code, export.job_id)  # noqa: S101 - a figure of failures is no figure
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    began = time.perf_counter()
    again = _asked(database, viewer, wanted, folder)
    found = time.perf_counter() - began
    assert again.finished_at is not None  # noqa: S101 - the same
    print(seconds, worked, _plain_bytes(file_of(folder, again)) / 1e6, before, peak_mb(), found)
    database.dispose()


def _asked(database: Database, viewer: Any, wanted: Wanted, folder: Path) -> Export:
    with database.read() as session:
        prepared = prepare(session, viewer, wanted)
    with database.transaction() as session:
        return ask_for_export(session, viewer, prepared, data_dir=folder, kept_for=DAY)


def _work(folder: Path) -> Any:
    return lambda task: carry_out(task, Blobs(folder / "blobs"), folder, kept_for=DAY)


def _plain_bytes(path: Path) -> int:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            return sum(entry.file_size for entry in packed.infolist())
    return path.stat().st_size


def naive_once(address: str, folder: Path) -> None:
    """Load all, then read all, then write all; prints seconds, CPU seconds, MB, peak MB before and after."""
    database, blobs, before = Database(address), Blobs(folder / "blobs"), peak_mb()
    began, worked = time.perf_counter(), time.process_time()
    with database.read() as session:
        submissions = session.scalars(sa.select(Submission).options(sa.orm.selectinload(Submission.versions))).all()
        forms = {form.version: schema_of(session, form) for form in session.scalars(sa.select(FormVersion))}
        rows = [
            {"instance_id": submission.instance_id, **_answers(blobs, version, forms)}
            for submission in submissions
            for version in submission.versions
        ]
    path = folder / "naive.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    print(seconds, worked, path.stat().st_size / 1e6, before, peak_mb())
    database.dispose()


def _answers(blobs: Blobs, version: SubmissionVersion, forms: dict[str, Any]) -> dict[str, Any]:
    sent = read_submission(blobs.read(version.xml_sha256), forms[version.form_version])
    return {answer.path: answer.text for answer in sent.answers if not answer.position}


def measured_by(*arguments: str) -> Iterator[float]:
    command = [sys.executable, __file__, "--once", *arguments]
    return map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def line(database: str, what: str, count: int, *measured: float, more: str = "") -> None:
    seconds, worked, size, before, peak = measured
    figures = (f"{seconds:.1f}", f"{worked:.1f}", f"{count / seconds:,.0f}", f"{count / worked:,.0f}")
    memory = (f"{size:.0f}", f"{before:.0f}", f"{peak:.0f}")
    print(f"{database:>9} {what:>8} " + " ".join(f"{figure:>8}" for figure in (*figures, *memory)), more, flush=True)


def measure(database_kind: str, formats: list[str], count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        embedded = database_kind == "embedded"
        address = f"sqlite:///{folder / 'ruhu.db'}" if embedded else cluster().create_database()
        database = Database(address)
        migrate(database)
        with database.transaction() as session:
            world.build(session, field_key=Fernet.generate_key().decode())
            publish_form(session, compiled("home_visit"))
        store(database, folder, count)
        database.dispose()
        for kind in formats:
            *measured, again = measured_by("export", address, name, kind)
            line(database_kind, kind, count, *measured, more=f"asked again {again * 1000:.0f} ms")
        line(database_kind, "load all", count, *measured_by("naive", address, name))
        if not embedded:
            cluster().drop_database(address)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=50_000)
    parser.add_argument("--database", choices=("embedded", "server"), action="append")
    parser.add_argument("--format", choices=("csv", "xlsx", "geojson"), action="append")
    parser.add_argument("--once", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        what, address, folder, *kind = given.once
        if what == "export":
            export_once(address, Path(folder), *kind)
        else:
            naive_once(address, Path(folder))
        return
    headings = ("seconds", "CPU s", "per s", "per CPU", "MB", "before", "peak MB")
    print(f"{'database':>9} {'format':>8} " + " ".join(f"{heading:>8}" for heading in headings))
    for database in given.database or ["embedded"]:
        measure(database, given.format or ["csv"], given.submissions)


if __name__ == "__main__":
    main()

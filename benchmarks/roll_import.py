"""How long a roll of 100,000 persons takes to import, in how much memory, and how long phones wait meanwhile.

Run ``python benchmarks/roll_import.py`` (``--persons 10000 --repeat 1`` for a short form; ``--database`` for one
kind). For each database and file kind: the first import into an empty roll, the same file again, and one with every
tenth household changed. Seconds are medians of the repeats; memory is the peak of the importing process; the wait is
the longest that a second process, writing a row every 20 ms as phones do, had to wait for one of its writes.
"""

import argparse
import csv
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet
from openpyxl import Workbook

from api.database import Database
from api.migrate import migrate
from api.people.tables import AuditEntry
from api.registry.divisions import import_divisions
from api.registry.identity import check_character
from api.registry.roll_file.columns import COLUMNS
from api.registry.roll_import.carry_out import import_roll
from api.registry.roll_import.receive import receive_roll
from api.registry.tables import Division

COUNTY = "540222"
PERSONS_PER_HOUSEHOLD = 4
PAUSE = 0.02


def cluster() -> Any:
    """The private server of the tests."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    return import_module("postgres_cluster")


def peak_mb() -> float:
    """Of this process alone: what getrusage says of a child begins with its parent's peak on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rows(persons: int, villages: list[str], *, changed: bool) -> Iterator[list[Any]]:
    yield [column.heading for column in COLUMNS]
    for serial in range(persons):
        household, position = divmod(serial, PERSONS_PER_HOUSEHOLD)
        village = villages[household * len(villages) * PERSONS_PER_HOUSEHOLD // persons]
        digits = f"99{serial // 1000:04d}19800101{serial % 1000:03d}"
        raised = 10 if changed and household % 10 == 0 else 0
        person = {
            "code": f"{village}-{household:05d}",
            "name": f"虚构{serial}",
            "identity": digits + check_character(digits),
        }
        if position == 0:
            person |= {
                "relation": "户主", "scheme": "农村", "benefit": str(300 + household % 400 + raised) + ".50",
                "benefit_since": "2018-01-01", "phone": f"1000{serial:07d}", "bank_card": f"620000{serial:010d}",
                "address": f"{household % 9}组", "income": "3000", "longitude": "89.61", "latitude": "28.91",
            }  # fmt: skip
        else:
            person["relation"] = "子"
        yield [person.get(column.name, "") for column in COLUMNS]


def write(path: Path, lines: Iterator[list[Any]]) -> Path:
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
        return path
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in lines:
        sheet.append(line)
    book.save(path)
    return path


def knock(address: str, stop: Any, longest: Any) -> None:
    """Write small rows as phones do, and keep the longest wait."""
    database = Database(address)
    while not stop.is_set():
        began = time.perf_counter()
        with database.transaction() as session:
            session.add(
                AuditEntry(
                    county_code="000000", actor_name="phone", action="phone.knock", object_kind="phone",
                    object_id="1", details={},
                )
            )  # fmt: skip
        longest.value = max(longest.value, time.perf_counter() - began)
        time.sleep(PAUSE)
    database.dispose()


def import_once(address: str, path: Path, key: str) -> None:
    """One import in a process of its own; prints seconds, peak memory in MB and the counts."""
    database = Database(address)
    with database.transaction() as session:
        wanted = receive_roll(
            session, area_code=COUNTY, file_name=path.name, file_sha256="0" * 64, dry_run=False, by=None
        )
    statements: list[float] = []

    @sa.event.listens_for(database.engine, "begin")
    def began(connection: sa.Connection) -> None:
        connection.info["began"] = time.perf_counter()

    @sa.event.listens_for(database.engine, "commit")
    def ended(connection: sa.Connection) -> None:
        statements.append(time.perf_counter() - connection.info["began"])

    start = time.perf_counter()
    done = import_roll(database, COUNTY, wanted.id, path, keys=[key])
    seconds = time.perf_counter() - start
    if done.state != "applied":
        raise SystemExit(f"{done.state}: {done.message} {done.errors}")
    print(seconds, peak_mb(), max(statements), done.added, done.changed, done.unchanged)
    database.dispose()


def measure(kind: str, suffix: str, persons: int, repeat: int, folder: Path) -> None:
    key = Fernet.generate_key().decode()
    figures: dict[str, list[list[float]]] = {}
    for turn in range(repeat):
        address = (
            f"sqlite:///{folder / f'{suffix[1:]}{turn}.db'}" if kind == "embedded" else cluster().create_database()
        )
        database = Database(address)
        migrate(database)
        with database.transaction() as session:
            import_divisions(session)
        with database.read() as session:
            inside = sa.select(Division.code).where(Division.level == "village", Division.code.startswith(COUNTY))
            villages = list(session.scalars(inside.order_by(Division.code)))
        database.dispose()
        first = write(folder / f"roll{suffix}", rows(persons, villages, changed=False))
        second = write(folder / f"changed{suffix}", rows(persons, villages, changed=True))
        for name, path in (("new", first), ("same again", first), ("a tenth changed", second)):
            context = multiprocessing.get_context("spawn")
            stop, longest = context.Event(), context.Value("d", 0.0)
            phone = context.Process(target=knock, args=(address, stop, longest))
            phone.start()
            command = [sys.executable, __file__, "--once", address, str(path), key]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            stop.set()
            phone.join()
            figures.setdefault(name, []).append([float(answer[0]), float(answer[1]), float(answer[2]), longest.value])
        if kind == "server":
            cluster().drop_database(address)
    for name, runs in figures.items():
        seconds, memory, held, wait = (statistics.median(column) for column in zip(*runs, strict=True))
        print(
            f"{kind:>9} {suffix:>5} {name:>16} {seconds:9.1f} {persons / seconds:9,.0f} {memory:9.0f} "
            f"{held:9.2f} {wait:9.2f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--database", choices=("embedded", "server"), action="append")
    parser.add_argument("--file", choices=(".csv", ".xlsx"), action="append")
    parser.add_argument("--once", nargs=3, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.once:
        address, path, key = wanted.once
        import_once(address, Path(path), key)
        return
    print(
        f"{'database':>9} {'file':>5} {'roll':>16} {'seconds':>9} {'rows/s':>9} {'peak MB':>9} "
        f"{'held s':>9} {'wait s':>9}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for kind in wanted.database or ("embedded", "server"):
            for suffix in wanted.file or (".csv", ".xlsx"):
                measure(kind, suffix, wanted.persons, wanted.repeat, Path(folder))


if __name__ == "__main__":
    main()

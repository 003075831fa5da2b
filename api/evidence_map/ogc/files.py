"""A selection as a file to take along: the same rows as the layers, at one moment, without a place too."""

import contextlib
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import Database
from api.evidence.export.geojson import BEGIN, BETWEEN, END
from api.evidence.kinds import KINDS
from api.evidence.ring import Ring, in_ring
from api.evidence.tables import Evidence
from api.evidence_map.ogc.columns import BASE, Column
from api.evidence_map.ogc.layers import feature
from api.evidence_map.ogc.rows import Ways, all_rows
from api.evidence_map.selection import Selection, selected
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import NotFound, TooLarge, Unavailable

log = logging.getLogger(__name__)

MOST_SAID: Final = 4000  # bytes
# GeoJSON is sent while it is read; of a GeoPackage nothing arrives before it is whole, and proxies wait a minute
MOST_ROWS: Final[dict[str, int]] = {"geojson": 200_000, "gpkg": 100_000}
SECONDS: Final = 300  # a full one takes a tenth of that
ID: Final = Column("id", "string", "取证编号")
AT_ONCE: Final = 50  # features sent with one call to the system
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_WRITER: Final = Path(__file__).with_name("geopackage.py")


def wanted_rows(
    viewer: Viewer, selection: Selection, ids: Collection[UUID] | None = None, ring: Ring = ()
) -> sa.ColumnElement[bool]:  # fmt: skip
    """Return the condition for what a person takes along: seen, selected, and where he may export.

    Parameters
    ----------
    ids
        Only these, as picked on the map.
    ring
        Only what lies in it, as a lasso on the map drew it.
    """
    found = [selected(viewer, selection), viewer.within(Evidence.village_code, Permission.EVIDENCE_EXPORT)]
    if selection.bbox is not None:
        found.append(Evidence.place.is_not(None))
    if ids is not None:
        found.append(Evidence.id.in_(ids))
    if ring:
        found.append(in_ring(ring))
    return sa.and_(*found)


def count_rows(session: Session, condition: sa.ColumnElement[bool], *, suffix: str, picked: bool) -> int:
    """Return how many rows a file of a format will have.

    Raises
    ------
    NotFound
        Single pieces were picked, and none of them is for this person.
    TooLarge
        More than are given at once.
    """
    number = session.scalars(sa.select(sa.func.count()).select_from(Evidence).where(condition)).one()
    if picked and not number:
        raise NotFound("找不到所选的取证，或不在您可以导出的范围内", where="ids")
    if number > MOST_ROWS["geojson"]:
        raise TooLarge(
            "共 {number} 条，一次最多取 {most} 条；请缩小范围，或在“导出”中按表格分批导出",
            where="area", number=number, most=MOST_ROWS["geojson"],
        )  # fmt: skip
    if number > MOST_ROWS[suffix]:
        raise TooLarge(
            "共 {number} 条，GeoPackage 一次最多取 {most} 条；请缩小范围，或改取 GeoJSON",
            where="area", number=number, most=MOST_ROWS[suffix],
        )  # fmt: skip
    return number


def note_taken(
    session: Session, viewer: Viewer, wanted: dict[str, str], *, suffix: str, rows: int, picked: bool
) -> None:
    """Write down who took what along, in the chain of each area it may be of.

    Parameters
    ----------
    wanted
        The selection as an address writes it.
    """
    for area in [wanted["area"]] if "area" in wanted else viewer.areas(Permission.EVIDENCE_EXPORT):
        record(
            session, viewer, "evidence.export_map", "evidence", suffix, division_code=area, area=area, rows=rows,
            picked=picked, wanted=wanted,
        )  # fmt: skip


def geojson(database: Database, viewer: Viewer, condition: sa.ColumnElement[bool], *, address: str) -> Iterator[str]:
    """Yield a feature collection, one feature on a line, some lines at once; cut off if the database fails midway."""
    with database.snapshot() as session:
        ways = Ways.now(session, viewer, address=address, flat=True)
        between = BEGIN
        for rows in all_rows(session, condition, ways):
            for start in range(0, len(rows), AT_ONCE):
                yield between + BETWEEN.join([_ENCODE(feature(row)) for row in rows[start : start + AT_ONCE]])
                between = BETWEEN
        yield END if between is BETWEEN else BEGIN + END


def geopackage(session: Session, viewer: Viewer, condition: sa.ColumnElement[bool], *, address: str) -> BinaryIO:
    """Return a GeoPackage with a layer for each kind, open for reading; no name of it is left on the disk.

    A process of its own writes it: GDAL brings a SQLite of its own, which must not meet ours.

    Raises
    ------
    Unavailable
        The process failed.
    """
    ways = Ways.now(session, viewer, address=address, flat=True)
    with tempfile.TemporaryDirectory(prefix="ruhu-geopackage-") as folder:
        path = Path(folder, "evidence.gpkg")
        with Path(folder, "says").open("w+b") as says:
            writer = subprocess.Popen(  # noqa: S603 - our own program and a path we made
                [sys.executable, "-I", str(_WRITER), str(path)], stdin=subprocess.PIPE, stdout=says, stderr=says
            )
            try:
                # a writer that has died tells why below
                with contextlib.suppress(BrokenPipeError), cast("BinaryIO", writer.stdin) as pipe:
                    for line in _lines(session, condition, ways):
                        pipe.write(_ENCODE(line).encode() + b"\n")
                failed = writer.wait(SECONDS) != 0
            except subprocess.TimeoutExpired:
                failed = True
            finally:
                if writer.poll() is None:
                    writer.kill()
                    writer.wait()
            says.seek(0)
            if failed:
                log.error("no GeoPackage was made: %s", says.read(MOST_SAID).decode(errors="replace"))
        if failed:
            raise Unavailable("GeoPackage 没有做成，请稍后重试，或改取 GeoJSON")
        return path.open("rb")


def _lines(session: Session, condition: sa.ColumnElement[bool], ways: Ways) -> Iterator[Any]:
    """Yield what `geopackage.py` reads: the layers, then rows of one of them at a time, column by column."""
    kinds = sorted({*KINDS, *ways.answers})
    columns = {kind: [ID, *BASE, *ways.answers.get(kind, {}).values()] for kind in kinds}
    yield {
        kind: {"title": KINDS.get(kind, kind), "columns": [vars(column) for column in columns[kind]]} for kind in kinds
    }
    names = {kind: [column.name for column in found[1:]] for kind, found in columns.items()}
    for rows in all_rows(session, condition, ways):
        for kind, wanted in names.items():
            few = [row for row in rows if row.properties["kind"] == kind]
            if few:
                values = [[row.properties[name] for row in few] for name in wanted]
                yield [kind, [row.place for row in few], [[str(row.key[1]) for row in few], *values]]

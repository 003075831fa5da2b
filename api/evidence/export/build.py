"""Build the file of an export from one snapshot of the data, some hundred submissions in memory at a time."""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from api.collection.blobs import Blobs
from api.evidence.export.choose import files_of, how_many, submissions
from api.evidence.export.csv_files import CsvFiles
from api.evidence.export.geojson import GeoJsonFile
from api.evidence.export.layout import Layout, Line, Sink, lay_out
from api.evidence.export.metadata import Words, describer
from api.evidence.export.wanted import Wanted
from api.evidence.export.workbook import WorkbookFile
from api.evidence.visible import open_checks
from api.people.access import Viewer
from survey_forms.hardened import XMLSyntaxError
from survey_forms.tabulate import Cell, Row

MEDIA = "media"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,100}")

OnProgress = Callable[[int, int], None]


@dataclass
class Made:
    """What became of an export.

    Attributes
    ----------
    suffix : str
        Of the file's name.
    rows, files : int
        Submissions and files in it.
    missing : int
        Submissions and files whose bytes were not to be found.
    """

    suffix: str
    rows: int = 0
    files: int = 0
    missing: int = 0


def build(
    session: Session, viewer: Viewer, wanted: Wanted, blobs: Blobs, folder: Path, *, on_progress: OnProgress
) -> tuple[Path, Made]:
    """Write the file into a folder of its own, and return it with what it holds.

    Parameters
    ----------
    session
        A snapshot (`api.database.Database.snapshot`).
    viewer
        Whose eyes it is for.
    folder
        An empty one; leftovers in it are the caller's to remove.
    on_progress
        Called with how much is done, of how much.
    """
    layout = lay_out(session, viewer, wanted)
    suffix = {"xlsx": "xlsx", "geojson": "geojson", "media": "zip"}.get(wanted.format, "csv")
    if wanted.format == "csv" and len(layout.sheets) > 1:
        suffix = "zip"
    path = folder / f"export.{suffix}"
    with _opened(_sink(path, layout, wanted, zipped=suffix == "zip")) as sink:
        made = _Building(session, viewer, wanted, blobs, layout, sink, on_progress).carry_out(suffix)
    return path, made


def _sink(path: Path, layout: Layout, wanted: Wanted, *, zipped: bool) -> Sink:
    if wanted.format == "xlsx":
        return WorkbookFile(path, layout.sheets)
    if wanted.format == "geojson":
        return GeoJsonFile(path, layout)
    return CsvFiles(path, layout.sheets, mark=wanted.mark, zipped=zipped)


@contextlib.contextmanager
def _opened(sink: Sink) -> Iterator[Sink]:
    try:
        yield sink
        sink.close()
    except BaseException:
        sink.abandon()
        raise


@dataclass
class _Building:
    session: Session
    viewer: Viewer
    wanted: Wanted
    blobs: Blobs
    layout: Layout
    sink: Sink
    on_progress: OnProgress
    # households of which the viewer has an open check, by code: also those that an answer names are nobody else's
    blind: frozenset[Any] = frozenset()
    # of submissions of which something stays out: the files that do not
    allowed: dict[UUID, set[str]] = field(default_factory=dict)

    def carry_out(self, suffix: str) -> Made:
        made = Made(suffix)
        self.blind = frozenset(code for _, code in self.session.execute(open_checks(self.viewer)))
        words = Words(self.wanted.language if self.wanted.answers == "label" else None)
        describe = describer(self.session, self.viewer, words)
        total = how_many(self.session, self.viewer, self.wanted)
        parts = 2 if self.wanted.format == MEDIA else 1
        done = 0
        for chunk in submissions(self.session, self.viewer, self.wanted):
            files = files_of(self.session, chunk)
            for row in chunk:
                arrived = len(files[row.id].keys() & set(row.named_files))
                rows, doubt = self._read(row)
                if rows := self._seen(row, rows):
                    self.sink.add(self._lines(rows, describe(row, arrived, doubt)))
                    made.rows += 1
                    made.missing += bool(doubt)
            done += len(chunk)
            self.on_progress(done, total * parts)
        if isinstance(self.sink, CsvFiles) and self.wanted.format == MEDIA:
            self._put_files(self.sink, made, total)
        return made

    def _read(self, row: Any) -> tuple[list[Row], str]:
        """Return the rows of a submission; where its bytes are gone, an empty row that says so."""
        reader = self.layout.reader(row.county_code, row.form_version)
        try:
            if reader is not None:
                folder = f"{MEDIA}/{folder_of(row)}" if self.wanted.format == MEDIA else ""
                return reader.rows(self.blobs.read(row.xml_sha256), row.instance_id, folder=folder), ""
        except (FileNotFoundError, XMLSyntaxError):
            pass
        return [Row(0, row.instance_id, "", [None] * len(self.layout.tables[0].columns))], "bytes-missing"

    def _seen(self, submission: Any, rows: list[Row]) -> list[Row]:
        """Leave out what speaks of a household that the viewer is to check blind, unless he wrote it himself."""
        if not self.blind or submission.account_id == self.viewer.account_id:
            return rows
        hidden = {rows[0].key} if submission.household_code in self.blind else set[str]()
        for row in rows:
            named = (row.cells[at] for at in self.layout.households[row.table])
            if row.parent_key in hidden or any(cell in self.blind for cell in named):
                hidden.add(row.key)
        seen = [] if rows[0].key in hidden else [row for row in rows if row.key not in hidden]
        if hidden:
            named = (row.cells[at] for row in seen for at in self.layout.files[row.table])
            self.allowed[submission.id] = {str(name).rpartition("/")[2] for name in named}
        return seen

    def _lines(self, rows: Sequence[Row], before: list[Cell]) -> list[Line]:
        sheets = len(self.layout.sheets)
        inner = [(row.table, [row.key, row.parent_key, *row.cells]) for row in rows[1:] if row.table < sheets]
        return [(0, before + rows[0].cells), *inner]

    def _put_files(self, target: CsvFiles, made: Made, total: int) -> None:
        target.close_tables()
        done = total
        for chunk in submissions(self.session, self.viewer, self.wanted):
            files = files_of(self.session, chunk)
            for row in chunk:
                allowed = self.allowed.get(row.id, files[row.id].keys())
                for file in files[row.id].values():
                    if file.name not in allowed:
                        continue
                    try:
                        source = self.blobs.open(file.sha256)
                    except FileNotFoundError:
                        made.missing += 1
                        continue
                    name = f"{MEDIA}/{folder_of(row)}/{file.name}"
                    target.put(name, source, media_type=file.media_type)
                    made.files += 1
                self.on_progress(done := done + 1, total * 2)


def folder_of(row: Any) -> str:
    """Return the folder of a submission's files in a zip: its instance id, or its own id where that is no plain name.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> folder_of(SimpleNamespace(instance_id="uuid:8c5c2f0e-1a44", id="0198"))
    '8c5c2f0e-1a44'
    >>> folder_of(SimpleNamespace(instance_id="../../etc", id="0198"))
    '0198'
    """
    plain = str(row.instance_id).removeprefix("uuid:")
    return plain if _PLAIN.fullmatch(plain) and plain.strip(".") else str(row.id)

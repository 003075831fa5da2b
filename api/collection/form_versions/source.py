"""The file a version was compiled from: as a county uploaded it, or the house's text as a workbook to start from."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import openpyxl

from api.collection.blobs import Blobs
from api.collection.forms import HOUSE
from api.collection.tables import FormVersion
from api.problems import NotFound
from survey_forms.source import read_source

SHEETS: Final = ("survey", "choices", "settings", "entities")
WIDTH: Final = 28


@dataclass(frozen=True)
class SourceFile:
    """A file to be saved."""

    name: str
    content: bytes


def source_of(form: FormVersion, blobs: Blobs) -> SourceFile:
    """Return the file that a version was compiled from.

    For a form of the house it is its present text as a workbook: what a county begins its own version with.

    Raises
    ------
    NotFound
        None was kept, or the house has changed its text since.
    """
    if form.source_sha256 is not None:
        return SourceFile(form.source_name, blobs.read(form.source_sha256))
    text = files("survey_forms") / "sources" / f"{form.form_id}.toml"
    if form.area_code == HOUSE and form.form_id.isidentifier() and text.is_file():
        sheets = read_source(text.read_text("utf-8"), text.name).workbook
        if str(sheets["settings"][0]["version"]) == form.version:
            return SourceFile(f"{form.form_id}-{form.version}.xlsx", _workbook(sheets))
    raise NotFound("这个版本没有留存源文件，可以下载 XForm 查看")


def has_source(form: FormVersion) -> bool:
    """Tell whether there may be a file to begin a new version with."""
    return form.source_sha256 is not None or (form.area_code == HOUSE and form.state == "published")


def _workbook(sheets: Mapping[str, Any]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for name in SHEETS:
        rows: Sequence[Mapping[str, str]] = sheets.get(name) or ()
        if not rows:
            continue
        columns = list(dict.fromkeys(column for row in rows for column in row))
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for number in range(1, len(columns) + 1):
            sheet.column_dimensions[openpyxl.utils.get_column_letter(number)].width = WIDTH
        sheet.append(columns)
        for row in rows:
            sheet.append([_cell(sheet, row.get(column)) for column in columns])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _cell(sheet: Any, text: str | None) -> Any:
    cell = openpyxl.cell.WriteOnlyCell(sheet, text)
    if text is not None:
        cell.data_type = "s"  # a text that begins with = is no formula
    return cell

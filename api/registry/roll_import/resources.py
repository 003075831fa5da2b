"""The programming interface of roll files: imports with their findings, and exports."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response, current_app
from werkzeug.datastructures import FileStorage

from api.database import database, new_id, now
from api.edge import text
from api.jobs.work import ask_for
from api.pages.views import LOCAL_TIME
from api.people.access import Viewer
from api.people.audit import record
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.registry.background import IMPORT
from api.registry.export import roll_rows
from api.registry.reading import households
from api.registry.roll_file.writing import write_csv, write_workbook
from api.registry.roll_import.receive import file_of, keep_file, receive_again, receive_roll
from api.registry.roll_import.tables import RollImport, RollImportError
from api.registry.schemas import (
    FORMATS,
    ExportFilterSchema,
    FullExportSchema,
    ImportFileSchema,
    ImportFormSchema,
    RollImportErrorSchema,
    RollImportSchema,
)
from api.registry.secrecy import open_secrecy
from api.registry.unmask import check_reason
from api.settings import Settings
from api.smorest import Blueprint

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}
PIECE_BYTES = 1 << 16
BINARY = {"type": "string", "format": "binary"}
EITHER = {"200": {"content": {kind: {"schema": BINARY} for kind in (XLSX, "text/csv")}}}  # the one asked for

blueprint = Blueprint(
    "roll_files", __name__, url_prefix="/api", description="名册文件 · importing and exporting the roll"
)


def settings_now() -> Settings:
    """Return the running application's settings."""
    found: Settings = current_app.extensions["ruhu_settings"]
    return found


def imports_of(found: Viewer) -> sa.Select[RollImport]:
    """Return the statement for the imports of a viewer's areas, the latest first."""
    return (
        sa.select(RollImport)
        .where(found.within(RollImport.area_code, Permission.REGISTRY_IMPORT))
        .order_by(RollImport.created_at.desc(), RollImport.id)
    )


def find_import(import_id: UUID) -> RollImport:
    """Return an import of the viewer's areas.

    Raises
    ------
    NotFound
        If there is none there.
    """
    found = session_now().scalar(imports_of(viewer()).where(RollImport.id == import_id))
    if found is None:
        raise NotFound("找不到这次导入，或不在您的管辖范围内")
    return found


def begin_import(upload: FileStorage, *, area_code: str, dry_run: bool) -> RollImport:
    """Keep an uploaded file, write down what is wanted of it, and ask for the work."""
    by = viewer()
    by.demand(Permission.REGISTRY_IMPORT, area_code)  # before its bytes are kept
    import_id = new_id()
    path = file_of(settings_now().data_dir, import_id)
    sha256 = keep_file(upload.stream, path, most_bytes=settings_now().upload_limit_bytes)
    try:
        wanted = receive_roll(
            session_now(), area_code=area_code, file_name=upload.filename or "", file_sha256=sha256, dry_run=dry_run,
            by=by, import_id=import_id,
        )  # fmt: skip
        return ask_for_import(wanted)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def ask_for_import(wanted: RollImport) -> RollImport:
    """Ask for the background work of an import."""
    job = ask_for(
        session_now(), IMPORT, county_code=wanted.county_code, arguments={"import_id": str(wanted.id)},
        asked_by=wanted.created_by,
    )  # fmt: skip
    wanted.job_id = job.id
    return wanted


def findings_of(wanted: RollImport) -> sa.Select[RollImportError]:
    """Return the statement for what is wrong with an import's file, in the order of its rows."""
    return (
        sa.select(RollImportError)
        .where(RollImportError.county_code == wanted.county_code, RollImportError.import_id == wanted.id)
        .order_by(RollImportError.row_number, RollImportError.id)
    )


def finding_shown(found: RollImportError) -> dict[str, Any]:
    """Return a finding in the reader's language."""
    return {
        "row_number": found.row_number,
        "heading": found.heading,
        "shown": found.shown,
        "message": text(found.message, **found.names),
    }


@blueprint.route("/roll-imports")
@allow(Permission.REGISTRY_IMPORT, area="rows")
@blueprint.response(200, RollImportSchema(many=True))
@blueprint.paginate()
def roll_import_list(pagination_parameters: Any) -> list[RollImport]:
    """Imports of the roll, the latest first."""
    session, statement = session_now(), imports_of(viewer())
    counted = sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())
    pagination_parameters.item_count = session.scalar(counted)
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    return list(session.scalars(page))


@blueprint.route("/roll-imports", methods=["POST"])
@allow(Permission.REGISTRY_IMPORT, area="rows")
@blueprint.arguments(ImportFormSchema, location="form")
@blueprint.arguments(ImportFileSchema, location="files")
@blueprint.response(202, RollImportSchema)
def roll_import_begin(wanted: dict[str, Any], files: dict[str, FileStorage]) -> RollImport:
    """Upload the whole roll of a county or township; it is judged in the background, taken in whole or not at all."""
    return begin_import(files["file"], area_code=wanted["area_code"], dry_run=wanted["dry_run"])


@blueprint.route("/roll-imports/<uuid:import_id>")
@allow(Permission.REGISTRY_IMPORT, area="rows")
@blueprint.response(200, RollImportSchema)
def roll_import_one(import_id: UUID) -> RollImport:
    """How far an import is, or how it ended."""
    return find_import(import_id)


@blueprint.route("/roll-imports/<uuid:import_id>/apply", methods=["POST"])
@allow(Permission.REGISTRY_IMPORT, area="rows")
@blueprint.response(202, RollImportSchema)
def roll_import_apply(import_id: UUID) -> RollImport:
    """After a dry run that found nothing wrong: take the same file in."""
    tried = find_import(import_id)
    return ask_for_import(receive_again(session_now(), tried, settings_now().data_dir, by=viewer()))


@blueprint.route("/roll-imports/<uuid:import_id>/errors")
@allow(Permission.REGISTRY_IMPORT, area="rows")
@blueprint.response(200, RollImportErrorSchema(many=True))
@blueprint.paginate()
def roll_import_errors(import_id: UUID, pagination_parameters: Any) -> list[dict[str, Any]]:
    """What is wrong with the file, row by row; secret values masked."""
    session, statement = session_now(), findings_of(find_import(import_id))
    counted = sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())
    pagination_parameters.item_count = session.scalar(counted)
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    return [finding_shown(found) for found in session.scalars(page)]


@blueprint.route("/roll-imports/<uuid:import_id>/errors.xlsx")
@allow(Permission.REGISTRY_IMPORT, area="rows")
@blueprint.response(200, BINARY, content_type=XLSX)
def roll_import_error_sheet(import_id: UUID) -> Response:
    """The same as a sheet to work through."""
    wanted = find_import(import_id)
    rows = [[text("行号"), text("栏目"), text("内容"), text("问题与处理办法")]]
    rows += [list(finding_shown(found).values()) for found in session_now().scalars(findings_of(wanted))]
    return send_table(rows, "xlsx", text("导入问题清单"))


@blueprint.route(f"/roll-exports/<any({', '.join(FORMATS)}):file_format>")
@allow(Permission.REGISTRY_READ, area="rows")
@blueprint.arguments(ExportFilterSchema, location="query")
@blueprint.response(200, BINARY, content_type=XLSX)
@blueprint.doc(responses=EITHER)
def roll_export(filters: dict[str, str], file_format: str) -> Response:
    """The roll of one's area, numbers masked."""
    return _exported(filters, file_format, full=False)


@blueprint.route("/roll-exports", methods=["POST"])
@allow(Permission.REGISTRY_UNMASK, area="rows")
@blueprint.arguments(FullExportSchema)
@blueprint.response(200, BINARY, content_type=XLSX)
@blueprint.doc(responses=EITHER)
def roll_export_full(wanted: dict[str, str]) -> Response:
    """The roll with full numbers, as an import reads it back; who took it and why is written to the log."""
    return export_full(
        file_format=wanted["format"], reason=wanted["reason"], area=wanted["area"], scheme=wanted["scheme"]
    )


def export_full(*, file_format: str, reason: str, area: str, scheme: str) -> Response:
    """Make the file first, then write down who took it: a slow export holds no write place."""
    reason = check_reason(reason)
    for held in [area] if area else viewer().areas(Permission.REGISTRY_UNMASK):
        viewer().demand(Permission.REGISTRY_UNMASK, held)
    answer = _exported({"area": area, "scheme": scheme}, file_format, full=True)
    for held in [area] if area else viewer().areas(Permission.REGISTRY_UNMASK):
        record(
            session_now(), viewer(), "roll.export_full", "roll", held, division_code=held, area=held, scheme=scheme,
            format=file_format, reason=reason,
        )  # fmt: skip
    return answer


def _exported(filters: dict[str, str], file_format: str, *, full: bool) -> Response:
    permission = Permission.REGISTRY_UNMASK if full else Permission.REGISTRY_READ
    statement = households(
        viewer(), area=filters["area"], scheme=filters["scheme"], on_roll=True, permission=permission
    )
    with database().transaction() as session:  # the matching key may be made here, the first time
        secrecy = open_secrecy(session, settings_now().encryption_keys())
    with database().read() as session:
        day = now().astimezone(LOCAL_TIME).strftime("%Y%m%d")
        return send_table(roll_rows(session, secrecy, statement, full=full), file_format, f"{text('低保名册')}-{day}")


def send_table(rows: Any, file_format: str, title: str) -> Response:
    """Write rows to a file and send it; the file is gone once it is sent, however that ends."""
    with tempfile.NamedTemporaryFile(suffix=f".{file_format}", delete=False) as file:
        path = Path(file.name)
        try:
            if file_format == "csv":
                file.writelines(write_csv(rows))
            else:
                write_workbook(path, rows, title=title[:31])
        except BaseException:
            path.unlink()
            raise
    answer = Response(Passing(path), mimetype=MEDIA_TYPES[file_format].partition(";")[0])
    answer.headers.set("Content-Disposition", "attachment", filename=f"{title}.{file_format}")
    return answer


class Passing:
    """A file on its way out: without a name from the start, closed when it is sent or when the reader hangs up."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        path.unlink()  # the open file lives on until it is closed

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(PIECE_BYTES):
            yield piece
        self._file.close()

    def close(self) -> None:
        """Close the file; the server calls this however the answer ends."""
        self._file.close()

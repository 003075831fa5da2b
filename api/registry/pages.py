"""The registry's pages: the roll, one household, and imports."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Invalid
from api.registry.reading import ORDERS, count, division_names, household_by_code, households
from api.registry.roll_import.receive import receive_again
from api.registry.roll_import.resources import (
    ask_for_import,
    begin_import,
    export_full,
    find_import,
    finding_shown,
    findings_of,
    imports_of,
    settings_now,
)
from api.registry.schemas import FORMATS
from api.registry.secrecy import open_secrecy
from api.registry.shown import household_shown
from api.registry.tables import SCHEMES, Division
from api.registry.unmask import unmask

PAGE_ROWS = 50
FINDINGS_SHOWN = 200
IMPORTS_SHOWN = 50
DIGITS_OF_AREAS = frozenset({2, 4, 6, 9, 12})

blueprint = Blueprint("registry_pages", __name__, template_folder="templates")


@blueprint.get("/roll")
@allow(Permission.REGISTRY_READ, area="rows", ways=("session",))
def roll() -> str:
    """Show the roll: who is on it here."""
    session, asked = session_now(), _asked()
    statement = households(
        viewer(), area=asked["area"], scheme=asked["scheme"], on_roll=asked["roll"] != "off", text=asked["q"],
        order=asked["order"],
    )  # fmt: skip
    total = count(session, statement)
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    rows = list(session.scalars(statement.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS)))
    names = division_names(session, {row.village_code for row in rows} | {row.township_code for row in rows})
    return render_template(
        "registry/roll.html", rows=rows, names=names, total=total, page=page, pages=pages, asked=asked,
        townships=_townships(), formats=FORMATS, may_unmask=viewer().may(Permission.REGISTRY_UNMASK),
        may_import=viewer().may(Permission.REGISTRY_IMPORT),
        filtered=any(asked[key] for key in ("q", "area", "scheme")),
    )  # fmt: skip


@blueprint.post("/roll/export")
@allow(Permission.REGISTRY_UNMASK, area="rows", ways=("session",))
def roll_export() -> Response:
    """Send the roll with full numbers; who took it and why is written to the log."""
    asked = _asked()
    wanted = request.form.get("format", "")
    if wanted not in FORMATS:
        raise Invalid("导出格式应为：{formats}", where="format", formats=", ".join(FORMATS))
    return export_full(
        file_format=wanted, reason=request.form.get("reason", ""), area=asked["area"], scheme=asked["scheme"]
    )


@blueprint.get("/roll/<string:code>")
@allow(Permission.REGISTRY_READ, area="rows", ways=("session",))
def household(code: str) -> str:
    """Show one household, numbers masked."""
    return _household_page(code, {})


@blueprint.post("/roll/<string:code>")
@allow(Permission.REGISTRY_UNMASK, area="rows", ways=("session",))
def household_unmask(code: str) -> str:
    """Show one household with full numbers, once, for a reason."""
    found = household_by_code(session_now(), viewer(), code)
    secrecy = open_secrecy(session_now(), settings_now().encryption_keys())
    shown = unmask(
        session_now(), secrecy, found, fields=request.form.getlist("fields"), reason=request.form.get("reason", ""),
        by=viewer(),
    )  # fmt: skip
    return _household_page(code, shown)


@blueprint.get("/roll/imports")
@allow(Permission.REGISTRY_IMPORT, area="rows", ways=("session",))
def imports() -> str:
    """Show the imports, and the form for a new one."""
    rows = list(session_now().scalars(imports_of(viewer()).limit(IMPORTS_SHOWN)))
    names = division_names(session_now(), {row.area_code for row in rows})
    return render_template("registry/imports.html", rows=rows, names=names, areas=_import_areas())


@blueprint.post("/roll/imports")
@allow(Permission.REGISTRY_IMPORT, area="rows", ways=("session",))
def import_begin() -> Response:
    """Take in an uploaded file and go to its progress."""
    upload = request.files.get("file")
    if not isinstance(upload, FileStorage) or not upload.filename:
        raise Invalid("请选择要导入的名册文件 (XLSX 或 CSV)", where="file")
    area = request.form.get("area_code", "")
    wanted = begin_import(upload, area_code=area, dry_run=request.form.get("dry_run") == "1")
    return redirect(url_for("registry_pages.import_one", import_id=wanted.id), 303)


@blueprint.get("/roll/imports/<uuid:import_id>")
@allow(Permission.REGISTRY_IMPORT, area="rows", ways=("session",))
def import_one(import_id: UUID) -> str:
    """Show how far an import is, or how it ended; the part of it that is asked for again while it runs."""
    wanted = find_import(import_id)
    findings = [finding_shown(found) for found in session_now().scalars(findings_of(wanted).limit(FINDINGS_SHOWN))]
    template = "registry/import_state.html" if request.headers.get("HX-Request") else "registry/import.html"
    names = division_names(session_now(), {wanted.area_code})
    return render_template(template, one=wanted, findings=findings, names=names)


@blueprint.post("/roll/imports/<uuid:import_id>/apply")
@allow(Permission.REGISTRY_IMPORT, area="rows", ways=("session",))
def import_apply(import_id: UUID) -> Response:
    """After a dry run: take the same file in."""
    wanted = receive_again(session_now(), find_import(import_id), settings_now().data_dir, by=viewer())
    ask_for_import(wanted)
    return redirect(url_for("registry_pages.import_one", import_id=wanted.id), 303)


def _asked() -> dict[str, str]:
    """Return what the address or the form asks of the list; what makes no sense is left out."""
    given = request.values
    area, order = given.get("area", ""), given.get("order", "code")
    return {
        "q": given.get("q", "").strip()[:64],
        "area": area if len(area) in DIGITS_OF_AREAS and area.isascii() and area.isdigit() else "",
        "scheme": given.get("scheme", "") if given.get("scheme") in SCHEMES else "",
        "roll": "off" if given.get("roll") == "off" else "",
        "order": order if order.removeprefix("-") in ORDERS else "code",
    }


def _townships() -> list[Division]:
    statement = (
        sa.select(Division)
        .where(Division.level == "township", viewer().within(Division.code, Permission.REGISTRY_READ))
        .order_by(Division.code)
        .limit(500)
    )
    return list(session_now().scalars(statement))


def _import_areas() -> list[Division]:
    statement = (
        sa.select(Division)
        .where(Division.level.in_(("county", "township")), viewer().within(Division.code, Permission.REGISTRY_IMPORT))
        .order_by(Division.code)
        .limit(500)
    )
    return list(session_now().scalars(statement))


def _household_page(code: str, shown: dict[str, Any]) -> str:
    session = session_now()
    found = household_by_code(session, viewer(), code)
    secrecy = open_secrecy(session, settings_now().encryption_keys())
    return render_template(
        "registry/household.html",
        one=household_shown(session, secrecy, found),
        names=division_names(session, {found.village_code, found.township_code}),
        shown=shown,
        may_unmask=viewer().may(Permission.REGISTRY_UNMASK, found.village_code),
    )


@blueprint.app_template_filter("yuan")
def yuan(fen: int | None) -> str:
    """Write fen as yuan with two decimals.

    Examples
    --------
    >>> yuan(123450), yuan(5), yuan(None)
    ('1,234.50', '0.05', '')
    """
    return "" if fen is None else f"{fen // 100:,}.{fen % 100:02d}"

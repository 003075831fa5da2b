"""The panel's pages: parts when the map asks for them, whole pages when opened by themselves."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request, url_for
from marshmallow import ValidationError

from api.edge import language_answered, text
from api.evidence.checks.rules import SEVERITIES
from api.evidence.checks.words import KINDS, reason
from api.evidence.review.words import PURPOSES, STATES, STEPS
from api.evidence.ring import read_ring
from api.evidence.tell import put_beside, tell_household, tell_piece
from api.evidence_map.panel.pick import Picked, pick_pieces, read_ids
from api.evidence_map.panel.search import find
from api.evidence_map.schemas import NAMES, SelectionSchema, selection_in, selection_of
from api.evidence_map.selection import Selection
from api.pages.views import local_time
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Invalid, TooLarge
from api.registry.reading import division_names
from api.registry.roll_file.writing import write_csv

READ: Final = Permission.EVIDENCE_READ
PAGE_ROWS: Final = 50
MOST_EXPORTED: Final = 10_000
HEADINGS: Final = ("户编码", "种类", "来源", "村", "上报人", "时间", "审核", "疑点", "取证编号")
WAYS: Final = ("session",)
REVIEWED: Final = frozenset({"area", "worker", "rule", "state", "polygon"})  # what the queue of review narrows by too

blueprint = Blueprint("map_panel_pages", __name__, template_folder="templates", url_prefix="/map")


@blueprint.get("/panel/evidence/<uuid:evidence_id>")
@allow(READ, area="rows", ways=WAYS)
def piece(evidence_id: UUID) -> Response:
    """Show one piece of evidence: photos, answers in words, checks, review."""
    told = tell_piece(session_now(), viewer(), evidence_id, language_answered())
    return _part("piece", one=told)


@blueprint.get("/panel/household/<code>")
@allow(READ, area="rows", ways=WAYS)
def household(code: str) -> Response:
    """Show what is known of a household in the order of time, and both visits side by side."""
    told = tell_household(session_now(), viewer(), code, language_answered())
    village = told[0].piece.village_code
    return _part(
        "household", code=code, told=told, head=next((one.head_name for one in told if one.head_name), ""),
        beside=put_beside(told) if viewer().may(Permission.SPOT_CHECK_READ, village) else None,
        may_roll=viewer().may(Permission.REGISTRY_READ, village),
    )  # fmt: skip


@blueprint.get("/panel/list")
@allow(READ, area="rows", ways=WAYS)
def pieces() -> Response:
    """List what is picked by a selection, by ids or by a ring; the most doubtful first."""
    selection, ids, ring = _asked()
    page = max(1, request.args.get("page", 1, type=int))
    rows, total = pick_pieces(
        session_now(), viewer(), selection, ids=ids, ring=read_ring(ring) if ring else (), limit=PAGE_ROWS,
        offset=(page - 1) * PAGE_ROWS,
    )  # fmt: skip
    kept = (
        selection_in(selection)
        | ({"ids": " ".join(map(str, ids))} if ids else {})
        | ({"polygon": ring} if ring else {})
    )
    return _part(
        "list", rows=rows, total=total, page=page, pages=max(1, -(-total // PAGE_ROWS)), kept=kept,
        to_review=_to_review(kept) if viewer().may(Permission.REVIEW) else None,
        exports=_exports(kept) if viewer().may(Permission.EVIDENCE_EXPORT) else {},
        villages=division_names(session_now(), {row.village_code for row in rows}),
    )  # fmt: skip


@blueprint.get("/panel/list.csv")
@allow(READ, area="rows", ways=WAYS)
def export() -> Response:
    """Send the list as a table: whole, or not at all."""
    selection, ids, ring = _asked()
    rows, total = pick_pieces(
        session_now(), viewer(), selection, ids=ids, ring=read_ring(ring) if ring else (), limit=MOST_EXPORTED
    )
    if total > MOST_EXPORTED:
        raise TooLarge(
            "共 {number} 条，一次最多取 {most} 条；请缩小范围，或在“导出”中按表格分批导出",
            where="area", number=total, most=MOST_EXPORTED,
        )  # fmt: skip
    response = Response(b"".join(write_csv(_lines(rows))), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=evidence.csv"
    return response


@blueprint.get("/search")
@allow(READ, area="rows", ways=WAYS)
def search() -> Response:
    """Answer the map's search box."""
    hits = find(session_now(), viewer(), request.args.get("q", ""))
    response = jsonify([vars(hit) for hit in hits])
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _part(name: str, **given: Any) -> Response:
    """Return a part of a page to the map's script, else the whole page."""
    page = render_template(
        f"map_panel/{name}.html",
        step_names=STEPS, whole="map_panel/part.html" if request.headers.get("X-Panel") else "base.html",
        kinds=KINDS, purposes=PURPOSES, states=STATES, severities=SEVERITIES, reason=reason,
        reviewed="review_pages.submission" in current_app.view_functions, **given,
    )  # fmt: skip
    response = make_response(page)
    response.vary.add("X-Panel")  # else a browser going back shows the part where the page was
    return response


def _asked() -> tuple[Selection, list[UUID], str]:
    given = {name: value for name, value in request.args.items() if name in NAMES}
    try:
        selection = selection_of(SelectionSchema().load(given))
    except ValidationError as fault:
        where = next(iter(fault.messages_dict), "")
        raise Invalid("筛选条件 {name} 写得不对", where=str(where), name=str(where)) from None
    return selection, read_ids(request.args.get("ids", "")), request.args.get("polygon", "").strip()


def _to_review(kept: dict[str, str]) -> dict[str, str] | None:
    """Return the same selection as the queue of review writes it; None where that cannot narrow so."""
    if set(kept) - REVIEWED:
        return None
    return {name: value for name, value in kept.items() if name in REVIEWED} | {"state": kept.get("state", "waiting")}


def _exports(kept: dict[str, str]) -> dict[str, str]:
    """Return where the same selection is had as files for GIS programs; what was picked one by one is not."""
    if "ids" in kept:
        return {}
    wanted = {"GeoJSON": "map_files.geojson_selected", "GeoPackage": "map_files.geopackage_selected"}
    return {name: f"{url_for(endpoint)}?{urlencode(kept)}" for name, endpoint in wanted.items()}


def _lines(rows: list[Picked]) -> Iterator[list[Any]]:
    yield [text(heading) for heading in HEADINGS]
    for row in rows:
        yield [
            row.household_code, text(KINDS.get(row.kind, row.kind)), text(PURPOSES[row.purpose]), row.village_code,
            row.worker, local_time(row.at), text(STATES[row.state]), text(SEVERITIES.get(row.severity, "")),
            str(row.id),
        ]  # fmt: skip

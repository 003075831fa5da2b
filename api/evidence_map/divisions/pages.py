"""The page of figures by division: the map's colours as a table, for whoever cannot or would not read a map."""

from collections.abc import Iterator
from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from api.edge import text
from api.evidence_map.divisions.figures import division_figures
from api.evidence_map.divisions.grounds import division_grounds
from api.evidence_map.divisions.scope import LENGTHS
from api.evidence_map.divisions.sketch import MEASURES, draw_sketch
from api.evidence_map.divisions.told import told
from api.people.access import COUNTY_LENGTH
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.registry.divisions import LEVEL_BY_LENGTH
from api.registry.reading import division_names
from api.registry.roll_file.writing import write_csv

READ: Final = Permission.EVIDENCE_READ
LEVELS: Final = {"county": "县", "township": "乡镇", "village": "村"}
BELOW: Final = {"county": "township", "township": "village"}
GROUNDS: Final = {"none": "没有边界", "synthetic": "虚构边界", "given": "已导入"}
HEADINGS: Final = (
    "区划代码", "名称", "在册户数", "已入户", "覆盖率", "取证", "已检查", "有疑点", "疑点比例", "错保率", "区间下限",
    "区间上限", "抽查户数", "说明", "边界",
)  # fmt: skip
SKETCH_TOLERANCE_M: Final = 400.0  # a sketch of a county is some hundred pixels wide

blueprint = Blueprint("map_divisions_pages", __name__, template_folder="templates", url_prefix="/map/divisions")


@blueprint.get("")
@allow(READ, area="rows", ways=("session",))
def figures_page() -> str:
    """Show the figures of the divisions of a level, with a sketch of where they lie."""
    session, reader = session_now(), viewer()
    within, level = _asked()
    rows = division_figures(session, reader, level=level, within=within)
    reads_checks = bool(reader.areas(Permission.SPOT_CHECK_READ))
    has_roll = any(row.households is not None for row in rows)
    shown = {"coverage": has_roll, "error": reads_checks}
    measures = {key: one for key, one in MEASURES.items() if shown.get(key, True)}
    measure = request.args.get("measure", "")
    measure = measure if measure in measures else next(iter(measures))
    grounds = division_grounds(session, reader, level=level, within=within, tolerance_m=SKETCH_TOLERANCE_M)
    above = [within[:length] for length in LEVEL_BY_LENGTH if COUNTY_LENGTH <= length < len(within)]
    mine = reader.areas(READ)
    return render_template(
        "map_divisions/figures.html",
        rows=rows, within=within, level=level, levels=LEVELS, below=BELOW.get(level), measure=measure,
        measures=measures, sketch=draw_sketch(grounds, rows, measure), grounds=GROUNDS,
        above=[code for code in above if any(code.startswith(area) for area in mine)],
        offered=[one for one, length in LENGTHS.items() if length > len(within)] or [level],
        names=division_names(session, {within, *above}), reads_checks=reads_checks,
        has_roll=has_roll,
    )  # fmt: skip


@blueprint.get("/figures.csv")
@allow(READ, area="rows", ways=("session",))
def export() -> Response:
    """Send the table."""
    within, level = _asked()
    response = Response(b"".join(write_csv(_lines(within, level))), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=divisions.csv"
    return response


def _lines(within: str, level: str) -> Iterator[list[Any]]:
    yield [text(heading) for heading in HEADINGS]
    for row in division_figures(session_now(), viewer(), level=level, within=within):
        one = told(row, text)
        yield [
            *(one[key] for key in (
                "code", "name", "households", "visited", "coverage", "pieces", "judged", "doubted", "doubt_share",
                "error_rate", "error_lower", "error_upper", "error_n", "error_words",
            )),
            text(GROUNDS[row.ground]),
        ]  # fmt: skip


def _asked() -> tuple[str, str]:
    """Return the area and the level that the address asks for; what it leaves open follows from the reader's areas.

    Raises
    ------
    NotFound
        If the address names no division code.
    """
    within, level = request.args.get("within", ""), request.args.get("level", "")
    if within and not (within.isascii() and within.isdigit() and len(within) in LEVEL_BY_LENGTH):
        raise NotFound("没有编码为 {code} 的区划，或不在您的管辖范围内", where="within", code=within[:20])
    areas = viewer().areas(READ)
    if not within and len(areas) == 1:
        within = areas[0]
    if level not in LENGTHS:
        level = next((one for one, length in LENGTHS.items() if length > len(within)), "village")
    return within, level

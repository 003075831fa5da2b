"""The page of the estimates: how many households are wrong and how much money, as ranges that print."""

import hashlib
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from api.campaigns.reach import campaign_of_county
from api.edge import text
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.spot_checks.commit import find_draw, plan_of
from api.spot_checks.estimates.charts import bar_of, top_of, tops_of
from api.spot_checks.estimates.figures import Figure, interval_name
from api.spot_checks.estimates.measures import ATTEMPT_RATES, KINDS, MONEY, RATES, VERDICT_RATES
from api.spot_checks.estimates.more_visits import STEPS
from api.spot_checks.estimates.notes import METHODS, notes_of
from api.spot_checks.estimates.report import Report, drawn_of, make_report
from api.spot_checks.estimates.sheets import estimates_csv, estimates_xlsx
from api.spot_checks.estimates.tell import SCHEMES, measure_name
from api.spot_checks.lists import place_names
from api.spot_checks.risk import BAND_NAMES
from api.spot_checks.tables import Draw
from api.spot_checks.which import counties_to_read, county_asked

blueprint = Blueprint(
    "spot_check_estimates_pages", __name__, template_folder="templates", url_prefix="/spot-checks/estimates"
)

READ = Permission.SPOT_CHECK_READ
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TOWNSHIP_LENGTH = 9


@blueprint.get("")
@allow(READ, area="rows", ways=("session",))
def estimates() -> str:
    """Show what the checks of a county's draw say; of several counties, which."""
    county = county_asked()
    if not county:
        return render_template("spot_checks/counties.html", counties=counties_to_read(), numbers={})
    session = session_now()
    names = place_names(session, county)
    campaign = campaign_of_county(session, county)
    draws = drawn_of(session, county, campaign.id) if campaign is not None else []
    if not draws:
        return render_template("spot_check_estimates/empty.html", county=county, names=names)
    draw = _chosen(draws)
    report = make_report(session, draw, _area(draw))
    return render_template(
        "spot_check_estimates/estimates.html",
        county=county,
        names=names,
        draws=draws,
        draw=draw,
        report=report,
        found=report.estimates,
        place=names.get(report.area or county, county),
        many=len(counties_to_read()) > 1,
        answer=_answer(report, names.get(report.area or county, county)),
        townships=sorted({name.split("|")[0] for name in plan_of(draw).strata}),
        notes=list(notes_of(report)),
        kind_figures=[one for one in _by_kind(report) if one.found],
        kinds_not_found=[one for one in _by_kind(report) if not one.found],
        **_WORDS,
    )


@blueprint.get("/<uuid:draw_id>/estimates.<any(xlsx, csv):kind>")
@allow(READ, area="rows", ways=("session",))
def export(draw_id: UUID, kind: str) -> Response:
    """Download every estimate with its method; unchanged, it costs a 304."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, READ)
    report = make_report(session, draw, _area(draw))
    names = place_names(session, draw.county_code)
    table = estimates_csv(report, names, text)
    data = estimates_xlsx(report, names, text) if kind == "xlsx" else table
    answer = Response(data, content_type=SHEET if kind == "xlsx" else "text/csv; charset=utf-8")
    name = f"estimates-{draw.county_code}-{draw.number}{'-' + report.area if report.area else ''}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(hashlib.sha256(table + kind.encode()).hexdigest())  # a workbook also holds when it was made
    answer.make_conditional(request)
    return answer


@blueprint.app_template_filter("range_words")
def range_words(figure: Figure) -> str:
    """Write a figure as a range in the reader's language; empty where there is no number."""
    if figure.value is None or figure.lower is None:
        return ""
    one, unit = (_yuan, text("元")) if figure.unit == "fen" else (_percent, "")
    gap = " " if unit else ""
    if figure.upper is None and figure.lower <= 0:
        return text("没有发现")
    if figure.upper is None:
        return text("不少于 {amount}", amount=f"{one(figure.lower)}{gap}{unit}")
    if one(figure.lower) == one(figure.upper):
        return f"{one(figure.lower)}{gap}{unit}"
    return f"{one(figure.lower)}–{one(figure.upper)}{gap}{unit}"


def _answer(report: Report, place: str) -> str:
    """Answer the page's question in one sentence."""
    estimates = report.estimates
    rate, over = estimates.told.figures["wrongly_included"], estimates.told.figures["over"]
    if not rate.says:
        return text("{place}：样本太少，不下结论。", place=place)
    values = {"place": place, "rate": range_words(rate), "over": range_words(over)}
    if estimates.covered:
        heard = len(estimates.townships) - len(estimates.silent)
        return text(
            "{place}还不能下结论：{n} 个乡镇没有足够的抽查结果。已有结果的 {m} 个乡镇中，错保率在 {rate} 之间。",
            n=len(estimates.silent), m=heard, **values,
        )  # fmt: skip
    if rate.exact:
        return text("{place}全部查到：错保率 {rate}。", **values)
    if not over.says:
        return text("{place}错保率在 {rate} 之间。", **values)
    return text("{place}错保率在 {rate} 之间，每年多发 {over}。", **values)


def _by_kind(report: Report) -> list[Figure]:
    """Return the kinds of error with a number, those found most often first."""
    figures = report.estimates.told.figures
    found = [figures[f"kind:{kind}"] for kind in KINDS]
    return sorted((one for one in found if one.says), key=lambda one: -(one.found or 0))


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _yuan(fen: float) -> str:
    return f"{fen / 100:,.0f}"


def _chosen(draws: list[Draw]) -> Draw:
    wanted = request.args.get("draw", "")
    if not wanted:
        return draws[0]
    found = next((draw for draw in draws if str(draw.number) == wanted), None)
    if found is None:
        raise NotFound("没有第 {number} 次抽取，或还没有掷骰", where="draw", number=wanted[:10])
    return found


def _area(draw: Draw) -> str:
    area = request.args.get("area", "")
    if area and not (len(area) == TOWNSHIP_LENGTH and area.startswith(draw.county_code)):
        raise NotFound("这次抽取中没有乡镇 {code}", where="area", code=area[:20])
    return area


_WORDS: dict[str, Any] = {
    "bands": BAND_NAMES,
    "schemes": SCHEMES,
    "money": MONEY,
    "rates": list(RATES),
    "verdict_rates": list(VERDICT_RATES),
    "attempt_rates": list(ATTEMPT_RATES),
    "steps": STEPS,
    "methods": METHODS,
    "measure_name": measure_name,
    "interval_name": interval_name,
    "bar_of": bar_of,
    "top_of": top_of,
    "tops_of": tops_of,
}

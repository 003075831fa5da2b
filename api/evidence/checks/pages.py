"""The pages of field checks: which evidence is doubtful and why, and one page that explains each rule."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.edge import text
from api.evidence.checks.reading import Filters, counts, doubtful, judged, workers
from api.evidence.checks.rules import BY_KEY, RULES, SEVERITIES
from api.evidence.checks.thresholds import change_thresholds, in_force
from api.evidence.checks.which import campaign_to_manage, check_county, counties_to_read
from api.evidence.checks.words import KINDS, reason
from api.pages.views import local_time
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Invalid, NotFound
from api.registry.divisions import LEVEL_BY_LENGTH
from api.registry.reading import division_names
from api.registry.roll_file.writing import write_csv
from api.registry.tables import Division

PAGE_ROWS: Final = 50
MOST_EXPORTED: Final = 10_000
READ = Permission.EVIDENCE_READ
PURPOSES: Final = {"township_visit": "乡镇", "spot_check": "县级抽查"}
HEADINGS: Final = ("户编码", "村", "种类", "来源", "上报人", "时间", "规则", "程度", "理由", "取证编号")

blueprint = Blueprint("checks_pages", __name__, template_folder="templates", url_prefix="/evidence/checks")


@blueprint.get("")
@allow(READ, area="rows", ways=("session",))
def doubtful_list() -> str:
    """Show which evidence some rule doubts, and why."""
    session, filters = session_now(), _filters()
    county, counties = _county()
    if not county:
        return render_template("checks/counties.html", counties=counties)
    total = doubtful(session, viewer(), county, filters, limit=0)[1]
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    rows, _ = doubtful(session, viewer(), county, filters, limit=PAGE_ROWS, offset=(page - 1) * PAGE_ROWS)
    codes = {row.evidence.village_code for row in rows}
    return render_template(
        "checks/list.html", county=county, rows=rows, total=total, page=page, pages=pages,
        asked=_asked(filters, county),
        filters=filters, counts=counts(session, viewer(), county, filters), rules=RULES, severities=SEVERITIES,
        kinds=KINDS, purposes=PURPOSES, reason=reason, workers=workers(session, viewer(), county),
        may_open=partial(viewer().may, Permission.REVIEW),
        townships=_townships(county), judged=judged(session, viewer(), county),
        names=division_names(session, codes | {code[:9] for code in codes} | {county}),
    )  # fmt: skip


@blueprint.get("/list.csv")
@allow(READ, area="rows", ways=("session",))
def export() -> Response:
    """Send the list as filtered, a line a reason."""
    county, _ = _county()
    if not county:
        raise Invalid("请先选择一个县", where="county")
    response = Response(b"".join(write_csv(_lines(county, _filters()))), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=field-checks.csv"
    return response


@blueprint.get("/rules")
@allow(READ, area="rows", ways=("session",))
def rules() -> str:
    """Show all rules with their thresholds."""
    return _rules(list(RULES))


@blueprint.get("/rules/<rule>")
@allow(READ, area="rows", ways=("session",))
def rule_page(rule: str) -> str:
    """Explain one rule."""
    if rule not in BY_KEY:
        raise NotFound("没有名为 {rule} 的规则", where="rule", rule=rule)
    return _rules([BY_KEY[rule]])


@blueprint.post("/thresholds")
@allow(Permission.CAMPAIGN_MANAGE, area="rows", ways=("session",))
def thresholds() -> AnyResponse:
    """Decide other thresholds."""
    county = request.form.get("county", "")
    limits: dict[str, float] = {}
    for key, written in request.form.items():
        if key in {"county", "reason", "csrf_token"}:
            continue
        try:
            limits[key] = float(written)
        except ValueError:
            raise Invalid("限值须为数字，您填的是 {written}", where=key, written=written[:20]) from None
    change_thresholds(
        session_now(), campaign_to_manage(county), limits, reason=request.form.get("reason", ""), by=viewer()
    )
    return redirect(url_for(".rules", county=county, saved=1), 303)


def _rules(shown: list[Any]) -> str:
    session = session_now()
    county, counties = _county()
    if not county:
        return render_template("checks/counties.html", counties=counties)
    held = in_force(session, county)
    may = held.campaign is not None and viewer().may(Permission.CAMPAIGN_MANAGE, held.campaign.area_code)
    return render_template(
        "checks/rules.html", county=county, rules=shown, one=len(shown) == 1, held=held, may_change=may,
        hits=counts(session, viewer(), county, Filters()), severities=SEVERITIES,
        judged=judged(session, viewer(), county), saved=request.args.get("saved"),
    )  # fmt: skip


def _county() -> tuple[str, dict[str, str]]:
    counties = counties_to_read()
    asked = request.args.get("county", "")
    if asked:
        return check_county(asked), counties
    return (next(iter(counties)) if len(counties) == 1 else ""), counties


def _filters() -> Filters:
    """Return what the address asks for; what makes no sense is left out."""
    given = request.args
    area = given.get("area", "")
    return Filters(
        rule=given["rule"] if given.get("rule") in BY_KEY else "",
        severity=given["severity"] if given.get("severity") in SEVERITIES else "",
        area=area if len(area) in LEVEL_BY_LENGTH and area.isascii() and area.isdigit() else "",
        worker=given.get("worker", type=UUID),
        household=given.get("household", "").strip()[:32].replace("\0", ""),
    )


def _asked(filters: Filters, county: str) -> dict[str, str]:
    """Return county and filters as the address writes them, without those that are empty."""
    worker = str(filters.worker) if filters.worker else ""
    asked = {**vars(filters), "worker": worker, "county": county}
    return {name: value for name, value in asked.items() if value}


def _townships(county: str) -> list[Division]:
    statement = (
        sa.select(Division)
        .where(
            Division.level == "township", Division.code.startswith(county), viewer().within(Division.code, READ)
        )
        .order_by(Division.code)
    )  # fmt: skip
    return list(session_now().scalars(statement))


def _lines(county: str, filters: Filters) -> Iterator[list[Any]]:
    yield [text(heading) for heading in HEADINGS]
    rows, _ = doubtful(session_now(), viewer(), county, filters, limit=MOST_EXPORTED)
    for row in rows:
        one = row.evidence
        for check in row.checks:
            yield [
                one.household_code, one.village_code, text(KINDS.get(one.kind, one.kind)), text(PURPOSES[one.purpose]),
                row.worker, local_time(one.collected_at or one.received_at), text(check.rule.name),
                text(SEVERITIES[check.rule.severity]), reason(check), str(one.id),
            ]  # fmt: skip

"""The pages of risk: try weights and see who moves, adopt, why one household has its score, what the visits suggest."""

from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.campaigns.reach import campaign_of_county
from api.campaigns.tables import Campaign
from api.edge import text
from api.people.access import COUNTY_LENGTH
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Conflict, Invalid, NotFound, Refusal
from api.registry.roll_import.resources import send_table
from api.registry.tables import Household
from api.spot_checks.lists import place_names
from api.spot_checks.risk.address import CUT_NAMES, WEIGHT, address_of, tried_in
from api.spot_checks.risk.adopt import adopt_model, model_in_force, version_one, versions_of
from api.spot_checks.risk.assess import BAND_ORDER
from api.spot_checks.risk.cuts import suggest_cuts
from api.spot_checks.risk.export import SCHEME_NAMES, score_rows
from api.spot_checks.risk.find import find_row, movers, own_checks, ranked
from api.spot_checks.risk.keep import CountySigns, signs_of_county
from api.spot_checks.risk.model import (
    BAND_NAMES,
    CERTAIN_SIGNS,
    DEFAULT_WEIGHTS,
    GROUPS,
    HEAVIEST,
    HIGHEST_CUT,
    LABELS,
    RiskWeights,
)
from api.spot_checks.risk.preview import Preview, preview_model, row_shown
from api.spot_checks.risk.refit import FEWEST_OF_EACH, propose_model
from api.spot_checks.risk.said import CHINA
from api.spot_checks.which import counties_to_read, county_asked

blueprint = Blueprint("spot_check_risk_pages", __name__, template_folder="templates", url_prefix="/spot-checks/risk")

READ, DRAW = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_DRAW
MOVERS_SHOWN: Final = 50
PAGE_ROWS: Final = 50
RULE_NAMES: Final = {
    "quantiles": "三等分 (各段户数相近)",
    "dalenius_hodges": "Dalenius–Hodges (按得分分布)",
    "lavallee_hidiroglou": "Lavallée–Hidiroglou (同样精度入户最少)",
}


class Looked(NamedTuple):
    """What every page of a county's risk begins with."""

    county: str
    campaign: Campaign
    present: RiskWeights
    signs: CountySigns


@blueprint.get("")
@allow(READ, area="rows", ways=("session",))
def risk() -> str | tuple[str, int]:
    """Show the weights of a county with what they do; of several counties, which."""
    if not (county := county_asked()):
        return render_template("spot_checks/counties.html", counties=counties_to_read(), numbers={})
    if campaign_of_county(session_now(), county) is None:
        return render_template("spot_checks_risk/nothing.html", county=county, names=place_names(session_now(), county))
    return _risk_page(_looked(county), request.args)


@blueprint.get("/preview")
@allow(READ, area="rows", ways=("session",))
def preview() -> Response | tuple[str, int]:
    """Show what weights that are being typed would do; a part of the page, which then bears them in its address."""
    looked = _looked(_county())
    try:
        tried = tried_in(request.args, looked.present)
    except Refusal as refusal:
        return render_template("spot_checks_risk/refused.html", refusal=refusal), refusal.status
    words = _preview_words(looked, tried) | {"note": request.args.get("note", "")[:1000]}
    answer = Response(render_template("spot_checks_risk/preview.html", part=True, **words))
    address: dict[str, Any] = _address(looked, tried)
    answer.headers["HX-Replace-Url"] = url_for(".risk", **address)
    return answer


@blueprint.post("/models")
@allow(DRAW, area="rows", ways=("session",))
def adopt() -> AnyResponse | tuple[str, int]:
    """Put the weights that were tried in force, or an earlier version again."""
    county = request.form.get("county", "")
    viewer().demand(DRAW, county)
    looked = _looked(county)
    number, expected = request.form.get("number", type=int), request.form.get("expected", type=int)
    note = request.form.get("note", "")
    try:
        wanted = (
            tried_in(request.form, looked.present)
            if number is None
            else version_one(session_now(), looked.campaign.id, county, number)
        )
        adopt_model(session_now(), looked.campaign, county, wanted, viewer(), note=note, expected=expected)
    except Refusal as refusal:
        session_now().rollback()
        return _risk_page(_looked(county), request.form, refusal=refusal, note=note)
    return redirect(url_for(".risk", county=county, adopted=1), 303)


@blueprint.get("/households")
@allow(READ, area="rows", ways=("session",))
def households() -> str:
    """Show the households of a county by score, or those that would change their band."""
    looked = _looked(_county())
    tried = tried_in(request.args, looked.present)
    found, asked = _compare(looked, tried), _list_asked(looked)
    rows = _listed(looked, found, asked)
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    shown = [row_shown(looked.signs, found, row) for row in rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]]
    kept = {name: value for name, value in asked.items() if value} | _address(looked, tried)
    return render_template(
        "spot_checks_risk/households.html",
        rows=shown, total=len(rows), page=page, pages=pages, asked=asked, kept=kept, address=_address(looked, tried),
        hidden=bool(_hidden()), towns=[town.code for town in found.townships], **_words(looked, tried),
    )  # fmt: skip


@blueprint.get("/households.csv")
@allow(READ, area="rows", ways=("session",))
def export() -> Response:
    """Send the list as filtered, with every reason in words."""
    looked = _looked(_county())
    found = _compare(looked, tried_in(request.args, looked.present))
    rows = _listed(looked, found, _list_asked(looked))
    names = place_names(session_now(), looked.county)
    return send_table(score_rows(looked.signs, found, rows, names, text), "csv", text("风险评分") + f"-{looked.county}")


@blueprint.get("/refit")
@allow(READ, area="rows", ways=("session",))
def refit() -> str:
    """Show the weights that the visits suggest beside those in force; nothing is adopted here."""
    looked = _looked(_county())
    proposal = propose_model(session_now(), looked.county, looked.campaign.id, looked.present)
    proposed = tried_in({WEIGHT + name: str(points) for name, points in proposal.weights.items()}, looked.present)
    return render_template(
        "spot_checks_risk/refit.html", proposal=proposal, address=_address(looked, proposed), fewest=FEWEST_OF_EACH,
        **_words(looked, proposed),
    )  # fmt: skip


@blueprint.get("/<string:code>")
@allow(READ, area="rows", ways=("session",))
def household(code: str) -> str:
    """Show why one household has its score: every point, and what the source says."""
    county = code[:COUNTY_LENGTH]
    if county not in counties_to_read():
        raise NotFound("名册上没有家庭 {code}，或不在您的管辖范围内", where="code", code=code)
    looked = _looked(county)
    tried = tried_in(request.args, looked.present)
    row = find_row(looked.signs, code, hidden=_hidden())
    found = _compare(looked, tried)
    stored = session_now().scalars(
        sa.select(Household).where(Household.county_code == county, Household.code == code)
    ).one()  # fmt: skip
    return render_template(
        "spot_checks_risk/household.html", row=row_shown(looked.signs, found, row), stored=stored,
        address=_address(looked, tried), **_words(looked, tried),
    )  # fmt: skip


def _county() -> str:
    county = county_asked()
    if not county:
        raise Invalid("请在地址中写明是哪个县 (county)", where="county")
    return county


def _looked(county: str) -> Looked:
    session = session_now()
    campaign = campaign_of_county(session, county)
    if campaign is None:
        raise Conflict("本县还没有开展中的专项工作，不能评定风险", where="county")
    day = datetime.now(CHINA).date()
    signs = signs_of_county(session, campaign, county, day)
    return Looked(county, campaign, model_in_force(session, campaign.id, county), signs)


def _compare(looked: Looked, tried: RiskWeights) -> Preview:
    return preview_model(
        looked.signs, looked.present, tried, percent=looked.campaign.spot_check_floor_percent
    )  # fmt: skip


def _hidden() -> frozenset[Any]:
    return own_checks(session_now(), viewer())


def _address(looked: Looked, tried: RiskWeights) -> dict[str, str]:
    return {"county": looked.county} | address_of(tried, looked.present)


def _risk_page(looked: Looked, given: Any, *, refusal: Refusal | None = None, note: str = "") -> tuple[str, int]:
    try:
        tried = tried_in(given, looked.present)
    except Refusal as fault:  # an address that somebody typed, or a form sent without a preview
        tried, refusal = looked.present, refusal or fault
    versions = versions_of(session_now(), looked.campaign.id, looked.county)
    people = session_now().scalars(sa.select(Account).where(Account.id.in_({one.made_by for one in versions})))
    page = render_template(
        "spot_checks_risk/risk.html", refusal=refusal, note=note, versions=versions,
        people={one.id: one.display_name for one in people}, adopted=request.args.get("adopted"),
        many=len(counties_to_read()) > 1, **_preview_words(looked, tried),
    )  # fmt: skip
    return page, refusal.status if refusal else 200


def _preview_words(looked: Looked, tried: RiskWeights) -> dict[str, Any]:
    found = _compare(looked, tried)
    moving = movers(looked.signs, found, hidden=_hidden())
    return _words(looked, tried) | {
        "found": found,
        "moving": [row_shown(looked.signs, found, row) for row in moving[:MOVERS_SHOWN]],
        "moved": len(moving),
        "helps": suggest_cuts(looked.signs, tried),
        "address": _address(looked, tried),
        "changed": not tried.same_as(looked.present),
    }


def _words(looked: Looked, tried: RiskWeights) -> dict[str, Any]:
    return {
        "county": looked.county,
        "campaign": looked.campaign,
        "present": looked.present,
        "tried": tried,
        "names": place_names(session_now(), looked.county),
        "groups": GROUPS,
        "labels": LABELS,
        "defaults": DEFAULT_WEIGHTS,
        "always": CERTAIN_SIGNS,
        "bands": BAND_NAMES,
        "schemes": SCHEME_NAMES,
        "rules": RULE_NAMES,
        "heaviest": HEAVIEST,
        "highest": HIGHEST_CUT,
        "cut_names": CUT_NAMES,
        "may_adopt": viewer().may(DRAW, looked.county),
    }


def _list_asked(looked: Looked) -> dict[str, str]:
    """Return what the address asks of the list; what makes no sense is left out."""
    given = request.args
    band, sign, area = given.get("band", ""), given.get("sign", ""), given.get("area", "")
    return {
        "band": band if band in BAND_ORDER else "",
        "sign": sign if sign in LABELS else "",
        "area": area if area.isascii() and area.isdigit() and area.startswith(looked.county) else "",
        "q": given.get("q", "").strip()[:64],
        "moved": "1" if given.get("moved") == "1" else "",
    }


def _listed(looked: Looked, found: Preview, asked: dict[str, str]) -> list[int]:
    rows = ranked(
        looked.signs, found, band=asked["band"], area=asked["area"], text=asked["q"], sign=asked["sign"],
        hidden=_hidden(),
    )  # fmt: skip
    if not asked["moved"]:
        return rows
    wanted = set(rows)
    return [row for row in movers(looked.signs, found) if row in wanted]

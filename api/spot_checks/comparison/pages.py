"""The pages of comparisons: the list, one household, the rates, the rules."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.campaigns.reach import campaign_of_county
from api.campaigns.tables import Campaign
from api.database import database
from api.edge import language, text
from api.evidence.thumbnails import SIZES
from api.pages.views import local_time
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Invalid, NotFound, Refusal
from api.registry.proposals.difference import metres_between
from api.registry.roll_import.resources import send_table
from api.spot_checks.commit import find_draw
from api.spot_checks.comparison.compare import CLASSES
from api.spot_checks.comparison.judge import error_kinds, judge_household, may_judge
from api.spot_checks.comparison.listing import (
    ORDERS,
    RESULTS,
    SHOWS,
    Wanted,
    county_draw,
    neighbours,
    pick,
    shown_as,
)
from api.spot_checks.comparison.photos import photos_of
from api.spot_checks.comparison.questions import DECIDES, KINDS, KINDS_OF, RECORDS, Rule, questions
from api.spot_checks.comparison.rates import discrepancy_rates
from api.spot_checks.comparison.reading import Compared, Compares, Visited, compare_draw
from api.spot_checks.comparison.resources import household_asked
from api.spot_checks.comparison.tolerances import declare_tolerances, declared, rules_in_force
from api.spot_checks.comparison.verdicts import VERDICTS, by_checker, reckoned, verdict_history
from api.spot_checks.comparison.words import Words
from api.spot_checks.lists import place_names
from api.spot_checks.tables import Draw
from api.spot_checks.which import counties_to_read, county_asked

blueprint = Blueprint(
    "spot_check_comparison_pages", __name__, template_folder="templates", url_prefix="/spot-checks/comparison"
)

READ, DRAW = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_DRAW
PAGE_ROWS: Final = 50
KEPT: Final = ("draw", "show", "township", "surveyor", "result", "verdict", "kind", "q", "order")
LONGEST_TEXT: Final = 64
MOST_YUAN: Final = 1_000_000
HEADINGS: Final = (
    "家庭编码", "户主", "乡镇", "村", "调查员", "抽查员", "是否不一致", "起决定作用的差异", "不一致的问题", "新发现",
    "抽查到达后乡镇修改", "抽查员到达后修改", "结论", "结论出自", "问题类型", "应发 (元/月)", "现发 (元/月)",
    "乡镇答卷版本", "抽查答卷版本",
)  # fmt: skip


@blueprint.get("")
@allow(READ, area="rows", ways=("session",))
def comparison() -> str:
    """Show the households with both visits, the heaviest difference first, and what is still missing."""
    county = county_asked()
    if not county:
        return _which()
    draw, drawn = county_draw(session_now(), county, request.args.get("draw", type=int))
    page = _county_words(county) | {"draw": draw, "drawn": drawn}
    if draw is None:
        return render_template("comparison/empty.html", **page)
    wanted, compares = _wanted(), compare_draw(session_now(), viewer(), draw)
    rows = pick(compares, wanted)
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "comparison/list.html",
        **page,
        rows=rows[(number - 1) * PAGE_ROWS : number * PAGE_ROWS],
        total=len(rows),
        page=number,
        pages=pages,
        asked=wanted,
        kept=_kept(county),
        compares=compares,
        counts=_counts(compares),
        surveyors=_surveyors(compares),
        shows=SHOWS,
        results=RESULTS,
    )


@blueprint.get("/export.<any(csv, xlsx):file_format>")
@allow(READ, area="rows", ways=("session",))
def export(file_format: str) -> Response:
    """Send the list as filtered."""
    county = county_asked()
    with database().read() as session:
        draw, _ = county_draw(session, county, request.args.get("draw", type=int)) if county else (None, [])
        if draw is None:
            raise NotFound("本县还没有抽取过，没有可比对的家庭", where="county")
        rows = pick(compare_draw(session, viewer(), draw), _wanted())
        return send_table(_table(rows, place_names(session, county)), file_format, text("两次入户比对"))


@blueprint.get("/rates")
@allow(READ, area="rows", ways=("session",))
def rates() -> str:
    """Show how often the visits of each township and each surveyor are contradicted."""
    county = county_asked()
    if not county:
        return _which()
    draw, drawn = county_draw(session_now(), county, request.args.get("draw", type=int))
    page = _county_words(county) | {"draw": draw, "drawn": drawn}
    if draw is None:
        return render_template("comparison/empty.html", **page)
    compares = compare_draw(session_now(), viewer(), draw)
    lowest = request.args.get("order") == "low"
    found = discrepancy_rates(draw, compares.compared)
    for part in (found.townships, found.surveyors):
        part.sort(key=lambda one: (not one.enough, (one.value or 0) * (1 if lowest else -1), one.label))
    people = _surveyors(compares)
    return render_template(
        "comparison/rates.html", **page, rates=found, lowest=lowest, people=people, compares=compares,
        kept=_kept(county, "order"),
    )  # fmt: skip


@blueprint.get("/rules")
@allow(READ, area="rows", ways=("session",))
def rules() -> str:
    """Show how answers are compared, and how that was changed."""
    county = county_asked()
    return _rules(county) if county else _which()


@blueprint.post("/rules")
@allow(DRAW, area="rows", ways=("session",))
def declare() -> AnyResponse | tuple[str, int]:
    """Declare another set of rules."""
    county = request.form.get("county", "")
    viewer().demand(DRAW, county)
    campaign = campaign_of_county(session_now(), county)
    if campaign is None:
        raise NotFound("本县还没有专项工作，不能设比对规则", where="county")
    try:
        changes = {key: _rule_sent(key) for key in questions() if f"kind:{key}" in request.form}
        note = request.form.get("note", "")
        declare_tolerances(session_now(), viewer(), campaign, county, changes=changes, note=note)
    except Refusal as refusal:
        session_now().rollback()
        return _rules(county, refusal=refusal, note=request.form.get("note", "")), refusal.status
    return redirect(url_for(".rules", county=county), 303)


@blueprint.get("/<uuid:draw_id>/<uuid:household_id>")
@allow(Permission.EVIDENCE_READ, area="rows", ways=("session",))
def household(draw_id: UUID, household_id: UUID) -> str:
    """Show both visits of one household side by side."""
    draw, compares = household_asked(draw_id, household_id)
    return _household(draw, compares)


@blueprint.get("/<uuid:draw_id>/<uuid:household_id>/neighbours")
@allow(READ, area="rows", ways=("session",))
def beside(draw_id: UUID, household_id: UUID) -> str:
    """Show the way to the household before and the one after; a part of its page, for it compares the whole draw."""
    draw = find_draw(session_now(), viewer(), draw_id, READ)
    rows = pick(compare_draw(session_now(), viewer(), draw), _wanted())
    place, before, after = neighbours(rows, household_id)
    return render_template(
        "comparison/neighbours.html", draw=draw, place=place, before=before, after=after, total=len(rows),
        kept=_kept(draw.county_code),
    )  # fmt: skip


@blueprint.post("/<uuid:draw_id>/<uuid:household_id>/verdicts")
@allow(DRAW, area="rows", ways=("session",))
def judge(draw_id: UUID, household_id: UUID) -> AnyResponse | tuple[str, int]:
    """Write down the supervisor's verdict."""
    draw, compares = household_asked(draw_id, household_id)
    try:
        judge_household(
            session_now(), viewer(), draw, compares.rows[0],
            verdict=request.form.get("verdict", ""), reason=request.form.get("reason", ""),
            kinds=request.form.getlist("error_kind"), correct_fen_per_month=_fen(request.form.get("correct", "")),
        )  # fmt: skip
    except Refusal as refusal:
        session_now().rollback()
        draw, compares = household_asked(draw_id, household_id)
        return _household(draw, compares, refusal=refusal), refusal.status
    here = url_for(".household", draw_id=draw_id, household_id=household_id, **_kept(draw.county_code))
    return redirect(f"{here}#verdict", 303)


def _household(draw: Draw, compares: Compares, **given: Any) -> str:
    session, [one] = session_now(), compares.rows
    reads_all = viewer().may(READ, draw.county_code)
    campaign = session.get_one(Campaign, draw.campaign_id)
    return render_template(
        "comparison/household.html",
        **_county_words(draw.county_code),
        draw=draw,
        one=one,
        compares=compares,
        reads_all=reads_all,
        kept=_kept(draw.county_code),
        photos=[photos_of(session, viewer(), draw.county_code, visit) for visit in (one.township, one.county)],
        metres=_metres(one.township, one.county),
        checker=by_checker(campaign, one.outcome),
        reckoned=reckoned(campaign, one.outcome),
        history=verdict_history(session, draw, one.outcome.household_id) if reads_all else [],
        may_judge=may_judge(session, viewer(), draw, one),
        records=RECORDS,
        size=SIZES[0],
        **given,
    )


def _rules(county: str, **given: Any) -> str:
    session = session_now()
    campaign = campaign_of_county(session, county)
    number, found = rules_in_force(session, county, campaign.id) if campaign else (0, {})
    return render_template(
        "comparison/rules.html",
        **_county_words(county),
        campaign=campaign,
        number=number,
        rules=found,
        questions=questions(),
        history=declared(session, county, campaign.id) if campaign else [],
        may_declare=campaign is not None and viewer().may(DRAW, county),
        kinds=KINDS,
        kinds_of=KINDS_OF,
        decides=DECIDES,
        records=RECORDS,
        **given,
    )


def _which() -> str:
    return render_template("spot_checks/counties.html", counties=counties_to_read(), numbers={})


def _county_words(county: str) -> dict[str, Any]:
    return {
        "county": county,
        "names": place_names(session_now(), county),
        "words": Words(language(), text),
        "verdicts": VERDICTS,
        "error_kinds": error_kinds(),
        "classes": CLASSES,
        "shown_as": shown_as,
    }


def _wanted() -> Wanted:
    def one_of(name: str, choices: Any, default: str = "") -> str:
        asked = request.args.get(name, "") or default
        if asked and asked not in choices:
            raise Invalid("没有这种筛选: {value}", where=name, value=asked[:LONGEST_TEXT])
        return asked

    return Wanted(
        show=one_of("show", SHOWS, "compared"),
        township=request.args.get("township", "")[:9],
        surveyor=request.args.get("surveyor", "")[:36],
        result=one_of("result", RESULTS),
        verdict=one_of("verdict", VERDICTS),
        kind=one_of("kind", error_kinds()),
        text=request.args.get("q", "").strip()[:LONGEST_TEXT],
        order=one_of("order", {*ORDERS, *(f"-{name}" for name in ORDERS)}, "-weight"),
    )


def _kept(county: str, *without: str) -> dict[str, Any]:
    """Return what of the address leads on: nothing but what these pages read themselves."""
    kept = {name: request.args[name] for name in KEPT if name not in without and request.args.get(name)}
    return kept | {"county": county}


def _counts(compares: Compares) -> dict[str, int]:
    shown = [shown_as(one) for one in compares.rows]
    compared = compares.compared
    return {name: shown.count(name) for name in SHOWS} | {
        "base": sum(one.outcome.role == "base" for one in compares.rows),
        "discrepant": sum(one.discrepant for one in compared),
        "edited": sum(bool(one.edited_by_township or one.edited_by_checker) for one in compared),
        "finding": sum(one.comparison is not None and one.comparison.count("finding") > 0 for one in compared),
    }


def _surveyors(compares: Compares) -> dict[str, str]:
    """Return who visited for the township any household that is shown: account → name."""
    found = {str(one.township.account_id): one.township.name for one in compares.rows if one.township}
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _metres(one: Visited | None, other: Visited | None) -> int | None:
    places = [
        (visit.longitude, visit.latitude)
        for visit in (one, other)
        if visit is not None and visit.longitude is not None and visit.latitude is not None
    ]
    return round(metres_between(*places)) if len(places) == 2 else None  # noqa: PLR2004 - both


def _table(rows: list[Compared], names: dict[str, str]) -> Iterator[list[Any]]:
    words, kinds = Words(language(), text), error_kinds()
    yield [text(heading) for heading in HEADINGS]
    for one in rows:
        outcome, judged, found = one.outcome, one.judged, one.comparison
        deciding = "；".join(words.of_line(line) for line in found.deciding) if found else ""
        correct = judged.correct_fen_per_month if judged else None
        yield [
            outcome.household_code, one.head_name, names.get(outcome.township_code, outcome.township_code),
            names.get(outcome.village_code, outcome.village_code), one.township.name if one.township else "",
            one.county.name if one.county else "",
            "" if found is None else text("不一致") if one.discrepant else text("一致"), deciding,
            found.count("differs") if found else "", found.count("finding") if found else "",
            "；".join(local_time(at) for _, at, _ in one.edited_by_township),
            "；".join(local_time(at) for _, at, _ in one.edited_by_checker),
            text(VERDICTS[judged.verdict]) if judged else "",
            "" if judged is None else text("主管") if judged.source == "supervisor" else text("抽查员"),
            "、".join(text(kinds.get(kind, kind)) for kind in judged.error_kinds) if judged else "",
            "" if correct is None else correct / 100,
            "" if outcome.paid_fen_per_month is None else outcome.paid_fen_per_month / 100,
            one.township.version if one.township else "", one.county.version if one.county else "",
        ]  # fmt: skip


def _rule_sent(key: str) -> Rule:
    tolerance = request.form.get(f"tolerance:{key}", "").strip() or "0"
    if not (tolerance.isascii() and tolerance.isdigit() and len(tolerance) <= len(str(MOST_YUAN))):
        raise Invalid("允许相差的数须为整数", where=key)
    kind = request.form.get(f"kind:{key}", "")
    fits = kind in {"relative", "absolute"}
    return Rule(kind, int(tolerance) if fits else 0, request.form.get(f"decides:{key}", ""))


def _fen(written: str) -> int | None:
    """Return an amount in yuan as fen; None when nothing is written."""
    written = written.strip().replace(",", "")
    if not written:
        return None
    yuan, _, cents = written.partition(".")
    if not (yuan.isascii() and yuan.isdigit() and len(yuan) <= len(str(MOST_YUAN))):
        raise Invalid("应发金额须为元，最多两位小数，例如 350 或 350.50", where="correct")
    if cents and not (cents.isascii() and cents.isdigit() and len(cents) <= len("50")):
        raise Invalid("应发金额须为元，最多两位小数，例如 350 或 350.50", where="correct")
    return int(yuan) * 100 + int(cents.ljust(2, "0") or "0")

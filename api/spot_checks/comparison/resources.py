"""The programming interface of comparisons: households, verdicts, tolerances, rates."""

from typing import Any
from uuid import UUID

from flask_smorest.pagination import PaginationParameters

from api.campaigns.reach import campaign_of_county
from api.campaigns.tables import Campaign
from api.edge import language, text
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.smorest import Blueprint
from api.spot_checks.commit import find_draw
from api.spot_checks.comparison import schemas
from api.spot_checks.comparison.compare import CLASSES
from api.spot_checks.comparison.judge import judge_household
from api.spot_checks.comparison.listing import Wanted, drawn_one, pick
from api.spot_checks.comparison.questions import Rule
from api.spot_checks.comparison.rates import Rates, discrepancy_rates
from api.spot_checks.comparison.reading import Compared, Compares, compare_draw, compare_household
from api.spot_checks.comparison.tables import Verdict
from api.spot_checks.comparison.tolerances import as_rows, declare_tolerances, declared, rules_in_force
from api.spot_checks.comparison.words import Words
from api.spot_checks.tables import Draw

blueprint = Blueprint(
    "spot_check_comparison", __name__, url_prefix="/api/spot-checks", description="两次入户比对 · visits compared"
)

READ, DRAW = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_DRAW


@blueprint.route("/draws/<uuid:draw_id>/comparisons")
@allow(READ, area="rows")
@blueprint.arguments(schemas.ComparisonFilterSchema, location="query")
@blueprint.response(200, schemas.ComparedHouseholdSchema(many=True))
@blueprint.paginate()
def comparison_list(
    wanted: dict[str, Any], draw_id: UUID, pagination_parameters: PaginationParameters
) -> list[dict[str, Any]]:
    """Drawn households with both visits beside each other, the heaviest difference first."""
    draw = find_draw(session_now(), viewer(), draw_id, READ)
    surveyor = wanted.pop("surveyor")
    rows = pick(compare_draw(session_now(), viewer(), draw), Wanted(surveyor=str(surveyor or ""), **wanted))
    pagination_parameters.item_count = len(rows)
    first = pagination_parameters.first_item
    return [in_short(one) for one in rows[first : first + pagination_parameters.page_size]]


@blueprint.route("/draws/<uuid:draw_id>/comparisons/<uuid:household_id>")
@allow(Permission.EVIDENCE_READ, area="rows")
@blueprint.response(200, schemas.ComparedWholeSchema)
def comparison_one(draw_id: UUID, household_id: UUID) -> dict[str, Any]:
    """One household question by question; to its checker too, once his own check is in."""
    _, compares = household_asked(draw_id, household_id)
    [one] = compares.rows
    words = Words(language(), text)
    lines = [
        {
            "key": line.key, "row": line.row, "label": words.label(line.key), "township": line.township,
            "county": line.county, "township_text": words.answer(line.key, line.township),
            "county_text": words.answer(line.key, line.county), "difference": words.difference(line),
            "result": line.result, "decides": line.decides,
        }
        for line in (one.comparison.lines if one.comparison else ())
    ]  # fmt: skip
    return in_short(one) | {"rules_number": compares.number, "lines": lines}


@blueprint.route("/draws/<uuid:draw_id>/comparisons/<uuid:household_id>/verdicts", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.VerdictGivenSchema)
@blueprint.response(201, schemas.VerdictGivenSchema)
def comparison_judge(wanted: dict[str, Any], draw_id: UUID, household_id: UUID) -> Verdict:
    """Give a verdict after reading both visits; it goes before the checker's, older ones stay."""
    draw, compares = household_asked(draw_id, household_id)
    kinds = wanted.pop("error_kinds")
    return judge_household(session_now(), viewer(), draw, compares.rows[0], kinds=kinds, **wanted)


@blueprint.route("/draws/<uuid:draw_id>/discrepancy-rates")
@allow(READ, area="rows")
@blueprint.response(200, schemas.DiscrepancyRatesSchema)
def comparison_rates(draw_id: UUID) -> Rates:
    """How often the county contradicts the visits, per township and per surveyor, with 95 % intervals."""
    draw = find_draw(session_now(), viewer(), draw_id, READ)
    return discrepancy_rates(draw, compare_draw(session_now(), viewer(), draw).compared)


@blueprint.route("/tolerances")
@allow(READ, area="rows")
@blueprint.arguments(schemas.TolerancesQuerySchema, location="query")
@blueprint.response(200, schemas.TolerancesSchema)
def tolerances_one(wanted: dict[str, str]) -> dict[str, Any]:
    """The rules by which a county's visits are compared today."""
    county = wanted["county"]
    viewer().demand(READ, county)
    return _in_force(_campaign(county), county)


@blueprint.route("/tolerances", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.TolerancesSchema)
@blueprint.response(201, schemas.TolerancesSchema)
def tolerances_declare(wanted: dict[str, Any]) -> dict[str, Any]:
    """Change some rules: a new version, the one before stays."""
    county = wanted["county_code"]
    viewer().demand(DRAW, county)
    campaign = _campaign(county)
    changes = {row["key"]: Rule(row["kind"], row["tolerance"], row["decides"]) for row in wanted["rules"]}
    declare_tolerances(session_now(), viewer(), campaign, county, changes=changes, note=wanted["note"])
    return _in_force(campaign, county)


def in_short(one: Compared) -> dict[str, Any]:
    """Return a compared household as programs see it in a list."""
    outcome, found = one.outcome, one.comparison
    return {
        "household_id": outcome.household_id,
        "household_code": outcome.household_code,
        "township_code": outcome.township_code,
        "village_code": outcome.village_code,
        "head_name": one.head_name,
        "discrepant": None if found is None else one.discrepant,
        "deciding": [line.key for line in found.deciding] if found else [],
        "counts": {result: found.count(result) for result in CLASSES} if found else {},
        "township": one.township,
        "county": one.county,
        "edited_by_township": [_version(*edit) for edit in one.edited_by_township],
        "edited_by_checker": [_version(*edit) for edit in one.edited_by_checker],
        "paid_fen_per_month": outcome.paid_fen_per_month,
        "judged": one.judged,
    }


def _version(number: int, received_at: Any, by: str) -> dict[str, Any]:
    return {"number": number, "received_at": received_at, "by": by}


def household_asked(draw_id: UUID, household_id: UUID) -> tuple[Draw, Compares]:
    """Return one household's comparison for whoever is asking.

    Raises
    ------
    NotFound
        There is none that he may see.
    """
    draw = drawn_one(session_now(), draw_id)
    if draw is None:
        raise NotFound("找不到这一户的比对，或者您自己的抽查还没有送达", where="draw_id")
    return draw, compare_household(session_now(), viewer(), draw, household_id)


def _campaign(county: str) -> Campaign:
    campaign = campaign_of_county(session_now(), county)
    if campaign is None:
        raise NotFound("本县还没有专项工作，没有比对规则", where="county")
    return campaign


def _in_force(campaign: Campaign, county: str) -> dict[str, Any]:
    number, rules = rules_in_force(session_now(), county, campaign.id)
    versions = declared(session_now(), county, campaign.id)
    return {
        "county_code": county, "number": number, "note": versions[0].note if versions else "",
        "rules": as_rows(rules),
    }  # fmt: skip

"""The programming interface of field checks."""

from typing import Any

from api.edge import text
from api.evidence.checks.reading import Doubtful, Filters, counts, doubtful
from api.evidence.checks.rules import RULES
from api.evidence.checks.schemas import (
    CheckCountySchema,
    CheckFilterSchema,
    CheckRuleSchema,
    DoubtfulSchema,
    ThresholdChangeSchema,
    ThresholdsSchema,
)
from api.evidence.checks.tables import CheckThresholds
from api.evidence.checks.thresholds import change_thresholds, in_force
from api.evidence.checks.which import campaign_to_manage, check_county
from api.evidence.checks.words import check_row
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint

READ = Permission.EVIDENCE_READ

blueprint = Blueprint(
    "checks", __name__, url_prefix="/api/evidence/checks", description="疑点 · which evidence deserves a second look"
)


@blueprint.route("")
@allow(READ, area="rows")
@blueprint.arguments(CheckFilterSchema, location="query")
@blueprint.response(200, DoubtfulSchema(many=True))
@blueprint.paginate()
def check_list(wanted: dict[str, Any], pagination_parameters: Any) -> list[dict[str, Any]]:
    """Doubtful evidence of a county with its reasons, the most doubts first."""
    county = check_county(wanted.pop("county"))
    rows, total = doubtful(
        session_now(), viewer(), county, Filters(**wanted),
        limit=pagination_parameters.page_size, offset=pagination_parameters.first_item,
    )  # fmt: skip
    pagination_parameters.item_count = total
    return [told(row) for row in rows]


@blueprint.route("/rules")
@allow(READ, area="rows")
@blueprint.arguments(CheckCountySchema, location="query")
@blueprint.response(200, CheckRuleSchema(many=True))
def check_rules(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Every rule: what it sees, its thresholds in force, what else it can mean, and how many pieces it doubts."""
    county = check_county(wanted["county"])
    hits = counts(session_now(), viewer(), county, Filters())
    limits = in_force(session_now(), county).limits
    return [
        {
            "key": rule.key, "name": text(rule.name), "severity": rule.severity, "asks": text(rule.asks),
            "innocent": text(rule.innocent), "hits": hits.get(rule.key, 0),
            "limits": [
                {**vars(limit), "name": text(limit.name), "unit": text(limit.unit), "value": limits[limit.key]}
                for limit in rule.limits
            ],
        }
        for rule in RULES
    ]  # fmt: skip


@blueprint.route("/thresholds", methods=["POST"])
@allow(Permission.CAMPAIGN_MANAGE, area="rows")
@blueprint.arguments(ThresholdChangeSchema)
@blueprint.response(201, ThresholdsSchema)
def threshold_change(wanted: dict[str, Any]) -> CheckThresholds:
    """Decide other thresholds for the campaign of a county; everything is judged again in the background."""
    campaign = campaign_to_manage(wanted["county"])
    return change_thresholds(session_now(), campaign, wanted["limits"], reason=wanted["reason"], by=viewer())


def told(row: Doubtful) -> dict[str, Any]:
    """Return a piece of doubtful evidence as programs see it."""
    one = row.evidence
    return {
        "evidence_id": one.id, "kind": one.kind, "purpose": one.purpose, "household_code": one.household_code,
        "village_code": one.village_code, "collected_at": one.collected_at, "worker": row.worker,
        "checks": [check_row(check) for check in row.checks],
    }  # fmt: skip

"""The programming interface of risk: versions of weights, what others would do, every household's reasons."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from flask_smorest.pagination import PaginationParameters

from api.campaigns.reach import campaign_of_county
from api.campaigns.tables import Campaign
from api.edge import text
from api.people.access import COUNTY_LENGTH
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Conflict, NotFound
from api.registry.tables import Division
from api.smorest import Blueprint
from api.spot_checks.risk import schemas
from api.spot_checks.risk.adopt import adopt_model, model_in_force, version_one, versions_of, weights_in
from api.spot_checks.risk.cuts import suggest_cuts
from api.spot_checks.risk.find import find_row, movers, own_checks, ranked
from api.spot_checks.risk.keep import CountySigns, signs_of_county
from api.spot_checks.risk.model import RiskWeights, weights_of
from api.spot_checks.risk.preview import Preview, preview_model, row_shown
from api.spot_checks.risk.refit import RefitProposal, propose_model
from api.spot_checks.risk.said import CHINA
from api.spot_checks.risk.tables import RiskVersion

blueprint = Blueprint(
    "spot_check_risk", __name__, url_prefix="/api/spot-checks/risk", description="风险评分 · risk scores"
)

READ, DRAW = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_DRAW
MOST_MOVERS: Final = 500


class _Looked(NamedTuple):
    campaign: Campaign
    present: RiskWeights
    signs: CountySigns


@blueprint.route("/models")
@allow(READ, area="rows")
@blueprint.arguments(schemas.RiskCountySchema, location="query")
@blueprint.response(200, schemas.RiskVersionSchema(many=True))
def risk_model_list(query: dict[str, str]) -> list[dict[str, Any]]:
    """Every version that was adopted, the newest first: it holds. Empty while the house's own weights hold."""
    county = query["county_code"]
    campaign = _campaign(county)
    return [_shown(one) for one in versions_of(session_now(), campaign.id, county)]


@blueprint.route("/models/in-force")
@allow(READ, area="rows")
@blueprint.arguments(schemas.RiskCountySchema, location="query")
@blueprint.response(200, schemas.RiskWeightsSchema)
def risk_model_in_force(query: dict[str, str]) -> RiskWeights:
    """The weights that a freezing would use now."""
    return model_in_force(session_now(), _campaign(query["county_code"]).id, query["county_code"])


@blueprint.route("/models", methods=["POST"])
@allow(DRAW, area="rows")
@blueprint.arguments(schemas.RiskAdoptSchema)
@blueprint.response(201, schemas.RiskVersionSchema)
def risk_model_adopt(wanted: dict[str, Any]) -> dict[str, Any]:
    """Put weights in force, or an earlier version again; frames that are frozen keep theirs."""
    county, session = wanted["county_code"], session_now()
    viewer().demand(DRAW, county)
    campaign = _campaign(county)
    present = model_in_force(session, campaign.id, county)
    if "number" in wanted:
        weights = version_one(session, campaign.id, county, wanted["number"])
    else:
        weights = _tried(wanted, present)
    version = adopt_model(
        session, campaign, county, weights, viewer(), note=wanted["note"], expected=wanted.get("expected_number")
    )
    return _shown(version)


@blueprint.route("/preview", methods=["POST"])
@allow(READ, area="rows", writes=False)
@blueprint.arguments(schemas.RiskTrialSchema)
@blueprint.response(200, schemas.RiskPreviewSchema)
def risk_preview(wanted: dict[str, Any]) -> dict[str, Any]:
    """What weights would do: bands, who moves, visits, and cuts that known rules would make; nothing is stored."""
    looked = _looked(wanted["county_code"])
    tried = _tried(wanted, looked.present)
    found = _compared(looked, tried)
    moving = movers(looked.signs, found, hidden=own_checks(session_now(), viewer()))
    return {
        "present": looked.present,
        "tried": tried,
        "signs": found.signs,
        "county": found.county,
        "townships": found.townships,
        "up": found.up,
        "down": found.down,
        "movers": [_household(looked, found, row) for row in moving[:MOST_MOVERS]],
        "workload_before": found.workload_before,
        "workload_after": found.workload_after,
        "suggested_cuts": suggest_cuts(looked.signs, tried),
    }


@blueprint.route("/households")
@allow(READ, area="rows")
@blueprint.arguments(schemas.RiskListSchema, location="query")
@blueprint.response(200, schemas.RiskHouseholdSchema(many=True))
@blueprint.paginate()
def risk_household_list(query: dict[str, str], pagination_parameters: PaginationParameters) -> list[dict[str, Any]]:
    """Households on the roll by score under the weights in force, the highest first, with every reason.

    Those that whoever asks is to check himself, and has not yet, are left out.
    """
    looked = _looked(query["county_code"])
    found = _compared(looked, looked.present)
    rows = ranked(
        looked.signs, found, band=query["band"], area=query["area"], sign=query["sign"], text=query["q"].strip(),
        hidden=own_checks(session_now(), viewer()),
    )  # fmt: skip
    pagination_parameters.item_count = len(rows)
    first, size = pagination_parameters.first_item, pagination_parameters.page_size
    return [_household(looked, found, row) for row in rows[first : first + size]]


@blueprint.route("/households/<string:code>")
@allow(READ, area="rows")
@blueprint.response(200, schemas.RiskHouseholdSchema)
def risk_household_one(code: str) -> dict[str, Any]:
    """Why one household has its score."""
    if not _is_county(code[:COUNTY_LENGTH]):
        raise NotFound("名册上没有家庭 {code}，或不在您的管辖范围内", where="code", code=code)
    looked = _looked(code[:COUNTY_LENGTH])
    row = find_row(looked.signs, code, hidden=own_checks(session_now(), viewer()))
    return _household(looked, _compared(looked, looked.present), row)


@blueprint.route("/refit")
@allow(READ, area="rows")
@blueprint.arguments(schemas.RiskCountySchema, location="query")
@blueprint.response(200, schemas.RiskProposalSchema)
def risk_refit(query: dict[str, str]) -> RefitProposal:
    """The weights that the visits suggest, compared with those in force on households not used for fitting."""
    county = query["county_code"]
    campaign = _campaign(county)
    present = model_in_force(session_now(), campaign.id, county)
    return propose_model(session_now(), county, campaign.id, present)


def _is_county(code: str) -> bool:
    """Tell whether a code is a county in which whoever is asking may read."""
    known = session_now().get(Division, code)
    return known is not None and known.level == "county" and viewer().may(READ, code)


def _campaign(county: str) -> Campaign:
    if not _is_county(county):
        raise NotFound("没有县 {code}，或不在您的管辖范围内", where="county_code", code=county)
    campaign = campaign_of_county(session_now(), county)
    if campaign is None:
        raise Conflict("本县还没有开展中的专项工作，不能评定风险", where="county_code")
    return campaign


def _looked(county: str) -> _Looked:
    campaign, session = _campaign(county), session_now()
    signs = signs_of_county(session, campaign, county, datetime.now(CHINA).date())
    return _Looked(campaign, model_in_force(session, campaign.id, county), signs)


def _compared(looked: _Looked, tried: RiskWeights) -> Preview:
    return preview_model(looked.signs, looked.present, tried, percent=looked.campaign.spot_check_floor_percent)


def _tried(wanted: Mapping[str, Any], present: RiskWeights) -> RiskWeights:
    return weights_of(wanted.get("weights", {}), wanted.get("cuts", present.cuts), base=present)


def _household(looked: _Looked, found: Preview, row: int) -> dict[str, Any]:
    one = row_shown(looked.signs, found, row)
    reasons = [
        {**reason, "text": text(reason["text"]), "details": [text(d["text"], **d["values"]) for d in reason["details"]]}
        for reason in one["reasons"]
    ]
    return one | {"reasons": reasons}


def _shown(version: RiskVersion) -> dict[str, Any]:
    name = session_now().scalar(sa.select(Account.display_name).where(Account.id == version.made_by))
    columns = {name: getattr(version, name) for name in ("campaign_id", "county_code", "note", "made_at", "sha256")}
    weights = weights_in(version)
    return columns | {"number": weights.number, "weights": weights.weights, "cuts": weights.cuts, "made_by": name}

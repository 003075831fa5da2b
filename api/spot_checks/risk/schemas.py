"""What programs see of risk, and what they send."""

import marshmallow as ma

from api.registry.schemas import AREA
from api.smorest import Schema
from api.spot_checks.risk.adopt import LONGEST_NOTE, SHORTEST_NOTE
from api.spot_checks.risk.assess import BAND_ORDER
from api.spot_checks.risk.model import DEFAULT_WEIGHTS, HEAVIEST, HIGHEST_CUT
from api.spot_checks.schemas import COUNTY

CODE = ma.validate.Length(1, 32)
WEIGHTS = ma.fields.Dict(
    keys=ma.fields.String(validate=ma.validate.OneOf(sorted(DEFAULT_WEIGHTS))),
    values=ma.fields.Integer(strict=True, validate=ma.validate.Range(0, HEAVIEST)),
    metadata={"description": "points by sign; what is left out is as in force"},
)
CUTS = ma.fields.List(
    ma.fields.Integer(strict=True, validate=ma.validate.Range(1, HIGHEST_CUT)),
    validate=ma.validate.Length(equal=2),
    metadata={"description": "points from which a household is middle and high; as in force by default"},
)


class RiskCountySchema(Schema):
    """Which county's risk is wanted, in its newest campaign."""

    county_code = ma.fields.String(required=True, validate=COUNTY)


class RiskTrialSchema(RiskCountySchema):
    """Weights and cuts to be tried."""

    weights = WEIGHTS
    cuts = CUTS


class RiskAdoptSchema(RiskTrialSchema):
    """Weights and cuts to be put in force, or the number of a version to be put in force again."""

    number = ma.fields.Integer(
        strict=True, validate=ma.validate.Range(0, 1_000_000),
        metadata={"description": "adopt this version again, 0 the house's own; instead of weights and cuts"},
    )  # fmt: skip
    note = ma.fields.String(
        required=True, validate=ma.validate.Length(SHORTEST_NOTE, LONGEST_NOTE), metadata={"description": "why these"}
    )
    expected_number = ma.fields.Integer(
        strict=True, validate=ma.validate.Range(0, 1_000_000),
        metadata={"description": "the version that was in force when this was decided; refused if it no longer is"},
    )  # fmt: skip


class RiskWeightsSchema(Schema):
    """Weights and cuts."""

    number = ma.fields.Integer(metadata={"description": "of the version; 0 for the house's own, which nobody adopted"})
    weights = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    cuts = ma.fields.List(ma.fields.Integer())
    sha256 = ma.fields.String(metadata={"description": "of weights and cuts; the audit log of a freezing names it"})


class RiskVersionSchema(RiskWeightsSchema):
    """Weights that a person adopted; the newest holds."""

    campaign_id = ma.fields.UUID()
    county_code = ma.fields.String()
    note = ma.fields.String()
    made_by = ma.fields.String(metadata={"description": "name of the person"})
    made_at = ma.fields.AwareDateTime()


class RiskBandsSchema(Schema):
    """Households of a place per band, as it is and as it would be."""

    code = ma.fields.String(metadata={"description": "of the township; empty for the county"})
    size = ma.fields.Integer()
    before = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    after = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())


class RiskWorkloadSchema(Schema):
    """The fewest visits that keep every floor."""

    visits = ma.fields.Integer()
    by_band = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())


class RiskCutsSchema(Schema):
    """Cuts that a rule would make; help, nothing more."""

    rule = ma.fields.String(metadata={"enum": ["quantiles", "dalenius_hodges", "lavallee_hidiroglou"]})
    cuts = ma.fields.List(ma.fields.Integer(), allow_none=True)
    counts = ma.fields.List(ma.fields.Integer(), metadata={"description": "low, middle, high; without the certain"})


class RiskDetailSchema(Schema):
    """What one source says, in the reader's language."""

    indicator = ma.fields.String()
    points = ma.fields.Integer()
    text = ma.fields.String()
    details = ma.fields.List(ma.fields.String())


class RiskHouseholdSchema(Schema):
    """A household with its score and every reason."""

    household_code = ma.fields.String()
    head_name = ma.fields.String()
    village_code = ma.fields.String()
    scheme = ma.fields.String()
    score_before = ma.fields.Integer(metadata={"description": "by the weights in force"})
    band_before = ma.fields.String(metadata={"enum": list(BAND_ORDER)})
    score = ma.fields.Integer(metadata={"description": "by the weights that are tried"})
    band = ma.fields.String(metadata={"enum": list(BAND_ORDER)})
    reasons = ma.fields.List(ma.fields.Nested(RiskDetailSchema), metadata={"description": "by the weights tried"})


class RiskPreviewSchema(Schema):
    """What weights would do; nothing is stored."""

    present = ma.fields.Nested(RiskWeightsSchema)
    tried = ma.fields.Nested(RiskWeightsSchema)
    signs = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Integer(), metadata={"description": "households with each sign"}
    )
    county = ma.fields.Nested(RiskBandsSchema)
    townships = ma.fields.List(ma.fields.Nested(RiskBandsSchema))
    up = ma.fields.Integer(metadata={"description": "households that move to a higher band"})
    down = ma.fields.Integer()
    movers = ma.fields.List(ma.fields.Nested(RiskHouseholdSchema), metadata={"description": "the first 500"})
    workload_before = ma.fields.Nested(RiskWorkloadSchema, allow_none=True)
    workload_after = ma.fields.Nested(RiskWorkloadSchema, allow_none=True)
    suggested_cuts = ma.fields.List(ma.fields.Nested(RiskCutsSchema))


class RiskListSchema(RiskCountySchema):
    """Which households are wanted."""

    band = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *BAND_ORDER]))
    area = ma.fields.String(load_default="", validate=AREA)
    sign = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *sorted(DEFAULT_WEIGHTS)]))
    q = ma.fields.String(
        load_default="", validate=ma.validate.Length(max=64),
        metadata={"description": "beginning of a code or part of a name"},
    )  # fmt: skip


class RiskPerformanceSchema(Schema):
    """How well weights rank households that were not used to find them."""

    auc = ma.fields.Float()
    found_in_top = ma.fields.Float(metadata={"description": "share of all errors in the top 30 % of scores"})
    log_loss = ma.fields.Float()


class RiskSignProposalSchema(Schema):
    """One sign in a proposal."""

    name = ma.fields.String()
    visited = ma.fields.Integer()
    wrong = ma.fields.Integer()
    present = ma.fields.Integer()
    proposed = ma.fields.Integer()
    known = ma.fields.Boolean(metadata={"description": "whether enough visited households have it, and do not"})


class RiskProposalSchema(Schema):
    """Weights that the visits suggest; nothing is adopted by asking."""

    visits = ma.fields.Integer()
    wrong = ma.fields.Integer()
    draws = ma.fields.List(ma.fields.Integer())
    enough = ma.fields.Boolean(metadata={"description": "false: too few visits to say anything"})
    better = ma.fields.Boolean()
    before = ma.fields.Nested(RiskPerformanceSchema, allow_none=True)
    after = ma.fields.Nested(RiskPerformanceSchema, allow_none=True)
    signs = ma.fields.List(ma.fields.Nested(RiskSignProposalSchema))

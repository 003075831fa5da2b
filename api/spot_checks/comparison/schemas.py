"""What programs see of comparisons, and what they send."""

import marshmallow as ma

from api.smorest import Degrees, Schema
from api.spot_checks.comparison.compare import CLASSES
from api.spot_checks.comparison.judge import LONGEST_REASON, MOST_FEN, SHORTEST_REASON
from api.spot_checks.comparison.listing import ORDERS, RESULTS, SHOWS
from api.spot_checks.comparison.questions import DECIDES, KINDS
from api.spot_checks.comparison.tolerances import LONGEST_NOTE, MOST, SHORTEST_NOTE
from api.spot_checks.comparison.verdicts import VERDICTS

COUNTY = ma.validate.Regexp(r"[0-9]{6}\Z")
OR_NOTHING = ("", *VERDICTS)


class ComparisonFilterSchema(Schema):
    """Which households."""

    show = ma.fields.String(load_default="compared", validate=ma.validate.OneOf(sorted(SHOWS)))
    township = ma.fields.String(load_default="", validate=ma.validate.Regexp(r"([0-9]{9})?\Z"))
    surveyor = ma.fields.UUID(load_default=None, metadata={"description": "account that visited for the township"})
    result = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *RESULTS]))
    verdict = ma.fields.String(load_default="", validate=ma.validate.OneOf(OR_NOTHING))
    kind = ma.fields.String(load_default="", validate=ma.validate.Length(max=32), metadata={"description": "of error"})
    text = ma.fields.String(
        load_default="", validate=ma.validate.Length(max=64), metadata={"description": "in code or householder's name"}
    )
    order = ma.fields.String(
        load_default="-weight", validate=ma.validate.OneOf([f"{sign}{name}" for name in ORDERS for sign in ("", "-")])
    )


class ComparedVersionSchema(Schema):
    """One version of a visit as it arrived."""

    number = ma.fields.Integer()
    received_at = ma.fields.AwareDateTime()
    by = ma.fields.String()


class ComparedVisitSchema(Schema):
    """One of the two visits."""

    evidence_id = ma.fields.UUID()
    submission_id = ma.fields.UUID()
    account_id = ma.fields.UUID()
    name = ma.fields.String(metadata={"description": "who visited"})
    received_at = ma.fields.AwareDateTime()
    collected_at = ma.fields.AwareDateTime(allow_none=True)
    longitude = Degrees(allow_none=True)
    latitude = Degrees(allow_none=True)
    accuracy_m = ma.fields.Float(allow_none=True)
    version = ma.fields.Integer(metadata={"description": "that was compared: the newest"})
    others = ma.fields.Integer(metadata={"description": "further visits of the household"})
    later = ma.fields.Integer(metadata={"description": "township's visits that arrived after the check"})


class JudgedSchema(Schema):
    """The verdict that counts."""

    verdict = ma.fields.String(metadata={"enum": [*VERDICTS]})
    error_kinds = ma.fields.List(ma.fields.String())
    correct_fen_per_month = ma.fields.Integer(allow_none=True)
    source = ma.fields.String(metadata={"enum": ["checker", "supervisor"]})
    by = ma.fields.UUID(allow_none=True)
    at = ma.fields.AwareDateTime(allow_none=True)


class ComparedHouseholdSchema(Schema):
    """One household in short."""

    household_id = ma.fields.UUID()
    household_code = ma.fields.String()
    township_code = ma.fields.String()
    village_code = ma.fields.String()
    head_name = ma.fields.String()
    discrepant = ma.fields.Boolean(allow_none=True, metadata={"description": "empty while nothing is compared"})
    deciding = ma.fields.List(ma.fields.String(), metadata={"description": "questions that made it discrepant"})
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    township = ma.fields.Nested(ComparedVisitSchema, allow_none=True)
    county = ma.fields.Nested(ComparedVisitSchema, allow_none=True)
    edited_by_township = ma.fields.List(
        ma.fields.Nested(ComparedVersionSchema), metadata={"description": "edits after the check arrived"}
    )
    edited_by_checker = ma.fields.List(
        ma.fields.Nested(ComparedVersionSchema), metadata={"description": "edits after the checker could see the other"}
    )
    paid_fen_per_month = ma.fields.Integer(allow_none=True)
    judged = ma.fields.Nested(JudgedSchema, allow_none=True)


class ComparedLineSchema(Schema):
    """One question beside the other; answers as evidence has them and in words."""

    key = ma.fields.String()
    row = ma.fields.String(metadata={"description": "which member or property"})
    label = ma.fields.String()
    township = ma.fields.Raw(allow_none=True)
    county = ma.fields.Raw(allow_none=True)
    township_text = ma.fields.String()
    county_text = ma.fields.String()
    difference = ma.fields.String()
    result = ma.fields.String(metadata={"enum": [*CLASSES]})
    decides = ma.fields.Boolean()


class ComparedWholeSchema(ComparedHouseholdSchema):
    """One household question by question."""

    rules_number = ma.fields.Integer(metadata={"description": "version of the tolerances; 0: the house's"})
    lines = ma.fields.List(ma.fields.Nested(ComparedLineSchema))


class VerdictGivenSchema(Schema):
    """A supervisor's verdict."""

    id = ma.fields.UUID(dump_only=True)
    verdict = ma.fields.String(required=True, validate=ma.validate.OneOf([*VERDICTS]))
    error_kinds = ma.fields.List(ma.fields.String(validate=ma.validate.Length(1, 32)), load_default=list)
    correct_fen_per_month = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=ma.validate.Range(0, MOST_FEN)
    )
    reason = ma.fields.String(required=True, validate=ma.validate.Length(SHORTEST_REASON, LONGEST_REASON))
    basis = ma.fields.Dict(dump_only=True, metadata={"description": "which version of each visit was read"})
    at = ma.fields.AwareDateTime(dump_only=True)


class ToleranceRuleSchema(Schema):
    """How one question is compared."""

    key = ma.fields.String(required=True, validate=ma.validate.Length(1, 80))
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf([*KINDS]))
    tolerance = ma.fields.Integer(
        load_default=0, strict=True, validate=ma.validate.Range(0, max(MOST.values())),
        metadata={"description": "whole percent of the county's answer, or whole yuan, people, mu …"},
    )  # fmt: skip
    decides = ma.fields.String(load_default="never", validate=ma.validate.OneOf([*DECIDES]))


class TolerancesSchema(Schema):
    """The rules in force in a county's campaign."""

    county_code = ma.fields.String(required=True, validate=COUNTY)
    number = ma.fields.Integer(dump_only=True)
    note = ma.fields.String(required=True, validate=ma.validate.Length(SHORTEST_NOTE, LONGEST_NOTE))
    rules = ma.fields.List(ma.fields.Nested(ToleranceRuleSchema), required=True, validate=ma.validate.Length(1, 200))


class TolerancesQuerySchema(Schema):
    """Which county."""

    county = ma.fields.String(required=True, validate=COUNTY)


class DiscrepancyRateSchema(Schema):
    """How often the visits of a township or a surveyor are contradicted."""

    label = ma.fields.String(metadata={"description": "township's code, surveyor's account, or empty: the county"})
    seen = ma.fields.Integer()
    discrepant = ma.fields.Integer()
    population = ma.fields.Integer()
    speaks_for = ma.fields.Integer()
    value = ma.fields.Float(allow_none=True, metadata={"description": "empty: too few to say"})
    lower = ma.fields.Float(allow_none=True)
    upper = ma.fields.Float(allow_none=True)
    method = ma.fields.String()


class DiscrepancyRatesSchema(Schema):
    """All rates of a draw."""

    county = ma.fields.Nested(DiscrepancyRateSchema)
    townships = ma.fields.List(ma.fields.Nested(DiscrepancyRateSchema))
    surveyors = ma.fields.List(ma.fields.Nested(DiscrepancyRateSchema))

"""What programs ask of field checks and see of them."""

import math
from typing import Any

import marshmallow as ma

from api.evidence.checks.rules import BY_KEY, SEVERITIES
from api.registry.schemas import AREA
from api.smorest import Schema

COUNTY = ma.validate.Regexp(r"[0-9]{6}\Z")


class CheckCountySchema(Schema):
    """Of which county."""

    county = ma.fields.String(required=True, validate=COUNTY)


class CheckFilterSchema(CheckCountySchema):
    """Which doubtful evidence."""

    rule = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *BY_KEY]))
    severity = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *SEVERITIES]))
    area = ma.fields.String(load_default="", validate=AREA, metadata={"description": "division code; evidence in it"})
    worker = ma.fields.UUID(load_default=None, metadata={"description": "account that made it"})
    household = ma.fields.String(load_default="", validate=ma.validate.Length(max=32))


class FieldCheckSchema(Schema):
    """One rule that a piece does not pass."""

    rule = ma.fields.String()
    name = ma.fields.String()
    severity = ma.fields.String(metadata={"description": "doubt: hardly chance; look: often innocent"})
    reason = ma.fields.String(metadata={"description": "in words and numbers"})
    numbers = ma.fields.Dict(keys=ma.fields.String())
    found_at = ma.fields.DateTime()


class DoubtfulSchema(Schema):
    """A piece of evidence with the checks it does not pass."""

    evidence_id = ma.fields.UUID()
    kind = ma.fields.String()
    purpose = ma.fields.String()
    household_code = ma.fields.String(allow_none=True)
    village_code = ma.fields.String()
    collected_at = ma.fields.DateTime(allow_none=True)
    worker = ma.fields.String()
    checks = ma.fields.List(ma.fields.Nested(FieldCheckSchema))


class CheckLimitSchema(Schema):
    """A threshold of a rule, and what it is now."""

    key = ma.fields.String()
    name = ma.fields.String()
    unit = ma.fields.String()
    value = ma.fields.Float()
    default = ma.fields.Float()
    least = ma.fields.Float()
    most = ma.fields.Float()


class CheckRuleSchema(Schema):
    """A rule: what it sees, what else it can mean, and how many pieces it doubts."""

    key = ma.fields.String()
    name = ma.fields.String()
    severity = ma.fields.String()
    asks = ma.fields.String()
    innocent = ma.fields.String()
    limits = ma.fields.List(ma.fields.Nested(CheckLimitSchema))
    hits = ma.fields.Integer()


class ThresholdChangeSchema(Schema):
    """Other thresholds for the campaign of a county."""

    county = ma.fields.String(required=True, validate=COUNTY)
    limits = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(1, 32)),
        values=ma.fields.Float(allow_nan=False),
        required=True,
        validate=ma.validate.Length(min=1),
    )
    reason = ma.fields.String(required=True, validate=ma.validate.Length(2, 200))

    @ma.validates("limits")
    def _finite(self, limits: dict[str, Any], **_: Any) -> None:
        if not all(math.isfinite(value) for value in limits.values()):
            raise ma.ValidationError("限值须为有限的数字")


class ThresholdsSchema(Schema):
    """One decision about thresholds."""

    number = ma.fields.Integer()
    limits = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Float())
    reason = ma.fields.String()
    decided_at = ma.fields.DateTime()

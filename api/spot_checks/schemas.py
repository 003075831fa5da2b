"""What programs see of spot checks, and what they send."""

import marshmallow as ma

from api.smorest import Degrees, Schema
from api.spot_checks.commit import DEFAULT_RULE
from api.spot_checks.draw import LONGEST_ENTROPY
from api.spot_checks.frame import POPULATIONS
from api.spot_checks.lists import ROLES
from api.spot_checks.numbers import COLUMNS
from api.spot_checks.planning.schemas import PlanOptionsSchema

COUNTY = ma.validate.Regexp(r"^\d{6}$")
AREA = ma.validate.Regexp(r"^(\d{9}|\d{12})$")


class FrameSchema(Schema):
    """A frozen roll."""

    id = ma.fields.UUID(dump_only=True)
    county_code = ma.fields.String(required=True, validate=COUNTY)
    campaign_id = ma.fields.UUID(required=True)
    population = ma.fields.String(load_default="on_roll", validate=ma.validate.OneOf(sorted(POPULATIONS)))
    numbered_by = ma.fields.String(
        load_default="none",
        validate=ma.validate.OneOf(sorted(COLUMNS)),
        metadata={
            "description": "the whole number published with each leaf: persons for Pareto, the others systematic"
        },
    )
    within_draw_id = ma.fields.UUID(
        dump_only=True, allow_none=True, metadata={"description": "of a city's sub-round: the draw it checks"}
    )
    units = ma.fields.Integer(dump_only=True, metadata={"description": "households that can be drawn"})
    frame_sha256 = ma.fields.String(dump_only=True, metadata={"description": "of the public frame.csv"})
    frozen_at = ma.fields.AwareDateTime(dump_only=True)


class PlanRowSchema(Schema):
    """One stratum of a plan."""

    township_code = ma.fields.String()
    scheme = ma.fields.String()
    band = ma.fields.String()
    size = ma.fields.Integer(metadata={"description": "N"})
    floor = ma.fields.Integer(metadata={"description": "the least this stratum itself must give"})
    n = ma.fields.Integer()
    reserve = ma.fields.Integer()
    binds = ma.fields.String(
        metadata={"enum": ["certain", "two", "least", "band", "width", "township", "scheme", "county", ""]}
    )


class TownshipRowSchema(Schema):
    """A whole township in a plan."""

    township_code = ma.fields.String()
    size = ma.fields.Integer()
    floor = ma.fields.Integer(metadata={"description": "ceil(percent · N / 100)"})
    n = ma.fields.Integer()


class PlanSchema(Schema):
    """A plan explained: per stratum and per township."""

    floors = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    plan_sha256 = ma.fields.String()
    totals = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    townships = ma.fields.List(ma.fields.Nested(TownshipRowSchema))
    strata = ma.fields.List(ma.fields.Nested(PlanRowSchema))


class ResultSchema(Schema):
    """What the public dice made of a draw."""

    entropy = ma.fields.String()
    witnesses = ma.fields.String()
    seed_hex = ma.fields.String()
    drawn_at = ma.fields.AwareDateTime()


class PromiseSchema(PlanOptionsSchema):
    """What a draw is committed with: the options of its plan, and its dice."""

    entropy_rule = ma.fields.String(load_default=DEFAULT_RULE, validate=ma.validate.Length(1, 400))
    reason = ma.fields.String(load_default="", validate=ma.validate.Length(max=2000))


class CommitSchema(PromiseSchema):
    """A draw to commit."""

    frame_id = ma.fields.UUID(required=True)


class DrawSchema(Schema):
    """A draw: committed, and perhaps drawn."""

    id = ma.fields.UUID()
    county_code = ma.fields.String()
    campaign_id = ma.fields.UUID()
    frame_id = ma.fields.UUID()
    number = ma.fields.Integer()
    frame_sha256 = ma.fields.String()
    plan_sha256 = ma.fields.String()
    manifest_sha256 = ma.fields.String(metadata={"description": "published before the dice are thrown"})
    entropy_rule = ma.fields.String()
    reason = ma.fields.String()
    committed_at = ma.fields.AwareDateTime()
    result = ma.fields.Nested(ResultSchema, allow_none=True)


class DrawDetailSchema(DrawSchema):
    """A draw with its plan explained."""

    plan = ma.fields.Nested(PlanSchema)


class EntropySchema(Schema):
    """The public dice."""

    entropy = ma.fields.String(required=True, validate=ma.validate.Length(1, LONGEST_ENTROPY))
    witnesses = ma.fields.String(required=True, validate=ma.validate.Length(1, 400))


class ListQuerySchema(Schema):
    """Which part of a list."""

    area = ma.fields.String(validate=AREA, metadata={"description": "code of a township or village"})
    role = ma.fields.String(validate=ma.validate.OneOf(sorted(ROLES)))


class SelectionSchema(Schema):
    """One household on a list."""

    leaf = ma.fields.String()
    household_id = ma.fields.UUID()
    household_code = ma.fields.String()
    head_name = ma.fields.String()
    village_code = ma.fields.String()
    stratum = ma.fields.String()
    role = ma.fields.String(metadata={"enum": sorted(ROLES)})
    position = ma.fields.Integer(metadata={"description": "in ticket order within the stratum, from 1"})
    inclusion_n = ma.fields.Integer()
    inclusion_of = ma.fields.Integer(metadata={"description": "the chance of the base list is n / of, exactly"})
    reasons = ma.fields.List(ma.fields.Dict())
    longitude = Degrees(allow_none=True)
    latitude = Degrees(allow_none=True)


class VerifiedSchema(Schema):
    """What a verification found."""

    same = ma.fields.Boolean()
    difference = ma.fields.String(metadata={"description": "the first thing that differs; empty when nothing does"})


class AssignSchema(Schema):
    """To whom a list is given; all spot checkers of the county by default."""

    accounts = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 64)), validate=ma.validate.Length(max=500)
    )


class AssignedSchema(Schema):
    """What became of a list."""

    by_checker = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    kept = ma.fields.Integer()
    left = ma.fields.List(ma.fields.String())
    open_yet = ma.fields.List(
        ma.fields.String(), metadata={"description": "of a city's sub-round: where the county's checker is still to go"}
    )

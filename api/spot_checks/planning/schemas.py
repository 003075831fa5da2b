"""What programs ask of plans, frames and sub-rounds, and what they see."""

from typing import Any

import marshmallow as ma

from api.smorest import Schema
from api.spot_checks.numbers import COLUMNS
from api.spot_checks.planning.changes import FIELDS, KINDS
from api.spot_checks.planning.options import AIMS, ALLOCATIONS, DESIGNS, MOST_LEAST, MOST_VISITS, WIDEST_POINTS
from sampling.allocation import LEAST_PERCENT

POINTS = ma.validate.Range(0.1, WIDEST_POINTS)


def _whole(low: int, high: int) -> ma.fields.Integer:
    return ma.fields.Integer(validate=ma.validate.Range(low, high))


class PlanQuerySchema(Schema):
    """Everything that may be asked of a plan; what is left out is as the campaign and the law have it."""

    floor_county = _whole(LEAST_PERCENT, 100)
    floor_scheme = _whole(LEAST_PERCENT, 100)
    floor_township = _whole(LEAST_PERCENT, 100)
    band_low = _whole(0, 100)
    band_middle = _whole(0, 100)
    band_high = _whole(0, 100)
    least = _whole(2, MOST_LEAST)
    design = ma.fields.String(validate=ma.validate.OneOf(sorted(DESIGNS)))
    allocation = ma.fields.String(validate=ma.validate.OneOf(sorted(ALLOCATIONS)))
    aim = ma.fields.String(validate=ma.validate.OneOf(sorted(AIMS)))
    total = _whole(1, MOST_VISITS)
    width_county = ma.fields.Float(validate=POINTS, metadata={"description": "wanted half-width, in points"})
    width_township = ma.fields.Float(validate=POINTS, metadata={"description": "the same, of every township"})
    teams = _whole(1, 1_000)
    days = _whole(1, 366)
    per_day = _whole(1, 100)


class PlanOptionsSchema(PlanQuerySchema):
    """The same in an object, whose whole numbers must be whole numbers."""

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[Any]) -> None:
        """Make a whole number strict; an address, which has only text, cannot be."""
        super().on_bind_field(field_name, field_obj)
        if isinstance(field_obj, ma.fields.Integer):
            field_obj.strict = True


class WidthSchema(Schema):
    """What a plan will tell of an error rate."""

    rate = ma.fields.Float(metadata={"description": "expected"})
    half_width = ma.fields.Float(metadata={"description": "expected, of the 95 % interval; 0 where all are visited"})
    says = ma.fields.Boolean(metadata={"description": "false: too few visits to say anything"})


class WorkloadSchema(Schema):
    """What a plan costs on the ground."""

    households = ma.fields.Integer()
    team_days = ma.fields.Integer()
    days = ma.fields.Integer()
    enough = ma.fields.Boolean(metadata={"description": "whether the teams can do it in the days asked for"})
    km = ma.fields.Float(
        metadata={"description": "within villages and from one to the next (1.125 × tree × 1.4), and out and back"}
    )
    way_km = ma.fields.Float(metadata={"description": "of these, from the start of each team-day and back"})
    starts_from = ma.fields.String(
        attribute="starts.whose",
        metadata={"description": "teams' own starts, the county's seat (seat), or the middle; empty without places"},
    )
    placed = ma.fields.Float(metadata={"description": "share of households whose place is known"})


class PreviewSchema(Schema):
    """A plan looked at, nothing stored."""

    plan = ma.fields.Nested("PlanSchema")
    width = ma.fields.Nested(WidthSchema)
    widths = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(WidthSchema))
    workload = ma.fields.Nested(WorkloadSchema)
    smallest = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        metadata={"description": "how the fewest visits come about: law, then what least, band, certain, width add"},
    )


class StudiedSchema(Schema):
    """One design drawn many times, for study."""

    design = ma.fields.String()
    statutory = ma.fields.Boolean(metadata={"description": "false: not publicly recomputable, for comparison only"})
    benefit_error = ma.fields.Float(allow_none=True, metadata={"description": "percent of the known total"})
    persons_error = ma.fields.Float(allow_none=True, metadata={"description": "percent of the known total"})
    spread = ma.fields.Float(allow_none=True, metadata={"description": "Voronoi sum of squares, lower is better"})
    draws = ma.fields.Integer()


class ChangeQuerySchema(Schema):
    """Which changes of the roll since freezing."""

    area = ma.fields.String(validate=ma.validate.Regexp(r"^(\d{9}|\d{12})$"))
    kind = ma.fields.String(validate=ma.validate.OneOf(sorted(KINDS)))


ChangeSchema = Schema.from_dict({
    "kind": ma.fields.String(metadata={"enum": sorted(KINDS)}),
    "household_code": ma.fields.String(),
    "place_code": ma.fields.String(metadata={"description": "the village, as now if there is one, else as then"}),
    **{f"{name}_{when}": (ma.fields.Integer if name in {"persons", "benefit_fen_per_month"} else ma.fields.String)(
        allow_none=True) for name in FIELDS for when in ("then", "now")},
}, name="FrameChangeSchema")  # fmt: skip


class SubroundSchema(Schema):
    """How a city freezes what a county has drawn."""

    numbered_by = ma.fields.String(load_default="none", validate=ma.validate.OneOf(sorted(COLUMNS)))
    townships = ma.fields.List(
        ma.fields.String(validate=ma.validate.Regexp(r"[0-9]{9}\Z")),
        load_default=list,
        validate=ma.validate.Length(max=200),
        metadata={"description": "codes of those to check; all that the county drew in by default"},
    )

"""What programs see of assignments, and what they may ask."""

import marshmallow as ma

from api.collection.assignments.choose import MOST_HOUSEHOLDS
from api.collection.assignments.tables import ACT_KINDS
from api.collection.tables import PURPOSES
from api.registry.schemas import AREA, COUNTY_OR_TOWNSHIP
from api.smorest import Schema

STATES = ("open", "done", "withdrawn")
MOST_WORKERS = 100
WORKERS = ma.validate.Length(1, MOST_WORKERS)
HOUSEHOLDS = ma.validate.Length(1, MOST_HOUSEHOLDS)


class AssignmentFilterSchema(Schema):
    """Which assignments are wanted."""

    area = ma.fields.String(load_default="", validate=AREA, metadata={"description": "division code; those in it"})
    purpose = ma.fields.String(load_default="", validate=ma.validate.OneOf(PURPOSES))
    state = ma.fields.String(load_default="open", validate=ma.validate.OneOf(STATES))
    worker_id = ma.fields.UUID(load_default=None)


class AssignmentSchema(Schema):
    """A household given to a worker."""

    id = ma.fields.UUID()
    campaign_id = ma.fields.UUID()
    household_id = ma.fields.UUID()
    household_code = ma.fields.String()
    village_code = ma.fields.String()
    worker_id = ma.fields.UUID()
    purpose = ma.fields.String(metadata={"enum": list(PURPOSES)})
    assigned_at = ma.fields.AwareDateTime()
    withdrawn_at = ma.fields.AwareDateTime(allow_none=True)
    completed_at = ma.fields.AwareDateTime(allow_none=True)


class GiveSchema(Schema):
    """Households to be given: by their codes, or all on the roll of some villages or townships."""

    codes = ma.fields.List(ma.fields.String(validate=ma.validate.Length(1, 40)), validate=HOUSEHOLDS)
    divisions = ma.fields.List(ma.fields.String(validate=AREA), validate=ma.validate.Length(1, 1000))
    workers = ma.fields.List(ma.fields.UUID(), required=True, validate=WORKERS)
    campaign_id = ma.fields.UUID(
        load_default=None, metadata={"description": "by default the newest campaign that obliges the county"}
    )
    again = ma.fields.Boolean(load_default=False, metadata={"description": "also households visited already"})

    @ma.validates_schema
    def either_codes_or_divisions(self, data: dict[str, object], **_: object) -> None:
        """Ask for one of the two."""
        if ("codes" in data) == ("divisions" in data):
            raise ma.ValidationError("请只给出 codes 或 divisions 其中之一", "codes")


class WithdrawSchema(Schema):
    """Assignments to be taken back."""

    assignments = ma.fields.List(ma.fields.UUID(), required=True, validate=HOUSEHOLDS)


class MoveSchema(WithdrawSchema):
    """Assignments to be given to one or several other workers."""

    workers = ma.fields.List(ma.fields.UUID(), required=True, validate=WORKERS)


class AssignmentActSchema(Schema):
    """One decision about assignments."""

    id = ma.fields.UUID()
    kind = ma.fields.String(metadata={"enum": list(ACT_KINDS)})
    area_code = ma.fields.String(metadata={"description": "the smallest division that holds all its households"})
    at = ma.fields.AwareDateTime()
    by_id = ma.fields.UUID(allow_none=True)
    undone_at = ma.fields.AwareDateTime(allow_none=True)
    begun = ma.fields.Dict(ma.fields.String(), ma.fields.Integer(), metadata={"description": "households by worker"})
    ended = ma.fields.Dict(ma.fields.String(), ma.fields.Integer(), metadata={"description": "households by worker"})


class ActFilterSchema(Schema):
    """Which acts are wanted."""

    area = ma.fields.String(load_default="", validate=AREA)


class DoneSchema(Schema):
    """What became of an order."""

    act = ma.fields.Nested(AssignmentActSchema)
    kept = ma.fields.Integer(metadata={"description": "households that stay with the worker who has them"})
    done = ma.fields.Integer(metadata={"description": "households left alone because they were visited"})
    left = ma.fields.List(
        ma.fields.String(), metadata={"description": "codes of households that none of the workers may have"}
    )


class UndoneSchema(Schema):
    """What became of an undoing."""

    ended = ma.fields.Integer()
    reopened = ma.fields.Integer()
    left = ma.fields.Dict(ma.fields.String(), ma.fields.Integer(), metadata={"description": "why the rest stays"})


class PlaceFilterSchema(Schema):
    """Of which county or township the divisions below are wanted."""

    area = ma.fields.String(required=True, validate=COUNTY_OR_TOWNSHIP)


class PlaceSchema(Schema):
    """The assignments of one division."""

    code = ma.fields.String()
    name = ma.fields.String()
    households = ma.fields.Integer(metadata={"description": "on the roll"})
    visited = ma.fields.Integer()
    given = ma.fields.Integer(metadata={"description": "not visited yet, and given to somebody"})
    free = ma.fields.Integer(metadata={"description": "neither visited nor given"})
    interviewed = ma.fields.Integer(
        metadata={"description": "on the roll, and as many neighbours asked about it as the campaign wants"}
    )
    workers = ma.fields.Integer()

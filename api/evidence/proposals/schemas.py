"""What programs see of proposals, and how they decide them."""

import marshmallow as ma

from api.evidence.proposals.reading import ORDERS
from api.registry.proposals.tables import FIELDS, STATES
from api.registry.schemas import AREA
from api.smorest import Schema

MOST_AT_ONCE = 500


class ProposalFilterSchema(Schema):
    """Which proposals are wanted."""

    state = ma.fields.String(load_default="open", validate=ma.validate.OneOf(STATES))
    area = ma.fields.String(load_default="", validate=AREA, metadata={"description": "division code; those in it"})
    field = ma.fields.String(load_default="", validate=ma.validate.OneOf(FIELDS))
    conflict = ma.fields.Boolean(
        load_default=False, metadata={"description": "only where the roll has changed since the phone saw it"}
    )
    text = ma.fields.String(
        load_default="",
        data_key="q",
        validate=ma.validate.Length(max=64),
        metadata={"description": "part of the householder's name, or the beginning of a household code"},
    )
    order = ma.fields.String(
        load_default="received", validate=ma.validate.OneOf([sign + name for name in ORDERS for sign in ("", "-")])
    )


class MovedMemberSchema(Schema):
    """A person a visit found and the roll does not list."""

    name = ma.fields.String()
    relation = ma.fields.String()


class MembersSchema(Schema):
    """Who would come and go."""

    added = ma.fields.List(ma.fields.Nested(MovedMemberSchema))
    gone = ma.fields.List(ma.fields.String())


class ValuesSchema(Schema):
    """Values by field; only those that would change."""

    place = ma.fields.List(
        ma.fields.Float(allow_none=True),
        allow_none=True,
        metadata={"description": "longitude, latitude, and of a visit the accuracy in metres"},
    )
    phone = ma.fields.String(allow_none=True, metadata={"description": "masked"})
    persons = ma.fields.Integer()
    address = ma.fields.String()
    members = ma.fields.Nested(MembersSchema)


class ProposalSchema(Schema):
    """What one visit would change of one household."""

    id = ma.fields.UUID()
    state = ma.fields.String(metadata={"enum": list(STATES)})
    household_id = ma.fields.UUID()
    household_code = ma.fields.String()
    village_code = ma.fields.String()
    head_name = ma.fields.String()
    account_id = ma.fields.UUID()
    account_name = ma.fields.String()
    submission_id = ma.fields.UUID()
    received_at = ma.fields.AwareDateTime()
    fields_changed = ma.fields.List(ma.fields.String(), attribute="fields", metadata={"description": "in their order"})
    before = ma.fields.Nested(ValuesSchema)
    after = ma.fields.Nested(ValuesSchema)
    distance_m = ma.fields.Float(allow_none=True, metadata={"description": "from the old place to the new one"})
    conflict = ma.fields.Boolean(metadata={"description": "the roll has changed since the phone saw it"})
    taken = ma.fields.List(ma.fields.String(), metadata={"description": "the fields that were accepted"})
    decided_at = ma.fields.AwareDateTime(allow_none=True)
    decided_by_name = ma.fields.String(allow_none=True)
    reason = ma.fields.String()


class DecidedSchema(Schema):
    """One proposal to be decided."""

    id = ma.fields.UUID(required=True)
    taken = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(FIELDS)),
        load_default=None,
        data_key="fields",
        validate=ma.validate.Length(1, len(FIELDS)),
        metadata={"description": "only these of its fields; by default all"},
    )


class ProposalDecisionSchema(Schema):
    """A decision on proposals, all or none of them."""

    accept = ma.fields.Boolean(required=True)
    reason = ma.fields.String(required=True, validate=ma.validate.Length(max=200))
    proposals = ma.fields.List(
        ma.fields.Nested(DecidedSchema), required=True, validate=ma.validate.Length(1, MOST_AT_ONCE)
    )


class DecisionMadeSchema(Schema):
    """How many proposals were decided."""

    decided = ma.fields.Integer()

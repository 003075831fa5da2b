"""What programs ask of reviews and what they see."""

import marshmallow as ma

from api.evidence.checks.rules import BY_KEY
from api.evidence.review.queue import ORDERS
from api.evidence.review.tables import STATES
from api.evidence.review.take import LONGEST_NOTE, MOVES
from api.registry.schemas import AREA
from api.smorest import Schema


class ReviewFilterSchema(Schema):
    """Which submissions."""

    state = ma.fields.String(
        load_default="waiting", validate=ma.validate.OneOf(["", "waiting", *STATES]),
        metadata={"description": "waiting: received or in review"},
    )  # fmt: skip
    area = ma.fields.String(load_default="", validate=AREA, metadata={"description": "division code"})
    form = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))
    worker = ma.fields.UUID(load_default=None, metadata={"description": "the account that sent it"})
    rule = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *BY_KEY]))
    clean = ma.fields.Boolean(load_default=False, metadata={"description": "only what every check passed"})
    order = ma.fields.String(
        load_default="doubt", validate=ma.validate.OneOf(ORDERS),
        metadata={"description": "doubt: most doubts first, of equals the riskiest household; risk: the other way"},
    )  # fmt: skip


class QueuedSchema(Schema):
    """One submission in the queue."""

    id = ma.fields.UUID()
    form_id = ma.fields.String()
    purpose = ma.fields.String()
    household_code = ma.fields.String(allow_none=True)
    head_name = ma.fields.String(allow_none=True)
    village_code = ma.fields.String()
    received_at = ma.fields.DateTime()
    worker = ma.fields.String()
    state = ma.fields.String()
    steps = ma.fields.Integer()
    doubts = ma.fields.Integer(metadata={"description": "checks not passed that chance hardly explains"})
    looks = ma.fields.Integer(metadata={"description": "checks not passed that are often innocent"})
    risk = ma.fields.Integer(
        metadata={"description": "0 low, 1 middle, 2 high, 3 visited for certain; -1 unknown, or not told to you"}
    )


class StepSchema(Schema):
    """A step to take."""

    step = ma.fields.String(required=True, validate=ma.validate.OneOf(list(MOVES)))
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=LONGEST_NOTE))
    steps_seen = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=ma.validate.Range(0, 1_000_000),
        metadata={"description": "how many steps whoever decides has read; 409 when there are others"},
    )  # fmt: skip


class ReviewSchema(Schema):
    """Where a review stands."""

    state = ma.fields.String()
    steps = ma.fields.Integer()
    changed_at = ma.fields.DateTime()


class ReturnedSchema(Schema):
    """One's own submission that was returned."""

    id = ma.fields.UUID()
    household_code = ma.fields.String(allow_none=True)
    head_name = ma.fields.String(allow_none=True)
    form_id = ma.fields.String()
    note = ma.fields.String(metadata={"description": "why"})
    taken_at = ma.fields.DateTime()


class BulkSchema(Schema):
    """Accept what every check passed."""

    ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(1, 500))
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=LONGEST_NOTE))


class BulkDoneSchema(Schema):
    """How many were accepted, and how many were not, since something had changed."""

    accepted = ma.fields.Integer()
    left = ma.fields.Integer()
    batch_id = ma.fields.UUID(metadata={"description": "takes them back together"})


class BulkAllSchema(Schema):
    """Accept everything that every check passed."""

    area = ma.fields.String(load_default="", validate=AREA, metadata={"description": "of one county or less"})
    form = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))
    worker = ma.fields.UUID(load_default=None, allow_none=True)
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=LONGEST_NOTE))


class BatchUndoSchema(Schema):
    """Take a batch back."""

    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=LONGEST_NOTE))


class BatchUndoneSchema(Schema):
    """How many were opened again, and how many are being opened in the background."""

    reopened = ma.fields.Integer()
    left = ma.fields.Integer()

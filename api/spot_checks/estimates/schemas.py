"""What programs are told of the estimates."""

import marshmallow as ma

from api.smorest import Schema
from api.spot_checks.schemas import AREA


class EstimatesQuerySchema(Schema):
    """Which part of a draw."""

    area = ma.fields.String(
        load_default="",
        validate=ma.validate.And(AREA, ma.validate.Length(equal=9)),
        metadata={"description": "a township"},
    )


class FigureSchema(Schema):
    """One estimate: a range, or the reason why there is none."""

    measure = ma.fields.String()
    unit = ma.fields.String(metadata={"enum": ["share", "fen"], "description": "share: 0 to 1"})
    value = ma.fields.Float(allow_none=True, metadata={"description": "null where too little was seen"})
    lower = ma.fields.Float(allow_none=True)
    upper = ma.fields.Float(allow_none=True, metadata={"description": "null where there is no upper end"})
    standard_error = ma.fields.Float(allow_none=True)
    confidence = ma.fields.Float()
    interval = ma.fields.String(metadata={"description": "how the range was made"})
    method = ma.fields.String(metadata={"description": "estimator and design"})
    n = ma.fields.Integer(metadata={"description": "households it was made from"})
    size = ma.fields.Integer(metadata={"description": "N, households it speaks for"})
    found = ma.fields.Integer(allow_none=True, metadata={"description": "households with the mark or an amount"})
    widest = ma.fields.List(
        ma.fields.Float(),
        allow_none=True,
        metadata={"description": "the range if all that could not be judged were right, or wrong"},
    )
    reason = ma.fields.String(metadata={"description": "why there is no number; empty where there is one"})
    note = ma.fields.String()


class EstimatedPartSchema(Schema):
    """The estimates of one part of the roll."""

    code = ma.fields.String(metadata={"description": "township, township|scheme, or band; empty for the county"})
    size = ma.fields.Integer()
    drawn = ma.fields.Integer()
    judged = ma.fields.Integer()
    figures = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(FigureSchema))


class EstimatedResponseSchema(Schema):
    """What became of a township's list."""

    township_code = ma.fields.String()
    size = ma.fields.Integer()
    drawn = ma.fields.Integer()
    completed = ma.fields.Integer()
    gone = ma.fields.Integer()
    unreached = ma.fields.Integer()
    refused = ma.fields.Integer()
    waiting = ma.fields.Integer()
    reserves = ma.fields.Integer()
    unsure = ma.fields.Integer(metadata={"description": "visited, but no verdict could be given"})


class EstimatedGainSchema(Schema):
    """One estimate made with the townships' visits, beside the plain one."""

    plain = ma.fields.Nested(FigureSchema)
    sharper = ma.fields.Nested(FigureSchema)
    gain = ma.fields.Float(allow_none=True, metadata={"description": "by how much the variance is smaller, a share"})


class MoreVisitsSchema(Schema):
    """Half of the range of the rate of wrongly included: now, and with 10, 20, 50 % more visits."""

    code = ma.fields.String()
    visits = ma.fields.List(ma.fields.Integer())
    half_width = ma.fields.List(ma.fields.Float())


class EstimatesSchema(Schema):
    """All estimates of a draw, or of one township of it."""

    draw_id = ma.fields.UUID()
    number = ma.fields.Integer()
    county_code = ma.fields.String()
    area = ma.fields.String()
    frozen_at = ma.fields.AwareDateTime()
    drawn_at = ma.fields.AwareDateTime()
    first_at = ma.fields.AwareDateTime(
        allow_none=True, metadata={"description": "the first check that decides arrived"}
    )
    last_at = ma.fields.AwareDateTime(allow_none=True)
    paid_fen_per_month = ma.fields.Integer(allow_none=True)
    waiting = ma.fields.Integer(metadata={"description": "households of the list to which nobody has gone yet"})
    in_order = ma.fields.Boolean(metadata={"description": "those visited are the first by ticket: a random part"})
    whole = ma.fields.Nested(EstimatedPartSchema)
    covered = ma.fields.Nested(EstimatedPartSchema, allow_none=True, metadata={"description": "without `silent`"})
    silent = ma.fields.List(ma.fields.String(), metadata={"description": "townships visited too little"})
    townships = ma.fields.List(ma.fields.Nested(EstimatedPartSchema))
    cells = ma.fields.List(ma.fields.Nested(EstimatedPartSchema))
    bands = ma.fields.List(ma.fields.Nested(EstimatedPartSchema))
    attempts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(FigureSchema))
    responses = ma.fields.List(ma.fields.Nested(EstimatedResponseSchema))
    gains = ma.fields.List(ma.fields.Nested(EstimatedGainSchema))
    no_gain = ma.fields.String(metadata={"description": "why the townships' visits were not used"})
    more = ma.fields.List(ma.fields.Nested(MoreVisitsSchema))
    notes = ma.fields.List(ma.fields.String(), metadata={"description": "how the numbers were made"})

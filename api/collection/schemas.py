"""What programs see of collection."""

import marshmallow as ma

from api.smorest import Schema


class KeptFileSchema(Schema):
    """One file of a refused posting."""

    name = ma.fields.String()
    bytes = ma.fields.Integer()
    sha256 = ma.fields.String()
    media_type = ma.fields.String(metadata={"description": "by its first bytes, whatever the phone said"})


class QuarantinedSchema(Schema):
    """A posting that was refused and kept for an operator."""

    id = ma.fields.UUID()
    area_code = ma.fields.String()
    account_id = ma.fields.UUID()
    token_id = ma.fields.UUID()
    reason = ma.fields.String()
    message = ma.fields.String()
    advice = ma.fields.String(metadata={"description": "what an operator can do about it"})
    files = ma.fields.List(ma.fields.Nested(KeptFileSchema))
    bytes = ma.fields.Integer()
    times = ma.fields.Integer(metadata={"description": "how often the phone has tried"})
    first_at = ma.fields.AwareDateTime()
    last_at = ma.fields.AwareDateTime()
    state = ma.fields.String()


class QuarantineFilterSchema(Schema):
    """Which refused postings."""

    state = ma.fields.String(
        load_default="open", validate=ma.validate.OneOf(["open", "released", "discarded"])
    )  # fmt: skip

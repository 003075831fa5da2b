"""What programs see and send of the publication of draws."""

import marshmallow as ma
from flask_smorest.fields import Upload

from api.smorest import Schema
from api.spot_checks.publication.approve import LONGEST_NOTE, STATES
from api.spot_checks.publication.proof import LONGEST_CODE
from api.spot_checks.publication.sources import KINDS


class DrawDecisionSchema(Schema):
    """What the level above says of a second draw."""

    approved = ma.fields.Boolean(required=True, truthy={True}, falsy={False})
    note = ma.fields.String(
        load_default="", validate=ma.validate.Length(max=LONGEST_NOTE), metadata={"description": "public for ever"}
    )
    office = ma.fields.String(dump_only=True)
    decided_at = ma.fields.AwareDateTime(dump_only=True)


class DrawStandingSchema(Schema):
    """Where a draw stands with the level above."""

    state = ma.fields.String(metadata={"enum": sorted(STATES)})
    decision = ma.fields.Nested(DrawDecisionSchema, allow_none=True)


class WaitingDrawSchema(Schema):
    """A second draw that waits to be approved."""

    id = ma.fields.UUID()
    county_code = ma.fields.String()
    campaign_id = ma.fields.UUID()
    number = ma.fields.Integer()
    manifest_sha256 = ma.fields.String()
    reason = ma.fields.String()
    committed_at = ma.fields.AwareDateTime()


class PromiseLinkSchema(Schema):
    """One draw in the county's chain of promises."""

    number = ma.fields.Integer()
    manifest_sha256 = ma.fields.String()
    committed_at = ma.fields.AwareDateTime()
    drawn_at = ma.fields.AwareDateTime(allow_none=True)
    reason = ma.fields.String()
    standing = ma.fields.Nested(DrawStandingSchema)


class DrawPublicationSchema(Schema):
    """What may be said of a draw to anybody."""

    address = ma.fields.String(metadata={"description": "of its public page, as in its QR code"})
    published = ma.fields.Boolean(metadata={"description": "whether that page is open"})
    office = ma.fields.String()
    standing = ma.fields.Nested(DrawStandingSchema)
    witnesses = ma.fields.List(ma.fields.String())
    photos = ma.fields.List(ma.fields.String(), metadata={"description": "SHA-256 of each photo"})
    files = ma.fields.List(ma.fields.String())
    chain = ma.fields.List(ma.fields.Nested(PromiseLinkSchema))


class LeafQuerySchema(Schema):
    """Whose leaf is to be opened."""

    household_code = ma.fields.String(required=True, validate=ma.validate.Length(1, LONGEST_CODE))


class LeafProofSchema(Schema):
    """A household's leaf opened: anybody recomputes leaf = SHA-256(salt ‖ utf8(code))."""

    household_code = ma.fields.String()
    salt = ma.fields.String(metadata={"description": "16 bytes as 32 hexadecimal digits"})
    leaf = ma.fields.String()
    stratum = ma.fields.String()
    role = ma.fields.String(metadata={"description": "base, reserve, or empty when not drawn"})
    position = ma.fields.Integer()


class EntropyChoiceSchema(Schema):
    """How the public chance is to be made."""

    source = ma.fields.String(load_default="dice", validate=ma.validate.OneOf(sorted(KINDS)))
    dice = ma.fields.Integer(load_default=20, validate=ma.validate.Range(0, 10_000))
    at = ma.fields.AwareDateTime(metadata={"description": "the first drand round then or later"})
    lottery = ma.fields.String(load_default="", validate=ma.validate.Length(max=32))
    issue = ma.fields.String(load_default="", validate=ma.validate.Length(max=40))


class EntropySourceSchema(Schema):
    """One source of a rule."""

    text = ma.fields.String()
    available_at = ma.fields.AwareDateTime(allow_none=True, metadata={"description": "where it can be known"})


class EntropyRuleSchema(Schema):
    """A rule as a manifest holds it, with when its sources will be there."""

    entropy_rule = ma.fields.String()
    sources = ma.fields.List(ma.fields.Nested(EntropySourceSchema))


class DrawPhotoFileSchema(Schema):
    """A photo of the dice or of the signed minutes: JPEG, PNG or HEIC."""

    photo = Upload(required=True)


class DrawPhotoSchema(Schema):
    """A photo of a draw as it is kept."""

    sha256 = ma.fields.String()
    size = ma.fields.Integer()
    media_type = ma.fields.String()
    added_at = ma.fields.AwareDateTime()

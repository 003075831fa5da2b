"""What programs see of people."""

import marshmallow as ma

from api.people.roles import Role
from api.people.tables import TOKEN_KINDS
from api.smorest import Schema


class GrantSchema(Schema):
    """A role in an area."""

    role = ma.fields.Enum(Role, by_value=True)
    area_code = ma.fields.String()


class MeSchema(Schema):
    """Whoever is asking."""

    name = ma.fields.String()
    display_name = ma.fields.String()
    language = ma.fields.String()
    grants = ma.fields.List(ma.fields.Nested(GrantSchema))
    permissions = ma.fields.List(ma.fields.String())


class TokenSchema(Schema):
    """A token of one's own; its text is shown only in the answer that makes it."""

    id = ma.fields.UUID(dump_only=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(TOKEN_KINDS))
    label = ma.fields.String(required=True, validate=ma.validate.Length(1, 120))
    token = ma.fields.String(dump_only=True)
    created_at = ma.fields.AwareDateTime(dump_only=True)
    expires_at = ma.fields.AwareDateTime(dump_only=True, allow_none=True)
    revoked_at = ma.fields.AwareDateTime(dump_only=True, allow_none=True)

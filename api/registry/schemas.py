"""What programs see of the registry."""

import marshmallow as ma

from api.smorest import Schema


class DivisionSchema(Schema):
    """An administrative division."""

    code = ma.fields.String()
    level = ma.fields.String()
    name = ma.fields.String()
    parent_code = ma.fields.String(allow_none=True)

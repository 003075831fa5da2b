"""What programs see of the registry."""

import marshmallow as ma
from flask_smorest.fields import Upload

from api.registry.reading import ORDERS
from api.registry.tables import SCHEMES
from api.registry.unmask import FIELDS, LONGEST_REASON
from api.smorest import Degrees, Schema

AREA = ma.validate.Regexp(r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})\Z")
COUNTY_OR_TOWNSHIP = ma.validate.Regexp(r"^(\d{6}|\d{9})\Z")
FORMATS = ("xlsx", "csv")


class DivisionSchema(Schema):
    """An administrative division."""

    code = ma.fields.String()
    level = ma.fields.String()
    name = ma.fields.String()
    parent_code = ma.fields.String(allow_none=True)


class HouseholdFilterSchema(Schema):
    """Which households are wanted."""

    area = ma.fields.String(load_default="", validate=AREA, metadata={"description": "division code; those in it"})
    scheme = ma.fields.String(load_default="", validate=ma.validate.OneOf(SCHEMES))
    on_roll = ma.fields.Boolean(load_default=None)
    registered_poor = ma.fields.Boolean(load_default=None)
    q = ma.fields.String(
        load_default="",
        validate=ma.validate.Length(max=64),
        metadata={"description": "part of the householder's name, or the beginning of a household code"},
    )
    order = ma.fields.String(
        load_default="code", validate=ma.validate.OneOf([sign + name for name in ORDERS for sign in ("", "-")])
    )


class HouseholdSchema(Schema):
    """A household as lists show it."""

    id = ma.fields.UUID()
    code = ma.fields.String()
    county_code = ma.fields.String()
    township_code = ma.fields.String()
    village_code = ma.fields.String()
    scheme = ma.fields.String(metadata={"enum": list(SCHEMES)})
    on_roll = ma.fields.Boolean()
    registered_poor = ma.fields.Boolean()
    head_name = ma.fields.String()
    persons = ma.fields.Integer()
    benefit_fen_per_month = ma.fields.Integer()
    benefit_since = ma.fields.Date(allow_none=True)
    updated_at = ma.fields.AwareDateTime()


class MemberSchema(Schema):
    """One person of a household; the number masked."""

    position = ma.fields.Integer()
    name = ma.fields.String()
    relation = ma.fields.String()
    identity_masked = ma.fields.String(allow_none=True)
    birth_year = ma.fields.Integer(allow_none=True)
    sex = ma.fields.String(allow_none=True)
    health = ma.fields.String()
    work = ma.fields.String()
    receives = ma.fields.Boolean()


class HouseholdDetailSchema(HouseholdSchema):
    """One household with its members; numbers masked."""

    head_identity_masked = ma.fields.String(allow_none=True)
    phone_masked = ma.fields.String(allow_none=True)
    bank_card_masked = ma.fields.String(allow_none=True)
    address = ma.fields.String()
    income_fen_per_person_year = ma.fields.Integer(allow_none=True)
    longitude = Degrees(allow_none=True)
    latitude = Degrees(allow_none=True)
    members = ma.fields.List(ma.fields.Nested(MemberSchema))


class UnmaskSchema(Schema):
    """Which numbers are wanted, and why."""

    fields_wanted = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(FIELDS)),
        data_key="fields",
        required=True,
        validate=ma.validate.Length(1, len(FIELDS)),
    )
    reason = ma.fields.String(required=True, validate=ma.validate.Length(max=LONGEST_REASON))


class UnmaskedSchema(Schema):
    """Full numbers of one household."""

    identity = ma.fields.String(allow_none=True)
    phone = ma.fields.String(allow_none=True)
    bank_card = ma.fields.String(allow_none=True)
    members = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(allow_none=True))


class ImportFormSchema(Schema):
    """What is to be done with an uploaded roll."""

    area_code = ma.fields.String(
        required=True,
        validate=COUNTY_OR_TOWNSHIP,
        metadata={"description": "county or township whose whole roll the file is"},
    )
    dry_run = ma.fields.Boolean(load_default=False)


class ImportFileSchema(Schema):
    """The roll as XLSX, XLS or CSV."""

    file = Upload(required=True)


class RollImportSchema(Schema):
    """An import of the roll: how far it is, or how it ended."""

    id = ma.fields.UUID()
    area_code = ma.fields.String()
    file_name = ma.fields.String()
    file_sha256 = ma.fields.String()
    dry_run = ma.fields.Boolean()
    state = ma.fields.String(metadata={"enum": ["waiting", "staging", "refused", "ready", "applied", "failed"]})
    rows = ma.fields.Integer()
    households = ma.fields.Integer()
    errors = ma.fields.Integer()
    added = ma.fields.Integer()
    changed = ma.fields.Integer()
    unchanged = ma.fields.Integer()
    removed = ma.fields.Integer()
    message = ma.fields.String()
    job_id = ma.fields.UUID(allow_none=True)
    created_at = ma.fields.AwareDateTime()
    finished_at = ma.fields.AwareDateTime(allow_none=True)


class RollImportErrorSchema(Schema):
    """One thing wrong with an uploaded roll."""

    row_number = ma.fields.Integer()
    heading = ma.fields.String()
    shown = ma.fields.String()
    message = ma.fields.String()


class ExportFilterSchema(Schema):
    """Which households are wanted."""

    area = ma.fields.String(load_default="", validate=AREA)
    scheme = ma.fields.String(load_default="", validate=ma.validate.OneOf(SCHEMES))


class FullExportSchema(ExportFilterSchema):
    """A roll with full numbers, and why it is wanted."""

    format = ma.fields.String(required=True, validate=ma.validate.OneOf(FORMATS))
    reason = ma.fields.String(required=True, validate=ma.validate.Length(max=LONGEST_REASON))

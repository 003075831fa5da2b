"""What programs say and see of exports."""

import marshmallow as ma

from api.collection.tables import PURPOSES
from api.evidence.export.wanted import FORMATS, LANGUAGES, SPELLINGS, STATES
from api.evidence.schemas import year_in_reach
from api.registry.unmask import LONGEST_REASON
from api.smorest import Schema

AREA = r"(?:[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})\Z"


class WantedSchema(Schema):
    """Which submissions, and how they are to be spelt; what is left out is not narrowed."""

    form_id = ma.fields.String(required=True, validate=ma.validate.Length(1, 64))
    format = ma.fields.String(
        load_default="csv",
        validate=ma.validate.OneOf(FORMATS),
        metadata={"description": "csv is a zip of several where the form has repeats; media is csv with all files"},
    )
    area = ma.fields.String(validate=ma.validate.Regexp(AREA), metadata={"description": "prefix of a division code"})
    since = ma.fields.Date(validate=year_in_reach, metadata={"description": "first day of arrival, county time"})
    until = ma.fields.Date(validate=year_in_reach, metadata={"description": "last day of arrival"})
    purpose = ma.fields.String(validate=ma.validate.OneOf(PURPOSES))
    state = ma.fields.String(validate=ma.validate.OneOf(STATES))
    language = ma.fields.String(load_default="zh", validate=ma.validate.OneOf(LANGUAGES))
    headings = ma.fields.String(load_default="label", validate=ma.validate.OneOf(SPELLINGS))
    answers = ma.fields.String(load_default="label", validate=ma.validate.OneOf(SPELLINGS))
    split = ma.fields.Boolean(
        load_default=False, metadata={"description": "a column for each choice of a question with several"}
    )
    repeats = ma.fields.Boolean(load_default=True, metadata={"description": "with the rows of repeats"})
    mark = ma.fields.Boolean(
        load_default=True, metadata={"description": "CSV with the mark by which Excel knows UTF-8"}
    )
    unmasked = ma.fields.Boolean(
        load_default=False, metadata={"description": "numbers of persons whole; needs the permission and a reason"}
    )
    reason = ma.fields.String(
        load_default="", validate=ma.validate.Length(max=LONGEST_REASON), metadata={"description": "for the audit log"}
    )


class ExportSchema(Schema):
    """One export."""

    id = ma.fields.UUID()
    form_id = ma.fields.String()
    title = ma.fields.String()
    state = ma.fields.String(metadata={"enum": ["waiting", "running", "ready", "failed"]})
    done = ma.fields.Integer(metadata={"description": "of total; submissions, and once more for their files"})
    total = ma.fields.Integer()
    message = ma.fields.String()
    rows = ma.fields.Integer(metadata={"description": "submissions in the file"})
    files = ma.fields.Integer()
    missing = ma.fields.Integer(metadata={"description": "submissions and files whose bytes were not to be found"})
    bytes = ma.fields.Integer()
    fingerprint = ma.fields.String(metadata={"description": "the file's ETag; the same data gives the same"})
    wanted = ma.fields.Dict()
    created_at = ma.fields.AwareDateTime()
    finished_at = ma.fields.AwareDateTime(allow_none=True)
    expires_at = ma.fields.AwareDateTime(allow_none=True)
    file = ma.fields.String(allow_none=True, metadata={"description": "where the file is, once it is ready"})

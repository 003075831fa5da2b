"""What programs send and see of drafts of forms."""

import marshmallow as ma
from flask_smorest.fields import Upload

from api.collection.form_versions.schemas import MediaSchema
from api.smorest import Schema


class DraftCountySchema(Schema):
    """Whose own the form is to be."""

    county_code = ma.fields.String(required=True, validate=ma.validate.Regexp(r"[0-9]{6}\Z"))


class DraftFileSchema(Schema):
    """An XLSForm (XLSX, XLS, CSV, MD, TOML) or an XForm (XML)."""

    file = Upload(required=True)


class MediaFileSchema(Schema):
    """A picture, sound, film or list that the form needs on the phone."""

    file = Upload(required=True)


class FindingSchema(Schema):
    """What is wrong or doubtful, in place."""

    level = ma.fields.String(metadata={"enum": ["error", "warning"]})
    message = ma.fields.String(metadata={"description": "what is wrong and what to do"})
    sheet = ma.fields.String()
    row = ma.fields.Integer(metadata={"description": "as Excel counts; 0: no one row"})
    question = ma.fields.String()
    cells = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    said = ma.fields.String(metadata={"description": "the compiler's own words"})


class DraftSchema(Schema):
    """A form that is uploaded and not yet published."""

    id = ma.fields.UUID()
    county_code = ma.fields.String()
    file_name = ma.fields.String()
    file_type = ma.fields.String()
    state = ma.fields.String(metadata={"enum": ["broken", "ready", "published", "discarded"]})
    check_state = ma.fields.String(
        metadata={
            "enum": ["none", "waiting", "passed", "refused", "missing"],
            "description": "ODK Validate's word; missing where there is no Java",
        }
    )
    check_said = ma.fields.String()
    form_id = ma.fields.String(metadata={"description": "of the last content that compiled, as version and title"})
    version = ma.fields.String()
    title = ma.fields.String()
    findings = ma.fields.List(ma.fields.Nested(FindingSchema))
    files_missing = ma.fields.List(ma.fields.String())
    media = ma.fields.List(ma.fields.Nested(MediaSchema))
    trials = ma.fields.Integer(metadata={"description": "records sent to try it"})
    created_at = ma.fields.AwareDateTime()
    uploaded_at = ma.fields.AwareDateTime()
    form_version_id = ma.fields.UUID(allow_none=True, metadata={"description": "what it became"})


class PublishSchema(Schema):
    """How a draft is to be published."""

    for_roles = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 32)), load_default=list, validate=ma.validate.Length(max=20),
        metadata={"description": "whose phones get it; empty: every field worker's"},
    )  # fmt: skip
    campaign_id = ma.fields.UUID(load_default=None, allow_none=True)
    without_files = ma.fields.Boolean(
        load_default=False, metadata={"description": "although files it names have not been uploaded"}
    )


class TesterSchema(Schema):
    """Whose phone is to try the draft."""

    account_id = ma.fields.UUID(load_default=None, allow_none=True, metadata={"description": "empty: one's own"})


class DraftKeySchema(Schema):
    """A key with which one phone tries the draft."""

    id = ma.fields.UUID()
    account_name = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    expires_at = ma.fields.AwareDateTime(allow_none=True)


class IssuedKeySchema(DraftKeySchema):
    """A key that was just made; its secret is shown in this answer only."""

    address = ma.fields.String(metadata={"description": "server address for ODK Collect"})
    settings = ma.fields.String(metadata={"description": "what ODK Collect's settings code says"})


class TrialFileSchema(Schema):
    """One file of a trial record."""

    name = ma.fields.String()
    sha256 = ma.fields.String()
    bytes = ma.fields.Integer()
    media_type = ma.fields.String()


class TrialFieldSchema(Schema):
    """One answer under its evidence role."""

    role = ma.fields.String()
    answer = ma.fields.String()


class TrialProblemSchema(Schema):
    """One answer that cannot be understood."""

    path = ma.fields.String()
    why = ma.fields.String()


class TrialSchema(Schema):
    """A record sent to try the draft, and what it would show; it never becomes evidence."""

    id = ma.fields.UUID()
    instance_id = ma.fields.String()
    form_version = ma.fields.String()
    account_name = ma.fields.String()
    device_id = ma.fields.String()
    received_at = ma.fields.AwareDateTime()
    files = ma.fields.List(ma.fields.Nested(TrialFileSchema))
    would_show = ma.fields.List(ma.fields.Nested(TrialFieldSchema))
    problems = ma.fields.List(ma.fields.Nested(TrialProblemSchema))
    files_missing = ma.fields.List(ma.fields.String())

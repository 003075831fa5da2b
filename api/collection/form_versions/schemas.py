"""What programs see of published forms."""

import marshmallow as ma

from api.smorest import Schema


class MediaSchema(Schema):
    """A file that goes to phones with a form."""

    name = ma.fields.String()
    sha256 = ma.fields.String()
    md5 = ma.fields.String(metadata={"description": "what a manifest says"})
    bytes = ma.fields.Integer()
    media_type = ma.fields.String()


class FormSchema(Schema):
    """One published version of a form."""

    id = ma.fields.UUID()
    form_id = ma.fields.String()
    version = ma.fields.String()
    title = ma.fields.String()
    area_code = ma.fields.String(metadata={"description": "the county whose own it is; empty: the house's"})
    state = ma.fields.String(metadata={"enum": ["published", "superseded", "closed"]})
    evidence_kind = ma.fields.String()
    for_roles = ma.fields.List(ma.fields.String(), metadata={"description": "empty: every field worker's phone"})
    campaign_id = ma.fields.UUID(allow_none=True)
    campaigns = ma.fields.List(ma.fields.String(), metadata={"description": "names of those that it is in use in"})
    hash = ma.fields.String(metadata={"description": "as the form list says it"})
    xform_sha256 = ma.fields.String()
    source_name = ma.fields.String()
    published_by = ma.fields.String(metadata={"description": "empty: from the command line"})
    published_at = ma.fields.AwareDateTime()
    submissions = ma.fields.Integer(metadata={"description": "records that count, in one's own area"})
    media = ma.fields.List(ma.fields.Nested(MediaSchema))
    files_missing = ma.fields.List(
        ma.fields.String(), metadata={"description": "files that the form names and nothing here has"}
    )


class ChoiceSchema(Schema):
    """One answer of a select question."""

    name = ma.fields.String()
    label = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())


class QuestionSchema(Schema):
    """One question of a form."""

    name = ma.fields.String()
    path = ma.fields.String()
    type = ma.fields.String()
    asked = ma.fields.Boolean(metadata={"description": "of a person; otherwise the phone fills it, or only shows it"})
    required = ma.fields.Boolean()
    relevant = ma.fields.String(metadata={"description": "when it is asked; empty: always"})
    label = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    evidence = ma.fields.String(allow_none=True)
    repeats = ma.fields.List(ma.fields.String())
    choices = ma.fields.List(ma.fields.Nested(ChoiceSchema), allow_none=True)


class DifferenceSchema(Schema):
    """One difference between two versions."""

    kind = ma.fields.String(metadata={"enum": ["added", "removed", "changed"]})
    what = ma.fields.String()
    name = ma.fields.String()
    before = ma.fields.String()
    after = ma.fields.String()
    dangerous = ma.fields.Boolean(metadata={"description": "answers would no longer mean, or show, what they did"})


class OtherVersionSchema(Schema):
    """With which version to compare."""

    other = ma.fields.UUID(required=True, metadata={"description": "the older of the two"})

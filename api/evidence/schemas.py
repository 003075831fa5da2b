"""What programs ask of evidence and what they see: GeoJSON (RFC 7946)."""

from datetime import date
from typing import Any

import marshmallow as ma

from api.collection.tables import PURPOSES
from api.evidence.thumbnails import SIZES
from api.smorest import Degrees, Schema

MOST_ROWS = 1000
BBOX_NUMBERS = 4
FIRST_YEAR, LAST_YEAR = 2000, 2199  # a date outside is a slip, and time zones overflow at the ends of the calendar


class BoundingBox(ma.fields.Field[tuple[float, float, float, float]]):
    """West, south, east, north in degrees, separated by commas."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[float, float, float, float]:
        try:
            west, south, east, north = (float(part) for part in str(value).split(","))
        except ValueError:
            raise ma.ValidationError("应为 西，南，东，北 四个数字，例如 89.4,28.7,89.8,29.1") from None
        # written so that "nan", which compares with nothing, is refused too
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004 - degrees of the globe
            raise ma.ValidationError("经度须在 -180 到 180 之间，纬度须在 -90 到 90 之间，西不大于东，南不大于北")
        return west, south, east, north


def year_in_reach(day: date) -> None:
    """Refuse a day that no visit can have been on."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ma.ValidationError("年份须在 2000 到 2199 之间")  # whole, so that it can be translated


class EvidenceFilterSchema(Schema):
    """Which evidence."""

    township = ma.fields.String(validate=ma.validate.Regexp(r"[0-9]{9}\Z"))
    village = ma.fields.String(validate=ma.validate.Regexp(r"[0-9]{12}\Z"))
    kind = ma.fields.String(validate=ma.validate.Length(1, 32), metadata={"description": "visit, asset …"})
    purpose = ma.fields.String(validate=ma.validate.OneOf(PURPOSES))
    household = ma.fields.String(validate=ma.validate.Length(1, 32), metadata={"description": "household code"})
    since = ma.fields.Date(
        validate=year_in_reach, metadata={"description": "first day, in the county's time, by the phone's clock"}
    )  # fmt: skip
    until = ma.fields.Date(validate=year_in_reach, metadata={"description": "last day"})
    bbox = BoundingBox(metadata={"type": "string", "description": "west,south,east,north in degrees"})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, MOST_ROWS))
    before = ma.fields.UUID(metadata={"description": "the last id of the page before; follow the link `next`"})


class PhotoSchema(Schema):
    """A photo of a piece of evidence."""

    id = ma.fields.UUID()
    question = ma.fields.String()
    name = ma.fields.String()
    arrived = ma.fields.Boolean()
    url = ma.fields.String(metadata={"description": "the file as it came; with ?size=320 or ?size=1280 a small copy"})


class PhotoFilterSchema(Schema):
    """Which copy of a photo."""

    size = ma.fields.Integer(
        validate=ma.validate.OneOf(SIZES),
        metadata={"description": "longest side in pixels of a small copy, upright and without metadata"},
    )


class PhotoMetadataSchema(Schema):
    """What a photo's file says of itself; a camera's clock can be set by hand, the satellites' time cannot."""

    state = ma.fields.String(metadata={"enum": ["waiting", "begun", "read", "unreadable"]})
    note = ma.fields.String(metadata={"description": "why it, or a part of it, could not be read"})
    width_px = ma.fields.Integer(allow_none=True)
    height_px = ma.fields.Integer(allow_none=True)
    taken_at = ma.fields.AwareDateTime(allow_none=True, metadata={"description": "by the camera's clock"})
    offset_written = ma.fields.Boolean(metadata={"description": "else China's one clock was assumed"})
    gps_at = ma.fields.AwareDateTime(allow_none=True, metadata={"description": "by the satellites"})
    longitude = Degrees(allow_none=True)
    latitude = Degrees(allow_none=True)
    altitude_m = ma.fields.Float(allow_none=True)
    camera = ma.fields.String()
    screen_sign = ma.fields.String(
        metadata={
            "description": "written: calls itself a screenshot; png: a PNG of which no camera is named; empty: no sign"
        }
    )


class EvidencePropertiesSchema(Schema):
    """What was seen."""

    kind = ma.fields.String()
    purpose = ma.fields.String()
    household_code = ma.fields.String(allow_none=True)
    household_known = ma.fields.Boolean(metadata={"description": "whether the registry has this household"})
    village_code = ma.fields.String()
    account_id = ma.fields.UUID()
    submission_id = ma.fields.UUID()
    collected_at = ma.fields.AwareDateTime(allow_none=True, metadata={"description": "by the phone's clock"})
    received_at = ma.fields.AwareDateTime()
    accuracy_m = ma.fields.Float(allow_none=True)
    altitude_m = ma.fields.Float(allow_none=True)
    content = ma.fields.Dict(
        metadata={"description": "answers under their evidence names; money in fen; numbers of persons masked"}
    )
    photos = ma.fields.List(ma.fields.Nested(PhotoSchema))


class PointSchema(Schema):
    """A place, WGS 84."""

    type = ma.fields.Constant("Point")
    coordinates = ma.fields.List(Degrees(), metadata={"description": "longitude, latitude"})


class FeatureSchema(Schema):
    """One piece of evidence as a GeoJSON feature."""

    type = ma.fields.Constant("Feature")
    id = ma.fields.UUID()
    geometry = ma.fields.Nested(PointSchema, allow_none=True)
    properties = ma.fields.Nested(EvidencePropertiesSchema)


class LinkSchema(Schema):
    """Where to go on."""

    rel = ma.fields.String()
    type = ma.fields.String()
    href = ma.fields.String()


class FeatureCollectionSchema(Schema):
    """A page of evidence."""

    type = ma.fields.Constant("FeatureCollection")
    features = ma.fields.List(ma.fields.Nested(FeatureSchema))
    numberMatched = ma.fields.Integer()  # noqa: N815 - the name OGC API Features gives it
    numberReturned = ma.fields.Integer()  # noqa: N815 - the same
    links = ma.fields.List(ma.fields.Nested(LinkSchema))


class VersionSchema(Schema):
    """One XML of a submission."""

    number = ma.fields.Integer()
    instance_id = ma.fields.String()
    form_version = ma.fields.String()
    xml_sha256 = ma.fields.String()
    named_files = ma.fields.List(ma.fields.String())
    received_at = ma.fields.AwareDateTime()
    derived_at = ma.fields.AwareDateTime(allow_none=True)
    flags = ma.fields.List(ma.fields.Dict())


class AttachmentSchema(Schema):
    """One file of a submission."""

    name = ma.fields.String()
    sha256 = ma.fields.String()
    bytes = ma.fields.Integer()
    media_type = ma.fields.String()
    named = ma.fields.Boolean(metadata={"description": "whether the XML names it"})


class SubmissionSchema(Schema):
    """One record from a phone, through all its edits."""

    id = ma.fields.UUID()
    instance_id = ma.fields.String()
    form_id = ma.fields.String()
    purpose = ma.fields.String()
    account_id = ma.fields.UUID()
    household_code = ma.fields.String(allow_none=True)
    village_code = ma.fields.String()
    received_at = ma.fields.AwareDateTime()
    edited = ma.fields.Boolean()
    complete = ma.fields.Boolean(metadata={"description": "whether every file the present XML names has arrived"})
    versions = ma.fields.List(ma.fields.Nested(VersionSchema))
    attachments = ma.fields.List(ma.fields.Nested(AttachmentSchema))

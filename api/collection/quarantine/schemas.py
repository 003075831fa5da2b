"""What programs see of the quarantine, and what they may ask of it."""

import marshmallow as ma

from api.collection.quarantine.decide import LONGEST_WHY, SHORTEST_WHY, Kind
from api.collection.quarantine.reading import ORDERS, STATES
from api.smorest import Schema

AREA = ma.validate.Regexp(r"([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?\Z")
EARLIEST, LATEST = 2000, 2199
WHY = ma.validate.Length(SHORTEST_WHY, LONGEST_WHY)
DECISIONS = [kind.value for kind in Kind if kind is not Kind.REPAIR]


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
    sender = ma.fields.String(metadata={"description": "name of the account that sent it"})
    token_id = ma.fields.UUID()
    phone = ma.fields.String(metadata={"description": "label of the phone's key"})
    device_id = ma.fields.String()
    reason = ma.fields.String()
    stands_for = ma.fields.String(
        metadata={"description": "why it is not in now: the reason, until a try was refused for another"}
    )
    message = ma.fields.String()
    advice = ma.fields.String(metadata={"description": "what an operator can do about it"})
    fault_where = ma.fields.String(metadata={"description": "place of the fault in the XML, where there is one"})
    fault_what = ma.fields.String()
    form_id = ma.fields.String(allow_none=True)
    form_version = ma.fields.String(allow_none=True)
    instance_id = ma.fields.String(allow_none=True)
    household_code = ma.fields.String(allow_none=True)
    files = ma.fields.List(ma.fields.Nested(KeptFileSchema))
    bytes = ma.fields.Integer()
    times = ma.fields.Integer(metadata={"description": "how often the phone has tried"})
    first_at = ma.fields.AwareDateTime()
    last_at = ma.fields.AwareDateTime()
    state = ma.fields.String(metadata={"enum": list(STATES)})
    submission_id = ma.fields.UUID(allow_none=True, metadata={"description": "what it became"})


class PostingActSchema(Schema):
    """One thing that an operator did to a refused posting."""

    id = ma.fields.UUID()
    kind = ma.fields.String(metadata={"enum": list(Kind)})
    why = ma.fields.String()
    by_id = ma.fields.UUID()
    at = ma.fields.AwareDateTime()
    outcome = ma.fields.String(metadata={"description": "new, edit, known … as for a phone; refused; done"})
    refused_for = ma.fields.String()
    message = ma.fields.String()
    xml_sha256 = ma.fields.String(allow_none=True)
    details = ma.fields.Dict()


class QuarantinedWholeSchema(QuarantinedSchema):
    """A refused posting with everything that was done to it and may be done."""

    acts = ma.fields.List(ma.fields.Nested(PostingActSchema))
    offered = ma.fields.List(ma.fields.String(), metadata={"description": "kinds of acts that fit it now"})


def _year(day: object) -> None:
    if not EARLIEST <= getattr(day, "year", 0) <= LATEST:
        raise ma.ValidationError("年份须在 2000 到 2199 之间")


class QuarantineFilterSchema(Schema):
    """Which refused postings."""

    state = ma.fields.String(load_default="open", validate=ma.validate.OneOf(STATES))
    reason = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))
    area = ma.fields.String(load_default="", validate=AREA, metadata={"description": "division of the sender"})
    sender = ma.fields.UUID(load_default=None)
    form = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))
    since = ma.fields.Date(load_default=None, validate=_year, metadata={"description": "first day of the last try"})
    until = ma.fields.Date(load_default=None, validate=_year, metadata={"description": "last day of the last try"})
    text = ma.fields.String(
        load_default="",
        validate=ma.validate.Length(max=64),
        metadata={"description": "part of the sender's name; beginning of a household code, instance or device id"},
    )
    order = ma.fields.String(
        load_default="-last",
        validate=ma.validate.OneOf([*ORDERS, *(f"-{order}" for order in ORDERS)]),
        metadata={"description": "a minus in front turns it round"},
    )


class PostingDecisionSchema(Schema):
    """What to do with a refused posting."""

    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(DECISIONS))
    why = ma.fields.String(required=True, validate=WHY, metadata={"description": "goes into the log"})


class RepairSchema(Schema):
    """Mended answers."""

    xml = ma.fields.String(required=True, metadata={"description": "the whole submission"})
    why = ma.fields.String(required=True, validate=WHY)


class ReleaseAllSchema(Schema):
    """Which refused postings to try again all at once."""

    reason = ma.fields.String(required=True, validate=ma.validate.Length(1, 64))
    area = ma.fields.String(load_default="", validate=AREA)
    form = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))
    why = ma.fields.String(required=True, validate=WHY)

"""What programs see of workers and their phones."""

import marshmallow as ma

from api.collection.workers.enrol import LONGEST_NAME, MOST_NAMES, WORKER_ROLES
from api.people.schemas import GrantSchema
from api.registry.schemas import AREA
from api.smorest import Schema
from api.translations import LANGUAGES

NAME = ma.validate.Length(1, LONGEST_NAME)


class WorkerFilterSchema(Schema):
    """Which workers are wanted."""

    area = ma.fields.String(load_default="", validate=AREA, metadata={"description": "who works inside it"})
    active = ma.fields.Boolean(load_default=None)
    q = ma.fields.String(
        load_default="", validate=ma.validate.Length(max=64), metadata={"description": "part of a name or account name"}
    )


class WorkerSchema(Schema):
    """A worker and how far he is."""

    id = ma.fields.UUID()
    name = ma.fields.String(metadata={"description": "of the account"})
    display_name = ma.fields.String()
    language = ma.fields.String(metadata={"description": "in which the server answers his phone"})
    active = ma.fields.Boolean()
    grants = ma.fields.List(ma.fields.Nested(GrantSchema))
    assigned = ma.fields.Integer()
    visited = ma.fields.Integer()
    waiting = ma.fields.Integer()
    last_sent = ma.fields.AwareDateTime(allow_none=True)
    last_contact = ma.fields.AwareDateTime(allow_none=True)
    keys = ma.fields.Integer(metadata={"description": "phone keys that are alive"})
    files_waiting = ma.fields.Integer(metadata={"description": "named by his records, and not arrived"})


class PhoneSchema(Schema):
    """One key of a worker, and the phone that uses it."""

    id = ma.fields.UUID()
    card = ma.fields.String(metadata={"description": "the number that is printed on the card"})
    created_at = ma.fields.AwareDateTime()
    revoked_at = ma.fields.AwareDateTime(allow_none=True)
    last_heard = ma.fields.AwareDateTime(allow_none=True)
    program = ma.fields.String(metadata={"description": "and its version, as the phone names it"})
    device_id = ma.fields.String()
    forms_current = ma.fields.Boolean(
        allow_none=True, metadata={"description": "whether it has read the present list of forms; null if none"}
    )
    records = ma.fields.Integer()
    files_waiting = ma.fields.Integer()


class WorkerDetailSchema(WorkerSchema):
    """A worker with his phones."""

    phones = ma.fields.List(ma.fields.Nested(PhoneSchema))


class EnrolSchema(Schema):
    """People to be made workers."""

    role = ma.fields.String(required=True, validate=ma.validate.OneOf([str(role) for role in WORKER_ROLES]))
    area_code = ma.fields.String(required=True, validate=AREA)
    names = ma.fields.List(
        ma.fields.String(validate=NAME), required=True, validate=ma.validate.Length(1, MOST_NAMES)
    )  # fmt: skip
    language = ma.fields.String(load_default="zh", validate=ma.validate.OneOf(list(LANGUAGES)))


class NamedSchema(Schema):
    """A worker by his names."""

    id = ma.fields.UUID()
    name = ma.fields.String()
    display_name = ma.fields.String()


class EnrolledSchema(Schema):
    """Who was made a worker, and who was one before."""

    made = ma.fields.List(ma.fields.Nested(NamedSchema))
    present = ma.fields.List(ma.fields.String())


class WorkerChangeSchema(Schema):
    """What may be changed of a worker."""

    display_name = ma.fields.String(load_default="", validate=NAME)
    language = ma.fields.String(load_default="", validate=ma.validate.OneOf(list(LANGUAGES)))


class StoppedSchema(Schema):
    """What ended when a worker was stopped, or came back with him."""

    households = ma.fields.Integer()
    keys = ma.fields.Integer()
    left = ma.fields.Integer(metadata={"description": "households that others have by now"})


class KeyWantedSchema(Schema):
    """A key to be issued."""

    end_old = ma.fields.Boolean(
        load_default=False, metadata={"description": "whether the keys he has end now, as after a loss"}
    )


class KeySchema(Schema):
    """A new key; its address is in this answer and nowhere else."""

    id = ma.fields.UUID()
    card = ma.fields.String()
    server_url = ma.fields.String(metadata={"description": "for Collect; whoever has it has the key"})
    settings_code = ma.fields.String(metadata={"description": "the text of the QR code that sets up Collect"})

"""What programs ask of the map's panel and see of it."""

from typing import Any

import marshmallow as ma

from api.evidence.checks.schemas import FieldCheckSchema
from api.evidence.checks.words import check_row
from api.evidence.tell import Told
from api.evidence_map.panel.search import LONGEST
from api.smorest import Degrees, Schema


class PickedPieceSchema(Schema):
    """One piece in a list, the most doubtful first."""

    id = ma.fields.UUID()
    submission_id = ma.fields.UUID()
    household_code = ma.fields.String(allow_none=True)
    kind = ma.fields.String()
    purpose = ma.fields.String()
    village_code = ma.fields.String()
    at = ma.fields.DateTime(metadata={"description": "collected, by the phone's clock; else received"})
    worker = ma.fields.String()
    state = ma.fields.String(metadata={"description": "of review"})
    severity = ma.fields.String(metadata={"description": "doubt, look or empty: the worst check it does not pass"})


class SearchSchema(Schema):
    """What to look for."""

    q = ma.fields.String(required=True, validate=ma.validate.Length(1, LONGEST))


class HitSchema(Schema):
    """Something found."""

    kind = ma.fields.String(metadata={"description": "division, household, worker or evidence"})
    label = ma.fields.String()
    detail = ma.fields.String()
    code = ma.fields.String(metadata={"description": "of a division or household; else an id"})
    bbox = ma.fields.List(ma.fields.Float(), allow_none=True, metadata={"description": "west, south, east, north"})


class AnswerSchema(Schema):
    """One answer in words."""

    field = ma.fields.String(metadata={"description": "its name in the evidence"})
    label = ma.fields.String(metadata={"description": "the form's question"})
    value = ma.fields.String()


class TakenStepSchema(Schema):
    """One step of a review."""

    step = ma.fields.String()
    note = ma.fields.String()
    by = ma.fields.String()
    taken_at = ma.fields.DateTime()


class ToldSchema(Schema):
    """One piece of evidence as a person reads it."""

    id = ma.fields.UUID()
    submission_id = ma.fields.UUID()
    household_code = ma.fields.String(allow_none=True)
    head_name = ma.fields.String(metadata={"description": "empty where you may not read the registry"})
    kind = ma.fields.String()
    purpose = ma.fields.String()
    village_code = ma.fields.String()
    worker = ma.fields.String()
    collected_at = ma.fields.DateTime(allow_none=True)
    received_at = ma.fields.DateTime()
    longitude = Degrees(allow_none=True)
    latitude = Degrees(allow_none=True)
    accuracy_m = ma.fields.Float(allow_none=True)
    home_m = ma.fields.Integer(allow_none=True, metadata={"description": "metres from there to the home on the roll"})
    answers = ma.fields.List(ma.fields.Nested(AnswerSchema))
    checks = ma.fields.List(ma.fields.Nested(FieldCheckSchema), metadata={"description": "not passed, doubts first"})
    state = ma.fields.String(metadata={"description": "of review"})
    steps = ma.fields.List(ma.fields.Nested(TakenStepSchema))


class BesideSchema(Schema):
    """One question as both visits answer it."""

    label = ma.fields.String()
    township = ma.fields.String()
    county = ma.fields.String()
    differs = ma.fields.Boolean()


class HouseholdToldSchema(Schema):
    """What is known of a household, the newest first, and both visits beside each other."""

    pieces = ma.fields.List(ma.fields.Nested(ToldSchema))
    beside = ma.fields.List(
        ma.fields.Nested(BesideSchema), allow_none=True,
        metadata={"description": "null when one of them is missing, or you may not read spot checks"},
    )  # fmt: skip


def told_row(told: Told) -> dict[str, Any]:
    """Return a piece as `ToldSchema` writes it."""
    piece = told.piece
    return {
        **{name: getattr(piece, name) for name in (
            "id", "submission_id", "household_code", "kind", "purpose", "village_code", "collected_at", "received_at",
            "accuracy_m",
        )},
        **{name: getattr(told, name) for name in (
            "head_name", "worker", "longitude", "latitude", "home_m", "answers", "state",
        )},
        "checks": [check_row(check) for check in told.checks],
        "steps": [
            {"step": one.step.step, "note": one.step.note, "by": one.by, "taken_at": one.step.taken_at}
            for one in told.steps
        ],
    }  # fmt: skip

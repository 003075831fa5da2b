"""What addresses of layers and files carry, read and refused as everywhere else."""

from dataclasses import replace
from typing import Final

import marshmallow as ma

from api.evidence_map.ogc.asked import Asked
from api.evidence_map.ogc.layers import SELECTS
from api.evidence_map.schemas import SelectionSchema
from api.problems import BadRequest, invalid_from
from api.smorest import Schema

MOST_PICKED: Final = 10_000


class PickedSchema(Schema):
    """Single pieces of evidence, as picked on the map."""

    ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(1, MOST_PICKED))


def with_selection(asked: Asked) -> Asked:
    """Return what is asked of a layer of evidence, with the part read that a selection has.

    Raises
    ------
    BadRequest
        A filter makes no sense; the standard answers so where the rest of the interface says 422.
    """
    chosen = {name: value for name, value in asked.filters.items() if name in SELECTS}
    try:
        selection = SelectionSchema().load(chosen)
    except ma.ValidationError as error:
        invalid = invalid_from(error.messages)
        raise BadRequest(invalid.message, errors=invalid.errors, **invalid.values) from None
    others = {name: value for name, value in asked.filters.items() if name not in chosen}
    return replace(asked, selection=selection, filters=others)

"""A selection of evidence as addresses write it, and as programs read what fits it."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import marshmallow as ma

from api.collection.tables import PURPOSES
from api.evidence.checks.rules import BY_KEY
from api.evidence.review.tables import STATES
from api.evidence.ring import Ring, read_ring
from api.evidence.schemas import BoundingBox, year_in_reach
from api.evidence_map.selection import BANDS, DOUBTS, Selection
from api.registry.schemas import AREA
from api.smorest import Schema

LONGEST: Final = 32
LONGEST_RING: Final = 20_000  # characters
NAMES: Final = (
    "area", "kind", "purpose", "household", "worker", "since", "until", "state", "rule", "doubt", "drawn", "band",
    "search", "bbox",
)  # fmt: skip


class SelectionSchema(Schema):
    """Which evidence; what is left out narrows nothing."""

    area = ma.fields.String(validate=AREA, metadata={"description": "division code of 2 to 12 digits"})
    kind = ma.fields.String(validate=ma.validate.Length(0, LONGEST), metadata={"description": "visit, asset …"})
    purpose = ma.fields.String(validate=ma.validate.OneOf(["", *PURPOSES]))
    household = ma.fields.String(validate=ma.validate.Length(0, LONGEST), metadata={"description": "household code"})
    worker = ma.fields.UUID(metadata={"description": "the account that made it"})
    since = ma.fields.Date(validate=year_in_reach, metadata={"description": "first day, in the county's time"})
    until = ma.fields.Date(validate=year_in_reach, metadata={"description": "last day"})
    state = ma.fields.String(validate=ma.validate.OneOf(["", *STATES]), metadata={"description": "of review"})
    rule = ma.fields.String(validate=ma.validate.OneOf(["", *BY_KEY]), metadata={"description": "fails this check"})
    doubt = ma.fields.String(
        validate=ma.validate.OneOf(["", *DOUBTS]), metadata={"description": "worst of the checks it does not pass"}
    )
    drawn = ma.fields.String(
        validate=ma.validate.OneOf(["", "yes", "no"]), metadata={"description": "its household is on a base list"}
    )
    band = ma.fields.String(validate=ma.validate.OneOf(["", *BANDS]), metadata={"description": "as frozen last"})
    search = ma.fields.String(
        validate=ma.validate.Length(0, LONGEST), metadata={"description": "beginning of a code, or part of a name"}
    )
    bbox = BoundingBox(metadata={"type": "string", "description": "west,south,east,north in degrees"})

    @ma.pre_load
    def leave_out_what_is_empty(self, data: Any, **_: Any) -> Any:
        """Take an empty parameter, as a form sends it, for one that is left out."""
        return {name: data[name] for name in data if data[name] != ""} if isinstance(data, Mapping) else data


class RingedSelectionSchema(SelectionSchema):
    """Which evidence, and in which ring drawn on the map."""

    polygon = ma.fields.String(
        validate=ma.validate.Length(0, LONGEST_RING),
        metadata={"description": "corners as longitude,latitude apart by spaces: 89.4,28.7 89.8,28.7 89.8,29.1"},
    )


def ring_of(wanted: Mapping[str, Any]) -> Ring:
    """Return the ring of what `RingedSelectionSchema` has read; empty when none is wanted.

    Raises
    ------
    Invalid
        It is written wrongly.
    """
    written = wanted.get("polygon", "").strip()
    return read_ring(written) if written else ()


def selection_of(wanted: Mapping[str, Any]) -> Selection:
    """Return the selection of what `SelectionSchema` has read; other parameters are left alone."""
    return Selection(**{name: value for name, value in wanted.items() if name in NAMES})


def selection_in(selection: Selection) -> dict[str, str]:
    """Return a selection as the parameters of an address, without those that are empty.

    Examples
    --------
    >>> selection_in(Selection(area="540222", state="returned", bbox=(89.4, 28.7, 89.8, 29.1)))
    {'area': '540222', 'state': 'returned', 'bbox': '89.4,28.7,89.8,29.1'}
    """
    found = {name: getattr(selection, name) for name in NAMES}
    return {name: _written(value) for name, value in found.items() if value not in {None, ""}}


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(f"{number:g}" if number == round(number, 5) else repr(number) for number in value)
    return str(value) if isinstance(value, str | UUID) else str(value.isoformat())


class SummarySchema(Schema):
    """How much fits a selection."""

    pieces = ma.fields.Integer()
    placed = ma.fields.Integer(metadata={"description": "of these, with a place"})
    doubt = ma.fields.Integer(metadata={"description": "of these, hardly explained by chance"})
    look = ma.fields.Integer(metadata={"description": "of these, worth a look"})
    by_kind = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    by_state = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    bbox = ma.fields.List(ma.fields.Float(), allow_none=True, metadata={"description": "west, south, east, north"})

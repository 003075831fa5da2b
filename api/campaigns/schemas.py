"""What programs see of campaigns, and what they send to make one."""

from typing import Any

import marshmallow as ma

from api.campaigns.plans import plan_names
from api.problems import Invalid
from api.smorest import Schema

DIVISION_CODE = ma.validate.Regexp(r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$")
YEAR = ma.validate.Range(1990, 2200)
PERCENT = ma.validate.Range(0, 1000)  # the verb says kindly what the law asks
MOST_ROWS = 200
MOST_FEN = 10_000_000_00  # ten million yuan a year is a typing error


def _text(most: int, **options: Any) -> ma.fields.String:
    return ma.fields.String(validate=[ma.validate.Length(1, most), ma.validate.Regexp(r".*\S")], **options)


class StageSchema(Schema):
    """One stage with its first and last day."""

    name = _text(64, required=True)
    starts_on = ma.fields.Date(required=True)
    ends_on = ma.fields.Date(required=True)


class StandardSchema(Schema):
    """The income line of one scheme in one place and year, in fen per person and year."""

    area_code = ma.fields.String(required=True, validate=DIVISION_CODE)
    scheme = ma.fields.String(required=True, validate=ma.validate.OneOf(("urban", "rural")))
    year = ma.fields.Integer(required=True, strict=True, validate=YEAR)
    fen_per_person_year = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(1, MOST_FEN))


class ReportingDateSchema(Schema):
    """A day by which something must be reported upwards."""

    name = _text(120, required=True)
    due_on = ma.fields.Date(required=True)


class FormNames(ma.fields.List[Any]):
    """Form ids, out of the rows that hold them."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        return super()._serialize([getattr(row, "form_id", row) for row in value], attr, obj, **options)


def _rows(schema: type[Schema], **options: Any) -> ma.fields.List[Any]:
    return ma.fields.List(ma.fields.Nested(schema), validate=ma.validate.Length(max=MOST_ROWS), **options)


class ChangeSchema(Schema):
    """What may change of a campaign; a list that is given replaces the whole list."""

    name = _text(120)
    document_number = _text(64)
    visit_floor_percent = ma.fields.Integer(strict=True, validate=PERCENT)
    spot_check_floor_percent = ma.fields.Integer(
        strict=True, validate=PERCENT, metadata={"description": "whole percent, not below 30"}
    )
    publish_draws = ma.fields.Boolean(
        metadata={"description": "whether anybody may see and download the draws, without an account"}
    )
    neighbour_interviews_per_household = ma.fields.Integer(
        strict=True, validate=PERCENT, metadata={"description": "0 to 10; 0: none are asked for"}
    )
    stages = _rows(StageSchema)
    standards = _rows(StandardSchema)
    reporting_dates = _rows(ReportingDateSchema)
    forms = FormNames(_text(64), validate=ma.validate.Length(max=MOST_ROWS))


class NewCampaignSchema(ChangeSchema):
    """A new campaign: its parts, or the name of a shipped plan whose parts are taken where none are given."""

    area_code = ma.fields.String(required=True, validate=DIVISION_CODE)
    plan = ma.fields.String(validate=ma.validate.OneOf(plan_names()), load_only=True)
    year = ma.fields.Integer(strict=True, validate=YEAR, load_only=True)
    month = ma.fields.Integer(strict=True, validate=ma.validate.Range(1, 12), load_only=True)

    @ma.post_load
    def complete(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Refuse what neither says itself nor takes from a plan."""
        missing = [name for name in ("name", "document_number", "stages") if name not in data]
        if missing and "plan" not in data:
            raise Invalid(
                "缺少 {fields}，请填写，或指定 plan 采用现成方案", where=missing[0], fields=", ".join(missing)
            )
        return data


class CampaignSchema(Schema):
    """A campaign, and where it stands today."""

    id = ma.fields.UUID()
    name = ma.fields.String()
    document_number = ma.fields.String()
    area_code = ma.fields.String()
    visit_floor_percent = ma.fields.Integer()
    spot_check_floor_percent = ma.fields.Integer()
    publish_draws = ma.fields.Boolean()
    neighbour_interviews_per_household = ma.fields.Integer()
    stages = _rows(StageSchema)
    standards = _rows(StandardSchema)
    reporting_dates = _rows(ReportingDateSchema)
    forms = FormNames(ma.fields.String())
    created_at = ma.fields.AwareDateTime()
    current_stage = ma.fields.String(allow_none=True, metadata={"description": "name of today's stage"})
    days_left = ma.fields.Integer(allow_none=True, metadata={"description": "of today's stage, today included"})
    next_report = ma.fields.Nested(ReportingDateSchema, allow_none=True)

"""What programs see of lists, and what they send."""

import marshmallow as ma

from api.smorest import Degrees, Schema
from api.spot_checks.lists.tables import MOST_PER_DAY

COUNTY = ma.validate.Regexp(r"[0-9]{6}\Z")
CODE = ma.validate.Length(max=40)
TEXT = ma.validate.Length(max=2000)


class ListsOfCountySchema(Schema):
    """Of which county."""

    county = ma.fields.String(required=True, validate=COUNTY)


class ReachSchema(Schema):
    """How far a township, or the county, is."""

    code = ma.fields.String()
    size = ma.fields.Integer(metadata={"description": "N of the frozen frame"})
    floor = ma.fields.Integer()
    drawn = ma.fields.Integer()
    released = ma.fields.Integer(metadata={"description": "reserves that stepped in"})
    attempted = ma.fields.Integer()
    completed = ma.fields.Integer()
    gone = ma.fields.Integer(metadata={"description": "proved to have moved away, died out or never been: counts"})
    counted = ma.fields.Integer(metadata={"description": "completed and gone: what counts towards the floor"})
    unreached = ma.fields.Integer()
    replaced = ma.fields.Integer()
    reserves_left = ma.fields.Integer()
    at_most = ma.fields.Integer(metadata={"description": "what can count if everything still open succeeds"})
    falls_short = ma.fields.Integer(metadata={"description": "households too few even then; 0 within reach"})


class NotReachedSchema(Schema):
    """A household that was visited and not reached, and what may be done."""

    household_code = ma.fields.String(attribute="outcome.household_code")
    outcome = ma.fields.String(attribute="outcome.outcome")
    attempts = ma.fields.Integer(attribute="outcome.attempts")
    still_to_try = ma.fields.Integer(metadata={"description": "visits asked for before a reserve may step in"})
    next_reserve = ma.fields.String(attribute="following.household_code", metadata={"description": "absent: none left"})


class TeamReachSchema(Schema):
    """How far one team is."""

    team_id = ma.fields.UUID(attribute="team.id")
    name = ma.fields.String(attribute="team.name")
    drawn = ma.fields.Integer()
    attempted = ma.fields.Integer()
    counted = ma.fields.Integer()
    unreached = ma.fields.Integer()
    days_needed = ma.fields.Integer()
    days_given = ma.fields.Integer()
    days_short = ma.fields.Integer(metadata={"description": "days it lacks; 0 when they suffice"})


class ListProgressSchema(Schema):
    """How far a draw's list is."""

    county = ma.fields.Nested(ReachSchema)
    townships = ma.fields.List(ma.fields.Nested(ReachSchema))
    unreached = ma.fields.List(ma.fields.Nested(NotReachedSchema))
    unassigned = ma.fields.List(ma.fields.String(), metadata={"description": "codes of households given to nobody"})
    teams = ma.fields.List(ma.fields.Nested(TeamReachSchema))
    unplanned = ma.fields.List(
        ma.fields.String(), metadata={"description": "codes of households on no day, once days were worked out"}
    )


class ReplacementSchema(Schema):
    """A reserve that stepped in."""

    household_code = ma.fields.String(required=True, validate=CODE)
    expected = ma.fields.String(
        load_default="", load_only=True, validate=CODE, metadata={"description": "the reserve believed to be next"}
    )
    reason = ma.fields.String(required=True, validate=TEXT)
    released_code = ma.fields.String(dump_only=True)
    outcome = ma.fields.String(dump_only=True)
    attempts = ma.fields.Integer(dump_only=True)
    at = ma.fields.AwareDateTime(dump_only=True)


class CheckTeamSchema(Schema):
    """Checkers who go together."""

    id = ma.fields.UUID(dump_only=True)
    name = ma.fields.String(required=True, validate=ma.validate.Length(max=64))
    members = ma.fields.List(
        ma.fields.UUID(), required=True, validate=ma.validate.Length(max=50), metadata={"description": "first leads"}
    )
    capacity_per_day = ma.fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(min=1, max=MOST_PER_DAY)
    )
    days_from = ma.fields.Date(required=True)
    days_to = ma.fields.Date(required=True)
    start_code = ma.fields.String(load_default="", validate=ma.validate.Regexp(r"([0-9]{6,12})?\Z"))
    start_longitude = Degrees(load_default=None, allow_none=True, validate=ma.validate.Range(min=-180, max=180))
    start_latitude = Degrees(load_default=None, allow_none=True, validate=ma.validate.Range(min=-90, max=90))
    active = ma.fields.Boolean(dump_only=True)


class TeamRestSchema(Schema):
    """Out of the work, or back into it."""

    active = ma.fields.Boolean(required=True)


class CheckerTieSchema(Schema):
    """From what a checker stays away."""

    id = ma.fields.UUID(dump_only=True)
    account_id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(["relative", "home_village", "official"]))
    of = ma.fields.String(
        required=True, load_only=True, validate=ma.validate.Length(max=64),
        metadata={"description": "a household's code, a village's code, or an official's id"},
    )  # fmt: skip
    household_id = ma.fields.UUID(dump_only=True, allow_none=True)
    village_code = ma.fields.String(dump_only=True, allow_none=True)
    official_id = ma.fields.UUID(dump_only=True, allow_none=True)
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))
    declared_at = ma.fields.AwareDateTime(dump_only=True)
    ended_at = ma.fields.AwareDateTime(dump_only=True, allow_none=True)


class ConflictOverrideSchema(Schema):
    """A checker allowed to visit one household all the same."""

    account_id = ma.fields.UUID(required=True)
    household_code = ma.fields.String(required=True, load_only=True, validate=CODE)
    household_id = ma.fields.UUID(dump_only=True)
    kinds = ma.fields.String(dump_only=True, metadata={"description": "the conflicts, joined by spaces"})
    reason = ma.fields.String(required=True, validate=TEXT)
    at = ma.fields.AwareDateTime(dump_only=True)


class TourStopSchema(Schema):
    """One household on a day's way."""

    household_code = ma.fields.String()
    head_name = ma.fields.String()
    village_code = ma.fields.String()
    placed = ma.fields.String(metadata={"enum": ["household", "village", "township", "county", "nowhere"]})
    leg_m = ma.fields.Integer(allow_none=True, metadata={"description": "metres from the stop before, as reckoned"})
    checker = ma.fields.String()


class TourSchema(Schema):
    """One day of one team; without a team, what no team may go to."""

    tour_id = ma.fields.UUID(allow_none=True)
    team_id = ma.fields.UUID(allow_none=True)
    team = ma.fields.String()
    day = ma.fields.Integer()
    distance_m = ma.fields.Integer()
    stops = ma.fields.List(ma.fields.Nested(TourStopSchema))


class HandOutSchema(Schema):
    """Which days go to the phones; all by default."""

    team_id = ma.fields.UUID(load_default=None, allow_none=True)
    day = ma.fields.Integer(load_default=None, allow_none=True, strict=True, validate=ma.validate.Range(1, 10_000))


class HandedOutSchema(Schema):
    """What became of the days."""

    given = ma.fields.Integer()
    kept = ma.fields.Integer(metadata={"description": "had a checker already"})
    left = ma.fields.List(ma.fields.String(), metadata={"description": "codes to which nobody may go"})

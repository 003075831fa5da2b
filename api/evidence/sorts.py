"""Of which sort a piece of evidence is: where its review stands, and how doubtful it is; as columns of a query."""

from typing import Final

import sqlalchemy as sa

from api.evidence.checks.rules import BY_KEY
from api.evidence.checks.tables import FieldCheck
from api.evidence.review.tables import Review
from api.evidence.tables import Evidence

DOUBTFUL: Final = sorted(key for key, rule in BY_KEY.items() if rule.severity == "doubt")


def state_of() -> sa.ColumnElement[str]:
    """Return where the review of a piece stands; `Evidence` itself must be in the query."""
    state = (
        sa.select(Review.state)
        .where(Review.county_code == Evidence.county_code, Review.id == Evidence.submission_id)
        .scalar_subquery()
    )
    return sa.func.coalesce(state, "received")


def fails(*which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return whether a piece does not pass some field check, of those that fit a condition on `FieldCheck`."""
    return sa.exists().where(
        FieldCheck.county_code == Evidence.county_code, FieldCheck.evidence_id == Evidence.id, *which
    )


def severity_of() -> sa.ColumnElement[str]:
    """Return the worst of the checks that a piece does not pass: ``doubt``, ``look`` or empty."""
    return sa.case((fails(FieldCheck.rule.in_(DOUBTFUL)), "doubt"), (fails(), "look"), else_="")

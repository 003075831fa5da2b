"""A drawn county of which both visits can be made, one household after the other."""

import pytest
import sqlalchemy as sa
from checks import seen

from api.collection.tables import Submission, SubmissionVersion
from api.database import now
from api.evidence.tables import Evidence
from api.spot_checks.comparison.reading import compare_draw
from api.spot_checks.tables import Selection


@pytest.fixture
def base(session, draw, result):
    """The drawn households, by code."""
    drawn = sa.select(Selection).where(Selection.draw_id == draw.id, Selection.role == "base")
    return session.scalars(drawn.order_by(Selection.household_code)).all()


@pytest.fixture
def both(session):
    """A function that lets the township and then the county visit a household, each saying something."""

    def visit(household, township=None, county=None, *, surveyor="surveyor", checker="checker"):
        said = {"members_count": 3, "income_fen_per_person_year": 300_000, "withheld": "no"}
        first = seen(
            session, household, purpose="township_visit", by=surveyor, minutes=-60, **(said | (township or {}))
        )
        second = seen(
            session, household, by=checker, **(said | {"verdict": "right", "error_kinds": ["none"]} | (county or {}))
        )
        return first, second

    return visit


@pytest.fixture
def listed(session):
    """A function that adds a member or a piece of property to a visit."""

    def add(visit, row, at, **content):
        columns = ("county_code", "household_id", "purpose", "household_code", "village_code", "account_id",
                   "received_at", "submission_id")  # fmt: skip
        session.add(
            Evidence(
                kind=row, question=f"{row}/{at}", content=content, **{name: getattr(visit, name) for name in columns}
            )
        )
        session.flush()

    return add


@pytest.fixture
def version(session):
    """A function that keeps one more version of what a visit was derived from."""

    def add(visit, number, at=None, **content):
        submission = session.get_one(Submission, (visit.county_code, visit.submission_id))
        instance = submission.instance_id if number == 1 else f"{submission.instance_id}-{number}"
        session.add(
            SubmissionVersion(
                county_code=visit.county_code, submission_id=visit.submission_id, number=number, instance_id=instance,
                form_version="1", xml_sha256=f"{number:064x}", xml_bytes=1, account_id=visit.account_id,
                received_at=at or now(),
            )
        )  # fmt: skip
        visit.content = visit.content | content
        session.flush()

    return add


@pytest.fixture
def compared(session, draw, viewer):
    """A function that compares the draw as somebody sees it, by household."""
    return lambda name="county": {
        one.outcome.household_id: one for one in compare_draw(session, viewer(name), draw).rows
    }

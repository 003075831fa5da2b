"""A drawn county of which both visits can be made, one household after the other."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
import world
from checks import seen

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.collection.tables import Submission, SubmissionVersion
from api.database import now
from api.evidence.tables import Evidence
from api.spot_checks.commit import commit_draw
from api.spot_checks.comparison.reading import compare_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import Selection

TODAY = date(2026, 7, 1)
DICE = "31415926535897932384"
SAME = {"members_count": 3, "income_fen_per_person_year": 300_000, "withheld": "no"}
CHECKED = SAME | {"verdict": "right", "error_kinds": ["none"]}


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


class Drawn:
    """A drawn county: three households compared, one only checked, one only visited for the township."""

    def __init__(self, session):
        by = world.viewer(session, "county")
        campaign = create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
        frame = freeze_frame(session, campaign, world.COUNTY, by, day=TODAY)
        draw = commit_draw(session, frame, make_plan(session, frame, campaign), by)
        draw_spot_check(session, draw, DICE, by, witnesses="虚构村民，虚构代表")
        drawn = sa.select(Selection).where(Selection.draw_id == draw.id, Selection.role == "base")
        base = session.scalars(drawn.order_by(Selection.household_code)).all()
        self.draw, self.ids = draw.id, [one.household_id for one in base]
        self.codes = [one.household_code for one in base]
        for at, (township, county) in enumerate([
            (SAME, CHECKED),
            (SAME, CHECKED | {"members_count": 2, "verdict": "amount_high", "error_kinds": ["false_claim"]}),
            (SAME, CHECKED | {"withheld": "yes", "withheld_fen": 20_000, "error_kinds": ["withheld"]}),
        ]):  # fmt: skip
            first = seen(
                session, base[at], purpose="township_visit", by="surveyor", minutes=-60, photo=True, **township
            )
            seen(session, base[at], photo=True, **county)
            if at == 0:
                self.first = (first.county_code, first.submission_id, first.account_id)
        seen(session, base[3], **CHECKED)
        seen(session, base[4], purpose="township_visit", by="surveyor", **SAME)


@pytest.fixture
def drawn(database):
    with database.transaction() as session:
        return Drawn(session)


@pytest.fixture
def edit(database, drawn):
    """The surveyor edits his first visit an hour after the check arrived."""
    county, submission, account = drawn.first
    with database.transaction() as session:
        for number, at in ((1, now() - timedelta(hours=1)), (2, now() + timedelta(hours=1))):
            session.add(
                SubmissionVersion(
                    county_code=county, submission_id=submission, number=number, instance_id=f"uuid:e{number}",
                    form_version="1", xml_sha256=f"{number:064x}", xml_bytes=1, account_id=account, received_at=at,
                )
            )  # fmt: skip

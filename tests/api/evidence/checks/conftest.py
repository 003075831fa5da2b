"""Visits that some rule doubts, judged, and the three ways to what was found."""

import csv
import io
from datetime import UTC, datetime, timedelta

import field
import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen

from api.evidence.checks.judge import judge_worker, sweep
from api.evidence.checks.reading import checks_of
from api.evidence.tables import Photo
from api.registry.tables import Household

LIST, API = "/evidence/checks", "/api/evidence/checks"


@pytest.fixture
def doubted(database):
    """A function that keeps a visit without a photo and, unless said otherwise, without a place, and judges it."""

    def make(code=f"{world.VILLAGE}-0001", **more):
        given = {"purpose": "township_visit", "by": "surveyor", "place": False, **more}
        with database.transaction() as session:
            household = session.scalars(sa.select(Household).where(Household.code == code)).one()
            seen(session, Drawn(household), **given)
        assert sweep(database)

    return make


@pytest.fixture
def finds(app, signed_in, bearer):
    """A function from an account's name to what it finds of field checks, checked to be the same by every way.

    The last answer, reason for reason, stays in its `told`: household code, worker, reason.
    """

    def look(name, **asked):
        query = {"county": world.COUNTY, **asked}
        browser = signed_in(name)
        page = browser.get(LIST, query_string=query)
        file = browser.get(f"{LIST}/list.csv", query_string=query, buffered=True)
        programs = app.test_client().get(API, query_string=query, headers=bearer(name))
        assert (page.status_code, file.status_code, programs.status_code) == (200, 200, 200)
        lines = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))[1:]
        told = [(one["household_code"], one["worker"], check["reason"]) for one in programs.json
                for check in one["checks"]]  # fmt: skip
        assert [(row[0], row[4], row[8]) for row in lines] == told
        for code, worker, reason in told:
            assert all(text in page.text for text in (code, worker, reason))
        if not told:
            assert "<tbody>" not in page.text
        look.told = told
        return sorted({code for code, _, _ in told})

    return look


NOON = datetime(2026, 6, 20, 5, 0, tzinfo=UTC)  # 13:00 in China
METRE = 1 / 111_195  # in degrees of latitude


@pytest.fixture
def homes(session):
    """Households of the first village, a kilometre and more apart, going north."""
    found = []
    for at, household in enumerate(field.road(session)):
        home = (89.6, 28.9 + at * 1200 * METRE)
        household.place = f"SRID=4326;POINT({home[0]} {home[1]!r})"
        found.append(Drawn(household, home))
    session.flush()
    return found


@pytest.fixture
def visit(session):
    """A function that makes a faultless visit by the surveyor at a household's home, with what is changed of it."""

    def make(home, *, north_m=0.0, began=NOON, minutes=30, accuracy_m=6.0, photo="own", by="surveyor", **more):
        ended = (began + timedelta(minutes=minutes)).isoformat()
        piece = seen(session, home, purpose=more.pop("purpose", "township_visit"), by=by, ended_at=ended, **more)
        piece.collected_at, piece.accuracy_m = began, accuracy_m
        if piece.place is not None:
            piece.place = f"SRID=4326;POINT({home.home[0]} {home.home[1] + north_m * METRE!r})"
        if photo:
            name = f"{piece.id}.jpg"
            digest = photo if photo != "own" else piece.id.hex * 2
            row = Photo(county_code=piece.county_code, evidence_id=piece.id, question="/home_visit/photos/house_photo",
                        name=name, sha256=digest)  # fmt: skip
            session.add(row)
        session.flush()
        return piece

    return make


@pytest.fixture
def rules_of(session):
    """A function that judges the surveyor's evidence and returns the rules that each given piece does not pass."""

    def judge(*pieces, by="surveyor"):
        judge_worker(session, world.COUNTY, field.account(session, by).id)
        found = checks_of(session, world.COUNTY, [piece.id for piece in pieces])
        got = [sorted(check.rule.key for check in found.get(piece.id, ())) for piece in pieces]
        return got if len(got) > 1 else got[0]

    return judge

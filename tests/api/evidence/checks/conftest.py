"""Visits that some rule doubts, judged, and the three ways to what was found."""

import csv
import io

import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen

from api.evidence.checks.judge import sweep
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

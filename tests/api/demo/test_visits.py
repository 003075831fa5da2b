"""Visits as they would be written on a phone: readable, in the past, and some of them plainly doubtful."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from api.demo.ground import spot_at
from api.demo.visits import SAME_SPOT_RUN, make_visits
from api.pages.views import LOCAL_TIME
from survey_forms.catalogue import schema_of
from survey_forms.filling import fill
from survey_forms.submission import read_submission

DAYS = [date(2026, 11, 2) + timedelta(days=day) for day in range(9)]


@pytest.fixture(scope="module")
def visits(county):
    """Every household on the roll visited, township by township."""
    townships = sorted({family.township for family in county.families})
    return [
        visit
        for township in townships
        for visit in make_visits(
            [family for family in county.families if family.on_roll and family.township == township],
            f"surveyor-{township}",
            seen_by="township",
            days=DAYS,
        )
    ]


def test_a_phone_could_have_written_every_visit(visits):
    schema = schema_of("home_visit")
    for visit in visits[::20]:
        sent = read_submission(fill(schema, visit.answers, instance_id="uuid:1"), schema)
        assert sent.problems == ()
        assert sent.value("/data/household_code") == visit.family.code


def test_visits_lie_in_working_hours_of_their_days_one_after_the_other(visits):
    for before, after in pairwise(visits):
        if before.sender == after.sender:
            assert before.ended <= after.began
    for visit in visits:
        local = visit.began.astimezone(LOCAL_TIME)
        assert local.date() in DAYS
        assert 9 <= local.hour < 18
        assert visit.ended > visit.began


def test_every_doubt_is_there_a_few_times_and_is_what_it_is_called(visits):
    doubts = Counter(visit.doubt for visit in visits)
    assert set(doubts) == {"", "four-minutes", "far-from-home", "no-photo", "same-spot"}
    assert doubts[""] > 0.85 * len(visits)
    for visit in visits:
        place = visit.answers["place"]
        away_m = spot_at(place.longitude, place.latitude).distance_m(visit.family.home)
        if visit.doubt == "four-minutes":
            assert visit.ended - visit.began == timedelta(minutes=4)
        if visit.doubt == "far-from-home":
            assert away_m > 2_000
        elif visit.doubt != "same-spot":
            assert away_m < 60
        assert (visit.photo == "") == (visit.doubt == "no-photo")
    chairs = Counter(visit.sender for visit in visits if visit.doubt == "same-spot")
    assert set(chairs.values()) == {SAME_SPOT_RUN}


def test_the_county_notices_more_errors_than_the_township(county):
    wrong = [family for family in county.families if family.on_roll and family.truth.kind]
    noted = {
        seen_by: sum(
            "surveyor_note" in visit.answers
            for visit in make_visits(wrong, "somebody", seen_by=seen_by, days=DAYS, doubts=False)
        )
        for seen_by in ("township", "county")
    }
    assert 0.2 * len(wrong) < noted["township"] < 0.5 * len(wrong) < 0.7 * len(wrong) < noted["county"]

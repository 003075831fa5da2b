"""At least so many neighbours are to be asked about each household, as the campaign says."""

from datetime import date, timedelta

import field
import pytest
import sqlalchemy as sa
import world

from api.campaigns.create import change_campaign
from api.campaigns.tables import Campaign
from api.collection.assignments.interviews import interviews_by_household
from api.collection.assignments.progress import doorsteps, places_below
from api.collection.forms import publish_form
from api.collection.tables import Assignment, Submission
from api.database import now
from api.home.coverage import coverage_below
from api.problems import Invalid
from api.registry.tables import Household
from survey_forms.catalogue import compiled

HOUSEHOLDS = [f"{world.VILLAGE}-{serial:04d}" for serial in range(1, 13)]


@pytest.fixture(autouse=True)
def published(session):
    for name in ("home_visit", "neighbour_interview"):
        publish_form(session, compiled(name))


@pytest.fixture
def asked(session):
    """A function that keeps interviews about a household, as phones sent them."""

    def keep(code, number=1, *, form="neighbour_interview", purpose="township_visit", at=None):
        household = session.scalars(sa.select(Household).where(Household.code == code)).one()
        for _ in range(number):
            submission = Submission(
                county_code=household.county_code, form_id=form, purpose=purpose,
                account_id=field.account(session, "surveyor").id, household_code=code, household_id=household.id,
                village_code=household.village_code, received_at=at or now(),
            )  # fmt: skip
            submission.instance_id = f"uuid:{household.id}-{form}-{len(session.new)}-{now().timestamp()}"
            session.add(submission)
            session.flush()

    return keep


def enough(session, viewer, campaign, who="county"):
    rows = places_below(session, viewer(who), campaign, world.TOWNSHIP)
    return {row.code: row.interviewed for row in rows}


def test_a_household_counts_once_two_neighbours_were_asked(session, campaign, viewer, asked):
    assert campaign.neighbour_interviews_per_household == 2
    asked(HOUSEHOLDS[0], 1)
    asked(HOUSEHOLDS[1], 2)
    asked(HOUSEHOLDS[2], 5)
    assert enough(session, viewer, campaign) == {world.VILLAGES[0]: 2, world.VILLAGES[1]: 0}
    rows = coverage_below(session, world.COUNTY, floor_percent=30, areas=[world.COUNTY], campaign=campaign)
    assert {row.code: row.interviewed for row in rows} == {world.TOWNSHIP: 2, world.NEXT_TOWNSHIP: 0}


def test_other_forms_spot_checks_and_what_came_before_the_campaign_do_not_count(session, campaign, viewer, asked):
    asked(HOUSEHOLDS[0], 2, form="home_visit")
    asked(HOUSEHOLDS[1], 2, purpose="spot_check")
    change_campaign(
        session, campaign, stages=[{"name": "一", "starts_on": date(2024, 1, 1), "ends_on": date(2199, 1, 1)}]
    )
    asked(HOUSEHOLDS[2], 2, at=now() - timedelta(days=365 * 20))
    assert enough(session, viewer, campaign)[world.VILLAGE] == 0


def test_the_number_is_the_campaigns_and_nought_asks_for_none(session, campaign, viewer, asked):
    asked(HOUSEHOLDS[0], 1)
    change_campaign(session, campaign, neighbour_interviews_per_household=1)
    assert enough(session, viewer, campaign)[world.VILLAGE] == 1
    change_campaign(session, campaign, neighbour_interviews_per_household=0)
    assert enough(session, viewer, campaign)[world.VILLAGE] == 12
    for wrong in (-1, 11):
        with pytest.raises(Invalid, match="邻里访问份数"):
            change_campaign(session, campaign, neighbour_interviews_per_household=wrong)
    for wrong in (-1, 11):
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            session.execute(sa.update(Campaign).values(neighbour_interviews_per_household=wrong))


def test_each_doorstep_says_how_many_were_asked_but_not_to_who_is_to_check_it(session, campaign, viewer, asked):
    asked(HOUSEHOLDS[0], 1)
    asked(HOUSEHOLDS[1], 3)
    first, second = field.road(session)[:2]
    county = field.account(session, "county")
    session.add(
        Assignment(
            county_code=world.COUNTY, campaign_id=campaign.id, household_id=second.id, account_id=county.id,
            purpose="spot_check",
        )
    )  # fmt: skip
    session.flush()
    seen = {
        who: {step.household.code: step.interviews for step in doorsteps(session, viewer(who), campaign, world.VILLAGE)}
        for who in ("township", "county")
    }
    assert [seen["township"][code] for code in HOUSEHOLDS[:3]] == [1, 3, 0]
    assert [seen["county"][code] for code in HOUSEHOLDS[:3]] == [1, None, 0]
    found = interviews_by_household(session, viewer("county"), campaign, Household.id.in_([first.id, second.id]))
    assert found == {first.id: 1, second.id: None}

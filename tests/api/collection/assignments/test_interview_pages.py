"""Where people read how many neighbours were asked."""

import field
import pytest
import world
from collect import HOUSEHOLD, Phone

from api.campaigns.create import change_campaign
from api.campaigns.tables import Campaign
from api.collection.forms import publish_form
from api.collection.tables import Assignment
from survey_forms.catalogue import compiled, schema_of
from survey_forms.filling import fill


@pytest.fixture
def campaign(database):
    with database.transaction() as session:
        for name in ("home_visit", "neighbour_interview"):
            publish_form(session, compiled(name))
        return field.campaign(session).id


def interview(number):
    return fill(
        schema_of("neighbour_interview"), {"household_code": HOUSEHOLD}, instance_id=f"uuid:asked-{number}", check=False
    )


def words(page):
    return " ".join(page.text.split())


def test_interviews_from_a_phone_are_counted_on_every_page_of_progress(
    client, signed_in, database, campaign, bearer
):  # fmt: skip
    with database.transaction() as session:
        session.add(
            Assignment(
                county_code=world.COUNTY, campaign_id=campaign, household_id=field.road(session)[0].id,
                account_id=field.account(session, "surveyor").id, purpose="township_visit",
            )
        )  # fmt: skip
    assert Phone(client).send(interview(1)).status_code == 201
    assert Phone(client).send(interview(1)).status_code == 202  # a retry is no second neighbour
    surveyor, township = signed_in("surveyor"), signed_in("township")
    assert "邻里访问 1 / 2" in surveyor.get("/").text
    assert Phone(client).send(interview(2)).status_code == 201
    assert "邻里访问 2 / 2" in surveyor.get("/").text
    assert '<span class="state" data-state="met">2 / 2</span>' in words(
        township.get("/assignments", query_string={"area": world.VILLAGE})
    )
    place = words(township.get("/assignments", query_string={"area": world.TOWNSHIP}))
    assert "要求每户至少 2 份邻里访问" in place
    assert '<td class="num" data-label="邻里访问已够的户" data-value="1">1 / 12</td>' in place
    assert '<span class="state" data-state="wait">1 / 12</span>' in words(township.get("/"))
    rows = client.get(
        "/api/assignments/places", query_string={"area": world.TOWNSHIP}, headers=bearer("township")
    ).get_json()
    assert [row["interviewed"] for row in rows] == [1, 0]


def test_where_the_campaign_asks_for_none_no_page_speaks_of_neighbours(signed_in, database, campaign):
    with database.transaction() as session:
        change_campaign(session, session.get(Campaign, campaign), neighbour_interviews_per_household=0)
    for name, page in (("county", "/"), ("township", f"/assignments?area={world.TOWNSHIP}"), ("surveyor", "/")):
        assert "邻里访问" not in signed_in(name).get(page).text


def test_a_spot_checker_reads_nothing_of_the_neighbours(client, signed_in, database, campaign, assign):
    for number in (1, 2):
        assert Phone(client).send(interview(number)).status_code == 201
    assign("checker", HOUSEHOLD)
    page = signed_in("checker").get("/").text
    assert HOUSEHOLD in page
    assert "2 / 2" not in page

import sqlalchemy as sa
import world

from api.campaigns.tables import Campaign
from api.collection.tables import Assignment
from api.home.coverage import coverage_below
from api.people.tables import Account
from api.registry.tables import Household


def test_each_township_shows_its_households_and_what_the_floor_asks(session):
    rows = coverage_below(session, world.COUNTY, floor_percent=30, areas=[world.COUNTY])
    assert [(row.code, row.households, row.must_check) for row in rows] == [
        (world.TOWNSHIP, 24, 8),  # ceil(7.2)
        (world.NEXT_TOWNSHIP, 24, 8),
    ]


def test_a_township_reviewer_sees_his_villages_and_no_other_township(signed_in):
    client = signed_in("township")
    page = client.get("/")
    assert "第1村" in page.text
    assert "第3村" not in page.text
    assert client.get("/", query_string={"area": world.NEXT_TOWNSHIP}).status_code == 404
    assert client.get("/", query_string={"area": "5402"}).status_code == 404


def test_an_inspector_opens_county_after_county(signed_in):
    client = signed_in("city")
    assert "南木林县" in client.get("/").text
    page = client.get("/", query_string={"area": world.COUNTY})
    assert "卡麦乡" in page.text
    assert "还差 24 户" in page.text


def test_an_inspector_of_another_city_is_told_what_to_do_next(signed_in):
    page = signed_in("city-outside").get("/")
    assert "这里还没有名册" in page.text
    assert "江孜" not in page.text


def test_a_surveyor_sees_whom_to_visit(signed_in, database):
    with database.transaction() as session:
        campaign = Campaign(name="专项整治", document_number="〔0〕号", area_code=world.COUNTY)
        session.add(campaign)
        session.flush()
        account = session.scalars(sa.select(Account).where(Account.name == "surveyor")).one()
        for household in session.scalars(sa.select(Household).where(Household.code.like(f"{world.VILLAGE}-000_"))):
            session.add(
                Assignment(
                    county_code=world.COUNTY,
                    campaign_id=campaign.id,
                    household_id=household.id,
                    account_id=account.id,
                    purpose="township_visit",
                )
            )
    assert "还有 9 户待走访，已完成 0 户" in signed_in("surveyor").get("/").text
    assert "还没有分配给您的家庭" in signed_in("checker").get("/").text


def test_whoever_is_not_signed_in_is_taken_to_the_way_in_and_back(client):
    answer = client.get("/", query_string={"area": world.COUNTY})
    assert answer.headers["Location"] == f"/sign-in?next=/?area%3D{world.COUNTY}"

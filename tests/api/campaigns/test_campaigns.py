from datetime import date

import pytest
import sqlalchemy as sa
import world

from api.campaigns.create import change_campaign, create_campaign
from api.campaigns.plans import read_plan
from api.campaigns.reach import campaign_of_county, campaigns_for
from api.campaigns.stages import current_stage, days_left, next_report, next_stage, standard_for
from api.campaigns.tables import Campaign, Stage
from api.people.tables import AuditEntry
from api.problems import Conflict, Invalid, NotFound

PLAN = "shigatse_2018_95"


@pytest.fixture
def campaign(session):
    return create_campaign(session, **read_plan(PLAN))


def test_the_shipped_plan_says_what_document_95_of_2018_says(campaign):
    assert campaign.document_number == "日政办发〔2018〕95号"
    assert (campaign.visit_floor_percent, campaign.spot_check_floor_percent) == (100, 30)
    assert [(s.starts_on.isoformat(), s.ends_on.isoformat()) for s in campaign.stages] == [
        ("2018-06-01", "2018-06-15"),
        ("2018-06-16", "2018-07-31"),
        ("2018-08-01", "2018-08-31"),
        ("2018-09-01", "2018-09-30"),
    ]
    assert [r.due_on.strftime("%m-%d") for r in campaign.reporting_dates] == [
        "06-25", "07-25", "07-31", "08-25", "09-20", "09-25",
    ]  # fmt: skip


def test_the_plan_moves_to_another_year_and_month_with_its_month_ends():
    assert read_plan(PLAN, year=2026)["stages"][3]["ends_on"] == date(2026, 9, 30)
    moved = read_plan(PLAN, year=2026, month=11)
    assert [stage["ends_on"] for stage in moved["stages"]] == [
        date(2026, 11, 15), date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28),
    ]  # fmt: skip
    assert moved["stages"][1]["starts_on"] == date(2026, 11, 16)
    assert {row["due_on"].day for row in moved["reporting_dates"]} == {25, 31, 20}
    assert moved["standards"][0]["year"] == 2026
    with pytest.raises(NotFound, match=PLAN):
        read_plan("no_such_plan")


def test_a_day_knows_its_stage_the_days_left_and_the_next_report(campaign):
    assert current_stage(campaign, date(2018, 5, 31)) is None
    assert next_stage(campaign, date(2018, 5, 31)).name == "动员部署"
    assert current_stage(campaign, date(2018, 6, 15)).name == "动员部署"
    stage = current_stage(campaign, date(2018, 6, 16))
    assert stage.name == "组织实施"
    assert days_left(stage.ends_on, date(2018, 7, 30)) == 2
    assert next_report(campaign, date(2018, 7, 26)).due_on == date(2018, 7, 31)
    assert next_report(campaign, date(2018, 9, 26)) is None
    assert next_stage(campaign, date(2018, 9, 30)) is None


def test_the_standard_of_the_narrowest_area_and_the_newest_year_counts(session):
    parts = read_plan(PLAN) | {
        "standards": [
            {"area_code": "5402", "scheme": "rural", "year": 2018, "fen_per_person_year": 400_000},
            {"area_code": "5402", "scheme": "rural", "year": 2019, "fen_per_person_year": 420_000},
            {"area_code": world.COUNTY, "scheme": "rural", "year": 2018, "fen_per_person_year": 410_000},
        ]
    }
    campaign = create_campaign(session, **parts)
    assert standard_for(campaign, world.COUNTY, "rural", 2020) == 410_000
    assert standard_for(campaign, world.OTHER_COUNTY, "rural", 2018) == 400_000
    assert standard_for(campaign, world.OTHER_COUNTY, "rural", 2020) == 420_000
    assert standard_for(campaign, world.OTHER_COUNTY, "rural", 2017) == 400_000
    assert standard_for(campaign, world.OTHER_COUNTY, "urban", 2018) is None


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"spot_check_floor_percent": 29}, "spot_check_floor_percent"),
        ({"spot_check_floor_percent": 101}, "spot_check_floor_percent"),
        ({"visit_floor_percent": 0}, "visit_floor_percent"),
        ({"area_code": "540299"}, "area_code"),
        ({"stages": []}, "stages"),
        ({"stages": [{"name": "a", "starts_on": date(2018, 6, 2), "ends_on": date(2018, 6, 1)}]}, "stages.0"),
        (
            {
                "stages": [
                    {"name": "a", "starts_on": date(2018, 6, 1), "ends_on": date(2018, 6, 15)},
                    {"name": "b", "starts_on": date(2018, 6, 15), "ends_on": date(2018, 6, 20)},
                ]
            },
            "stages.1",
        ),
        ({"standards": read_plan(PLAN)["standards"][:1] * 2}, "standards.1"),
        (
            {"standards": [{"area_code": "5401", "scheme": "urban", "year": 2018, "fen_per_person_year": 1}]},
            "standards.0",
        ),
    ],
)
def test_what_the_law_or_the_calendar_forbids_is_refused_with_its_place(session, changes, where):
    with pytest.raises(Invalid) as refused:
        create_campaign(session, **(read_plan(PLAN) | changes))
    assert refused.value.where == where


def test_one_document_makes_one_campaign_in_an_area(session, campaign):
    with pytest.raises(Conflict, match="95号"):
        create_campaign(session, **read_plan(PLAN))
    create_campaign(session, **(read_plan(PLAN) | {"area_code": world.COUNTY, "standards": []}))


def test_a_change_replaces_the_lists_it_names_and_leaves_the_rest(session, campaign, viewer):
    stages = [{"name": "只有一个阶段", "starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}]
    change_campaign(session, campaign, stages=stages, spot_check_floor_percent=35, by=viewer("admin"))
    session.expire_all()
    kept = session.get_one(Campaign, campaign.id)
    assert [stage.name for stage in kept.stages] == ["只有一个阶段"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Stage)) == 1
    assert kept.spot_check_floor_percent == 35
    assert len(kept.reporting_dates) == 6
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "campaign.change")).one()
    assert entry.details["changed"] == ["spot_check_floor_percent", "stages"]
    with pytest.raises(Invalid):
        change_campaign(session, campaign, spot_check_floor_percent=20)


def test_the_database_itself_holds_the_least_spot_check_share(session, campaign):
    with pytest.raises(sa.exc.IntegrityError, match="spot_check_floor_range"), session.begin_nested():
        session.execute(sa.update(Campaign).values(spot_check_floor_percent=29))


def test_a_county_sees_its_own_campaigns_and_those_of_the_city_above(session, campaign, viewer):
    own = create_campaign(
        session, **(read_plan(PLAN) | {"area_code": world.COUNTY, "standards": [], "document_number": "县1号"})
    )
    assert campaigns_for(session, viewer("county")) == [own, campaign]
    assert campaigns_for(session, viewer("surveyor")) == [own, campaign]
    assert campaigns_for(session, viewer("county-outside")) == [campaign]
    assert campaigns_for(session, viewer("city")) == [own, campaign]
    assert campaigns_for(session, viewer("city-outside")) == []
    assert campaign_of_county(session, world.COUNTY) == own
    assert campaign_of_county(session, world.OTHER_COUNTY) == campaign
    assert campaign_of_county(session, "540100") is None

"""The paper that goes along holds who is to be found and where, and nothing by which to know what to find."""

import io
from datetime import date

import pytest
import sqlalchemy as sa
import world
from checks import seen
from field import account
from openpyxl import load_workbook

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.registry.tables import Household
from api.spot_checks.commit import commit_draw, result_of
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.lists.tables import Tour
from api.spot_checks.lists.team import TeamWanted, make_team
from api.spot_checks.lists.tour import plan_tours
from api.spot_checks.outcomes import outcomes_of
from api.spot_checks.plan import make_plan


@pytest.fixture
def planned(database):
    """A drawn list with its days; tells the draw, the tours, the list and what was visited by the township."""
    with database.transaction() as session:
        for household in session.scalars(sa.select(Household).where(Household.county_code == world.COUNTY)):
            household.head_name = "=虚构()" if household.code.endswith("-0003") else household.head_name
            household.benefit_fen_per_month = 98_765_00
        campaign = create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
        county = world.viewer(session, "county")
        frame = freeze_frame(session, campaign, world.COUNTY, county, day=date(2026, 7, 1))
        draw = commit_draw(session, frame, make_plan(session, frame, campaign), county)
        draw_spot_check(session, draw, "31415926535897932384", county, witnesses="虚构甲，虚构乙")
        listed = outcomes_of(session, draw, role="base")
        for one in listed:
            seen(session, one, purpose="township_visit", by="surveyor", surveyor_note="乡镇看到的")
        wanted = TeamWanted(
            name="第一组", members=[account(session, "checker").id], capacity_per_day=50, days_from=date(2026, 7, 6),
            days_to=date(2026, 7, 10),
        )  # fmt: skip
        make_team(session, county, world.COUNTY, campaign.id, wanted)
        plan_tours(session, county, draw)
        tours = session.scalars(sa.select(Tour.id).order_by(Tour.day)).all()
        return draw, tours, listed, result_of(session, draw).seed_hex


@pytest.mark.parametrize("address", ["/spot-checks/tours/{tour}/paper", "/spot-checks/draws/{draw}/paper"])
def test_the_sheet_to_print_names_every_door_and_the_draw_it_comes_from(signed_in, planned, address):
    draw, tours, listed, seed = planned
    page = signed_in("county").get(address.format(tour=tours[0], draw=draw.id)).text
    assert all(one.household_code in page for one in listed)
    assert seed in page
    assert draw.manifest_sha256 in page
    assert "第一组" in page
    assert "<svg" in page
    for secret in ("98765", "98,765", "乡镇看到的", "必查", "分值", "风险"):
        assert secret not in page


def test_the_workbook_holds_the_same_and_no_formula(signed_in, planned):
    draw, tours, listed, seed = planned
    answer = signed_in("county").get(f"/spot-checks/tours/{tours[0]}/sheet.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    rows = list(book["抽查路线"].iter_rows(values_only=True))
    assert sorted(row[3] for row in rows[1:]) == sorted(one.household_code for one in listed)
    assert all(cell.data_type != "f" for row in book["抽查路线"].iter_rows() for cell in row)
    about = dict(book["说明"].iter_rows(values_only=True))
    assert (about["种子"], about["承诺书指纹"]) == (seed, draw.manifest_sha256)
    assert b"98765" not in answer.data


def test_one_day_or_one_team_may_be_asked_for_and_what_is_not_there_is_said(signed_in, planned):
    draw, _, _, _ = planned
    county = signed_in("county")
    assert county.get(f"/spot-checks/draws/{draw.id}/paper?day=1").status_code == 200
    assert county.get(f"/spot-checks/draws/{draw.id}/paper?day=9").status_code == 404
    assert county.get(f"/spot-checks/draws/{draw.id}/paper?day=x").status_code == 422
    assert county.get(f"/spot-checks/draws/{draw.id}/paper?team=x").status_code == 422


def test_another_county_and_a_checker_get_no_paper(signed_in, planned):
    draw, tours, _, _ = planned
    for name, status in (("county-outside", 404), ("checker", 403)):
        client = signed_in(name)
        assert client.get(f"/spot-checks/tours/{tours[0]}/paper").status_code == status
        assert client.get(f"/spot-checks/tours/{tours[0]}/sheet.xlsx").status_code == status
        assert client.get(f"/spot-checks/draws/{draw.id}/paper").status_code == status

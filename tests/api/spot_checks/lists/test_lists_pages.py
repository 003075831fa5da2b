"""The supervisor works a drawn list on its pages: progress, replacement, teams, days, and who stays away."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
import world
from checks import seen
from field import account

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.collection.tables import Assignment
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.lists.tables import CheckerTie, CheckTeam, ConflictOverride, Replacement, Tour
from api.spot_checks.outcomes import outcomes_of
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import Draw

DICE = "31415926535897932384"
WHY = "全家外出务工，村委会证明 (虚构)"


@pytest.fixture
def listed(database):
    """A drawn list; tells the key of its draw."""
    with database.transaction() as session:
        campaign = create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
        county = world.viewer(session, "county")
        frame = freeze_frame(session, campaign, world.COUNTY, county, day=campaign.stages[0].starts_on)
        draw = commit_draw(session, frame, make_plan(session, frame, campaign), county)
        draw_spot_check(session, draw, DICE, county, witnesses="虚构甲，虚构乙")
        return draw.county_code, draw.id


@pytest.fixture
def county(signed_in):
    return signed_in("county")


@pytest.fixture
def refused_household(database, listed):
    """A household of a layer that has reserves, at which the checker was refused."""
    with database.transaction() as session:
        draw = session.get_one(Draw, listed)
        found = outcomes_of(session, draw)
        layers = {one.stratum for one in found if one.role == "reserve"}
        one = next(one for one in found if one.role == "base" and one.stratum in layers)
        seen(session, one, outcome="refused", outcome_note="不让进门 (虚构)")
        following = min(
            (other for other in found if other.role == "reserve" and other.stratum == one.stratum),
            key=lambda other: other.position,
        )
        return one.household_code, following.household_code


def send(client, page, address, **fields):
    return client.post(address, data={"csrf_token": world.csrf_token(client.get(page).text), **fields})


def number_of(database, table):
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table))


def make(client, database, *names, name="第一组", identity="", **more):
    with database.read() as session:
        members = [str(account(session, one).id) for one in names]
    page = "/spot-checks/lists/teams"
    given = {"capacity": "4", "days_from": "2026-07-06", "days_to": "2026-07-10"} | more
    return send(client, page, page, county=world.COUNTY, name=name, team=identity, member=members, **given)


def test_without_a_list_every_page_says_what_to_do_first(county):
    for page in ("", "/tours"):
        assert "先冻结名册" in county.get(f"/spot-checks/lists{page}").text
    assert "还没有登记" in county.get("/spot-checks/lists/ties").text
    assert "还没有开展中的专项工作" in county.get("/spot-checks/lists/teams").text


def test_progress_stands_against_the_floor_and_names_who_was_not_reached(county, listed, refused_household):
    code, following = refused_household
    page = county.get("/spot-checks/lists").text
    assert re.search(r"已计入 0 户，下限 \d+ 户", page)
    assert code in page
    assert f"启用 {following}" in page
    assert "没有分给任何人" in page


def test_a_reserve_steps_in_by_ticket_order_with_a_reason_that_stays(county, database, listed, refused_household):
    code, following = refused_household
    address = f"/spot-checks/draws/{listed[1]}/replacements"
    short = send(county, "/spot-checks/lists", address, household_code=code, expected=following, reason="无")
    assert short.status_code == 422
    assert "理由" in short.text
    wrong = send(county, "/spot-checks/lists", address, household_code=code, expected=code, reason=WHY)
    assert wrong.status_code == 409
    assert "按抽签顺序" in wrong.text
    assert WHY in wrong.text, "what was typed is not lost"
    assert number_of(database, Replacement) == 0
    done = send(county, "/spot-checks/lists", address, household_code=code, expected=following, reason=WHY)
    assert done.status_code == 302
    page = county.get(done.location).text
    assert f"已启用备选 {following}" in page
    assert "已启用的备选 (不能撤回)" in page
    again = send(county, "/spot-checks/lists", address, household_code=code, expected=following, reason=WHY)
    assert again.status_code == 409


def test_a_team_is_made_changed_and_put_to_rest(county, database, listed):
    assert make(county, database, "checker").status_code == 302
    page = county.get("/spot-checks/lists/teams").text
    assert "第一组" in page
    assert "一天 4 户" in page
    late = make(county, database, "checker", name="第二组", days_to="2026-07-01")
    assert late.status_code in {409, 422}
    assert 'value="第二组"' in late.text, "what was typed is not lost"
    wrong = make(county, database, name="第三组", capacity="many")
    assert wrong.status_code == 422
    with database.read() as session:
        team = session.scalars(sa.select(CheckTeam)).one().id
    changed = make(county, database, "checker", name="东片组", capacity="6", identity=str(team))
    assert changed.status_code == 302
    assert "东片组" in county.get("/spot-checks/lists/teams").text
    assert send(county, "/spot-checks/lists/teams", f"/spot-checks/teams/{team}/rest", active="0").status_code == 302
    assert "停用" in county.get("/spot-checks/lists/teams").text
    assert send(county, "/spot-checks/lists/teams", f"/spot-checks/teams/{team}/rest", active="1").status_code == 302


def test_days_are_worked_out_shown_by_stop_and_go_to_the_phones(county, database, listed, work):
    early = send(county, "/spot-checks/lists/teams", f"/spot-checks/draws/{listed[1]}/tours")
    assert early.status_code == 409
    nothing = send(county, "/spot-checks/lists/teams", f"/spot-checks/draws/{listed[1]}/tours/assignments")
    assert nothing.status_code == 409
    make(county, database, "checker")
    assert send(county, "/spot-checks/lists/tours", f"/spot-checks/draws/{listed[1]}/tours").status_code == 302
    assert "正在编排行程" in county.get("/spot-checks/lists/tours").text
    work()
    page = county.get("/spot-checks/lists/tours").text
    assert "第一组 · 第 1 天" in page
    with database.read() as session:
        drawn = [one.household_code for one in outcomes_of(session, session.get_one(Draw, listed), role="base")]
        days = session.scalar(sa.select(sa.func.max(Tour.day)))
    assert all(code in page for code in drawn)
    only = county.get("/spot-checks/lists/tours?day=1").text
    assert 0 < sum(code in only for code in drawn) <= 4
    assert "没有符合筛选的行程" in county.get(f"/spot-checks/lists/tours?day={days + 1}").text
    done = send(county, "/spot-checks/lists/tours", f"/spot-checks/draws/{listed[1]}/tours/assignments", day="1")
    assert done.status_code == 302
    assert "新分配 4 户" in county.get(done.location).text
    assert number_of(database, Assignment) == 4


def test_a_tie_keeps_a_checker_away_until_an_exception_with_a_reason(county, database, listed):
    with database.read() as session:
        checker = str(account(session, "checker").id)
        [one, *_] = outcomes_of(session, session.get_one(Draw, listed), role="base")
    page, code = "/spot-checks/lists/ties", one.household_code
    tie = {"county": world.COUNTY, "account": checker, "kind": "relative", "of": code, "note": "表弟 (虚构)"}
    assert send(county, page, page, **tie | {"of": "540222100201-9999"}).status_code == 404
    assert send(county, page, page, **tie).status_code == 302
    assert "表弟 (虚构)" in county.get(page).text
    assert send(county, page, page, **tie).status_code == 409
    exception = {"account": checker, "household_code": code, "reason": "没有别人可派，由两人同去 (虚构)"}
    address = f"/spot-checks/draws/{listed[1]}/overrides"
    assert send(county, page, address, **exception | {"reason": "-"}).status_code == 422
    assert send(county, page, address, **exception).status_code == 302
    assert "没有别人可派" in county.get(page).text
    assert number_of(database, ConflictOverride) == 1
    with database.read() as session:
        identity = session.scalars(sa.select(CheckerTie.id)).one()
    assert send(county, page, f"/spot-checks/ties/{identity}/end").status_code == 302
    assert send(county, page, f"/spot-checks/ties/{identity}/end").status_code == 409


def test_who_may_not_draw_reads_and_changes_nothing(signed_in, listed, refused_household):
    city = signed_in("city")
    page = city.get("/spot-checks/lists", query_string={"county": world.COUNTY})
    assert page.status_code == 200
    assert "启用 " not in page.text
    address = f"/spot-checks/draws/{listed[1]}/replacements"
    assert send(city, "/spot-checks/lists?county=" + world.COUNTY, address, household_code="x").status_code == 403
    assert signed_in("checker").get("/spot-checks/lists").status_code == 403
    assert signed_in("county-outside").get(f"/spot-checks/lists?county={world.COUNTY}").status_code == 404


@pytest.fixture
def closed_door(database, listed):
    """A household of a layer that has reserves, whose door was closed once; tells its code."""
    with database.transaction() as session:
        found = outcomes_of(session, session.get_one(Draw, listed))
        layers = {one.stratum for one in found if one.role == "reserve"}
        one = next(one for one in found if one.role == "base" and one.stratum in layers)
        seen(session, one, outcome="nobody_home")
        return one.household_code


def test_how_often_a_closed_door_is_tried_is_the_setting_on_the_page_and_for_programs(
    app, settings, county, listed, closed_door
):
    address = f"/spot-checks/draws/{listed[1]}/replacements"
    assert "还要再去 1 次" in county.get("/spot-checks/lists").text
    refused = send(county, "/spot-checks/lists", address, household_code=closed_door, reason=WHY)
    assert (refused.status_code, "还须再去 1 次" in refused.text) == (409, True)
    app.extensions["ruhu_settings"] = replace(settings, check_attempts=1)
    page = county.get("/spot-checks/lists").text
    assert "还要再去" not in page
    assert "须去满 1 次" in page
    headers = {"Authorization": f"Bearer {world.PROGRAM_TOKENS['county']}"}
    [one] = county.get(f"/api/spot-checks/draws/{listed[1]}/progress", headers=headers).json["unreached"]
    assert (one["household_code"], one["still_to_try"]) == (closed_door, 0)
    assert send(county, "/spot-checks/lists", address, household_code=closed_door, reason=WHY).status_code == 302
    [made] = county.get(f"/api/spot-checks/draws/{listed[1]}/replacements", headers=headers).json
    assert (made["household_code"], made["attempts"]) == (closed_door, 1)

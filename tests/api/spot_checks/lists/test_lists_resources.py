"""Programs work a drawn list with the same verbs as the pages."""

import pytest
import sqlalchemy as sa
import world
from checks import seen
from field import account

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.lists.tables import CheckTeam
from api.spot_checks.outcomes import outcomes_of
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import Draw

WHY = "全家外出务工，村委会证明 (虚构)"


@pytest.fixture
def listed(database):
    with database.transaction() as session:
        campaign = create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
        county = world.viewer(session, "county")
        frame = freeze_frame(session, campaign, world.COUNTY, county, day=campaign.stages[0].starts_on)
        draw = commit_draw(session, frame, make_plan(session, frame, campaign), county)
        draw_spot_check(session, draw, "31415926535897932384", county, witnesses="虚构甲，虚构乙")
        return draw.county_code, draw.id


@pytest.fixture
def ask(app):
    """Ask as the county's program; tells status and answer."""
    client, headers = app.test_client(), {"Authorization": f"Bearer {world.PROGRAM_TOKENS['county']}"}

    def asked(method, path, **more):
        answer = client.open(f"/api/spot-checks{path}", method=method, headers=headers, **more)
        return answer.status_code, answer.json if answer.data else None

    return asked


@pytest.fixture
def checker(database):
    with database.read() as session:
        return str(account(session, "checker").id)


HERE = {"query_string": {"county": world.COUNTY}}
DAYS = {"days_from": "2026-07-06", "days_to": "2026-07-10"}


def test_progress_and_a_replacement(ask, database, listed):
    with database.transaction() as session:
        found = outcomes_of(session, session.get_one(Draw, listed))
        layers = {one.stratum for one in found if one.role == "reserve"}
        one = next(one for one in found if one.role == "base" and one.stratum in layers)
        seen(session, one, outcome="refused", outcome_note="不让进门 (虚构)")
    base = [other.household_code for other in found if other.role == "base"]
    status, told = ask("GET", f"/draws/{listed[1]}/progress")
    assert status == 200
    assert told["county"]["drawn"] == sum(row["drawn"] for row in told["townships"]) == len(base)
    assert told["county"]["unreached"] == 1
    assert sorted(told["unassigned"]) == sorted(base)
    [missed] = told["unreached"]
    assert (missed["household_code"], missed["outcome"], missed["still_to_try"]) == (one.household_code, "refused", 0)
    wanted = {"household_code": one.household_code, "reason": WHY, "expected": missed["next_reserve"]}
    assert ask("POST", f"/draws/{listed[1]}/replacements", json=wanted | {"expected": base[0]})[0] == 409
    status, made = ask("POST", f"/draws/{listed[1]}/replacements", json=wanted)
    assert (status, made["released_code"]) == (201, missed["next_reserve"])
    status, rows = ask("GET", f"/draws/{listed[1]}/replacements")
    assert [(row["household_code"], row["released_code"], row["reason"]) for row in rows] == [
        (one.household_code, missed["next_reserve"], WHY)
    ]
    assert ask("GET", f"/draws/{listed[1]}/progress")[1]["county"]["released"] == 1


def test_a_team_its_days_and_the_phones(ask, database, listed, checker, work):
    team = {"name": "第一组", "members": [checker], "capacity_per_day": 4, **DAYS}
    status, made = ask("POST", "/teams", json=team, **HERE)
    assert (status, made["name"], made["active"], made["members"]) == (201, "第一组", True, [checker])
    assert ask("PUT", f"/teams/{made['id']}", json=team | {"name": "东片组"})[1]["name"] == "东片组"
    assert ask("POST", f"/teams/{made['id']}/rest", json={"active": False})[0] == 204
    assert ask("POST", f"/draws/{listed[1]}/tours")[0] == 409
    assert ask("POST", f"/teams/{made['id']}/rest", json={"active": True})[0] == 204
    assert [one["name"] for one in ask("GET", "/teams", **HERE)[1]] == ["东片组"]
    assert ask("POST", f"/draws/{listed[1]}/tours")[0] == 202
    work()
    days = ask("GET", f"/draws/{listed[1]}/tours")[1]
    with database.read() as session:
        drawn = [one.household_code for one in outcomes_of(session, session.get_one(Draw, listed), role="base")]
    assert sorted(stop["household_code"] for day in days for stop in day["stops"]) == drawn
    assert all(len(day["stops"]) <= 4 for day in days)
    assert ask("POST", f"/draws/{listed[1]}/tours/assignments", json={"day": 1})[1]["given"] == len(days[0]["stops"])
    status, rest = ask("POST", f"/draws/{listed[1]}/tours/assignments", json={})
    assert (rest["given"], rest["kept"]) == (len(drawn) - len(days[0]["stops"]), len(days[0]["stops"]))
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CheckTeam)) == 1


def test_a_tie_an_exception_and_its_end(ask, database, listed, checker):
    with database.read() as session:
        [one, *_] = outcomes_of(session, session.get_one(Draw, listed), role="base")
    tie = {"account_id": checker, "kind": "relative", "of": one.household_code, "note": "表弟 (虚构)"}
    exception = {"account_id": checker, "household_code": one.household_code, "reason": WHY}
    assert ask("POST", f"/draws/{listed[1]}/conflict-overrides", json=exception)[0] == 422, "nothing to override"
    status, made = ask("POST", "/checker-ties", json=tie, **HERE)
    assert (status, made["household_id"]) == (201, str(one.household_id))
    status, allowed = ask("POST", f"/draws/{listed[1]}/conflict-overrides", json=exception)
    assert (status, allowed["kinds"]) == (201, "relative")
    assert [row["reason"] for row in ask("GET", f"/draws/{listed[1]}/conflict-overrides")[1]] == [WHY]
    assert ask("DELETE", f"/checker-ties/{made['id']}")[0] == 204
    assert ask("GET", "/checker-ties", **HERE)[1][0]["ended_at"] is not None

"""The pages and the interface of planning: live, shareable, and a way from what was tried to what is promised."""

import csv
import io
import re

import pytest
import sqlalchemy as sa
import world
from field import worker

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.people.roles import Role
from api.registry.tables import Household
from api.spot_checks.commit import plan_of
from api.spot_checks.tables import Draw, Frame

ROOT = "/api/spot-checks"
DICE = "31415926535897932384"

WITNESSES = "虚构甲，虚构乙"


@pytest.fixture
def campaign(database):
    with database.transaction() as session:
        return create_campaign(session, **read_plan("shigatse_2018_95", year=2026)).id


@pytest.fixture
def county(signed_in):
    return signed_in("county")


@pytest.fixture
def city(signed_in):
    return signed_in("city")


def send(client, address, page="/spot-checks?county=540222", **fields):
    token = world.csrf_token(client.get(page).text)
    return client.post(address, data={"csrf_token": token, **fields})


@pytest.fixture
def frozen(county, campaign, database, work):
    """Freeze and return the frame's id."""

    def freeze(**options):
        answer = send(county, "/spot-checks/frames", county=world.COUNTY, campaign=campaign, **options)
        assert answer.status_code == 302, answer.text
        work()
        with database.read() as session:
            return session.scalars(sa.select(Frame.id).order_by(Frame.frozen_at.desc())).first()

    return freeze


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_before_anything_is_frozen_the_page_says_what_to_do(county, campaign):
    page = county.get("/spot-checks/plan")
    assert page.status_code == 200
    assert "去冻结名册" in page.text


def test_the_preview_shows_table_width_workload_and_what_binds(county, frozen):
    frame = frozen()
    page = county.get("/spot-checks/plan", query_string={"frame": frame})
    words = text_of(page)
    assert "16 / 48 户" in words
    assert "2 队日" in words  # eight households a day
    assert "乡镇比例下限 30%" in words
    for town in ("江孜镇", "卡麦乡"):
        assert re.search(rf"{town}\s*</th>\s*<td[^>]*>24</td>\s*<td[^>]*>8</td>\s*<td[^>]*>8</td>", page.text)
    assert "太少，不能说" in words  # eight of twenty-four visits of a township


def test_an_impossible_plan_is_explained_with_the_smallest_that_would_do(county, frozen):
    frame = frozen()
    page = county.get("/spot-checks/plan", query_string={"frame": frame, "aim": "total", "total": "10"})
    assert page.status_code == 422
    assert "这个方案不成立" in page.text
    assert "至少 16 户" in page.text
    assert 'value="10"' in page.text  # what was typed is still there
    below = county.get("/spot-checks/plan", query_string={"frame": frame, "floor_township": "20"})
    assert "不得低于 30%" in below.text
    days = county.get("/spot-checks/plan", query_string={"frame": frame, "aim": "days", "teams": "1", "days": "1"})
    assert "至少 2 个队日" in days.text
    design = county.get("/spot-checks/plan", query_string={"frame": frame, "design": "pareto"})
    assert design.status_code == 422
    assert "重新冻结" in design.text


def test_a_plan_that_is_kept_stands_beside_the_one_being_made(county, frozen):
    frame = frozen()
    first = county.get("/spot-checks/plan", query_string={"frame": frame, "floor_township": "50"})
    address = (
        re.search(r'href="([^"]+)"[^>]*>\s*<svg.*?</svg>\s*留作方案甲', first.text, re.DOTALL)
        .group(1)
        .replace("&amp;", "&")
    )
    assert "a_floor_township=50" in address
    both = county.get(address.replace("floor_township=50&", "", 1) + "&aim=total&total=40")
    first_row = both.text.split('id="two-plans"')[1].split("</tr>")[1]
    figures = re.findall(r'<td class="num"[^>]*>([^<]+)<', first_row)
    assert figures == ["24", "40", "+16"]
    assert 'name="a_floor_township" value="50"' in both.text  # changing the form keeps it


def test_what_was_tried_is_what_is_promised(county, frozen, database):
    frame = frozen(numbered_by="persons")
    asked = {"floor_township": "50", "band_low": "60", "design": "pareto", "allocation": "equal", "least": "3"}
    page = county.get("/spot-checks/plan", query_string={"frame": frame, **asked})
    fields = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text.split("用这个方案承诺")[1])
    )
    assert {name: fields[name] for name in asked} == asked
    tried = county.get(f"{ROOT}/frames/{frame}/plan", query_string=asked)
    answer = county.post("/spot-checks/draws", data={**fields, "entropy_rule": "dice:20"})
    assert answer.status_code == 302, answer.text
    with database.read() as session:
        draw = session.scalars(sa.select(Draw)).one()
        plan = plan_of(draw)
    assert plan.floors["township"] == 50
    assert {row.method for row in plan.strata.values()} == {"pareto"}
    assert tried.json["plan_sha256"] == draw.plan_sha256


def test_the_interface_commits_with_the_same_options_and_previews_them(client, bearer, frozen):
    frame = frozen()
    asked = {"aim": "width", "width_county": 8.5, "teams": 2, "per_day": 4}
    seen = client.get(f"{ROOT}/frames/{frame}/preview", query_string=asked, headers=bearer("county"))
    assert seen.status_code == 200, seen.text
    assert seen.json["width"]["half_width"] <= 0.085
    assert seen.json["workload"]["team_days"] == -(-seen.json["plan"]["totals"]["n"] // 4)
    made = client.post(f"{ROOT}/draws", json={"frame_id": str(frame), **asked}, headers=bearer("county"))
    assert made.status_code == 201, made.text
    assert made.json["plan_sha256"] == seen.json["plan"]["plan_sha256"]
    for wrong in ({"floor_county": 29}, {"design": "cube"}, {"width_county": 0}):
        refused = client.get(f"{ROOT}/frames/{frame}/preview", query_string=wrong, headers=bearer("county"))
        assert refused.status_code == 422


def test_the_study_names_which_designs_nobody_can_recompute(county, client, bearer, frozen):
    frame = frozen()
    part = county.get("/spot-checks/plan/study", query_string={"frame": frame})
    assert part.status_code == 200
    assert "不可公开复算，仅供比较" in part.text
    told = client.get(f"{ROOT}/frames/{frame}/study", headers=bearer("county")).json
    assert {one["design"] for one in told} >= {"srs", "pareto", "cube"}
    assert [one["design"] for one in told if not one["statutory"]] == [
        one["design"] for one in told if one["design"] in {"local_pivotal", "cube"}
    ]
    by_design = {one["design"]: one for one in told}
    assert by_design["cube"]["persons_error"] <= by_design["srs"]["persons_error"]


def test_the_frames_page_shows_what_was_frozen_and_what_changed_since(county, frozen, database):
    frame = frozen()
    page = county.get(f"/spot-checks/frames/{frame}")
    with database.read() as session:
        kept = session.scalars(sa.select(Frame)).one()
    assert kept.frame_sha256 in page.text
    assert "没有变化" in page.text
    with database.transaction() as session:
        one = session.scalars(sa.select(Household).where(Household.code == f"{world.VILLAGE}-0001")).one()
        one.head_name = "=虚构改名"
    page = county.get(f"/spot-checks/frames/{frame}")
    assert f"{world.VILLAGE}-0001" in page.text
    assert "虚构改名" in page.text
    filtered = county.get(f"/spot-checks/frames/{frame}?area={world.NEXT_TOWNSHIP}")
    assert f"{world.VILLAGE}-0001" not in filtered.text
    sheet = county.get(f"/spot-checks/frames/{frame}/changes.csv")
    rows = list(csv.reader(io.StringIO(sheet.data.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][0] == "变更"
    assert "'=虚构改名" in rows[1]  # no formula for a spreadsheet
    told = county.get(f"{ROOT}/frames/{frame}/changes").json
    assert [(one["kind"], one["head_name_now"]) for one in told] == [("changed", "=虚构改名")]


def test_each_population_has_its_own_steps(county, campaign, frozen, database, work):
    frozen()
    with database.transaction() as session:
        for one in session.scalars(sa.select(Household).where(Household.village_code == world.VILLAGE)):
            one.on_roll, one.registered_poor = False, True
    page = county.get("/spot-checks?round=missed")
    assert re.search(r'data-stage="now"[^>]*>\s*1', page.text)
    frozen(population="missed")
    assert re.search(r'data-stage="now"[^>]*>\s*2', county.get("/spot-checks?round=missed").text)
    assert "共 12 户" in county.get("/spot-checks?round=missed").text
    assert "共 48 户" in county.get("/spot-checks").text


def test_a_city_inspector_goes_through_a_sub_round_on_the_pages(county, city, frozen, database):
    frame = frozen()
    assert send(county, "/spot-checks/draws", frame=frame, entropy_rule="dice:20").status_code == 302
    with database.read() as session:
        draw = session.scalars(sa.select(Draw.id)).one()
    assert send(county, f"/spot-checks/{draw}/result", entropy=DICE, witnesses=WITNESSES).status_code == 302
    assert "市级复查" not in county.get("/spot-checks").text
    assert "冻结县里抽到的家庭" in city.get("/spot-checks?county=540222").text
    begun = send(city, f"/spot-checks/{draw}/sub-rounds")
    assert begun.status_code == 302
    page = city.get(begun.headers["Location"])
    assert "共 16 户" in page.text
    within = re.search(r"/spot-checks/sub-rounds/([0-9a-f-]+)/draws", page.text).group(1)
    here = begun.headers["Location"]
    short = send(city, f"/spot-checks/sub-rounds/{within}/draws", here, entropy_rule="dice:3")
    assert short.status_code == 422
    assert send(city, f"/spot-checks/sub-rounds/{within}/draws", here, entropy_rule="dice:20").status_code == 302
    page = city.get(here)
    second = re.search(r"/spot-checks/sub-rounds/draws/([0-9a-f-]+)/result", page.text).group(1)
    few = send(city, f"/spot-checks/sub-rounds/draws/{second}/result", here, entropy="12", witnesses=WITNESSES)
    assert few.status_code == 422
    done = send(city, f"/spot-checks/sub-rounds/draws/{second}/result", here, entropy=DICE[::-1], witnesses=WITNESSES)
    assert done.status_code == 302, done.text
    assert "一致" in city.get(f"/spot-checks/{second}/verification").text
    # its own checkers are ticked there, the county's do not stand on the list
    assert "还没有市级抽查员" in city.get(f"/spot-checks/{second}").text
    with database.transaction() as session:
        inspector = str(worker(session, "city-checker", (Role.SPOT_CHECKER, "5402")).id)
    drawn = city.get(f"/spot-checks/{second}").text
    assert re.findall(r'name="account" value="([^"]+)"', drawn) == [inspector]
    given = send(city, f"/spot-checks/sub-rounds/draws/{second}/assignments", account=inspector)
    assert re.search(r"given=[1-9]\d*&left=0&open=0", given.headers["Location"])
    assert "虚构city-checker" in city.get(given.headers["Location"]).text
    # the county sees it and cannot hold it
    shown = county.get(f"/spot-checks/{second}")
    assert "市级复查" in shown.text
    assert "分配给抽查员" not in shown.text
    assert send(county, f"/spot-checks/{second}/result", entropy=DICE, witnesses=WITNESSES).status_code in {
        403,
        409,
    }


def test_the_interface_of_a_sub_round(client, bearer, frozen, database):
    frame = frozen()
    draw = client.post(f"{ROOT}/draws", json={"frame_id": str(frame)}, headers=bearer("county")).json["id"]
    thrown = {"entropy": DICE, "witnesses": "虚构甲，虚构乙"}
    client.post(f"{ROOT}/draws/{draw}/result", json=thrown, headers=bearer("county"))
    begun = client.post(f"{ROOT}/draws/{draw}/sub-rounds", json={"numbered_by": "road"}, headers=bearer("city"))
    assert begun.status_code == 201, begun.text
    assert begun.json["within_draw_id"] == draw
    asked = {"design": "systematic", "floor_county": 50}
    made = client.post(f"{ROOT}/sub-rounds/{begun.json['id']}/draws", json=asked, headers=bearer("city"))
    assert made.status_code == 201, made.text
    assert made.json["plan"]["totals"]["n"] >= 8
    other = {"entropy": DICE[::-1], "witnesses": "虚构甲，虚构乙"}
    done = client.post(f"{ROOT}/sub-rounds/draws/{made.json['id']}/result", json=other, headers=bearer("city"))
    assert done.status_code == 201, done.text
    assert client.get(f"{ROOT}/draws/{made.json['id']}/verification", headers=bearer("city")).json["same"]
    to_whom = f"{ROOT}/sub-rounds/draws/{made.json['id']}/assignments"
    assert client.post(to_whom, json={"accounts": ["checker"]}, headers=bearer("city")).status_code == 422
    with database.transaction() as session:
        worker(session, "city-checker", (Role.SPOT_CHECKER, "5402"))
    given = client.post(to_whom, json={}, headers=bearer("city"))
    assert given.status_code == 201, given.text
    assert given.json == {
        "by_checker": {"city-checker": done.json["plan"]["totals"]["n"]}, "kept": 0, "left": [], "open_yet": [],
    }  # fmt: skip
    some = {"townships": [world.NEXT_TOWNSHIP]}
    part = client.post(f"{ROOT}/draws/{draw}/sub-rounds", json=some, headers=bearer("city")).json
    assert 0 < part["units"] < 16
    one = client.get(f"{ROOT}/frames/{begun.json['id']}", headers=bearer("county")).json
    assert one["units"] == 16

"""The county supervisor's spot check from the frozen roll to what it proves, with ODK's own engine as the phone."""

import csv
import io
from types import SimpleNamespace

import pytest
import requests
import sqlalchemy as sa
import world
from checks import seen
from engine.client import Job, fill_all
from engine.lists import LISTS
from live import multipart
from supervisor import work

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.collection.forms import publish_form
from api.registry.tables import DeclaredRelative, Household, Member, Official
from api.spot_checks.tables import FrameUnit, Selection
from survey_forms.catalogue import compiled, entry

DICE = "31415926535897932384"
DESK = {"width": 1280, "height": 800}
PHONE = f"/key/{world.PHONE_TOKENS['checker']}"


@pytest.fixture
def at_work(database):
    """A campaign, a cadre's brother on the roll, the township's visit of everybody; the checker's form published."""
    with database.transaction() as session:
        create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
        known = entry("spot_check_visit")
        publish_form(session, compiled("spot_check_visit"), for_roles=known.for_roles)
        households = session.scalars(sa.select(Household).where(Household.county_code == world.COUNTY)).all()
        session.add(
            Official(
                county_code=world.COUNTY, name="虚构干部", body="江孜镇政府", post="民政助理员", kind="case_worker",
                division_code=world.TOWNSHIP,
                relatives=[DeclaredRelative(name="虚构弟弟", relation="弟弟", identity_hash="1" * 64)],
            )
        )  # fmt: skip
        brother = next(one for one in households if one.code == f"{world.VILLAGE}-0005")
        session.add(
            Member(
                county_code=world.COUNTY, household_id=brother.id, position=2, name="虚构弟弟", relation="子",
                identity_hash="1" * 64,
            )
        )  # fmt: skip
        for one in households:
            row = SimpleNamespace(
                county_code=one.county_code, household_id=one.id, household_code=one.code, village_code=one.village_code
            )
            seen(session, row, purpose="township_visit", by="surveyor", members_count=2)


@pytest.fixture
def desk(chromium, server):
    """A supervisor's window, signed in; it fails on any error in the browser's console."""
    context = chromium.new_context(viewport=DESK, base_url=server, locale="zh-CN", accept_downloads=True)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/sign-in")
    page.get_by_label("账号").fill("county")
    page.get_by_label("密码").fill(world.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/")
    yield page
    context.close()
    assert complaints == []


def wrong(code):
    """Which households the checker finds not eligible: every third by its serial."""
    return int(code[-4:]) % 3 == 0


def visited(server, base):
    """Fill a blind visit of every household on the checker's phone and send it."""
    given = requests.get(f"{server}{PHONE}/lists/spot_check_households.csv", timeout=60)
    listed = {row["code"]: row for row in csv.DictReader(io.StringIO(given.text))}
    assert listed.keys() == base.keys()
    assert {*next(iter(listed.values()))} == {"name", "label", "__version", "code", "head_name", "village", "geometry"}
    jobs = [
        Job(
            compiled("spot_check_visit").xml, LISTS | {"spot_check_households.csv": given.text}, seed=seed,
            given={
                "/data/which/household": listed[code]["name"], "/data/outcome": "met_householder",
                "/data/economy/members_count": "2",
                "/data/conclusion/verdict": "not_eligible" if wrong(code) else "right",
                "/data/conclusion/error_kinds": "favour" if wrong(code) else "none",
            },
        )
        for seed, code in enumerate(sorted(base), 1)
    ]  # fmt: skip
    for one in fill_all(jobs):
        assert one.violations == []
        body, kind = multipart(one.xml, one.files)
        answer = requests.post(f"{server}{PHONE}/submission", data=body, headers={"Content-Type": kind}, timeout=60)
        assert answer.status_code == 201, answer.text


@pytest.mark.usefixtures("at_work")
def test_from_the_frozen_roll_to_what_the_checks_prove(app, database, desk, server):
    # freeze
    desk.goto("/spot-checks")
    desk.get_by_role("button", name="冻结现在的名册").click()
    work(app)
    desk.goto("/spot-checks")
    # plan: the address carries what is tried, the answer follows at once
    desk.goto(f"/spot-checks/plan?county={world.COUNTY}&floor_township=40")
    assert desk.get_by_text("卡麦乡").first.is_visible()
    # promise, then dice in public
    desk.goto("/spot-checks")
    desk.get_by_role("button", name="承诺并公布").first.click()
    desk.locator("#part-1").fill(DICE[:10])
    desk.get_by_text("10").first.wait_for()
    desk.locator("#part-1").fill(DICE)
    desk.get_by_label("见证人").fill("虚构人大代表\n虚构村民代表")
    desk.get_by_role("button", name="用这些数字抽取").click()
    desk.wait_for_url("**/spot-checks/*-*")
    draw_id = desk.url.rsplit("/", 1)[1].split("?", maxsplit=1)[0]
    desk.get_by_role("button", name="重算并核对").click()
    desk.locator("#verification .alert-success").wait_for()
    # print
    paper = desk.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    assert len(paper) > 20_000
    # hand out
    desk.get_by_role("button", name="分配未分配的正选家庭").click()
    with database.read() as session:
        drawn = session.scalars(sa.select(Selection).where(Selection.role == "base")).all()
        units = session.scalars(sa.select(FrameUnit)).all()
    base = {one.household_code: one for one in drawn}
    assert f"{world.VILLAGE}-0005" in base, "the cadre's brother is always visited"
    # the phone sends blind visits
    visited(server, base)
    # compare
    desk.goto(f"/spot-checks/comparison?county={world.COUNTY}")
    first = min(filter(wrong, base))
    assert desk.get_by_text(first).first.is_visible()
    # estimate: the same numbers, worked out here
    sizes, found = {}, {}
    for unit in units:
        sizes[unit.stratum] = sizes.get(unit.stratum, 0) + 1
    for one in drawn:
        found.setdefault(one.stratum, []).append(wrong(one.household_code))
    share = sum(sizes[name] * sum(marks) / len(marks) for name, marks in found.items()) / len(units)
    address = f"{server}/api/spot-checks/draws/{draw_id}/estimates"
    bearer = {"Authorization": f"Bearer {world.PROGRAM_TOKENS['county']}"}
    told = requests.get(address, headers=bearer, timeout=60).json()
    figure = told["whole"]["figures"]["wrongly_included"]
    assert figure["value"] == pytest.approx(share)
    assert figure["lower"] <= share <= figure["upper"]
    assert figure["n"] == len(base)
    desk.goto(f"/spot-checks/estimates?county={world.COUNTY}")
    words = desk.locator("main").inner_text()
    assert f"{100 * figure['lower']:.1f}" in words
    assert f"{100 * figure['upper']:.1f}" in words
    assert desk.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

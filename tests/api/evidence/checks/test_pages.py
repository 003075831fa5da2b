"""The pages and the programming interface of field checks, as supervisors and programs meet them."""

import csv
import io

import field
import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen

from api.evidence.checks.judge import sweep
from api.evidence.checks.rules import BY_KEY, RULES
from api.evidence.checks.tables import CheckThresholds
from api.evidence.tables import Evidence

LIST, API = "/evidence/checks", "/api/evidence/checks"
COUNTY = {"county": world.COUNTY}
ONE, TWO, NEXT = f"{world.VILLAGE}-0001", f"{world.VILLAGE}-0002", "540222201201-0001"


@pytest.fixture
def three(doubted):
    """A visit without photo and place, one with a place that is no true one, one of the neighbouring township."""
    doubted(ONE)
    doubted(TWO, place=True, ended_at="2020-01-01T00:00:00+00:00")  # ended before it began: too short
    doubted(NEXT, by="surveyor-outside")


@pytest.fixture
def campaign(database):
    """A campaign of the county, whose thresholds may be changed."""
    with database.transaction() as session:
        field.campaign(session)


def test_the_list_says_what_was_found_and_the_worst_comes_first(three, finds):
    assert finds("county") == [ONE, TWO, NEXT]
    assert finds.told[0][0] == TWO  # a doubt; the others only deserve a look
    assert (ONE, "测试surveyor", "没有房屋照片") in finds.told
    assert (ONE, "测试surveyor", "没有记录位置") in finds.told


def test_every_filter_narrows_the_list_the_file_and_the_interface_alike(three, finds, database):
    with database.read() as session:
        worker = str(field.account(session, "surveyor-outside").id)
    assert finds("county", rule="no-place") == [ONE, NEXT]
    assert finds("county", severity="doubt") == [TWO]
    assert finds("county", severity="look") == [ONE, TWO, NEXT]
    assert finds("county", area=world.TOWNSHIP) == [ONE, TWO]
    assert finds("county", worker=worker) == [NEXT]
    assert finds("county", household=TWO) == [TWO]
    assert finds("county", rule="no-place", area=world.TOWNSHIP) == [ONE]
    assert finds("county", rule="no-place", household=TWO) == []


def test_the_address_fills_the_filters_and_nonsense_in_it_is_left_out(three, signed_in):
    browser = signed_in("county")
    page = browser.get(LIST, query_string={**COUNTY, "rule": "no-place", "area": world.TOWNSHIP}).text
    assert '<option value="no-place" selected>没有位置 (1)</option>' in page
    assert f'<option value="{world.TOWNSHIP}" selected>' in page
    for nonsense in ({"rule": "'"}, {"severity": "x"}, {"area": "x"}, {"worker": "x"}, {"page": "-1"}, {"page": "99"}):
        answer = browser.get(LIST, query_string={**COUNTY, **nonsense})
        assert (answer.status_code, "3 条取证有疑点" in answer.text) == (200, True), nonsense


def test_whoever_reviews_opens_the_visit_from_the_list_and_others_only_read_it(three, signed_in, database):
    with database.read() as session:
        evidence = session.scalars(sa.select(Evidence).where(Evidence.household_code == TWO)).one()
    way = f"/evidence/review/{evidence.submission_id}"
    for name, reviews in (("county", True), ("surveyor", False)):
        browser = signed_in(name)
        page = browser.get(LIST, query_string=COUNTY).text
        assert TWO in page
        assert (f'href="{way}"' in page) is reviews, name
        assert (browser.get(way).status_code == 200) is reviews, name


def test_the_interface_refuses_what_makes_no_sense(client, bearer):
    for wrong in ({}, {"county": "x"}, {**COUNTY, "rule": "x"}, {**COUNTY, "area": "x"}, {**COUNTY, "worker": "x"}):
        assert client.get(API, query_string=wrong, headers=bearer("county")).status_code == 422, wrong
    elsewhere = {"county": world.OTHER_COUNTY}
    for path in ("", "/rules"):
        assert client.get(API + path, query_string=elsewhere, headers=bearer("county")).status_code == 404


def test_the_file_has_a_line_for_each_reason_under_headings(three, signed_in):
    answer = signed_in("county").get(f"{LIST}/list.csv", query_string={**COUNTY, "household": ONE}, buffered=True)
    assert answer.headers["Content-Disposition"] == "attachment; filename=field-checks.csv"
    heading, *lines = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert heading[0] == "户编码"
    told = [dict(zip(heading, line, strict=True)) for line in lines]
    told = [one for one in told if one["规则"] != "不在白天"]  # the visit is made now, by day or by night
    assert {(one["户编码"], one["村"], one["来源"], one["规则"], one["程度"]) for one in told} == {
        (ONE, world.VILLAGE, "乡镇", "没有位置", "留意"),
        (ONE, world.VILLAGE, "乡镇", "没有房屋照片", "留意"),
    }


def test_nothing_found_and_nothing_that_fits_are_told_apart(signed_in, finds, doubted):
    assert finds("county") == []
    browser = signed_in("county")
    assert "没有发现疑点" in browser.get(LIST, query_string=COUNTY).text
    doubted(ONE)
    page = browser.get(LIST, query_string={**COUNTY, "household": TWO}).text
    assert "没有符合条件的疑点" in page
    assert f'href="{LIST}?county={world.COUNTY}">清除条件' in page


def test_what_still_waits_for_its_judgement_is_said(database, signed_in):
    with database.transaction() as session:
        seen(session, Drawn(field.road(session)[0]), purpose="township_visit", by="surveyor")
    assert "还有 1 条等待检查" in signed_in("county").get(LIST, query_string=COUNTY).text
    sweep(database)
    assert "等待检查" not in signed_in("county").get(LIST, query_string=COUNTY).text


def test_a_long_list_goes_on_another_page_with_the_same_filters(database, signed_in, client, bearer):
    with database.transaction() as session:
        homes = [Drawn(household) for household in field.road(session)]
        for at in range(51):
            seen(session, homes[at % 12], purpose="township_visit", by="surveyor", place=False, minutes=at)
    sweep(database)
    browser = signed_in("county")
    first = browser.get(LIST, query_string={**COUNTY, "rule": "no-place"}).text
    assert "第 1 页，共 2 页" in first
    address = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "rule=no-place" in address
    second = browser.get(address).text
    assert (first.count('<th scope="row"'), second.count('<th scope="row"')) == (50, 1)
    answer = client.get(API, query_string={**COUNTY, "page": 2, "page_size": 50}, headers=bearer("county"))
    assert len(answer.json) == 1


def test_who_reads_several_counties_says_first_which(three, signed_in):
    browser = signed_in("city")
    for page in (LIST, f"{LIST}/rules", f"{LIST}/rules/dark"):
        text = browser.get(page).text
        assert "看哪个县的疑点" in text
        assert f'href="{page}?county={world.COUNTY}"' in text
    assert browser.get(f"{LIST}/list.csv").status_code == 422
    assert "3 条取证有疑点" in signed_in("county").get(LIST).text  # who has one county is not asked


def test_a_rule_has_a_page_that_says_what_it_sees_and_what_else_it_can_be(three, signed_in, client, bearer):
    browser = signed_in("county")
    page = browser.get(f"{LIST}/rules/no-place", query_string=COUNTY).text
    assert BY_KEY["no-place"].asks in page
    assert BY_KEY["no-place"].innocent in page
    assert "2 条</a>" in page
    assert BY_KEY["dark"].asks not in page
    every = browser.get(f"{LIST}/rules", query_string=COUNTY).text
    assert all(rule.innocent in every for rule in RULES)
    assert browser.get(f"{LIST}/rules/no-such", query_string=COUNTY).status_code == 404
    told = client.get(f"{API}/rules", query_string=COUNTY, headers=bearer("county")).json
    assert [rule["key"] for rule in told] == [rule.key for rule in RULES]
    assert next(rule for rule in told if rule["key"] == "no-place")["hits"] == 2
    (limit,) = next(rule for rule in told if rule["key"] == "far-from-home")["limits"]
    assert (limit["value"], limit["default"]) == (1000, 1000)


def test_thresholds_are_changed_on_the_page_with_a_reason_and_what_was_found_follows(
    campaign, doubted, finds, signed_in, database
):
    doubted(ONE, place=True, photo=True)  # accurate to 5 m
    assert finds("county", rule="coarse-place") == []
    browser = signed_in("county")
    page = browser.get(f"{LIST}/rules", query_string=COUNTY).text
    assert 'name="far_m"' in page
    form = {**COUNTY, "csrf_token": world.csrf_token(page), "short_minutes": "9", "far_m": "60", "reason": "山谷试行"}
    done = browser.post(f"{LIST}/thresholds", data=form)
    assert (done.status_code, done.headers["Location"]) == (303, f"{LIST}/rules?county={world.COUNTY}&saved=1")
    page = browser.get(done.headers["Location"]).text
    assert "限值已保存" in page
    assert "限值第 1 次调整：山谷试行" in page
    assert "等待检查" in browser.get(LIST, query_string=COUNTY).text
    assert sweep(database) == 1
    assert finds("county", rule="far-from-home") == [ONE]


def test_who_may_not_change_thresholds_sees_them_without_fields(campaign, signed_in):
    page = signed_in("township").get(f"{LIST}/rules", query_string=COUNTY).text
    assert "距离上限" in page
    assert 'name="far_m"' not in page
    assert "保存限值" not in page


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"reason": ""}, 422),
        ({"reason": "长" * 201}, 422),
        ({"far_m": "x"}, 422),
        ({"far_m": "nan"}, 422),
        ({"far_m": "inf"}, 422),
        ({"far_m": "1"}, 422),
        ({"further_m": "60"}, 422),
        ({"far_m": "1000"}, 409),  # as it is
        ({"county": world.OTHER_COUNTY}, 404),
        ({"county": ""}, 404),
    ],
)
def test_the_page_refuses_a_wrong_change_and_changes_nothing(campaign, signed_in, database, change, status):
    browser = signed_in("county")
    token = world.csrf_token(browser.get(f"{LIST}/rules", query_string=COUNTY).text)
    form = {**COUNTY, "csrf_token": token, "far_m": "60", "reason": "试行", **change}
    assert browser.post(f"{LIST}/thresholds", data=form).status_code == status
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CheckThresholds)) == 0


def test_programs_change_thresholds_and_are_refused_alike(campaign, client, bearer):
    def change(name="county", **more):
        given = {**COUNTY, "limits": {"far_m": 60}, "reason": "试行", **more}
        return client.post(f"{API}/thresholds", json=given, headers=bearer(name))

    for wrong in ({"reason": ""}, {"limits": {}}, {"limits": {"far_m": 1}}, {"limits": {"x": 60}}, {"county": "x"}):
        assert change(**wrong).status_code == 422, wrong
    for name, status in (("township", 403), ("surveyor", 403), ("checker", 403), ("county-outside", 404)):
        assert change(name).status_code == status, name
    done = change()
    assert (done.status_code, done.json["number"], done.json["limits"]["far_m"]) == (201, 1, 60)
    assert change().status_code == 409
    assert change(limits={"dark_minutes": 30}).json["limits"]["far_m"] == 60  # what is left out stays


def test_without_a_campaign_there_is_nobody_for_whom_to_change_thresholds(signed_in, client, bearer):
    answer = client.post(
        f"{API}/thresholds", json={**COUNTY, "limits": {"far_m": 60}, "reason": "试行"}, headers=bearer("county")
    )
    assert (answer.status_code, "请先建立专项工作" in answer.json["detail"]) == (404, True)
    page = signed_in("county").get(f"{LIST}/rules", query_string=COUNTY).text
    assert 'name="far_m"' not in page


def test_reasons_are_said_in_the_readers_language(three, client, bearer):
    headers = {**bearer("county"), "Accept-Language": "en"}
    told = client.get(API, query_string={**COUNTY, "rule": "no-place"}, headers=headers).json
    assert not any(ord(letter) > 0x2E7F for one in told for check in one["checks"] for letter in check["reason"])

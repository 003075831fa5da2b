import csv
import io
from datetime import date

import pytest
import world
from checks import seen

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.evidence.checks.judge import sweep
from api.spot_checks.commit import commit_draw
from api.spot_checks.comparison.tables import Verdict
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.estimates.report import make_report
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import Draw, Selection

PAGE = "/map/divisions"
HOUSEHOLD = f"{world.VILLAGE}-0001"


def by_code(answer):
    assert answer.status_code == 200, answer.text
    return {one["code"]: one for one in answer.json}


def test_coverage_counts_households_of_the_roll_that_the_township_visited_once(visited, ask):
    visited(HOUSEHOLD)
    visited(HOUSEHOLD, minutes=5)
    visited(f"{world.VILLAGE}-0002")
    visited(f"{world.VILLAGES[2]}-0001", by="surveyor-outside")
    visited(f"{world.VILLAGE}-0003", purpose="spot_check", by="checker")  # the county's own visit covers nothing
    visited(f"{world.VILLAGE}-0004", kind="asset")
    found = by_code(ask("county", within=world.COUNTY))
    assert [(one["households"], one["visited"], one["coverage"]) for one in found.values()] == [
        (24, 2, round(2 / 24, 4)), (24, 1, round(1 / 24, 4)),
    ]  # fmt: skip
    assert by_code(ask("county", level="county"))[world.COUNTY]["visited"] == 3
    villages = by_code(ask("county", level="village", within=world.TOWNSHIP))
    assert {code: one["visited"] for code, one in villages.items()} == {world.VILLAGES[0]: 2, world.VILLAGES[1]: 0}
    assert by_code(ask("city", level="county"))[world.OTHER_COUNTY]["coverage"] == 0


def test_the_share_of_doubt_is_of_what_was_judged(visited, ask, database):
    visited(HOUSEHOLD, by="surveyor")
    visited(f"{world.VILLAGE}-0002", place=False)  # no place: worth a look, no doubt
    assert by_code(ask("county"))[world.TOWNSHIP]["doubt_share"] is None  # nobody has judged yet
    assert sweep(database)
    found = by_code(ask("county"))[world.TOWNSHIP]
    assert (found["pieces"], found["judged"], found["doubted"], found["doubt_share"]) == (2, 2, 0, 0)
    visited(f"{world.VILLAGES[1]}-0012", minutes=90)  # recorded 1.8 km from home
    assert sweep(database)
    found = by_code(ask("county"))[world.TOWNSHIP]
    assert (found["pieces"], found["judged"], found["doubted"], found["doubt_share"]) == (3, 3, 1, round(1 / 3, 4))


def test_a_reviewer_gets_his_township_and_nothing_of_the_neighbours(visited, ask, signed_in, ground):
    visited(HOUSEHOLD)
    visited(f"{world.VILLAGES[2]}-0001", by="surveyor-outside")
    assert set(by_code(ask("township", within=world.COUNTY))) == {world.TOWNSHIP}
    assert set(by_code(ask("township-outside", within=world.COUNTY))) == {world.NEXT_TOWNSHIP}
    assert by_code(ask("township", level="county")) == {}
    assert ask("township", within=world.NEXT_TOWNSHIP).status_code == 404
    browser = signed_in("township")
    for query in ({"within": world.COUNTY}, {"within": world.COUNTY, "level": "village"}, {}):
        text = browser.get(PAGE, query_string=query).text + browser.get(f"{PAGE}/figures.csv", query_string=query).text
        assert "第1村" in text or "江孜镇" in text
        assert "卡麦乡" not in text
        assert "第3村" not in text
    assert browser.get(PAGE, query_string={"within": world.NEXT_TOWNSHIP}).status_code == 404


def test_a_checker_counts_nothing_of_the_townships_visit_before_his_own_is_in(visited, ask):
    visited(HOUSEHOLD)
    before = by_code(ask("checker", within=world.COUNTY))[world.TOWNSHIP]
    assert (before["pieces"], before["judged"], before["households"], before["visited"]) == (0, 0, None, None)
    visited(HOUSEHOLD, purpose="spot_check", by="checker")
    assert by_code(ask("checker", within=world.COUNTY))[world.TOWNSHIP]["pieces"] == 2


def test_whoever_holds_an_open_check_learns_by_no_number_whether_the_household_was_visited(visited, ask, assign):
    assign("county")
    before = by_code(ask("county"))
    visited(HOUSEHOLD)
    assert by_code(ask("county")) == before
    assert by_code(ask("township"))[world.TOWNSHIP]["visited"] == 1


@pytest.fixture
def drawn(database):
    """A draw whose list is checked in one township, one in three of it wrong, and not at all in the other."""
    with database.transaction() as session:
        campaign = create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
        by = world.viewer(session, "county")
        frame = freeze_frame(session, campaign, world.COUNTY, by, day=date(2026, 7, 1))
        draw = commit_draw(session, frame, make_plan(session, frame, campaign, total=34), by)
        draw_spot_check(session, draw, "31415926535897932384", by, witnesses="虚构人大代表，虚构代表")
        rows = session.query(Selection).filter_by(role="base").order_by(Selection.household_code)
        for at, one in enumerate(one for one in rows if one.household_code.startswith(world.TOWNSHIP)):
            wrong = at % 3 == 0
            seen(session, one, verdict="not_eligible" if wrong else "right", error_kinds="favour" if wrong else "none")
        return draw.id


def test_the_error_rate_is_the_estimates_own_and_says_where_too_few_were_checked(drawn, ask, database):
    found = by_code(ask("county"))
    with database.read() as session:
        report = make_report(session, session.query(Draw).filter_by(id=drawn).one())
    figures = {one.code: one.figures["wrongly_included"] for one in report.estimates.townships}
    one, other = found[world.TOWNSHIP], found[world.NEXT_TOWNSHIP]
    same = figures[world.TOWNSHIP]
    assert 0 < same.lower < same.value < same.upper < 1
    assert (one["error_rate"], one["error_lower"], one["error_upper"], one["error_n"]) == (
        round(same.value, 4), round(same.lower, 4), round(same.upper, 4), same.n,
    )  # fmt: skip
    assert other["error_rate"] is None
    assert "样本太少，不下结论" in other["error_words"]
    county = by_code(ask("county", level="county"))[world.COUNTY]
    assert county["error_rate"] is None
    assert "还有 1 个乡镇" in county["error_words"]


def test_a_check_that_arrives_or_is_decided_otherwise_moves_the_rate_at_once(drawn, ask, database):
    first = by_code(ask("county"))
    assert by_code(ask("county")) == first
    with database.transaction() as session:
        rows = session.query(Selection).filter_by(role="base").order_by(Selection.household_code).all()
        for one in rows:
            if one.household_code.startswith(world.NEXT_TOWNSHIP):
                seen(session, one, verdict="right", error_kinds="none")
    second = by_code(ask("county"))
    assert first[world.NEXT_TOWNSHIP]["error_rate"] is None
    assert second[world.NEXT_TOWNSHIP]["error_rate"] == 0
    with database.transaction() as session:
        one = next(one for one in rows if one.household_code.startswith(world.NEXT_TOWNSHIP))
        session.add(
            Verdict(
                county_code=one.county_code, draw_id=drawn, household_id=one.household_id,
                household_code=one.household_code, verdict="not_eligible", reason="虚构理由",
                by_id=world.viewer(session, "county").account_id,
            )
        )  # fmt: skip
    assert by_code(ask("county"))[world.NEXT_TOWNSHIP]["error_rate"] > 0


@pytest.mark.parametrize("name", ["township", "surveyor", "checker"])
def test_who_may_not_read_spot_checks_learns_no_error_rate(drawn, ask, signed_in, name):
    found = by_code(ask(name))[world.TOWNSHIP]
    assert (found["error_rate"], found["error_n"], found["error_words"]) == (None, None, "")
    assert "错保率" not in signed_in(name).get(PAGE, query_string={"measure": "error", "level": "township"}).text


def test_of_villages_nothing_is_estimated(drawn, ask):
    assert {one["error_n"] for one in by_code(ask("county", level="village")).values()} == {None}


def test_the_page_shows_what_programs_are_told(ground, visited, drawn, ask, signed_in):
    visited(HOUSEHOLD)
    browser = signed_in("county")
    page = browser.get(PAGE, query_string={"measure": "error"}).text
    found = by_code(ask("county"))[world.TOWNSHIP]
    assert f"{100 * found['error_lower']:.1f} % – {100 * found['error_upper']:.1f} %" in page
    assert f">{100 * found['error_lower']:.0f}–{100 * found['error_upper']:.0f}%<" in page  # a range on the picture too
    assert "在册 48 户，乡镇已入户 1 户" in page
    assert page.count('class="patch"') == 2
    assert "图中 2 个区划的边界是演示用虚构边界" in page
    lines = list(csv.reader(io.StringIO(browser.get(f"{PAGE}/figures.csv").data.decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == [world.TOWNSHIP, world.NEXT_TOWNSHIP]
    assert [float(line[9]) for line in lines[1:] if line[9]] == [found["error_rate"]]


def test_a_checker_is_offered_no_coverage_that_he_could_only_misread(ground, signed_in):
    page = signed_in("checker").get(PAGE, query_string={"measure": "coverage"}).text
    assert "按疑点比例着色" in page
    assert "覆盖率" not in page


def test_the_page_begins_where_its_reader_works(signed_in):
    assert "全部辖区" not in signed_in("county").get(PAGE).text
    assert "第1村" in signed_in("township").get(PAGE).text
    city = signed_in("city").get(PAGE).text
    assert "江孜县" in city
    assert "没有边界" in city
    assert signed_in("city").get(PAGE, query_string={"within": "x"}).status_code == 404

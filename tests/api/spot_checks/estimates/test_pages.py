import re
from datetime import date

import pytest
import sqlalchemy as sa
import world
from checks import seen
from openpyxl import load_workbook

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.evidence.tables import Evidence
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.estimates.report import make_report
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import Draw, Selection

DICE = "31415926535897932384"


@pytest.fixture
def drawn(database):
    """A draw whose list is checked but for one township's last household: one in three of it is wrong."""
    with database.transaction() as session:
        campaign = create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
        by = world.viewer(session, "county")
        frame = freeze_frame(session, campaign, world.COUNTY, by, day=date(2026, 7, 1))
        draw = commit_draw(session, frame, make_plan(session, frame, campaign, total=34), by)
        draw_spot_check(session, draw, DICE, by, witnesses="虚构人大代表，虚构代表")
        rows = [one for one in session.query(Selection).order_by(Selection.household_code) if one.role == "base"]
        for at, one in enumerate(rows[:-1]):
            wrong = at % 3 == 0
            seen(session, one, verdict="not_eligible" if wrong else "right", error_kinds="favour" if wrong else "none")
        return draw.id


def told(database, draw_id, area=""):
    with database.read() as session:
        return make_report(session, session.query(Draw).filter_by(id=draw_id).one(), area)


def percent(figure):
    return f"{100 * figure.lower:.1f}%–{100 * figure.upper:.1f}%"


def test_the_page_answers_in_one_sentence_with_a_range(signed_in, database, drawn):
    page = signed_in("county").get("/spot-checks/estimates").text
    figures = told(database, drawn).estimates.whole.figures
    assert f"江孜县错保率在 {percent(figures['wrongly_included'])} 之间" in page
    over = figures["over"]
    assert f"每年多发 {over.lower / 100:,.0f}–{over.upper / 100:,.0f} 元" in page
    assert "名单上还有 1 户没有去" in page
    assert "Korn–Graubard" in page


def test_every_drawn_range_is_said_in_words_too(signed_in, database, drawn):
    page = signed_in("county").get("/spot-checks/estimates").text
    drawings = re.findall(r"<svg[^>]*preserveAspectRatio[^>]*>", page)
    assert len(drawings) > 10
    assert all(re.search(r'role="img" aria-label="\S+.* .*\d', one) for one in drawings)
    rate = told(database, drawn).estimates.whole.figures["wrongly_included"]
    assert page.count(f"错保率 {percent(rate)}") >= 1


def test_a_township_has_its_own_address_and_its_own_numbers(signed_in, database, drawn):
    client = signed_in("county")
    page = client.get("/spot-checks/estimates", query_string={"area": world.TOWNSHIP, "draw": "1"}).text
    rate = told(database, drawn, world.TOWNSHIP).estimates.whole.figures["wrongly_included"]
    assert f"江孜镇错保率在 {percent(rate)} 之间" in page
    assert client.get("/spot-checks/estimates?area=999").status_code == 404
    assert client.get(f"/spot-checks/estimates?area={world.COUNTY}999").status_code == 404
    assert client.get("/spot-checks/estimates?draw=9").status_code == 404


def test_before_a_draw_the_page_says_what_to_do(signed_in):
    page = signed_in("county").get("/spot-checks/estimates")
    assert page.status_code == 200
    assert "还没有抽取" in page.text
    assert f"/spot-checks?county={world.COUNTY}" in page.text


def test_who_has_several_counties_chooses_one(signed_in, drawn):
    page = signed_in("city").get("/spot-checks/estimates").text
    assert "看哪个县的抽查" in page
    assert "南木林县" in page


def test_a_checker_sees_no_estimates(signed_in, drawn):
    assert signed_in("checker").get("/spot-checks/estimates").status_code == 403


def test_the_page_is_read_in_english(signed_in, drawn):
    client = signed_in("county")
    token = world.csrf_token(client.get("/spot-checks").text)
    client.post("/language", data={"code": "en", "csrf_token": token, "next": "/"})
    page = client.get("/spot-checks/estimates").text
    assert "of households are wrongly included" in page
    assert not re.search(
        r"[\u3400-\u9fff]{2,}", re.sub(r"江孜县|江孜镇|卡麦乡|测试county|入户|中文", "", main_of(page))
    )


def main_of(page):
    return re.sub(r"<[^>]*>", " ", page.split('<main id="content"')[1].split("</main>")[0])


def test_programs_get_the_same_numbers_and_pay_nothing_for_unchanged_ones(client, bearer, database, drawn):
    answer = client.get(f"/api/spot-checks/draws/{drawn}/estimates", headers=bearer("county"))
    assert answer.status_code == 200
    found, report = answer.json, told(database, drawn)
    rate = report.estimates.whole.figures["wrongly_included"]
    shown = found["whole"]["figures"]["wrongly_included"]
    assert (shown["value"], shown["lower"], shown["upper"]) == pytest.approx((rate.value, rate.lower, rate.upper))
    assert (shown["n"], shown["size"], shown["confidence"]) == (rate.n, rate.size, 0.95)
    assert {one["code"] for one in found["townships"]} == {world.TOWNSHIP, world.NEXT_TOWNSHIP}
    assert any("有限总体修正" in note for note in found["notes"])
    again = client.get(
        f"/api/spot-checks/draws/{drawn}/estimates",
        headers=bearer("county") | {"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


def test_too_few_is_null_with_the_reason(client, bearer, database, drawn):
    with database.transaction() as session:
        session.execute(sa.delete(Evidence))
    found = client.get(f"/api/spot-checks/draws/{drawn}/estimates", headers=bearer("county")).json
    rate = found["whole"]["figures"]["wrongly_included"]
    assert rate["value"] is rate["lower"] is rate["upper"] is None
    assert "没有足够的抽查结果" in rate["reason"]
    assert all("样本太少" in one["figures"]["any_error"]["reason"] for one in found["townships"])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_sheets_are_taken_along_and_unchanged_ones_cost_nothing(signed_in, database, drawn, kind, tmp_path):
    client = signed_in("county")
    address = f"/spot-checks/estimates/{drawn}/estimates.{kind}"
    answer = client.get(address)
    assert answer.status_code == 200
    assert f"estimates-{world.COUNTY}-1.{kind}" in answer.headers["Content-Disposition"]
    if kind == "xlsx":
        (tmp_path / "book.xlsx").write_bytes(answer.data)
        assert load_workbook(tmp_path / "book.xlsx").sheetnames == ["估计", "入户情况", "方法说明"]
    else:
        assert "错保率" in answer.data.decode("utf-8-sig")
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_choice_of_a_county_leads_back_to_the_page_that_was_asked_for(signed_in):
    city = signed_in("city")
    for address in (
        "/spot-checks",
        "/spot-checks/estimates",
        "/spot-checks/lists/teams",
        "/spot-checks/comparison/rates",
    ):
        page = city.get(f"{address}?order=low&_scheme=javascript&_external=1").text
        assert f'href="{address}?order=low&amp;county={world.COUNTY}"' in page
        assert "javascript:" not in page

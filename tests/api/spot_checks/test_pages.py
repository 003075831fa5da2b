import csv
import io
import re

import pytest
import sqlalchemy as sa
import world
from openpyxl import load_workbook

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.jobs.tables import Job
from api.registry.tables import Household
from api.spot_checks.tables import Draw, DrawResult, Frame, Selection

DICE = "31415926535897932384"


@pytest.fixture
def campaign(database):
    with database.transaction() as session:
        return create_campaign(session, **read_plan("shigatse_2018_95", year=2026)).id


@pytest.fixture
def county(signed_in):
    return signed_in("county")


def send(client, page, address, **fields):
    return client.post(address, data={"csrf_token": world.csrf_token(page.text), **fields})


@pytest.fixture
def freeze(work):
    def ask_and_wait(client, campaign):
        page = client.get("/spot-checks")
        answer = send(client, page, "/spot-checks/frames", county=world.COUNTY, campaign=campaign)
        work()
        return answer

    return ask_and_wait


def commit(client, database, **fields):
    with database.read() as session:
        frame = session.scalars(sa.select(Frame.id).order_by(Frame.frozen_at.desc())).first()
    page = client.get("/spot-checks")
    return send(client, page, "/spot-checks/draws", frame=frame, entropy_rule="dice:20", **fields)


def throw(client, database, entropy=DICE, witnesses="虚构人大代表\n虚构村民"):
    draw = newest(database)
    page = client.get("/spot-checks")
    return send(client, page, f"/spot-checks/{draw}/result", entropy=entropy, witnesses=witnesses)


def newest(database):
    with database.read() as session:
        return session.scalars(sa.select(Draw.id).order_by(Draw.number.desc())).first()


@pytest.fixture
def drawn(county, campaign, database, freeze):
    for answer in (freeze(county, campaign), commit(county, database), throw(county, database)):
        assert answer.status_code == 302, answer.text
    return newest(database)


def step(page):
    return re.search(r'data-stage="now"[^>]*>\s*(\d)', page.text).group(1)


def test_each_step_says_what_to_do_next(county, campaign, database, freeze):
    page = county.get("/spot-checks")
    assert step(page) == "1"
    assert "冻结现在的名册" in page.text
    freeze(county, campaign)
    page = county.get("/spot-checks")
    assert step(page) == "2"
    assert "承诺并公布" in page.text
    assert "江孜镇" in page.text
    commit(county, database)
    page = county.get("/spot-checks")
    assert step(page) == "3"
    with database.read() as session:
        assert session.scalars(sa.select(Draw.manifest_sha256)).one() in page.text
    answer = throw(county, database)
    assert answer.headers["Location"] == f"/spot-checks/{newest(database)}"
    assert step(county.get("/spot-checks")) == "4"


def test_without_a_campaign_the_page_says_how_to_make_one(county):
    assert "ruhu create-campaign" in county.get("/spot-checks").text


def test_dice_are_counted_and_normalised_while_they_are_typed(county):
    def read(part):
        return county.get("/spot-checks/sources", query_string={"source": "dice:20", "part": part}).text

    assert "已录入 5 位，至少 20 位" in read("３１4 15")
    assert 'data-state="wait"' in read("３１4 15")
    assert 'data-state="met"' in read(f" {DICE} ")
    assert "31415 92653 58979 32384" in read(DICE)
    assert "这里只能是数字" in read("<b>")
    assert "还没有录入" in read("  ")


def test_too_few_dice_come_back_with_the_reason_and_the_digits_as_typed(county, campaign, database, freeze):
    freeze(county, campaign)
    commit(county, database)
    answer = throw(county, database, entropy="00123")
    assert answer.status_code == 422
    assert "骰子位数不足" in answer.text
    assert ">00123</textarea>" in answer.text
    assert ">虚构人大代表\n虚构村民</textarea>" in answer.text
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(DrawResult)) == 0


def test_a_second_draw_needs_its_reason_and_both_stay_on_the_page(county, drawn, database):
    refused = commit(county, database)
    assert refused.status_code == 409
    assert "再次抽取须写明理由" in refused.text
    assert commit(county, database, reason="见证人不合要求，重新抽取").status_code == 302
    page = county.get("/spot-checks")
    assert "首次抽取" in page.text
    assert "见证人不合要求，重新抽取" in page.text


def test_the_draws_page_shows_fingerprints_the_plan_and_every_household(county, drawn, database):
    page = county.get(f"/spot-checks/{drawn}")
    assert page.status_code == 200
    with database.read() as session:
        draw, result = session.scalars(sa.select(Draw)).one(), session.scalars(sa.select(DrawResult)).one()
        codes = session.scalars(sa.select(Selection.household_code)).all()
    for text in (draw.manifest_sha256, draw.plan_sha256, result.seed_hex, DICE, "虚构人大代表", "江孜镇", *codes):
        assert text in page.text
    part = county.get(f"/spot-checks/{drawn}", query_string={"area": world.NEXT_TOWNSHIP, "role": "base"}).text
    assert part.count('<td class="code"') == 8
    assert county.get(f"/spot-checks/{drawn}", query_string={"area": world.OTHER_TOWNSHIP}).status_code == 422


def test_the_number_on_the_page_is_that_of_the_committed_plan_not_the_fewest(county, campaign, database, freeze):
    freeze(county, campaign)
    commit(county, database, total="30")
    throw(county, database)
    page = county.get("/spot-checks").text
    assert "第 1 次抽取共 30 户" in page
    assert 'placeholder="16"' in page
    assert commit(county, database, total="many", reason="一个够长的理由").status_code == 422


def test_the_button_recomputes_the_draw_and_says_same(county, drawn):
    assert "一致 same" in county.get(f"/spot-checks/{drawn}/verification").text


def test_the_exported_list_holds_only_what_a_blind_checker_may_know(county, drawn, database):
    with database.read() as session:
        codes = sorted(session.scalars(sa.select(Selection.household_code)))
    answer = county.get(f"/spot-checks/{drawn}/list.csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert sorted(row["家庭编码"] for row in rows) == codes
    assert not {"理由", "风险段"} & rows[0].keys()
    answer = county.get(f"/spot-checks/{drawn}/list.xlsx", query_string={"area": world.TOWNSHIP, "role": "base"})
    book = load_workbook(io.BytesIO(answer.data))
    sheet = list(book["抽查名单"].values)
    assert len(sheet) == 1 + 8
    assert {row[1] for row in sheet[1:]} == {"江孜镇"}
    assert any(DICE in row for row in book["抽取说明"].values)
    assert county.get(f"/spot-checks/{drawn}/list.pdf").status_code == 404


def test_the_list_is_given_to_the_ticked_checkers(county, drawn, database):
    page = county.get(f"/spot-checks/{drawn}")
    account = re.search(r'name="account" value="([^"]+)"', page.text).group(1)
    answer = send(county, page, f"/spot-checks/{drawn}/assignments", account=account)
    assert "given=16" in answer.headers["Location"]
    page = county.get(answer.headers["Location"])
    assert "新分配 16 户" in page.text
    assert "未分配" not in page.text.split("</table>")[-2]
    assert send(county, page, f"/spot-checks/{drawn}/assignments").status_code == 422


def test_an_inspector_chooses_among_counties_reads_and_changes_nothing(signed_in, drawn, campaign):
    city = signed_in("city")
    page = city.get("/spot-checks")
    assert "南木林县" in page.text
    page = city.get("/spot-checks", query_string={"county": world.COUNTY})
    assert "打开名单" in page.text
    assert "需要再次抽取" not in page.text
    assert city.get(f"/spot-checks/{drawn}").status_code == 200
    refused = send(city, page, "/spot-checks/frames", county=world.COUNTY, campaign=campaign)
    assert refused.status_code == 403


def test_outside_the_area_the_pages_are_not_there_and_the_field_does_not_see_them(signed_in, drawn):
    outside = signed_in("county-outside")
    for path in (f"/spot-checks/{drawn}", f"/spot-checks/{drawn}/list.csv", f"/spot-checks/{drawn}/verification"):
        assert outside.get(path).status_code == 404
        assert signed_in("checker").get(path).status_code == 403
    assert outside.get("/spot-checks", query_string={"county": world.COUNTY}).status_code == 404
    assert "江孜" not in outside.get("/spot-checks").text
    assert signed_in("checker").get("/spot-checks").status_code == 403


def test_a_form_without_the_pages_token_is_refused(county, campaign):
    answer = county.post("/spot-checks/frames", data={"county": world.COUNTY, "campaign": campaign})
    assert answer.status_code == 403


def test_while_a_roll_is_being_frozen_the_page_says_how_far_it_is_and_offers_nothing_to_press(
    county, campaign, database, work
):
    page = county.get("/spot-checks")
    for _ in range(2):  # pressed twice, it is asked for once
        send(county, page, "/spot-checks/frames", county=world.COUNTY, campaign=campaign)
    with database.read() as session:
        job = session.scalars(sa.select(Job)).one()
    page = county.get("/spot-checks")
    assert "正在冻结名册" in page.text
    assert "冻结现在的名册" not in page.text
    poll = f"/spot-checks/frames/jobs/{job.id}"
    assert poll in page.text
    part = county.get(poll, headers={"HX-Request": "true"})
    assert (part.status_code, "HX-Refresh" in part.headers) == (200, False)
    assert work() == 1
    assert county.get(poll, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert county.get(poll).status_code == 302
    page = county.get("/spot-checks")
    assert "正在冻结名册" not in page.text
    assert step(page) == "2"


def test_a_roll_that_could_not_be_frozen_says_why_and_can_be_tried_again(county, campaign, database, work):
    send(county, county.get("/spot-checks"), "/spot-checks/frames", county=world.COUNTY, campaign=campaign)
    with database.transaction() as session:
        session.execute(sa.update(Household).values(on_roll=False))
    assert work() == 0
    page = county.get("/spot-checks")
    assert "名册没有冻结" in page.text
    assert "请先导入名册" in page.text
    assert "冻结现在的名册" in page.text
    assert step(page) == "1"

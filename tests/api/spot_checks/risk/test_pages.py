import csv
import io
import re
from datetime import date

import pytest
import sqlalchemy as sa
import world

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.campaigns.tables import Campaign
from api.collection.tables import Assignment
from api.people.tables import Account
from api.registry.tables import Household, Official
from api.spot_checks.risk.tables import RiskVersion

NOTE = "县里开会定的 (虚构)"
ROOT = "/spot-checks/risk"
OF_COUNTY = f"county={world.COUNTY}"
FIRST, THIRD, FOURTH = (f"{world.VILLAGE}-{serial:04d}" for serial in (1, 3, 4))


@pytest.fixture
def campaign(database):
    """A campaign; the first household is an official's own, the third was never adjusted, the fourth earns too much."""
    with database.transaction() as session:
        household = {one.code: one for one in session.scalars(sa.select(Household))}
        household[FIRST].head_identity_hash = "1" * 64
        household[THIRD].benefit_since = date(2015, 1, 1)
        household[THIRD].head_name = "=虚构公式"
        household[FOURTH].income_fen_per_person_year = 2_000_000
        session.add(
            Official(
                county_code=world.COUNTY, name="虚构干部", identity_hash="1" * 64, body="江孜镇", post="民政助理员",
                division_code=world.TOWNSHIP, kind="case_worker",
            )
        )  # fmt: skip
        return create_campaign(session, **read_plan("shigatse_2018_95", year=2026)).id


@pytest.fixture
def county(signed_in, campaign):
    return signed_in("county")


def cells(page, table):
    """The rows of a table as texts."""
    body = re.search(rf'<table[^>]*id="{table}".*?</table>', page, re.DOTALL).group(0)
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def adopt(client, **fields):
    token = world.csrf_token(client.get(f"{ROOT}?{OF_COUNTY}").text)
    return client.post(f"{ROOT}/models", data={"csrf_token": token, "county": world.COUNTY, **fields})


def versions(database):
    with database.read() as session:
        return session.scalars(sa.select(RiskVersion).order_by(RiskVersion.number)).all()


def test_the_page_shows_every_sign_its_points_and_how_many_have_it_and_that_nobody_has_adopted_yet(county):
    page = county.get(f"{ROOT}?{OF_COUNTY}").text
    signs = {row[0]: row[1:3] for row in cells(page, "indicators") if len(row) == 4}
    assert signs["申报人均收入达到或超过保障标准"] == ["1", "6"]
    assert signs["家庭成员名下有机动车"] == ["0", "4"]
    assert signs["家庭成员本人是登记在册的干部或经办人员 必查，不看分值"] == ["1", "10"]
    assert "系统预设" in page
    assert cells(page, "band-totals")[1:] == [
        ["必查", "1", "1", "–"], ["高", "1", "1", "–"], ["中", "1", "1", "–"], ["低", "45", "45", "–"],
    ]  # fmt: skip


def test_while_weights_are_typed_the_part_shows_who_moves_and_the_address_can_be_shared(county):
    part = county.get(f"{ROOT}/preview?{OF_COUNTY}&w.unchanged=6&w.vehicle=4&middle=2&high=5")
    assert part.headers["HX-Replace-Url"] == f"{ROOT}?{OF_COUNTY}&w.unchanged=6"
    assert cells(part.text, "movers")[1][:5] == [THIRD, "=虚构公式", "江孜镇", "↑ 中 → 高", "2 → 6"]
    assert ["江孜镇", "24", "1", "1 → 2", "1 → 0", "21"] in cells(part.text, "townships")
    assert "1 户升段，0 户降段" in part.text
    shared = county.get(part.headers["HX-Replace-Url"]).text
    assert cells(shared, "movers") == cells(part.text, "movers")
    assert 'name="w.unchanged" min="0" max="20" step="1" value="6"' in shared


@pytest.mark.parametrize("typed", ["w.vehicle=21", "w.vehicle=-1", "w.vehicle=x", "middle=5&high=5", "high=0"])
def test_what_no_weight_can_be_is_refused_in_place_and_the_page_stands(county, typed):
    part = county.get(f"{ROOT}/preview?{OF_COUNTY}&{typed}")
    assert part.status_code == 422
    assert 'role="alert"' in part.text
    page = county.get(f"{ROOT}?{OF_COUNTY}&{typed}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert "indicators" in page.text


def test_a_person_adopts_with_a_note_and_may_go_back(county, database):
    answer = adopt(county, note=NOTE, expected=0, **{"w.unchanged": "6"})
    assert answer.status_code == 303
    page = county.get(answer.headers["Location"]).text
    assert "已采用第 1 版" in page
    assert NOTE in page
    assert "现行第 1 版 · 测试county" in page
    assert adopt(county, note="改回原来的", number=0, expected=1).status_code == 303
    first, second = versions(database)
    assert (first.weights["unchanged"], second.weights["unchanged"], second.number) == (6, 2, 2)


def test_without_a_note_nothing_is_adopted_and_what_was_tried_stays_on_the_page(county, database):
    answer = adopt(county, note="x", **{"w.unchanged": "6"})
    assert answer.status_code == 422
    assert "请写明为什么" in answer.text
    assert 'value="6"' in answer.text
    assert adopt(county, note=NOTE, expected=5, **{"w.unchanged": "6"}).status_code == 412
    assert versions(database) == []


def test_the_city_looks_and_does_not_adopt_and_a_township_or_another_county_sees_nothing(signed_in, campaign):
    city = signed_in("city")
    page = city.get(f"{ROOT}?{OF_COUNTY}&w.unchanged=6").text
    assert "由县级主管采用" in page
    assert "/risk/models" not in page
    assert adopt(city, note=NOTE, **{"w.unchanged": "6"}).status_code == 403
    for by, status in (("township", 403), ("checker", 403), ("county-outside", 404)):
        other = signed_in(by)
        for address in (f"{ROOT}?{OF_COUNTY}", f"{ROOT}/{FIRST}", f"{ROOT}/households?{OF_COUNTY}"):
            assert other.get(address).status_code == status


def test_every_household_shows_why_it_has_its_score(county):
    page = county.get(f"{ROOT}/{FOURTH}").text
    assert re.search(r'id="score">6<', page)
    assert cells(page, "reasons")[1] == ["申报人均收入达到或超过保障标准", "申报 20,000 元，标准 9,768 元", "+6"]
    tried = county.get(f"{ROOT}/{FOURTH}?{OF_COUNTY}&w.income_over=1").text
    assert cells(tried, "reasons")[1][2] == "6 → +1"
    assert "尚未采用" in tried
    assert "没有分不等于没有问题" in county.get(f"{ROOT}/{world.VILLAGE}-0007").text
    assert county.get(f"{ROOT}/{world.VILLAGE}-9999").status_code == 404
    assert county.get(f"{ROOT}/{world.VILLAGES[4]}-0001").status_code == 404


def test_the_list_is_searched_filtered_and_comes_in_pages_and_leaves_as_a_table_without_formulas(county):
    page = county.get(f"{ROOT}/households?{OF_COUNTY}&band=high").text
    assert [row[0] for row in cells(page, "households")[1:]] == [FOURTH]
    assert [row[0] for row in cells(county.get(f"{ROOT}/households?{OF_COUNTY}&q=公式").text, "households")[1:]] == [
        THIRD
    ]
    moved = county.get(f"{ROOT}/households?{OF_COUNTY}&moved=1&w.unchanged=6").text
    assert [row[3] for row in cells(moved, "households")[1:]] == ["中 → 高"]
    assert "没有这样的家庭" in county.get(f"{ROOT}/households?{OF_COUNTY}&q=nobody").text
    whole = county.get(f"{ROOT}/households.csv?{OF_COUNTY}")
    rows = list(csv.reader(io.StringIO(whole.data.decode("utf-8-sig"))))
    assert len(rows) == 49
    assert rows[1][2:] == [
        FIRST,
        "虚构户主1",
        "城市",
        "10",
        "必查",
        "10",
        "必查",
        "家庭成员本人是登记在册的干部或经办人员 +10 (江孜镇民政助理员)",
    ]
    assert rows[3][3] == "'=虚构公式"


def test_who_is_to_check_a_household_sees_it_nowhere(county, database, campaign):
    with database.transaction() as session:
        me = session.scalars(sa.select(Account).where(Account.name == "county")).one()
        household = session.scalars(sa.select(Household).where(Household.code == FOURTH)).one()
        session.add(
            Assignment(
                county_code=world.COUNTY, campaign_id=campaign, household_id=household.id, account_id=me.id,
                purpose="spot_check",
            )
        )  # fmt: skip
    assert county.get(f"{ROOT}/{FOURTH}").status_code == 403
    for address in (
        f"{ROOT}/households?{OF_COUNTY}&q={FOURTH}", f"{ROOT}/households.csv?{OF_COUNTY}",
        f"{ROOT}?{OF_COUNTY}&w.income_over=1",
    ):  # fmt: skip
        page = county.get(address).text
        assert f"{ROOT}/{FOURTH}" not in page
        assert f"{FOURTH},虚构户主4" not in page


def test_before_there_are_visits_the_suggestions_say_so(county):
    page = county.get(f"{ROOT}/refit?{OF_COUNTY}").text
    assert "入户结果还太少" in page
    assert "现在有差错 0 户" in page


def test_without_a_campaign_the_page_says_what_to_do(signed_in):
    page = signed_in("county").get(ROOT)
    assert page.status_code == 200
    assert "create-campaign" in page.text
    assert signed_in("county").get(f"{ROOT}/households").status_code == 409


def test_of_several_counties_the_page_asks_which(signed_in, campaign):
    assert "南木林县" in signed_in("city").get(ROOT).text


def test_the_pages_speak_english_too(county, database):
    with database.transaction() as session:
        session.execute(sa.update(Account).where(Account.name == "county").values(language="en"))
        assert session.scalars(sa.select(Campaign)).one()
    for address in (f"{ROOT}?{OF_COUNTY}&w.unchanged=6", f"{ROOT}/{FOURTH}", f"{ROOT}/households?{OF_COUNTY}"):
        page = county.get(address).text
        main = page[page.index("<main") :]
        assert "No score" not in main
        assert "理由" not in main
        assert "得分" not in main

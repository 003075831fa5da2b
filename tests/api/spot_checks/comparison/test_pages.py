import csv
import io
import re

import sqlalchemy as sa
import world
from openpyxl import load_workbook

from api.spot_checks.comparison.tables import ToleranceVersion, Verdict

ROOT = "/spot-checks/comparison"
WHY = "两份答卷都看过 (虚构)"


def get(client, address=ROOT, **query):
    answer = client.get(address, query_string=query)
    assert answer.status_code == 200, answer.text[:400]
    return answer.text


def codes_in(page):
    return re.findall(r'class="code d-md-block small">([^<]+)<', page)


def test_before_a_draw_the_page_says_what_to_do(signed_in):
    county = signed_in("county")
    for address in (ROOT, f"{ROOT}/rates"):
        assert "还没有抽取，没有可比对的家庭" in get(county, address)
    assert "本县还没有专项工作" in get(county, f"{ROOT}/rules")


def test_the_list_has_the_heaviest_difference_first_and_says_by_which_rule(signed_in, drawn):
    page = get(signed_in("county"))
    assert "乡镇和县里都入过户的 3 户，2 户不一致" in page
    assert codes_in(page)[-1] == drawn.codes[0]
    assert set(codes_in(page)) == set(drawn.codes[:3])
    assert "怎样算不一致？按系统默认规则" in page
    assert "抽查到达之后，乡镇又修改了答卷" in page


def test_the_list_is_filtered_and_what_is_missing_is_shown_apart(signed_in, drawn):
    county = signed_in("county")
    for query, wanted in (
        ({"result": "discrepant"}, drawn.codes[1:3]),
        ({"result": "consistent"}, drawn.codes[:1]),
        ({"result": "finding"}, drawn.codes[2:3]),
        ({"verdict": "amount_high"}, drawn.codes[1:2]),
        ({"kind": "withheld"}, drawn.codes[2:3]),
        ({"q": drawn.codes[1]}, drawn.codes[1:2]),
        ({"show": "no_township"}, drawn.codes[3:4]),
        ({"show": "no_check"}, drawn.codes[4:5]),
        ({"township": world.NEXT_TOWNSHIP}, []),
        ({"order": "code"}, drawn.codes[:3]),
        ({"order": "-code"}, drawn.codes[2::-1]),
    ):
        found = codes_in(get(county, **query))
        assert (found if "order" in query else sorted(found)) == wanted, query
    assert county.get(ROOT, query_string={"result": "-finding"}).status_code == 422


def test_the_list_goes_out_as_csv_and_as_workbook(signed_in, drawn):
    county = signed_in("county")
    text = county.get(f"{ROOT}/export.csv", query_string={"result": "discrepant"}).data.decode("utf-8-sig")
    heading, *rows = csv.reader(io.StringIO(text))
    assert sorted(row[0] for row in rows) == drawn.codes[1:3]
    assert all(row[heading.index("是否不一致")] == "不一致" for row in rows)
    book = load_workbook(io.BytesIO(county.get(f"{ROOT}/export.xlsx").data), read_only=True)
    assert [row[0].value for row in book.worksheets[0].iter_rows()][1:] == [one[0] for one in csv_rows(county)]


def csv_rows(client):
    return list(csv.reader(io.StringIO(client.get(f"{ROOT}/export.csv").data.decode("utf-8-sig"))))[1:]


def test_one_household_stands_side_by_side_with_photos_places_and_the_way_to_the_next(signed_in, drawn):
    page = get(signed_in("county"), f"{ROOT}/{drawn.draw}/{drawn.ids[1]}", order="code")
    assert "3 人" in page
    assert "2 人" in page
    assert "-1 人" in page
    assert "本户因此不一致" in page
    assert page.count("/photos/") == 4  # two of each, to see and to open
    assert "两次入户记录的位置相距 0 米" in page
    address = re.search(r'hx-get="([^"]+/neighbours[^"]*)"', page)[1].replace("&amp;", "&")
    beside = signed_in("county").get(address).text
    assert "第 2 户" in beside
    for key, other in (("k p", 0), ("j n", 2)):
        link = re.search(rf'data-key="{key}"[^>]*href="([^"]+)"', beside)
        assert str(drawn.ids[other]) in link[1]
        assert "order=code" in link[1]


def test_an_edit_after_the_check_is_plain_on_both_pages(signed_in, drawn, edit):
    county = signed_in("county")
    assert "3 户不一致" in get(county)
    assert codes_in(get(county, result="edited")) == drawn.codes[:1]
    page = get(county, f"{ROOT}/{drawn.draw}/{drawn.ids[0]}")
    assert "抽查到达之后，乡镇修改了答卷" in page
    assert "比对用的是改后的第 2 版" in page


def judge(client, drawn, at, **form):
    page = client.get(f"{ROOT}/{drawn.draw}/{drawn.ids[at]}")
    sent = {"csrf_token": world.csrf_token(page.text), "reason": WHY} | form
    return client.post(f"{ROOT}/{drawn.draw}/{drawn.ids[at]}/verdicts", data=sent)


def test_the_supervisor_judges_on_the_page_and_what_is_wrong_is_said_there(signed_in, database, drawn):
    county = signed_in("county")
    refused = judge(county, drawn, 1, verdict="amount_high", correct="1.234")
    assert refused.status_code == 422
    assert "最多两位小数" in refused.text
    assert 'value="1.234"' in refused.text
    for written, verdict in (("0.50", "amount_high"), ("", "cannot_tell")):
        answer = judge(county, drawn, 1, verdict=verdict, correct=written, error_kind=["favour"])
        assert answer.status_code == 303, answer.text
    with database.read() as session:
        kept = session.scalars(sa.select(Verdict).order_by(Verdict.at)).all()
    assert [(row.verdict, row.correct_fen_per_month) for row in kept] == [("amount_high", 50), ("cannot_tell", None)]
    page = get(county, f"{ROOT}/{drawn.draw}/{drawn.ids[1]}")
    assert page.index("不能判断</strong>") < page.index("符合条件，金额偏高</strong>")
    assert codes_in(get(county, result="overruled")) == drawn.codes[1:2]


def test_the_rates_show_every_township_and_the_good_first_when_asked(signed_in, drawn):
    county = signed_in("county")
    page = get(county, f"{ROOT}/rates")
    assert "江孜镇" in page
    assert "卡麦乡" in page
    assert "太少，说不准" in page  # three households are no basis
    assert "不一致率低的在前" in page
    assert "不一致率高的在前" in get(county, f"{ROOT}/rates", order="low")


def test_the_rules_are_changed_with_a_reason_and_the_history_is_shown(signed_in, database, drawn):
    county = signed_in("county")
    address = f"{ROOT}/rules"
    token = world.csrf_token(get(county, address))
    form = {
        "csrf_token": token, "county": world.COUNTY, "note": WHY, "kind:visit.members_count": "absolute",
        "tolerance:visit.members_count": "1", "decides:visit.members_count": "always",
    }  # fmt: skip
    assert county.post(address, data=form | {"note": "x"}).status_code == 422
    assert county.post(address, data=form | {"tolerance:visit.members_count": "一"}).status_code == 422
    assert county.post(address, data=form).status_code == 303
    page = get(county, address)
    assert f"第 1 版 · {WHY}" in re.sub(r"\s+", " ", page)
    assert "相差不超过 1 人" in page
    assert "2 户不一致" not in get(county)
    with database.read() as session:
        assert session.scalars(sa.select(ToleranceVersion.number)).all() == [1]


def test_a_checker_opens_his_own_household_only_and_sees_no_list(signed_in, drawn):
    checker = signed_in("checker")
    assert checker.get(ROOT).status_code == 403
    page = get(checker, f"{ROOT}/{drawn.draw}/{drawn.ids[1]}")
    assert "neighbours" not in page  # nothing leads to households of others
    assert checker.get(f"{ROOT}/{drawn.draw}/{drawn.ids[1]}/neighbours").status_code == 403
    assert 'name="verdict"' not in page
    assert checker.get(f"{ROOT}/{drawn.draw}/{drawn.ids[4]}").status_code == 404


def test_an_address_that_was_tampered_with_leads_nowhere(signed_in, drawn):
    page = get(signed_in("county"), _scheme="javascript", household_id="x", _external="1", order="code")
    assert 'href="javascript' not in page
    assert f"{ROOT}/{drawn.draw}/{drawn.ids[0]}?order=code&amp;county={world.COUNTY}" in page

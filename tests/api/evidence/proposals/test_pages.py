"""The supervisor's page: filters in its address, ticks, a reason, and what came of it."""

import csv
import io

import pytest
import world
from lists import rows

from survey_forms.values import Place


@pytest.fixture
def browser(signed_in, sends):
    """A supervisor's browser in front of two proposals."""
    sends(place=Place(28.905, 89.601, 4020.0, 0.0), persons=4, address="<b>=三组")
    return signed_in("county")


def test_the_page_shows_what_would_change_and_its_address_filters_it(browser):
    page = browser.get("/proposals").text
    assert "移动 445 米" in page
    assert "疑为手工设定" in page
    assert "&lt;b&gt;=三组" in page
    assert "没有符合条件的变更" in browser.get("/proposals?field=phone").text
    assert "没有符合条件的变更" in browser.get("/proposals?state=rejected").text
    for nonsense in ({"page": "-1"}, {"order": "x"}, {"area": "'"}, {"state": "x"}, {"field": "x"}, {"area": "5"}):
        assert browser.get("/proposals", query_string=nonsense).status_code == 200


def test_ticked_fields_of_ticked_rows_are_accepted_with_a_reason(browser, kept, on_roll):
    (one,) = kept()
    form = {
        "csrf_token": world.csrf_token(browser.get("/proposals").text), "decision": "accept", "reason": "属实",
        "proposal": [str(one.id)], "take": [f"{one.id}:persons", f"{one.id}:address"],
    }  # fmt: skip
    for missing in ({"reason": ""}, {"take": []}, {"proposal": []}, {"decision": ""}, {"proposal": ["x"]}):
        assert browser.post("/proposals", data={**form, **missing}).status_code == 422, missing
    done = browser.post("/proposals?order=-distance", data=form)
    assert (done.status_code, done.headers["Location"]) == (303, "/proposals?order=-distance&done=1")
    assert on_roll()[0].persons == 4
    assert on_roll()[1] == (89.601, 28.901)
    page = browser.get("/proposals?state=accepted").text
    assert "未采纳" in page
    assert "属实" in page
    assert browser.post("/proposals", data=form).status_code == 409


def test_the_export_holds_the_same_rows_and_no_formula(browser):
    answer = browser.get("/proposals.csv")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert [line[3] for line in lines[1:]] == ["位置", "人口", "住址"]
    assert lines[1][4:7] == ["28.901000, 89.601000", "28.905000, 89.601000", "445"]
    assert len(list(csv.reader(io.StringIO(browser.get("/proposals.csv?field=phone").text)))) == 1


def test_a_reviewer_looks_and_does_not_decide(signed_in, sends):
    sends(persons=4)
    page = signed_in("township").get("/proposals").text
    assert "2 → 4" in page
    assert "采纳所选" not in page
    assert "没有待处理的变更" in signed_in("township-outside").get("/proposals").text


def test_a_language_other_than_chinese_is_spoken_throughout(signed_in, phone, sends):
    entity = rows(phone.get("lists/households.csv"))[0]["name"]
    sends(entity=entity, persons=4)
    client = signed_in("county")
    client.post("/language", data={"code": "en", "csrf_token": world.csrf_token(client.get("/proposals").text)})
    page = client.get("/proposals").text
    assert "What would visits change of the roll?" in page
    assert "Accept selected" in page

"""What stands beside the map: in words, in order, and only what may be seen."""

import csv
import io
import json
import re

import pytest
from collect import HOUSEHOLD, JPEG, visit

NEXT = "540222201201-0001"  # of the neighbouring township
LIST, PIECE, STORY, SEARCH = "/map/panel/list", "/map/panel/evidence", "/map/panel/household", "/map/search"
AROUND = "89.5,28.9 89.7,28.9 89.7,29.0 89.5,29.0"


@pytest.fixture
def sends(phone_of):
    """A function that sends a visit of a household from an account's phone."""

    def send(name, household=HOUSEHOLD, **answers):
        answer = phone_of(name).send(visit(household=household, **answers), {"house.jpg": JPEG})
        assert answer.status_code == 201, answer.text

    return send


@pytest.fixture
def finds(signed_in):
    """A function from an account's name to the households it finds by list, table, story, piece and search alike."""

    def look(name):
        browser = signed_in(name)
        page = browser.get(LIST).text
        file = browser.get(f"{LIST}.csv", buffered=True).data.decode("utf-8-sig")
        listed = sorted({row["户编码"] for row in csv.DictReader(io.StringIO(file)) if row["户编码"]})
        assert sorted(set(re.findall(r'class="code">(\d{12}-\d{4})<', page))) == listed
        ring = browser.get(LIST, query_string={"polygon": AROUND}).text
        assert sorted(set(re.findall(r'class="code">(\d{12}-\d{4})<', ring))) == listed
        for code in (HOUSEHOLD, NEXT):
            expected = 200 if code in listed else 404
            assert browser.get(f"{STORY}/{code}").status_code == expected
        return listed

    return look


def test_the_neighbouring_township_is_invisible_by_every_way(sends, finds, signed_in):
    sends("surveyor")
    sends("surveyor-outside", household=NEXT)
    assert finds("county") == finds("city") == [HOUSEHOLD, NEXT]
    assert finds("township") == [HOUSEHOLD]
    assert finds("township-outside") == [NEXT]
    assert finds("county-outside") == []
    key = re.search(r"/map/panel/evidence/([0-9a-f-]{36})", signed_in("township-outside").get(LIST).text)[1]
    assert signed_in("township").get(f"{PIECE}/{key}").status_code == 404
    assert signed_in("township-outside").get(f"{PIECE}/{key}").status_code == 200


def test_a_checker_finds_nothing_of_the_townships_visit_before_his_own_is_in_and_all_of_it_after(
    sends, finds, assign, signed_in
):
    sends("surveyor", outcome_note="虚构的说明文字")
    assign("checker")
    assert finds("checker") == []
    assert json.loads(signed_in("checker").get(SEARCH, query_string={"q": "虚构的说明"}).data) == []
    sends("checker")
    assert finds("checker") == [HOUSEHOLD]


def test_who_has_an_open_check_finds_nothing_of_its_household_whatever_else_he_is(sends, finds, assign):
    sends("surveyor")
    sends("surveyor-outside", household=NEXT)
    assign("county")
    assert finds("county") == [NEXT]


def test_a_piece_is_told_in_the_words_of_its_form(sends, signed_in):
    sends("surveyor")
    browser = signed_in("county")
    key = re.search(r"/map/panel/evidence/([0-9a-f-]{36})", browser.get(LIST).text)[1]
    whole = browser.get(f"{PIECE}/{key}").text
    assert "<!doctype html>" in whole
    part = browser.get(f"{PIECE}/{key}", headers={"X-Panel": "1"}).text
    assert "<!doctype html>" not in part
    assert "见到户主" in part
    assert "¥1,200" in part
    assert "28.95000, 89.61000" in part
    assert "data-photo " in part


def test_both_visits_stand_side_by_side_with_what_differs_marked(sends, signed_in):
    sends("surveyor", wages=1200)
    sends("checker", wages=3400)
    page = signed_in("county").get(f"{STORY}/{HOUSEHOLD}").text
    rows = re.findall(r'<tr class="is-different">.*?</tr>', page, flags=re.DOTALL)
    assert any("¥1,200" in row and "¥3,400" in row for row in rows)


def test_a_ring_holds_what_lies_in_it_and_nothing_else(sends, signed_in):
    sends("surveyor")
    browser = signed_in("county")
    elsewhere = browser.get(LIST, query_string={"polygon": "80,20 81,20 81,21"}).text
    assert "这里没有您可以查看的取证" in elsewhere
    for wrong in ("89,28 90,28", "a,b c,d e,f", "189,28 90,28 90,29"):
        assert browser.get(LIST, query_string={"polygon": wrong}).status_code == 422
    assert browser.get(LIST, query_string={"ids": "nonsense"}).status_code == 422
    assert browser.get(LIST, query_string={"state": "lost"}).status_code == 422


@pytest.mark.parametrize(
    ("asked", "kind"),
    [(HOUSEHOLD, "household"), ("540222100201０001", "household"), ("江孜镇", "division"), ("测试surveyor", "worker")],
)
def test_search_finds_codes_divisions_and_workers(sends, signed_in, asked, kind):
    sends("surveyor")
    hits = json.loads(signed_in("county").get(SEARCH, query_string={"q": asked}).data)
    assert hits[0]["kind"] == kind
    assert signed_in("county-outside").get(SEARCH, query_string={"q": asked}).json == []


def test_search_finds_words_of_answers_and_no_persons_number(sends, signed_in):
    sends("surveyor", outcome_note="虚构的说明文字，电话13800001234")
    browser = signed_in("county")
    (hit,) = browser.get(SEARCH, query_string={"q": "说明文字"}).json
    assert hit["kind"] == "evidence"
    assert hit["bbox"][0] < 89.61 < hit["bbox"][2]
    assert browser.get(SEARCH, query_string={"q": "电话1380000"}).json == []
    assert browser.get(SEARCH, query_string={"q": ""}).json == []

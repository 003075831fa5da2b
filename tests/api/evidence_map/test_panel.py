"""What stands beside the map: in words, in order, and only what may be seen."""

import csv
import html
import io
import json
import re

import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen
from collect import HOUSEHOLD, JPEG, visit
from field import worker

from api.evidence.checks.judge import sweep
from api.evidence.checks.tables import JudgedEvidence
from api.evidence.tables import Evidence, Photo
from api.evidence.tell import tell_piece
from api.evidence_map.panel import pages
from api.registry.tables import Division, Household

NUMBERS = {"yaks": 7, "sheep": 31, "goats": 12, "cattle": 5, "income_wages_fen_per_year": 123_400}
NEXT = "540222201201-0001"  # of the neighbouring township
LIST, PIECE, STORY, SEARCH = "/map/panel/list", "/map/panel/evidence", "/map/panel/household", "/map/search"
API = "/api/evidence"
AROUND = "89.5,28.9 89.7,28.9 89.7,29.0 89.5,29.0"


@pytest.fixture
def sends(phone_of):
    """A function that sends a visit of a household from an account's phone."""

    def send(name, household=HOUSEHOLD, **answers):
        answer = phone_of(name).send(visit(household=household, **answers), {"house.jpg": JPEG})
        assert answer.status_code == 201, answer.text

    return send


@pytest.fixture
def keeps(database):
    """A function that keeps a township visit of a household as derived, without a phone, and returns its id."""

    def keep(code=HOUSEHOLD, *, by="surveyor", **answers):
        with database.transaction() as session:
            household = session.scalars(sa.select(Household).where(Household.code == code)).one()
            return seen(session, Drawn(household), purpose="township_visit", by=by, **answers).id

    return keep


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


@pytest.mark.parametrize(
    ("asked", "found"),
    [("说明文字", 1), ("电话138", 1), ("证号110", 1), ("00X", 0)],  # of the last, masking leaves 0X
)
def test_search_shows_no_number_of_a_person_that_stands_in_an_answer(sends, signed_in, asked, found):
    sends("surveyor", outcome_note="虚构的说明文字，电话13800001234，证号11010119900101100X")
    labels = [hit["label"] for hit in signed_in("county").get(SEARCH, query_string={"q": asked}).json]
    assert len(labels) == found
    assert not [label for label in labels if re.search(r"\d{7}", label)]


def test_a_quoted_word_is_found_as_it_was_written(sends, signed_in):
    sends("surveyor", outcome_note='他说"没有人"在家')
    (hit,) = signed_in("county").get(SEARCH, query_string={"q": '"没有人"'}).json
    assert hit["kind"] == "evidence"


def test_search_gives_twenty_at_most_and_what_is_named_so_before_who_is_called_so(keeps, database, signed_in):
    with database.transaction() as session:
        session.execute(sa.update(Household).values(head_name="虚构江孜"))
        for number in range(8):
            worker(session, f"江孜员{number}")
    for number in range(8):
        keeps(by=f"江孜员{number}", note=f"虚构江孜{number}")
    found = [hit["kind"] for hit in signed_in("county").get(SEARCH, query_string={"q": "江孜"}).json]
    assert found == ["division"] * 2 + ["household"] * 6 + ["worker"] * 6 + ["evidence"] * 6
    with database.transaction() as session:
        session.execute(sa.update(Division).values(name="虚构江孜"))
    assert len(signed_in("county").get(SEARCH, query_string={"q": "江孜"}).json) == 20


def test_who_may_not_read_the_registry_learns_the_names_of_his_own_households_only(keeps, database, signed_in):
    with database.transaction() as session:
        worker(session, "second")
    own, other = f"{world.VILLAGE}-0001", f"{world.VILLAGE}-0002"
    keeps(own)
    key = keeps(other, by="second")
    browser = signed_in("surveyor")
    assert [hit["code"] for hit in browser.get(SEARCH, query_string={"q": "虚构户主"}).json] == [own]
    (hit,) = [hit for hit in browser.get(SEARCH, query_string={"q": other}).json if hit["kind"] == "household"]
    assert "虚构户主" not in hit["label"] + hit["detail"]
    for address in (f"{PIECE}/{key}", f"{STORY}/{other}"):
        assert "虚构户主2" not in browser.get(address).text
        assert "虚构户主2" in signed_in("township").get(address).text
    assert "虚构户主1" in browser.get(f"{STORY}/{own}").text


def test_both_visits_are_compared_only_for_who_may_read_spot_checks(sends, signed_in):
    sends("surveyor", wages=1200)
    sends("checker", wages=3400)
    for name, compares in {
        "county": True,
        "city": True,
        "discipline": True,
        "township": False,
        "checker": False,
    }.items():
        page = signed_in(name).get(f"{STORY}/{HOUSEHOLD}")
        assert (name, page.status_code, "is-different" in page.text) == (name, 200, compares)


def test_a_reason_beside_the_map_names_no_household_of_which_its_reader_may_see_nothing(
    keeps, database, signed_in, assign
):
    key = keeps(HOUSEHOLD, **NUMBERS)
    keeps(NEXT, **NUMBERS)  # the same surveyor, in the neighbouring township
    assert sweep(database)
    for address in (f"{PIECE}/{key}", f"{STORY}/{HOUSEHOLD}"):
        assert f"与 {NEXT} 的" in signed_in("county").get(address).text
        page = signed_in("township").get(address).text
        assert NEXT not in page
        assert "与 另一户 的" in page
    assign("county", household=NEXT)
    assert NEXT not in signed_in("county").get(f"{PIECE}/{key}").text


def test_a_ring_drawn_across_itself_holds_both_its_parts(sends, signed_in):
    sends("surveyor")  # at 89.61, 28.95: in the smaller part of each
    for ring in (
        "89.605,28.94 89.70,29.04 89.70,28.86 89.605,28.96",
        "89.615,28.94 89.5,29.04 89.5,28.86 89.615,28.96",
    ):
        assert HOUSEHOLD in signed_in("county").get(LIST, query_string={"polygon": ring}).text
    flat = signed_in("county").get(LIST, query_string={"polygon": "89.5,28.9 89.6,28.9 89.7,28.9"})
    assert flat.status_code == 200


def test_a_table_that_would_be_cut_is_refused(keeps, signed_in, monkeypatch):
    monkeypatch.setattr(pages, "MOST_EXPORTED", 2)
    for serial in (1, 2, 3):
        keeps(f"{world.VILLAGE}-{serial:04d}")
    browser = signed_in("county")
    assert browser.get(f"{LIST}.csv").status_code == 413
    assert browser.get(f"{LIST}.csv", query_string={"household": HOUSEHOLD}).status_code == 200


def test_other_pieces_of_an_answer_are_named_without_numbers_of_persons(keeps, database, signed_in):
    with database.transaction() as session:
        household = session.scalars(sa.select(Household).where(Household.code == HOUSEHOLD)).one()
        first = seen(session, Drawn(household), purpose="township_visit", by="surveyor")
        second = seen(session, Drawn(household), purpose="township_visit", by="surveyor", kind="asset",
                      name="虚构车，电话13800001234")  # fmt: skip
        second.submission_id = first.submission_id
        key = first.id
    page = signed_in("county").get(f"{PIECE}/{key}").text
    assert "虚构车" in page
    assert "13800001234" not in page


def test_a_part_is_never_kept_in_place_of_the_page_of_the_same_address(keeps, signed_in):
    key = keeps()
    assert "X-Panel" in signed_in("county").get(f"{PIECE}/{key}", headers={"X-Panel": "1"}).headers.get("Vary", "")


def test_programs_read_what_the_panel_shows(sends, client, bearer):
    sends("surveyor", wages=1200)
    sends("checker", wages=3400)
    county = {"headers": bearer("county")}
    listed = client.get(f"{API}/map/pieces", query_string={"polygon": AROUND, "kind": "visit"}, **county)
    assert json.loads(listed.headers["X-Pagination"])["total"] == 2
    assert {one["household_code"] for one in listed.json} == {HOUSEHOLD}
    (hit,) = client.get(f"{API}/map/search", query_string={"q": HOUSEHOLD}, **county).json
    assert (hit["kind"], hit["code"]) == ("household", HOUSEHOLD)
    told = client.get(f"{API}/{listed.json[0]['id']}/told", **county).json
    assert all(one["label"] and one["value"] for one in told["answers"])
    assert (told["state"], told["head_name"]) == ("received", "虚构户主1")
    story = client.get(f"{API}/households/{HOUSEHOLD}", **county).json
    assert len(story["pieces"]) >= 2
    different = {(row["township"], row["county"]) for row in story["beside"] if row["differs"]}
    assert ("¥1,200", "¥3,400") in different


def test_programs_are_as_blind_as_pages(sends, assign, client, bearer):
    sends("surveyor", outcome_note="虚构的说明文字")
    key = client.get(f"{API}/map/pieces", headers=bearer("county")).json[0]["id"]
    assign("checker")
    for name in ("checker", "township-outside", "county-outside"):
        headers = bearer(name)
        assert client.get(f"{API}/map/pieces", headers=headers).json == []
        assert client.get(f"{API}/map/search", query_string={"q": "虚构的说明"}, headers=headers).json == []
        assert client.get(f"{API}/{key}/told", headers=headers).status_code == 404
        assert client.get(f"{API}/households/{HOUSEHOLD}", headers=headers).status_code == 404


def test_what_a_ring_holds_is_reviewed_accepted_together_and_taken_along(keeps, signed_in, database):
    here = keeps(place=None)
    keeps(f"{world.VILLAGE}-0002")  # at 89.6, 28.9
    with database.transaction() as session:
        session.get_one(Evidence, (world.COUNTY, here)).place = "SRID=4326;POINT(89.61 28.95)"
        session.add_all(JudgedEvidence(county_code=world.COUNTY, id=key, thresholds="t")
                        for key in session.scalars(sa.select(Evidence.id)))  # fmt: skip
    ring = "89.605,28.94 89.62,28.94 89.62,28.96 89.605,28.96"
    browser = signed_in("county")
    page = browser.get(LIST, query_string={"polygon": ring}).text
    (queue,) = {html.unescape(one) for one in re.findall(r'href="(/evidence/review[^"]*polygon[^"]*)"', page)}
    page = browser.get(queue).text
    assert "只看地图上圈中的答卷" in page
    assert "待审核 1 份" in page
    (clean,) = {html.unescape(one) for one in re.findall(r'href="(/evidence/review/clean[^"]*)"', page)}
    assert "共 1 份" in browser.get(clean).text
    assert "共 2 份" in browser.get("/evidence/review/clean").text
    file = browser.get("/api/evidence/map/export.geojson", query_string={"polygon": ring})
    assert [one["properties"]["household"] for one in json.loads(file.data)["features"]] == [HOUSEHOLD]
    assert browser.get("/evidence/review", query_string={"polygon": "89,28"}).status_code == 422


def test_photos_of_the_house_stand_before_signatures(keeps, database):
    key = keeps()
    with database.transaction() as session:
        for name in ("surveyor_signature", "house_photo"):
            session.add(
                Photo(county_code=world.COUNTY, evidence_id=key, question=f"/data/{name}", name=f"{name}.jpg")
            )  # fmt: skip
            session.flush()
    with database.read() as session:
        told = tell_piece(session, world.viewer(session, "county"), key, "zh")
        assert [one.photo.question for one in told.pictures] == ["/data/house_photo", "/data/surveyor_signature"]

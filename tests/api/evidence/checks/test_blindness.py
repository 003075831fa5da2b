"""A field check is seen by who may see the evidence it speaks of: on the page, in the file and by programs."""

import pytest
import world
from collect import HOUSEHOLD, visit

from api.evidence.checks.judge import sweep

LIST, API = "/evidence/checks", "/api/evidence/checks"
NEXT = "540222201201-0001"  # a household of the neighbouring township
NUMBERS = {"yaks": 7, "sheep": 31, "goats": 12, "cattle": 5, "income_wages_fen_per_year": 123_400}


@pytest.fixture
def visits(phone_of, database):
    """A function that sends a visit without a photo from an account's phone and has it judged."""

    def send(name, household=HOUSEHOLD):
        assert phone_of(name).send(visit(household=household, photo=None)).status_code == 201
        assert sweep(database)

    return send


@pytest.fixture
def hears_nothing_of(signed_in, client, bearer):
    """A function that fails when an account learns that somebody's evidence is doubted, even by a number or a name."""

    def check(name, worker):
        for page in (LIST, f"{LIST}/rules", f"{LIST}/rules/no-photo"):
            text = signed_in(name).get(page, query_string={"county": world.COUNTY}).text
            assert HOUSEHOLD not in text
            assert f"测试{worker}" not in text
        rules = client.get(f"{API}/rules", query_string={"county": world.COUNTY}, headers=bearer(name)).json
        assert {rule["hits"] for rule in rules} == {0}

    return check


@pytest.mark.parametrize("name", ["checker", "county"])  # a checker by role, and whoever else was given a check
def test_who_has_an_open_check_of_a_household_finds_none_of_its_field_checks(
    visits, finds, hears_nothing_of, assign, name
):
    visits("surveyor")
    assert finds("township") == [HOUSEHOLD]  # there is something to find
    assign(name)
    assert finds(name) == finds(name, household=HOUSEHOLD) == []
    hears_nothing_of(name, "surveyor")


def test_a_checker_finds_the_field_checks_of_a_household_once_his_own_check_is_in(visits, finds, assign):
    visits("surveyor")
    assign("checker")
    assert finds("checker") == []
    visits("checker")
    assert finds("checker") == [HOUSEHOLD]
    assert len({worker for _, worker, _ in finds.told}) == 2  # the township's and his own


def test_an_open_check_of_one_household_hides_no_other(visits, finds, assign):
    visits("surveyor")
    visits("surveyor", f"{world.VILLAGE}-0002")
    assign("county")
    assert finds("county") == [f"{world.VILLAGE}-0002"]


def test_a_reviewer_finds_his_township_and_nothing_of_the_neighbours(doubted, finds, client, bearer):
    doubted(HOUSEHOLD)
    doubted(NEXT, by="surveyor-outside")
    assert finds("county") == finds("city") == [HOUSEHOLD, NEXT]
    assert finds("township") == [HOUSEHOLD]
    assert finds("township-outside") == [NEXT]
    assert finds("township", area=world.NEXT_TOWNSHIP) == finds("township", household=NEXT) == []
    for outside in ("county-outside", "city-outside"):
        asked = client.get(API, query_string={"county": world.COUNTY}, headers=bearer(outside))
        assert asked.status_code == 404


def test_a_reason_names_no_household_of_which_its_reader_may_see_nothing(doubted, finds):
    doubted(HOUSEHOLD, **NUMBERS)
    doubted(NEXT, **NUMBERS)  # the same surveyor, in the neighbouring township
    copied = {"rule": "copied-answers", "household": HOUSEHOLD}
    assert finds("county", **copied) == [HOUSEHOLD]
    assert [reason for *_, reason in finds.told if "个数字" in reason] == [
        f"与 {NEXT} 的 5 个数字中有 5 个相同 (100%，达到 80%)"
    ]
    assert finds("township", **copied) == [HOUSEHOLD]
    assert not any(NEXT in reason for *_, reason in finds.told)
    assert any("另一户" in reason for *_, reason in finds.told)


def test_a_reason_names_no_household_that_its_reader_has_still_to_check(doubted, finds, assign):
    other = f"{world.VILLAGE}-0002"
    doubted(HOUSEHOLD, **NUMBERS)
    doubted(other, **NUMBERS)
    assign("county", household=other)
    assert finds("county") == [HOUSEHOLD]
    assert not any(other in reason for *_, reason in finds.told)

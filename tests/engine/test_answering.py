"""What the forms do while they are filled, as ODK's own engine runs them: short ways, sums, lists, proposals."""

from decimal import Decimal

import pytest
from engine.client import Job, fill_all
from engine.lists import LISTS, STANDARDS, entity_id

from survey_forms.catalogue import CATALOGUE, compiled, schema_of
from survey_forms.submission import read_submission

FORMS = [known.form_id for known in CATALOGUE]
WITH_OUTCOME = ("home_visit", "spot_check_visit", "missed_household")
NOBODY = {"/data/outcome": "nobody_home"}
MET = {"/data/outcome": "met_member", "/data/economy/members_count": "2"}
PENNILESS = MET | {
    "/data/economy/members_count": "1", "/data/economy/income_sources": "none", "/data/economy/holdings": "none",
    "/data/economy/registration": "none", "/data/assets_seen": "no", "/data/money/receives": "never",
    "/data/money/withheld": "no", "/data/household_signs": "signs",
}  # fmt: skip
URBAN, RURAL = "540222100201-0003", "540222100202-0002"
FROM_LIST = [{"/data/which/household": entity_id(code)} for code in (URBAN, RURAL)]
THREE_WITH_10000 = {
    "/data/economy/members_count": "3", "/data/economy/income_sources": "wages", "/data/economy/income/wages": "10000",
}  # fmt: skip
VILLAGE = "540222100202"
NO_STANDARDS = {name: text for name, text in LISTS.items() if name != "standards.csv"}


def job(form_id, given, *, lists=LISTS, **more):
    return Job(compiled(form_id).xml, lists, given=given, **more)


JOBS = {
    **{(form_id, "nobody"): job(form_id, NOBODY, answer_optional=0) for form_id in WITH_OUTCOME},
    **{(form_id, "met"): job(form_id, MET, answer_optional=0) for form_id in WITH_OUTCOME},
    **{(form_id, "no list"): job(form_id, NOBODY, lists={}, seed=5) for form_id in FORMS},
    **{
        ("reckoned", seed): job(
            "home_visit", MET | FROM_LIST[seed % 2] | {"/data/economy/members_count": str(1 + seed % 5)}, seed=seed
        )
        for seed in range(1, 9)
    },
    "known sum": job("home_visit", MET | FROM_LIST[1] | THREE_WITH_10000),
    "penniless": job("home_visit", PENNILESS, answer_optional=0),
    "no standards": job("home_visit", MET, lists=NO_STANDARDS),
    "met, typed": job("home_visit", MET),
    "met, from the list": job("home_visit", MET | FROM_LIST[0], answer_optional=1),
    "nobody, from the list": job("home_visit", NOBODY | FROM_LIST[0]),
    "votes": job("democratic_appraisal", {"/data/where/village": VILLAGE, "/data/votes": "6"}, answer_optional=1),
}


@pytest.fixture(scope="module")
def filled():
    return dict(zip(JOBS, fill_all(list(JOBS.values())), strict=True))


def test_the_engine_is_satisfied_with_every_one(filled):
    assert {name: one.violations for name, one in filled.items() if one.violations} == {}


@pytest.mark.parametrize("form_id", WITH_OUTCOME)
def test_where_nobody_is_at_home_a_handful_of_questions_remain(filled, form_id):
    assert len(filled[form_id, "nobody"].answers) <= 7
    assert len(filled[form_id, "met"].answers) > 35


def test_a_household_with_nothing_is_asked_for_no_amounts(filled):
    poor = filled["penniless"]
    asked = {path.rpartition("/")[2] for path, _ in poor.answers}
    assert not asked & {"wages", "crops", "cropland_mu", "yaks", "asset_kind", "received_amount", "card_holder"}
    assert poor.shown["/data/economy/income_total"] == "0"
    assert len(poor.answers) <= 40


def test_the_reckoning_at_the_end_is_what_is_missing_to_the_standard(filled):
    missing = []
    for name in [name for name in filled if name[0] == "reckoned"]:
        answers, shown = dict(filled[name].answers), filled[name].shown
        members = int(answers["/data/economy/members_count"])
        income = sum(int(value) for path, value in answers.items() if path.startswith("/data/economy/income/"))
        gap = max(Decimal(0), STANDARDS[shown["/data/entitlement/scheme"]] - Decimal(income) / members)
        assert int(shown["/data/economy/income_total"]) == income
        assert abs(Decimal(shown["/data/economy/income_per_person"]) - Decimal(income) / members) <= Decimal("0.005001")
        assert abs(Decimal(shown["/data/entitlement/gap"]) - gap) <= Decimal("0.005001")
        # to the fen a person and year, so to less than a twelfth of as many fen as there are persons
        assert abs(Decimal(shown["/data/entitlement/provisional"]) - gap * members / 12) <= Decimal("0.0101")
        assert shown["/data/entitlement/provisional_shown"].startswith("人均年收入")
        missing.append(gap > 0)
    assert set(missing) == {True, False}


def test_three_with_ten_thousand_yuan_where_each_should_have_4440_miss_276_yuan_67_a_month(filled):
    shown = filled["known sum"].shown
    assert shown["/data/economy/income_per_person"] == "3333.33"
    assert shown["/data/entitlement/gap"] == "1106.67"
    assert shown["/data/entitlement/provisional"] == "276.67"


def test_without_the_standards_the_form_says_so_and_goes_on(filled):
    shown = filled["no standards"].shown
    assert "手机上没有保障标准" in shown["/data/entitlement/provisional_missing"]
    assert shown["/data/entitlement/provisional"] == ""


@pytest.mark.parametrize("form_id", FORMS)
def test_a_phone_without_any_list_still_fills_the_form(filled, form_id):
    sent = read_submission(filled[form_id, "no list"].xml, schema_of(form_id))
    typed = [a.text for a in sent.answers if a.name in {"household_typed", "village_typed"} and not a.position]
    code = [a.text for a in sent.answers if a.name in {"household_code", "village_code"} and not a.position]
    assert typed == code != []


def test_the_code_and_the_scheme_are_those_of_the_household_picked(filled):
    sent = read_submission(filled["known sum"].xml, schema_of("home_visit"))
    assert sent.value("/data/household_code") == RURAL
    assert sent.value("/data/entitlement/scheme") == "rural"
    assert sent.value("/data/which/household_typed") is None


def test_a_change_of_the_list_is_proposed_only_where_the_household_came_from_it(filled):
    schema = schema_of("home_visit")
    sent = read_submission(filled["met, from the list"].xml, schema)
    (change,) = sent.entities
    assert (change.dataset, change.id, change.update, change.create) == ("households", entity_id(URBAN), True, False)
    assert change.base_version == 3
    answers = dict(filled["met, from the list"].answers)
    proposed = {answer.question.saved_to: answer.text for answer in sent.answers}
    assert proposed["geometry"] == answers["/data/place"]
    assert proposed["persons"] == answers["/data/economy/members_count"]
    assert proposed["phone"] == answers["/data/money/phone"]
    assert read_submission(filled["met, typed"].xml, schema).entities == ()


def test_where_nobody_was_met_only_the_place_is_proposed(filled):
    sent = read_submission(filled["nobody, from the list"].xml, schema_of("home_visit"))
    assert [change.id for change in sent.entities] == [entity_id(URBAN)]
    assert {answer.question.saved_to for answer in sent.answers} == {None, "geometry"}


def test_a_vote_is_on_a_household_of_the_village_that_meets(filled):
    sent = read_submission(filled["votes"].xml, schema_of("democratic_appraisal"))
    codes = [answer.text for answer in sent.answers if answer.name == "household_code"]
    assert len(codes) == 6
    assert {code.partition("-")[0] for code in codes} == {VILLAGE}

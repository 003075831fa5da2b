"""Two visits beside each other, worked out by hand; no database."""

from decimal import Decimal

import pytest

from api.spot_checks.comparison.compare import CLASSES, Sighting, compare
from api.spot_checks.comparison.questions import DECIDES, KINDS, KINDS_OF, Rule, default_rules, questions

MET = {"outcome": "met_householder"}


def beside(township, county, *, rules=None, **lists):
    """The lines by key and row, of two visits that met somebody unless they say otherwise."""
    sides = [
        Sighting(MET | answers, lists.get(f"{side}_members", ()), lists.get(f"{side}_assets", ()))
        for side, answers in (("township", township), ("county", county))
    ]
    found = compare(default_rules() | (rules or {}), *sides)
    return found, {(line.key, line.row): line for line in found.lines}


def result(key, township, county, **given):
    return beside(township, county, **given)[1][key, ""].result


INCOME = "visit.income_yuan_per_person_year"


@pytest.mark.parametrize(
    ("township", "county", "wanted"),
    [
        (400_000, 400_000, "agree"),
        (360_000, 400_000, "within"),  # 10 % of the county's 4,000 yuan
        (440_000, 400_000, "within"),
        (359_900, 400_000, "differs"),
        (440_100, 400_000, "differs"),
        (1, 0, "differs"),
        (None, 400_000, "one_side"),
    ],
)
def test_income_may_differ_by_a_tenth_of_the_countys_answer(township, county, wanted):
    given = {} if township is None else {"income_fen_per_person_year": township}
    assert result(INCOME, given, {"income_fen_per_person_year": county}) == wanted


def test_a_difference_is_said_in_yuan_and_per_cent():
    _, lines = beside({"income_fen_per_person_year": 300_000}, {"income_fen_per_person_year": 400_050})
    line = lines[INCOME, ""]
    assert (line.delta, line.percent, line.decides) == (Decimal("1000.5"), Decimal("25.0"), True)


@pytest.mark.parametrize(
    ("rule", "county", "wanted"),
    [
        (Rule("exact"), 4, "differs"),
        (Rule("absolute", 1), 4, "within"),
        (Rule("absolute", 1), 5, "differs"),
        (Rule("relative", 25), 4, "within"),
        (Rule("ignore"), 9, "ignored"),
    ],
)
def test_each_kind_of_rule_is_kept(rule, county, wanted):
    members = {"visit.members_count": rule}
    assert result("visit.members_count", {"members_count": 3}, {"members_count": county}, rules=members) == wanted


def test_an_absolute_tolerance_of_money_is_in_yuan():
    rules = {INCOME: Rule("absolute", 100)}
    for county, wanted in ((310_000, "within"), (310_001, "differs")):
        given = {"income_fen_per_person_year": county}
        assert result(INCOME, {"income_fen_per_person_year": 300_000}, given, rules=rules) == wanted


def test_a_wage_the_township_did_not_report_is_a_new_finding_and_the_other_way_round_a_difference():
    found, lines = beside({}, {"income_wages_fen_per_year": 1_200_000})
    assert (lines["visit.income_wages_yuan_per_year", ""].result, found.discrepant) == ("finding", False)
    assert result("visit.income_wages_yuan_per_year", {"income_wages_fen_per_year": 900_000}, {}) == "differs"


def test_decimals_are_read_from_text():
    assert result("visit.cropland_mu", {"cropland_mu": "3.5"}, {"cropland_mu": "3.50"}) == "agree"
    assert result("visit.cropland_mu", {"cropland_mu": "not a number"}, {"cropland_mu": "3"}) == "finding"


def test_money_withheld_and_cards_kept_are_news_and_decide():
    found, lines = beside(
        {"withheld": "no", "card_holder": "own_household"},
        {"withheld": "yes", "withheld_fen": 50_000, "card_holder": "cadre"},
    )
    assert {line.key for line in found.deciding} == {"visit.withheld", "visit.card_holder"}
    assert lines["visit.withheld_yuan", ""].result == "finding"
    # the other way round: the county was told less, no news
    found, lines = beside({"card_holder": "cadre"}, {"card_holder": "own_household"})
    assert (lines["visit.card_holder", ""].result, found.discrepant) == ("differs", False)


def test_not_known_is_no_answer():
    assert result("visit.withheld", {"withheld": "unknown"}, {"withheld": "no"}) == "one_side"
    assert result("visit.withheld", {"withheld": "no"}, {"withheld": "unknown"}) == "one_side"
    assert result("visit.withheld", {"withheld": "unknown"}, {"withheld": "yes"}) == "finding"


def test_several_choices_are_compared_as_sets_whether_bare_or_listed():
    _, lines = beside({"income_sources": ["wages", "crops"]}, {"income_sources": ["crops", "support"]})
    line = lines["visit.income_sources", ""]
    assert (line.result, line.added, line.removed) == ("finding", ("support",), ("wages",))
    assert result("visit.income_sources", {"income_sources": "crops"}, {"income_sources": ["crops"]}) == "agree"
    assert result("visit.income_sources", {"income_sources": ["crops"]}, {"income_sources": "none"}) == "differs"


def test_money_by_the_quarter_equals_money_by_the_month():
    key = "visit.received_yuan_per_month"
    quarter, month = {"received_fen": 90_000, "received_every": "quarter"}, {"received_every": "month"}
    assert result(key, quarter, month | {"received_fen": 30_000}) == "agree"
    assert result(key, quarter, month | {"received_fen": 20_000}) == "differs"


def test_members_are_matched_by_name_whatever_spaces_and_dots_and_the_rest_are_new_or_missing():
    def person(name, **values):
        return {"name": name, "birth_year": 1980, "relation": "child", **values}

    found, lines = beside(
        {"members_count": 2},
        {"members_count": 2},
        township_members=[person("扎西 次仁"), person("虚构乙")],
        county_members=[person("虚构丙"), person("扎西·次仁", birth_year=1981, public_payroll="yes")],
    )
    assert lines["member", "虚构乙"].result == "differs"
    assert lines["member", "虚构丙"].result == "finding"
    assert lines["member.birth_year", "扎西·次仁"].result == "within"
    assert lines["member.public_payroll", "扎西·次仁"].result == "finding"
    assert [line.key for line in found.deciding] == ["member.public_payroll"]


def test_of_two_members_of_one_name_those_born_in_one_year_belong_together():
    def of(*years):
        return [{"name": "虚构甲", "birth_year": year} for year in years]

    _, lines = beside({}, {}, township_members=of(1950, 1990), county_members=of(1990, 1950))
    assert {line.result for key, line in lines.items() if key[0] == "member.birth_year"} == {"agree"}
    assert ("member", "虚构甲") not in lines


def test_property_is_matched_by_kind_and_plate_and_a_second_vehicle_is_news():
    car = {"kind": "vehicle", "identifier": "藏D 12345", "value_fen": 5_000_000}
    found, lines = beside(
        {}, {}, township_assets=[car],
        county_assets=[
            car | {"identifier": "藏D12345", "value_fen": 5_500_000},
            {"kind": "vehicle", "identifier": "藏D9"},
        ],
    )  # fmt: skip
    assert lines["asset.value_yuan", "藏D12345"].result == "within"
    assert lines["asset", "藏D9"].result == "finding"
    assert [line.key for line in found.deciding] == ["asset"]


def test_where_the_township_met_nobody_nothing_is_news_but_that_it_met_nobody():
    sides = (
        Sighting({"outcome": "nobody_home"}),
        Sighting(MET | {"members_count": 3, "withheld": "yes"}, [{"name": "甲"}]),
    )
    found = compare(default_rules(), *sides)
    lines = {line.key: line.result for line in found.lines}
    assert lines["visit.met"] == "differs"
    assert {lines["visit.members_count"], lines["visit.withheld"], lines["member"]} == {"one_side"}
    assert [line.key for line in found.deciding] == ["visit.met"]


def test_what_neither_visit_answered_has_no_line():
    _, lines = beside({}, {})
    assert {key for key, _ in lines} == {"visit.met", "visit.outcome"}


def test_every_question_has_chinese_words_and_a_rule_that_fits_it():
    for one in questions().values():
        assert one.label["zh"]
        assert one.default.kind in KINDS_OF[one.type]
        assert one.default.decides in DECIDES
        assert one.default.kind in KINDS
        assert all(label["zh"] for label in one.choices.values())
    assert {"visit.met", "member", "asset", "asset.value_yuan", INCOME} <= questions().keys()
    assert not {"visit.verdict", "visit.place", "visit.house_photo"} & questions().keys()


def test_every_line_comes_out_in_a_way_that_has_a_name():
    found, _ = beside({"members_count": 1, "housing": "own"}, {"members_count": 2, "note": "x"})
    assert {line.result for line in found.lines} <= CLASSES.keys()
    assert found.count("differs") == 1

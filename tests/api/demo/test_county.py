"""The county in memory: the same each time, nobody real in it, every kind of error planted."""

import hashlib
import os
import subprocess
import sys
from collections import Counter

import pytest

from api.demo.county import FEWEST, make_county
from api.demo.errors import RELATIONS
from api.demo.households import gap_fen
from api.demo.photos import draw_photo
from api.demo.planting import KINDS, truth_rows
from api.registry.identity import read_identity

# GB/T 2260: the first two digits of every region there is
REGIONS = {
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62,
    63, 64, 65, 71, 81, 82, 83,
}  # fmt: skip
POLICY_KINDS = {
    "错保", "漏保", "人情保", "关系保", "保人不保户", "轮流坐庄", "平均发放", "虚报冒领", "截留挪用", "扣压代管",
    "优亲厚友", "死亡未退", "超标准财产", "财政供养",
}  # fmt: skip
FINGERPRINT = """
import hashlib
from api.demo.county import make_county
from api.registry.divisions import shipped_divisions
names = {row["code"]: row["name"] for row in shipped_divisions()}
county = make_county(names, {"urban": 976_800, "rural": 444_000}, 150)
print(hashlib.sha256(repr(county).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def people(county):
    members = [person for family in county.families for person in family.members]
    return [*members, *(post.person for post in county.posts)]


def by_kind(county, kind):
    return [family for family in county.families if family.truth.kind == kind]


def test_the_county_is_the_same_in_every_process(divisions, project):
    here = make_county(divisions, {"urban": 976_800, "rural": 444_000}, 150)
    there = subprocess.run(
        [sys.executable, "-c", FINGERPRINT],
        cwd=project,
        env={**os.environ, "PYTHONHASHSEED": "20180610"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == hashlib.sha256(repr(here).encode()).hexdigest()


def test_it_has_about_three_thousand_households_and_eleven_thousand_members(county):
    on_roll = [family for family in county.families if family.on_roll]
    off_roll = [family for family in county.families if not family.on_roll]
    assert (len(on_roll), len(off_roll)) == (3_000, 250)
    assert all(family.registered_poor and not family.benefit_fen for family in off_roll)
    assert 10_500 <= sum(len(family.members) for family in county.families) <= 11_700
    assert len({family.code for family in county.families}) == len(county.families)
    assert len({family.township for family in county.families}) == 19


def test_nobody_in_it_can_be_real(county, people):
    relatives = [relative for post in county.posts for relative in post.relatives]
    assert all(person.name.startswith("虚构") for person in people)
    assert all(name.startswith("虚构") for name, _, _ in relatives)
    numbers = [person.identity for person in people]
    for number in [*numbers, *(identity for _, _, identity in relatives), *(r.identity for r in county.records)]:
        read_identity(number)
        assert int(number[:2]) not in REGIONS
    for person in people:
        told = read_identity(person.identity)
        assert (told.birth_date, told.sex) == (person.born, person.sex)
    assert len(set(numbers)) == len(numbers)
    assert all(family.phone.startswith("154") and len(family.phone) == 11 for family in county.families)


def test_a_card_passes_the_check_of_its_last_digit_and_belongs_to_no_bank(county):
    for family in county.families:
        digits = [int(digit) for digit in reversed(family.card)]
        assert sum(digits[0::2]) % 10 == -sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2]) % 10
        assert family.card.startswith("999999")


def test_every_kind_the_plan_names_is_planted_in_about_a_tenth_of_the_roll(county):
    assert set(KINDS) == POLICY_KINDS
    rows = truth_rows(county.families)
    assert {row["kind"] for row in rows} == POLICY_KINDS
    assert 0.08 <= sum(row["on_roll"] for row in rows) / 3_000 <= 0.12
    missed = Counter(row["on_roll"] for row in rows if row["kind"] == "漏保")
    assert set(missed) == {0}
    assert 30 <= missed[0] <= 70


def test_a_small_county_holds_every_kind_and_a_smaller_one_is_refused(divisions, standards):
    small = make_county(divisions, standards, FEWEST)
    assert {row["kind"] for row in truth_rows(small.families)} == POLICY_KINDS
    with pytest.raises(ValueError, match="at least"):
        make_county(divisions, standards, FEWEST - 1)


def test_errors_are_more_frequent_where_nobody_looked_for_years_or_income_is_near_the_line(county):
    def share(families):
        return sum(bool(family.truth.kind) for family in families) / len(families)

    plain = [family for family in county.families if family.on_roll]
    old = [family for family in plain if family.since.year < 2020]
    fresh = [family for family in plain if family.since.year >= 2020]
    assert share(old) > 1.3 * share(fresh)


def test_a_household_without_an_error_gets_exactly_what_is_missing_to_the_standard(county):
    for family in county.families:
        if family.on_roll and not family.truth.kind:
            assert family.benefit_fen == gap_fen(family.standard_fen, family.income_yuan, len(family.members))
            line, had = family.standard_fen * len(family.members), family.income_yuan * 100
            assert 0 <= line - had - 12 * family.benefit_fen < 12
            assert family.persons == len(family.members)


def test_only_town_quarters_have_the_urban_scheme(county, divisions):
    urban = {family.village for family in county.families if family.scheme == "urban"}
    assert urban
    assert urban == {family.village for family in county.families if "社区" in divisions[family.village]}
    assert {code[:9] for code in urban} == {"540222100"}


@pytest.mark.parametrize(
    ("kind", "record"), [("死亡未退", "death"), ("财政供养", "payroll"), ("超标准财产", None), ("错保", None)]
)
def test_what_a_department_knows_of_an_error_is_in_its_files(county, kind, record):
    filed = {entry.identity: entry.kind for entry in county.records}
    found = [
        {filed[person.identity] for person in family.members if person.identity in filed}
        for family in by_kind(county, kind)
    ]
    if record is not None:
        assert all(record in kinds for kinds in found)
    else:
        assert any(kinds & {"vehicle", "machinery", "property", "company"} for kinds in found)


def test_a_declared_relative_is_on_the_roll_by_connection_and_some_are_there_rightly(county):
    declared = {identity for post in county.posts for _, _, identity in post.relatives}
    related = [family for family in county.families if family.head.identity in declared]
    assert all(family in related for family in by_kind(county, "关系保"))
    assert any(not family.truth.kind for family in related)
    sexes = {relation: sex for sex, relations in RELATIONS.items() for relation in relations}
    heads = {family.head.identity: family.head.sex for family in county.families}
    for post in county.posts:
        for _, relation, identity in post.relatives:
            assert heads.get(identity, sexes[relation]) == sexes[relation]


def test_each_kind_does_to_the_numbers_what_its_name_says(county):
    for family in by_kind(county, "保人不保户"):
        assert 0 < family.persons < len(family.members)
    for family in by_kind(county, "虚报冒领"):
        assert len(family.members) > family.truth.members
        assert family.benefit_fen > family.truth.correct_fen_per_month
    for family in by_kind(county, "优亲厚友"):
        assert family.benefit_fen > family.truth.correct_fen_per_month > 0
    for family in by_kind(county, "截留挪用"):
        assert 0 < family.truth.withheld_yuan * 100 <= family.benefit_fen * 12
    for family in by_kind(county, "扣压代管"):
        assert family.truth.card_holder == "cadre"
    for family in by_kind(county, "漏保"):
        assert family.truth.correct_fen_per_month > 0 == family.benefit_fen
    equal = {}
    for family in by_kind(county, "平均发放"):
        equal.setdefault(family.village, set()).add(family.benefit_fen)
    assert all(len(amounts) == 1 for amounts in equal.values())
    for kind in ("错保", "人情保", "关系保", "轮流坐庄", "超标准财产", "财政供养"):
        assert all(family.truth.correct_fen_per_month == 0 for family in by_kind(county, kind))


def test_the_truth_adds_up(county):
    for row in truth_rows(county.families):
        difference = 12 * (row["paid_fen_per_month"] - row["correct_fen_per_month"])
        assert row["wrongly_paid_fen_per_year"] - row["underpaid_fen_per_year"] == difference
        assert min(row["wrongly_paid_fen_per_year"], row["underpaid_fen_per_year"]) == 0


def test_a_photo_is_small_its_own_and_always_the_same():
    first = draw_photo("540222100201-0001-surveyor.jpg")
    assert first == draw_photo("540222100201-0001-surveyor.jpg") != draw_photo("540222100201-0002-surveyor.jpg")
    assert 2_000 < len(first) < 15_000

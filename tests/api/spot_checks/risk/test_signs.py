from datetime import date

import pytest
import sqlalchemy as sa
import world
from checks import seen

from api.registry.tables import Household, Member
from api.spot_checks.tables import Selection

SECOND = world.VILLAGES[1]


def person(household, position, number, *, receives=True):
    return Member(
        county_code=household.county_code, household_id=household.id, position=position, name=f"虚构成员{number}",
        relation="子", identity_hash=f"{number:064d}", receives=receives,
    )  # fmt: skip


def test_a_benefit_well_above_the_gap_is_named_with_both_amounts_and_rounding_is_not(session, one, said):
    # urban line 9,768 yuan; 768 yuan are missing for each of three persons: 192 yuan a month
    household = one(7)
    household.income_fen_per_person_year, household.persons = 850_000, 3
    for paid, found in ((31_700, None), (31_701, None), (34_870, None), (34_871, ["每月发放 348 元，差额测算 317 元"])):
        household.benefit_fen_per_month = paid
        session.flush()
        assert said(household).get("above_gap") == found


def test_above_the_line_the_income_speaks_and_the_gap_is_not_counted_a_second_time(session, one, said):
    one(4)  # 20,000 yuan a person
    assert said(one(4)).keys() == {"income_over"}


def test_a_household_paid_for_part_of_its_members_and_a_person_in_two_households_are_seen(session, one, said):
    first, second = one(7), one(8)
    session.add_all([person(first, 1, 70), person(first, 2, 71, receives=False), person(first, 3, 72, receives=False)])
    session.add_all([person(second, 1, 80), person(second, 2, 71)])
    session.flush()
    assert said(first) == {
        "part_paid": ["名册 3 人，只保障 1 人"],
        "paid_apart": [f"同一人也在 {second.code}"],
    }
    assert said(second) == {"paid_apart": [f"同一人也在 {first.code}"]}
    second.on_roll = False
    session.flush()
    assert said(first).keys() == {"part_paid"}


@pytest.mark.parametrize(("alike", "seen_"), [(3, False), (4, True)])
def test_equal_amounts_of_a_third_of_a_village_are_a_sign_unless_the_households_are_equal(
    session, one, said, alike, seen_
):
    group = [one(serial, SECOND) for serial in range(1, alike + 1)]
    for number, household in enumerate(group):
        household.benefit_fen_per_month, household.persons = 30_000, 2 + number % 2
    session.flush()
    words = ["本村 12 户中 4 户每月都是 300 元"]
    assert [said(household).get("equal_shares") for household in group] == [words if seen_ else None] * alike
    assert "equal_shares" not in said(one(9, SECOND))
    for household in group:
        household.persons = 2
    session.flush()
    assert "equal_shares" not in said(group[0])


def test_many_households_of_a_village_that_began_on_one_recent_day_are_a_sign_and_long_ago_they_are_none(
    session, one, said
):
    group = [one(serial, SECOND) for serial in range(1, 5)]
    for household in group:
        household.benefit_since = date(2026, 1, 1)
    session.flush()
    assert said(group[0])["same_start"] == ["本村 12 户中 4 户都自 2026-01-01 起"]
    for household in group:
        household.benefit_since = date(2024, 7, 1)
    session.flush()
    assert said(group[0]) == {}


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"income_fen_per_person_year": 976_799}, {}),
        ({"income_fen_per_person_year": 976_800}, {"visit_income": "入户人均 9,768 元，标准 9,768 元"}),
        ({"withheld": "yes"}, {"visit_money": "入户：称低保金被扣留、代领或平分"}),
        ({"receives": "never"}, {"visit_money": "入户：称从来没有领到过"}),
        ({"card_holder": "cadre"}, {"visit_card": "入户：一卡通由村干部或工作人员保管"}),
        ({"card_holder": "relative", "withheld": "unknown", "receives": "yes"}, {}),
        ({"members_count": 2}, {"visit_members": "入户看到 2 人，名册 3 人"}),
        ({"members_count": 3}, {}),
        ({"outcome": "moved"}, {"visit_gone": "入户：已搬走"}),
        ({"outcome": "refused", "withheld": "yes"}, {"visit_unmet": "入户：拒绝调查"}),
        ({"income_fen_per_person_year": "说不清"}, {}),
    ],
)
def test_what_the_townships_visit_contradicts_is_a_sign(one, said, visited, answers, found):
    household = one(7)
    assert household.persons == 3
    visited(household, **answers)
    signs = said(household)
    assert signs.keys() == found.keys()
    for name, words in found.items():
        (text,) = signs[name]
        assert text.endswith(words)
        assert text[:2] == "20"  # the day stands in front


def test_the_townships_last_visit_stands_and_the_countys_check_is_no_visit_of_the_township(one, said, visited):
    household = one(7)
    visited(household, outcome="moved", minutes=1)
    visited(household, minutes=2)
    visited(household, purpose="spot_check", by="checker", outcome="moved", minutes=3)
    assert said(household) == {}


def test_neighbours_and_property_that_was_seen_are_signs_that_name_nobody(one, said, visited):
    household = one(7)
    visited(
        household, kind="interview", vehicle="yes", shop="no", compared="better", livelihood=["farming", "business"],
        informant_name="虚构邻居", kin_who="虚构干部",
    )  # fmt: skip
    visited(household, kind="asset", minutes=1, value_fen=3_000_000, owner="虚构户主7")
    signs = said(household)
    assert sorted(signs["neighbours"]) == [
        "邻里反映做生意、跑运输或开店",
        "邻里反映日子比多数人家好",
        "邻里反映有汽车或大型农机具",
    ]
    assert "asset_seen" not in signs  # of no kind that counts
    assert "虚构" not in str(signs)


def test_property_is_named_by_its_kind_and_worth(session, one, said, visited):
    household = one(7)
    evidence = visited(household, kind="asset")
    evidence.content = {"kind": "vehicle", "value_fen": 3_000_000}
    session.flush()
    assert said(household)["asset_seen"][0].endswith("看到机动车辆，约值 30,000 元")


def test_the_last_draw_that_checked_a_household_is_its_history(session, draw, result, said):
    base = session.scalars(
        sa.select(Selection).where(Selection.role == "base").order_by(Selection.household_code)
    ).all()
    wrong, gone, away, right = base[:4]
    seen(session, wrong, verdict="amount_high", error_kinds=["rotation"])
    seen(session, gone, outcome="moved", outcome_note="村委会证实 (虚构)", verdict="not_eligible")
    seen(session, away, outcome="away")
    seen(session, right, verdict="right", error_kinds="none")

    def history(selection):
        household = session.scalars(sa.select(Household).where(Household.id == selection.household_id)).one()
        return {name: text for name, text in said(household).items() if name.startswith("check")}

    (text,) = history(wrong)["check_error"]
    assert text.endswith("抽查：符合条件，金额偏高")
    assert history(gone).keys() == {"check_error"}
    assert history(away).keys() == {"check_unreached"}
    assert history(right) == {}


def test_a_sign_without_points_is_still_told(one, said, tried):
    assert said(one(3), tried(subsidy=0)) == {"subsidy": ["财政 草补"]}

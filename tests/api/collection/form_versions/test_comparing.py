"""Two versions side by side: what changed, and what would spoil what has been collected."""

import pytest
from forms import OUTCOMES, ROWS, compile_here, sheets, workbook

from api.collection.form_versions.compare import Difference, compare
from survey_forms.xform import read_schema


def schema(rows=ROWS, **more):
    return read_schema(compile_here(workbook(sheets(rows=rows, **more)), ".xlsx").form.xml)


def changed(row, place, rows=ROWS):
    return [row if number == place else kept for number, kept in enumerate(rows)]


def one(rows, **more):
    (found,) = compare(schema(), schema(rows, **more))
    return found


def test_the_same_form_has_no_differences():
    assert compare(schema(), schema()) == []


def test_a_new_question_is_added_and_does_no_harm():
    found = one([*ROWS, ("integer", "cattle", "几头牛？", None, "visit.cattle_count")])
    assert found == Difference(kind="added", what="question", name="cattle", after="visit.cattle_count")


def test_another_type_under_the_same_name_is_dangerous():
    found = one(changed(("text", *ROWS[2][1:]), 2))
    assert (found.what, found.before, found.after, found.dangerous) == ("type", "int", "string", True)


def test_a_question_with_evidence_that_goes_is_dangerous_and_one_without_is_not():
    assert one([*ROWS[:2], ROWS[3]]).dangerous
    plain = ("note", "thanks", "谢谢", None, None)
    (found,) = compare(schema([*ROWS, plain]), schema())
    assert (found.kind, found.name, found.dangerous) == ("removed", "thanks", False)


def test_a_question_renamed_with_its_role_is_no_loss():
    found = compare(schema(), schema(changed(("integer", "salary", *ROWS[2][2:]), 2)))
    assert [(one.kind, one.name, one.dangerous) for one in found] == [
        ("removed", "wages", False), ("added", "salary", False),
    ]  # fmt: skip


def test_an_evidence_role_lost_or_changed_is_said():
    lost = one(changed((*ROWS[2][:4], None), 2))
    assert (lost.what, lost.before, lost.after, lost.dangerous) == (
        "evidence", "visit.income_wages_yuan_per_year", "", True,
    )  # fmt: skip


def test_a_form_that_no_longer_asks_for_the_household_is_dangerous_first_of_all():
    found = compare(schema(), schema(changed((*ROWS[0][:4], None), 0)))
    assert {one.what for one in found if one.dangerous} == {"household", "evidence"}


def test_a_choice_that_goes_is_dangerous_where_it_is_evidence():
    found = one(ROWS, choices=[*OUTCOMES[:1], ("outcome", "moved", "搬走")])
    assert (found.what, found.before, found.after, found.dangerous) == ("choices", "absent", "moved", True)


def test_words_and_demands_that_change_are_harmless():
    found = compare(schema(), schema(changed(("integer", "wages", "全年工资？", "yes", ROWS[2][4]), 2)))
    assert {(one.what, one.dangerous) for one in found} == {("label", False), ("required", False)}


@pytest.mark.parametrize(("inside", "dangerous"), [("group", False), ("repeat", True)])
def test_a_question_moved_into_a_group_is_known_again_and_into_a_repeat_is_dangerous(inside, dangerous):
    pay = ("integer", "pay", "工资？", None, "pay.wages_yuan_per_year")
    around = [(f"begin_{inside}", "economy", "经济", None, None), pay, (f"end_{inside}", None, None, None, None)]
    found = compare(schema([*ROWS, pay]), schema([*ROWS, *around]))
    assert [(one.what, one.name, one.dangerous) for one in found] == [("place", "pay", dangerous)]

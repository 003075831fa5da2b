"""A form from outside is compiled in another process, ended when it takes too much; every slip is named at once."""

import pytest
from forms import compile_here, markdown

from survey_forms import apart
from survey_forms.apart import compile_apart
from survey_forms.compile import compile_form
from survey_forms.errors import CompileError, TooHeavyError
from survey_forms.slips import MOST, slips

FORM = """
| survey |
| | type | name | label |
| | text | who | 姓名 |
{more}
| settings |
| | form_id | version |
| | own | 1 |
"""


def form(*rows):
    return markdown(FORM.format(more="\n".join(rows)))


def test_it_is_the_same_form_as_compiled_here():
    there = compile_apart(form(), ".md")
    assert there.form == compile_form(form(), file_type=".md")
    assert [(row.row, row.cells["name"]) for row in there.rows] == [(2, "who")]


@pytest.mark.parametrize("limits", [{"seconds": 1}, {"memory_bytes": 100_000_000}])
def test_what_takes_too_much_time_or_memory_is_ended(limits):
    rows = ["| choices |", "| | list_name | name | label |", *(f"| | l | n{n} | {n} |" for n in range(20_000))]
    heavy = form("| | select_one l | one | 选 |", *rows)
    compilation = compile_apart(heavy, ".md", **limits)
    assert compilation.form is None
    assert [type(refusal) for refusal in compilation.refusals] == [TooHeavyError]


def test_more_questions_than_any_form_has_are_refused():
    many = form(*(f"| | text | q{number} | 题 |" for number in range(apart.MOST_QUESTIONS)))
    (refusal,) = compile_here(many, ".md").refusals
    assert isinstance(refusal, TooHeavyError)
    assert "questions" in refusal.what


def test_a_refusal_keeps_its_place_on_the_way_from_the_other_process():
    (refusal,) = compile_apart(form("| | selekt | x | 选 |"), ".md").refusals
    assert isinstance(refusal, CompileError)
    assert (refusal.sheet, refusal.row, refusal.cells["name"]) == ("survey", 3, "x")


def test_every_slip_is_found_and_a_slip_that_spoils_the_rest_ends_the_search():
    found = slips(form("| | selekt | x | 选 |", "| | text | a b | 字 |", "| | text | who | 又 |"), ".md")
    assert [slip.row for slip in found] == [3, 4, 5]
    (unmatched,) = slips(form("| | begin_group | g | 组 |"), ".md")
    assert unmatched.row == 3
    assert slips(form(), ".md") == ()


def test_a_form_of_nothing_but_slips_comes_to_an_end():
    assert len(slips(form(*(f"| | selekt | x{number} | 选 |" for number in range(100))), ".md")) == MOST


def test_an_xform_of_another_tool_stays_as_it_is_byte_for_byte():
    made = compile_form(form(), file_type=".md").xml
    taken = compile_form(made, file_type=".xml")
    assert (taken.xml, taken.form_id, taken.version) == (made, "own", "1")
    for spoilt in (b"", b"<a/>", made[:-9], made.replace(b"<instance>", b"<instances>")):
        with pytest.raises(CompileError):
            compile_form(spoilt, file_type=".xml")

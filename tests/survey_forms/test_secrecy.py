"""Numbers of persons: declared in the form, or told by a name."""

import pytest

from survey_forms.compile import compile_form
from survey_forms.errors import SchemaError
from survey_forms.xform import read_schema

FORM = """
[languages]
zh = "中文 (zh)"
[settings]
form_id = "secrets"
version = "1"
[choices.yes_no]
yes = {{ zh = "有" }}
[[survey]]
type = "{type}"
name = "{name}"
label = {{ zh = "问" }}
{more}
"""


def secret(kind="text", name="question", more=""):
    (question,) = read_schema(compile_form(FORM.format(type=kind, name=name, more=more)).xml).questions
    return question.secret


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("question", "", None),
        ("question", 'secret = "phone"', "phone"),
        ("question", 'evidence = "visit.head_identity_number"', "identity"),
        ("question", 'evidence = "visit.card_number"', "card"),
        ("mobile", "", "phone"),
        ("owner_id_card", 'evidence = "asset.owner"', "identity"),
        ("cardboard", "", None),
    ],
)
def test_a_question_is_secret_because_it_says_so_or_by_its_role_or_its_name(name, more, expected):
    assert secret(name=name, more=more) == expected


def test_a_choice_is_no_number_whatever_its_name():
    assert secret("select_one yes_no", "bank_card") is None
    assert secret("select_one yes_no", "bank_card", 'secret = "card"') == "card"


def test_a_kind_of_secret_that_nobody_knows_is_refused_rather_than_shown():
    with pytest.raises(SchemaError, match="secret 'idcard' is none of identity, phone, card"):
        secret(more='secret = "idcard"')

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.registry.identity import IdentityError, check_character, read_identity
from api.registry.masking import mask_card, mask_identity, mask_phone

REGION = "990000"  # assigned to nobody
BIRTHS = st.dates(date(1900, 1, 1), date(2020, 12, 31))


def number_of(born, serial):
    digits = f"{REGION}{born:%Y%m%d}{serial:03d}"
    return digits + check_character(digits)


@given(BIRTHS, st.integers(0, 999))
def test_a_well_formed_number_says_birth_date_and_sex(born, serial):
    found = read_identity(number_of(born, serial))
    assert found.birth_date == born
    assert found.sex == ("男" if serial % 2 else "女")


@given(BIRTHS, st.integers(0, 999))
def test_the_check_sum_over_all_eighteen_characters_is_one(born, serial):
    """ISO 7064 MOD 11-2 from its definition: the whole number, X as ten, is congruent to 1."""
    values = [10 if character == "X" else int(character) for character in number_of(born, serial)]
    assert sum(value * 2 ** (17 - place) for place, value in enumerate(values)) % 11 == 1


@given(BIRTHS, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(born, serial, place, shift):
    number = number_of(born, serial)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(IdentityError, match="校验位"):
        read_identity(wrong)


@given(BIRTHS, st.integers(0, 999), st.integers(0, 16))
def test_any_two_neighbours_exchanged_are_noticed(born, serial, place):
    number = number_of(born, serial)
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if wrong == number:
        return
    with pytest.raises(IdentityError):
        read_identity(wrong)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "18 位"),
        ("110105491231002", "15 位旧号"),
        ("11010519491231002", "18 位"),
        ("1101051949123100AX", "只能是数字"),
        ("1101051949123100२X", "只能是数字"),
        ("11010519491231002Y", "只能是数字"),
        (number_of(date(1901, 1, 1), 1).replace("1901", "1801"), "校验位"),
    ],
)
def test_what_is_no_number_is_refused_with_what_to_do(text, says):
    with pytest.raises(IdentityError, match=says):
        read_identity(text)


@pytest.mark.parametrize("born", ["18990101", "19990229", "20000001", "29990101"])
def test_a_birth_date_that_cannot_be_is_refused_though_the_check_digit_fits(born):
    digits = f"{REGION}{born}001"
    with pytest.raises(IdentityError, match="出生日期"):
        read_identity(digits + check_character(digits))


def test_a_birth_tomorrow_is_refused_and_one_today_is_not():
    number = number_of(date(2020, 6, 1), 1)
    assert read_identity(number, today=date(2020, 6, 1)).birth_date == date(2020, 6, 1)
    with pytest.raises(IdentityError):
        read_identity(number, today=date(2020, 5, 31))


def refusal_of(text):
    try:
        read_identity(text)
    except IdentityError as refusal:
        return str(refusal)
    return ""


@given(st.text(alphabet="0123456789Xx １", min_size=5, max_size=40))
def test_any_text_is_read_or_refused_and_a_refusal_never_repeats_it(text):
    assert text not in refusal_of(text)


@given(st.text(min_size=1, max_size=30))
def test_masks_keep_the_length_and_hide_most(text):
    for mask in (mask_identity, mask_phone, mask_card):
        assert len(mask(text)) == len(text)
        assert "*" in mask(text)

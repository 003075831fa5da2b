"""Texts as values: what fits is read exactly, what does not is said to be unreadable."""

import datetime as dt
from decimal import Decimal

import pytest

from survey_forms.schema import Choice, Question
from survey_forms.values import Place, Unreadable, read_value, safe_file_name

EAST_EIGHT = dt.timezone(dt.timedelta(hours=8))
CHOICES = (Choice("a", {}), Choice("b", {}))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", " -42 ", -42),
        ("int", "12.0", 12),
        ("decimal", "1.0E7", Decimal(10_000_000)),
        ("decimal", ".5", Decimal("0.5")),
        ("boolean", "1", True),
        ("boolean", "false", False),
        ("date", "2018-06-20", dt.date(2018, 6, 20)),
        ("date", "2018-06-20T00:00:00.000+08:00", dt.date(2018, 6, 20)),
        ("time", "14:30:00.000+08:00", dt.time(14, 30, tzinfo=EAST_EIGHT)),
        ("time", "14:30", dt.time(14, 30)),
        ("dateTime", "2018-06-20T14:30:00.5+08", dt.datetime(2018, 6, 20, 14, 30, 0, 500000, EAST_EIGHT)),
        ("dateTime", "2018-06-20T06:30:00Z", dt.datetime(2018, 6, 20, 6, 30, tzinfo=dt.UTC)),
        ("dateTime", "2018-06-20T06:30:00.123456789Z", dt.datetime(2018, 6, 20, 6, 30, 0, 123456, dt.UTC)),
        ("geopoint", "28.9 89.6", Place(28.9, 89.6)),
        ("geopoint", "-28.9 -89.6 4000 0", Place(-28.9, -89.6, 4000.0, 0.0)),
        ("geotrace", "1 2 0 0; 3 4 0 0;", (Place(1, 2, 0, 0), Place(3, 4, 0, 0))),
        ("select_one", "a", "a"),
        ("select_multiple", "a  b", ("a", "b")),
        ("rank", "b a", ("b", "a")),
        ("binary", "photo 1.jpg", "photo 1.jpg"),
        ("trigger", "OK", "OK"),
        ("string", " 户 ", "户"),
    ],
)
def test_a_fitting_text_is_read(kind, text, value):
    question = Question("/data/q", kind, choices=CHOICES)
    read = read_value(question, text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "12.5"),
        ("int", "1_000"),
        ("int", "1,000"),
        ("int", "１２"),
        ("int", "9" * 19),
        ("decimal", "NaN"),
        ("decimal", "Infinity"),
        ("decimal", "1e999"),
        ("boolean", "yes"),
        ("date", "20180620"),
        ("date", "2018-W25-3"),
        ("date", "2018-02-29"),
        ("date", "2018-06-20Tsoon"),
        ("time", "25:00"),
        ("dateTime", "2018-06-20T14:30:00"),
        ("dateTime", "2018-06-20"),
        ("dateTime", "2018-06-20 14:30:00Z"),
        ("geopoint", "28.9"),
        ("geopoint", "28.9 89.6 1 1 1"),
        ("geopoint", "91 89.6"),
        ("geopoint", "28.9 181"),
        ("geopoint", "nan nan"),
        ("geopoint", "28.9 89.6 4000 -1"),
        ("geotrace", "1 2;;3 4"),
        ("select_one", "c"),
        ("select_multiple", "a c"),
        ("binary", "../a.jpg"),
        ("binary", "a\u202egpj.exe"),
    ],
)
def test_a_text_that_does_not_fit_is_unreadable_and_the_message_shows_it(kind, text):
    with pytest.raises(Unreadable) as caught:
        read_value(Question("/data/q", kind, choices=CHOICES), text)
    assert repr(text)[1:20].rstrip("'") in str(caught.value) or kind in {"geotrace", "select_multiple"}


def test_choices_kept_outside_the_form_are_not_judged():
    assert read_value(Question("/data/q", "select_one"), "anything") == "anything"


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "a\\b", " a.jpg", "a\n.jpg", "户" * 86])
def test_a_name_that_could_leave_its_folder_or_break_a_header_is_not_safe(name):
    assert not safe_file_name(name)

"""audit.csv as phones write it, and as bad storage leaves it."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_forms.paradata import AuditLog, read_audit

LOG = """event,node,start,end,latitude,longitude,accuracy,old-value,new-value
form start,,1529460131120,,,,,,
question,/data/household_code,1529460131500,1529460139500,28.9147,89.6021,6.2,,"540222100201-0007"
group questions,/data/economy/income,1529460139500,1529460199500,28.9147,89.6021,6.4,,
form exit,,1529460199600,,,,,,
form resume,,1529460999600,,,,,,
question,/data/household_code,1529461000000,1529461001000,28.9150,89.6020,0,"540222100201-0007","540222100201-0008"
end screen,,1529461001000,1529461002000,,,,,
"""


def test_time_on_a_question_is_the_sum_of_its_visits_and_pauses_do_not_count():
    log = read_audit(LOG.encode())
    assert log.problems == ()
    assert log.duration_by_question == {"/data/household_code": 9000, "/data/economy/income": 60000}
    assert log.answering_ms == 69000


def test_the_start_is_the_phones_own_clock_in_utc():
    assert read_audit(LOG.encode()).started_at == dt.datetime(2018, 6, 20, 2, 2, 11, 120000, dt.UTC)


def test_places_are_listed_and_an_accuracy_of_zero_is_a_mock():
    log = read_audit(LOG.encode())
    assert [(e.latitude, e.accuracy_m, e.mocked) for e in log.places] == [
        (28.9147, 6.2, False),
        (28.9147, 6.4, False),
        (28.915, 0.0, True),
    ]
    assert log.mocked


def test_changes_are_kept_as_written():
    change = read_audit(LOG.encode()).events[5]
    assert (change.old_value, change.new_value) == ("540222100201-0007", "540222100201-0008")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("question,/data/a", None),
        ("question,/data/a,1000", None),
        ("question,/data/a,soon,2000", "soon"),
        ("question,/data/a,1000,2000,91,89,5", "91"),
        ("question,/data/a,1000,2000,nan,89,5", "nan"),
        ("question,/data/a,1000,2000,28,89,-1", "-1"),
        ("question,/data/a,1000,2000,28,89,5,,,,,,", "13 cells"),
        ("question,/data/a,99999999999999999999,2000", "99999999999999999999"),
        ("question,/data/a,\uff11,2000", "\uff11"),
    ],
)
def test_a_ragged_or_odd_line_spoils_only_itself(line, expected):
    text = LOG.replace("form exit,,1529460199600,,,,,,", line)
    log = read_audit(text.encode())
    assert len(log.events) == 7
    assert log.events[3].node == "/data/a"
    assert log.duration_by_question["/data/household_code"] == 9000
    assert len(log.problems) == (0 if expected is None else 1)
    assert all(expected in problem and "line 5" in problem for problem in log.problems)


def test_times_that_run_backwards_have_no_duration():
    log = read_audit(b"event,node,start,end\nquestion,/data/a,2000,1000\n")
    assert (log.events[0].duration_ms, log.answering_ms) == (None, 0)


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x89PNG\r\n\x1a\n", b"event;node;start;end\n"])
def test_a_file_that_is_no_log_is_a_log_without_events_and_with_a_reason(data):
    log = read_audit(data)
    assert log.events == ()
    assert log.problems[0].startswith("line 1")


def test_a_log_cut_off_in_the_middle_of_a_line_gives_what_was_written():
    log = read_audit(LOG.encode()[: LOG.index('"540222100201-0008"') + 5])
    assert log.events[5].new_value.startswith("5402")


@settings(deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_at_all_make_the_reader_fail(data, headed):
    assert isinstance(read_audit(b"event,node,start,end,latitude\n" + data if headed else data), AuditLog)

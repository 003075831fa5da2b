"""Proposals for damaged submissions: whole, harmless, and nothing invented but an identity."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_forms.identity import with_identity
from survey_forms.mending import propose_mended
from survey_forms.submission import read_submission

WHOLE = (
    "<?xml version='1.0' encoding='UTF-8'?><data xmlns='http://openrosa.org/javarosa' id='f' version='1'><a>户</a>"
    "<b>2</b><meta><instanceID>uuid:1</instanceID></meta></data>"
).encode()
GENERATED = "uuid:new"


@pytest.mark.parametrize(
    ("damaged", "answers", "instance_id"),
    [
        (WHOLE[:-8], ["户", "2"], "uuid:1"),
        (WHOLE[: WHOLE.index(b":1</")], ["户", "2"], GENERATED),  # half an identity is none
        (WHOLE[: WHOLE.index(b"<meta>")], ["户", "2"], GENERATED),
        (WHOLE.replace(b"</a>", b""), ["2"], "uuid:1"),
        (WHOLE.replace(b"uuid:1", b" "), ["户", "2"], GENERATED),
        (WHOLE.replace("户".encode(), b"\0\x01"), ["2"], "uuid:1"),
        (WHOLE.replace("户".encode(), "户".encode("gbk")), ["2"], "uuid:1"),
        (b"<!DOCTYPE data [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>" + WHOLE.partition(b"?>")[2].replace(
            "户".encode(), b"&x;"), ["2"], "uuid:1"),
    ],
)  # fmt: skip
def test_what_can_be_read_is_kept_and_made_whole(damaged, answers, instance_id):
    found = read_submission(propose_mended(damaged, instance_id=GENERATED))
    assert found.instance_id == instance_id
    assert [answer.text for answer in found.answers if answer.text in {"户", "2"}] == answers


@pytest.mark.parametrize("damaged", [b"", b"no XML", b"<data><a/></data>", b"\xff\xd8\xff\xe0JFIF", b"<html><p>portal"])
def test_where_too_little_is_left_nothing_is_proposed(damaged):
    assert propose_mended(damaged, instance_id=GENERATED) is None


@given(st.binary(max_size=300) | st.integers(0, len(WHOLE)).map(lambda end: WHOLE[:end]))
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_a_proposal_is_always_a_whole_submission_or_nothing(data):
    proposed = propose_mended(data, instance_id=GENERATED)
    assert proposed is None or read_submission(proposed).form_id


def test_a_changed_identity_changes_nothing_else():
    before = read_submission(WHOLE)
    after = read_submission(with_identity(WHOLE, instance_id="uuid:2", deprecated_id="uuid:1"))
    assert (after.instance_id, after.deprecated_id) == ("uuid:2", "uuid:1")
    assert after.answers == before.answers
    again = read_submission(with_identity(after.xml, instance_id="uuid:3"))
    assert (again.instance_id, again.deprecated_id) == ("uuid:3", None)

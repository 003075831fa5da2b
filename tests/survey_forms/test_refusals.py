"""What is refused, each for its own reason; never anything but a typed refusal or a whole submission."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_forms.catalogue import schema_of
from survey_forms.errors import (
    ContradictoryInstanceId,
    CutOff,
    Encrypted,
    ForbiddenMarkup,
    NoInstanceId,
    NoRootId,
    NotWellFormed,
    SubmissionRefused,
    TooDeep,
    TooLarge,
    WrongEncoding,
)
from survey_forms.filling import fill
from survey_forms.submission import Submission, read_submission

META = b"<meta><instanceID>uuid:1</instanceID></meta>"
WHOLE = b'<data id="f" version="1"><a>\xe6\x88\xb7</a>' + META + b"</data>"
EXAMPLES = 5000 if os.environ.get("RUHU_SOAK") else 150
LAUGHS = (
    b'<!DOCTYPE data [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
XXE = b'<!DOCTYPE data [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", CutOff),
        (b"   ", CutOff),
        (WHOLE[:-1], CutOff),
        (b'<data id="f"><a>1</b></data>', NotWellFormed),
        (b'<data id="f"><a>&nbsp;</a>' + META + b"</data>", NotWellFormed),
        (WHOLE + b"<data/>", NotWellFormed),
        (WHOLE + WHOLE[-7:], NotWellFormed),
        (WHOLE.replace(b"\xe6", b"\x00"), NotWellFormed),
        (WHOLE.replace(b"\xe6\x88\xb7", b"\x01"), NotWellFormed),
        (WHOLE.replace(b"\xe6\x88\xb7", b"\xbb\xa7"), WrongEncoding),
        (b'<?xml version="1.0" encoding="GBK"?>' + WHOLE, WrongEncoding),
        (b"\xff\xfe<\x00d\x00", NotWellFormed),
        (LAUGHS + WHOLE.replace(b"\xe6\x88\xb7", b"&c;"), ForbiddenMarkup),
        (XXE + WHOLE.replace(b"\xe6\x88\xb7", b"&x;"), ForbiddenMarkup),
        (b'<?xml version="1.0"?>\n<!-- a -->\n<?p?> <!DOCTYPE data>' + WHOLE, ForbiddenMarkup),
        (b"<data><a/>" + META + b"</data>", NoRootId),
        (b'<data id=" "><a/>' + META + b"</data>", NoRootId),
        (b'<data id="f"><a/></data>', NoInstanceId),
        (b'<data id="f"><meta><instanceID> </instanceID></meta></data>', NoInstanceId),
        (b'<data id="f"><g>' + META + b"</g></data>", NoInstanceId),
        (WHOLE.replace(b"uuid:1", b"u" * 256), NoInstanceId),
        (WHOLE.replace(META, META + META.replace(b":1", b":2")), ContradictoryInstanceId),
        (b'<data id="f" encrypted="yes"><base64EncryptedKey>k</base64EncryptedKey></data>', Encrypted),
        (b'<data id="f" xmlns="http://www.opendatakit.org/xforms/encrypted"/>', Encrypted),
        (b'<data id="f">' + b"<a>" * 100 + b"</a>" * 100 + META + b"</data>", TooDeep),
        (b'<data id="f">' + b"<a>" * 9000 + b"</a>" * 9000 + META + b"</data>", TooDeep),
    ],
)
def test_each_fault_is_refused_by_its_own_class(data, refusal):
    with pytest.raises(refusal) as caught:
        read_submission(data)
    assert type(caught.value) is refusal
    assert caught.value.where
    assert caught.value.what
    assert caught.value.advice


def test_a_refusal_class_has_a_slug_of_its_own():
    classes = set(_below(SubmissionRefused))
    assert len({refusal.slug for refusal in classes}) == len(classes) == 10


def _below(base):
    for refusal in base.__subclasses__():
        yield refusal
        yield from _below(refusal)


def test_the_limit_is_the_last_size_that_is_read():
    assert read_submission(WHOLE, max_bytes=len(WHOLE)).instance_id == "uuid:1"
    with pytest.raises(TooLarge, match=str(len(WHOLE))):
        read_submission(WHOLE, max_bytes=len(WHOLE) - 1)


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + WHOLE, b'<?xml version="1.0" encoding="UTF-8"?>' + WHOLE + b"\n"])
def test_a_byte_order_mark_or_a_last_newline_does_no_harm(data):
    assert read_submission(data).value("/data/a") == "户"


def test_the_word_doctype_in_an_answer_is_just_an_answer():
    told = WHOLE.replace(b"\xe6\x88\xb7", b"<![CDATA[<!DOCTYPE x>]]>")
    assert read_submission(told).value("/data/a") == "<!DOCTYPE x>"


def test_a_submission_cut_at_any_byte_is_refused_as_cut_off(from_collect):
    for length in range(len(from_collect)):
        with pytest.raises(CutOff):
            read_submission(from_collect[:length])


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_refused_by_a_refusal(data):
    with pytest.raises(SubmissionRefused):
        read_submission(data)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_a_damaged_submission_is_a_submission_or_a_refusal(data):
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, min(len(WHOLE), start + 20)))
    damaged = WHOLE[:start] + data.draw(st.binary(max_size=20)) + WHOLE[end:]
    try:
        sent = read_submission(damaged)
    except SubmissionRefused:
        return
    assert isinstance(sent, Submission)
    assert sent.form_id
    assert sent.instance_id


# everything XML 1.0 can carry: no surrogates, no control characters, no non-characters
TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cn"), blacklist_characters="\ufffe\uffff"), max_size=40
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.dictionaries(st.sampled_from(["household_code", "wages", "place", "outcome", "house_photo", "today"]), TEXTS))
def test_any_text_in_any_answer_is_read_or_listed_as_a_problem(answers):
    schema = schema_of("home_visit")
    sent = read_submission(fill(schema, answers, instance_id="uuid:1", check=False), schema)
    given_texts = {name for name, text in answers.items() if text.strip()}
    assert {answer.name for answer in sent.answers} == given_texts
    unreadable = {answer.path for answer in sent.answers if answer.value is None}
    assert unreadable == {problem.path for problem in sent.problems}

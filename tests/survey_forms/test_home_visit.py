"""The form of the house: what it promises to phones and to those who read its evidence."""

import shutil
import tomllib
from pathlib import Path

import pytest

from survey_forms.catalogue import CATALOGUE, compiled, entry, schema_of
from survey_forms.compile import validate_xform
from survey_forms.errors import ValidationError
from survey_forms.evidence import unanswerable
from survey_forms.filling import fill
from survey_forms.submission import read_submission

SOURCES = Path(__file__).parents[2] / "survey_forms" / "sources"
needs_java = pytest.mark.skipif(shutil.which("java") is None, reason="ODK Validate needs Java")


def test_every_source_is_in_the_catalogue_and_every_entry_has_its_source():
    assert sorted(e.form_id for e in CATALOGUE) == sorted(p.stem for p in SOURCES.glob("*.toml"))


@pytest.mark.parametrize("form_id", [e.form_id for e in CATALOGUE])
def test_the_catalogue_says_what_the_form_says(form_id):
    schema, known = schema_of(form_id), entry(form_id)
    assert (schema.form_id, schema.title, schema.yields) == (form_id, known.title["zh"], known.yields)


@pytest.mark.parametrize("form_id", [e.form_id for e in CATALOGUE])
def test_the_form_compiles_without_a_single_warning(form_id):
    assert compiled(form_id).warnings == ()


@needs_java
@pytest.mark.parametrize("form_id", [e.form_id for e in CATALOGUE])
def test_odk_validate_accepts_the_form(form_id):
    assert validate_xform(compiled(form_id).xml) == []


@needs_java
def test_odk_validate_would_notice_a_broken_form():
    broken = compiled("home_visit").xml.replace(b"selected(., 'none')", b"selected(., ")
    with pytest.raises(ValidationError, match="companions"):
        validate_xform(broken)


@pytest.mark.parametrize("form_id", [e.form_id for e in CATALOGUE])
def test_every_text_is_there_in_chinese_and_english(form_id):
    tables = tomllib.loads((SOURCES / f"{form_id}.toml").read_text(encoding="utf-8"))
    texts = [value for block in tables["survey"] for value in block.values() if isinstance(value, dict)]
    texts += [choice for choices in tables["choices"].values() for choice in choices.values()]
    assert len(texts) > 50
    assert [text for text in texts if not text.get("zh") or not text.get("en")] == []


@pytest.mark.parametrize("form_id", [e.form_id for e in CATALOGUE])
def test_whatever_a_person_is_asked_has_a_label_and_becomes_evidence(form_id):
    asked = [question for question in schema_of(form_id).questions if question.asked]
    assert len(asked) > 15
    assert [q.path for q in asked if not q.label.get("zh") or not q.evidence] == []


def test_chinese_is_the_first_language_and_tibetan_waits_for_its_first_text(home_visit):
    assert home_visit.languages == ("zh", "en")


def test_the_home_visit_gives_what_a_visit_needs(home_visit):
    needed = ("household", "outcome", "date", "place", "house_photo", "members_count", "card_holder", "withheld")
    assert unanswerable(home_visit, "visit", needed) == ()
    assert unanswerable(home_visit, "asset", ("kind", "owner", "value_yuan", "photo")) == ()


def test_the_phone_keeps_an_audit_log_with_places(home_visit):
    assert home_visit.audit
    assert b"location-priority" in compiled("home_visit").xml


def test_photos_are_made_small_before_they_are_sent(home_visit):
    photos = [q for q in home_visit.questions if q.media_type == "image/*"]
    assert len(photos) == compiled("home_visit").xml.count(b'max-pixels="1600"') == 2


def test_a_filled_home_visit_reads_back_as_it_was_filled(home_visit):
    answers = {
        "household_code": "540222100201-0007",
        "outcome": "met_member",
        "companions": ["work_team", "villager"],
        "wages": 12000,
        "assets": [{"asset_kind": "vehicle", "asset_value": 30000}, {"asset_kind": "house"}],
    }
    sent = read_submission(fill(home_visit, answers, instance_id="uuid:1"), home_visit)
    assert sent.problems == ()
    assert sent.value("/data/companions") == ("work_team", "villager")
    assert sent.value("/data/economy/income/wages") == 12000
    assert sent.rows("/data/assets") == [
        {"asset_kind": "vehicle", "asset_value": 30000},
        {"asset_kind": "house"},
    ]

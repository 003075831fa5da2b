"""The forms of the house: what they promise to phones and to those who read their evidence."""

import re
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
FORMS = [known.form_id for known in CATALOGUE]
needs_java = pytest.mark.skipif(shutil.which("java") is None, reason="ODK Validate needs Java")
each_form = pytest.mark.parametrize("form_id", FORMS)

#: Asked, and deliberately no evidence under its own name.
NO_EVIDENCE = {
    "household": "picked from a list by a number of that list; household_code says which it is",
    "household_typed": "the same, typed",
    "about": "the same, of an objection",
    "village": "picked or typed; village_code says which it is",
    "village_typed": "the same",
    "scheme_asked": "asked where the list does not say it; scheme has either",
    "phone": "a proposal for the list only: the registry seals telephone numbers, evidence does not",
}
#: What each form's own record cannot do without.
NEEDED = {
    "home_visit": (
        *("household", "outcome", "date", "place", "house_photo", "members_count", "card_holder", "withheld"),
        *("provisional_yuan_per_month", "surveyor_signature", "household_signature", "second_signature"),
    ),
    "neighbour_interview": ("household", "informant", "anonymous", "livelihood", "kin_in_office", "roll_fair", "place"),
    "asset_evidence": ("household", "place", "date"),
    "unit_certificate": ("household", "organisation", "certifier", "content", "amount_yuan", "issued_on", "document"),
    "letter_evidence": ("household", "addressee", "sent_on", "content", "amount_yuan", "letter_photo", "answer_photo"),
    "democratic_appraisal": ("village", "attendees", "attended", "minutes", "minutes_photo", "place"),
    "public_posting": ("village", "list", "from", "until", "list_photo", "place", "objected"),
    "spot_check_visit": ("household", "outcome", "outcome_note", "verdict", "error_kinds", "place", "house_photo"),
    "missed_household": ("household", "eligible", "why_not", "provisional_yuan_per_month", "place"),
}
ROWS = {
    "member": (
        *("name", "relation", "birth_year", "health", "disability", "work"),
        *("public_payroll", "registered_elsewhere"),
    ),
    "asset": ("kind", "owner", "identifier", "value_yuan", "photo"),
    "vote": ("household", "in_favour", "against", "abstained"),
    "objection": ("household", "content", "by"),
}
#: The plan's own kinds of error, as POLICY.md lists them.
ERROR_KINDS = [
    *("错保", "漏保", "人情保", "关系保", "保人不保户", "轮流坐庄", "平均发放", "虚报冒领", "截留挪用", "扣压代管"),
    *("优亲厚友", "死亡未退", "超标准财产", "财政供养"),
]


def texts_of(path):
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = (value for row in tables.get("survey", []) for key, value in row.items() if key != "with")
    yield from (value for value in rows if isinstance(value, dict))
    yield from (choice for choices in tables.get("choices", {}).values() for choice in choices.values())


def test_every_source_is_in_the_catalogue_and_every_entry_has_its_source():
    assert sorted(FORMS) == sorted(path.stem for path in SOURCES.glob("*.toml"))


def test_every_block_is_used():
    used = {
        name
        for path in SOURCES.glob("*.toml")
        for name in re.findall(r'^use = "(\w+)"', path.read_text("utf-8"), re.MULTILINE)
    }
    assert used | {"choices"} == {path.stem for path in SOURCES.glob("blocks/*.toml")}


@each_form
def test_the_catalogue_says_what_the_form_says(form_id):
    schema, known = schema_of(form_id), entry(form_id)
    assert (schema.form_id, schema.title, schema.yields) == (form_id, known.title["zh"], known.yields)


@each_form
def test_the_form_compiles_without_a_single_warning(form_id):
    assert compiled(form_id).warnings == ()


@needs_java
@each_form
def test_odk_validate_accepts_the_form(form_id):
    assert validate_xform(compiled(form_id).xml) == []


@needs_java
def test_odk_validate_would_notice_a_broken_form():
    broken = compiled("home_visit").xml.replace(b"selected(., 'none')", b"selected(., ", 1)
    with pytest.raises(ValidationError, match="companions"):
        validate_xform(broken)


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.toml")), ids=lambda path: path.stem)
def test_every_text_is_there_in_chinese_and_english(path):
    texts = list(texts_of(path))
    assert texts or path.stem == "phone"
    assert [text for text in texts if not text.get("zh") or not text.get("en")] == []
    # narrow marks beside a Chinese character are a slip
    assert [text["zh"] for text in texts if re.search(r"[一-鿿][,;:?!()]|[,;:?!()][一-鿿]", text["zh"])] == []


@each_form
def test_whatever_a_person_is_asked_has_a_label_and_becomes_evidence_or_says_why_not(form_id):
    asked = [question for question in schema_of(form_id).questions if question.asked]
    assert len(asked) > 10
    assert [q.path for q in asked if not q.label.get("zh") or not q.label.get("en")] == []
    assert {q.name for q in asked if not q.evidence} <= set(NO_EVIDENCE)


def test_the_list_of_what_is_no_evidence_names_only_questions_there_are():
    asked = {question.name for form_id in FORMS for question in schema_of(form_id).questions if not question.evidence}
    assert set(NO_EVIDENCE) <= asked


@each_form
def test_a_question_that_can_be_answered_wrongly_says_in_both_languages_what_is_expected(form_id):
    xml = compiled(form_id).xml.decode()
    binds = re.findall(r"<bind [^>]*constraint=[^>]*>", xml)
    assert [bind for bind in binds if 'jr:constraintMsg="jr:itext(' not in bind] == []


@each_form
def test_chinese_is_the_first_language_and_tibetan_waits_for_its_first_text(form_id):
    assert schema_of(form_id).languages == ("zh", "en")


@each_form
def test_the_form_gives_what_its_record_needs(form_id):
    schema = schema_of(form_id)
    assert unanswerable(schema, schema.yields[0], NEEDED[form_id]) == ()
    for kind in schema.yields[1:]:
        assert unanswerable(schema, kind, ROWS[kind]) == ()


@each_form
def test_the_phone_keeps_an_audit_log_with_places_and_notes_by_itself_when_it_was(form_id):
    schema, xml = schema_of(form_id), compiled(form_id).xml
    assert schema.audit
    assert b"location-priority" in xml
    assert unanswerable(schema, schema.yields[0], ("started_at", "ended_at", "date")) == ()


@each_form
def test_photos_are_made_small_before_they_are_sent(form_id):
    photos = [q for q in schema_of(form_id).questions if q.media_type == "image/*"]
    assert len(photos) == len(re.findall(rb'max-pixels="(?:1024|1600|2400)"', compiled(form_id).xml)) > 0


def test_each_form_asks_for_the_lists_of_its_workers_and_no_other():
    own = {
        "spot_check_visit": {"spot_check_households.csv"},
        "missed_household": {"missed_households.csv", "standards.csv"},
    }
    own |= {"home_visit": {"households.csv", "standards.csv"}}
    own |= {form: {"villages.csv", "households.csv"} for form in ("democratic_appraisal", "public_posting")}
    assert {form_id: set(schema_of(form_id).media) for form_id in FORMS} == {
        form_id: own.get(form_id, {"households.csv"}) for form_id in FORMS
    }


def test_a_checkers_phone_gets_neither_the_townships_visit_nor_its_list():
    for known in CATALOGUE:
        if "spot_checker" in known.for_roles:
            assert "households.csv" not in schema_of(known.form_id).media
    assert "spot_checker" not in entry("home_visit").for_roles
    assert entry("spot_check_visit").for_roles == ("spot_checker",)


def test_only_the_home_visit_proposes_changes_to_the_list():
    assert {form_id for form_id in FORMS if schema_of(form_id).datasets} == {"home_visit"}
    saved = {q.saved_to for q in schema_of("home_visit").questions if q.saved_to}
    assert saved == {"geometry", "persons", "phone"}


def test_the_check_asks_what_the_visit_asks_and_concludes_with_the_plans_own_kinds_of_error():
    visit, check = (
        {q.evidence for q in schema_of(f).questions if q.evidence} for f in ("home_visit", "spot_check_visit")
    )
    assert {
        role
        for role in visit - check
        if not role.endswith(("scheme", "_yuan_per_person_year", "provisional_yuan_per_month"))
    } == set()
    assert check - visit == {"visit.verdict", "visit.error_kinds", "visit.verdict_reason"}
    kinds = schema_of("spot_check_visit").by_path["/data/conclusion/error_kinds"].choices
    assert [kind.label["zh"].partition("（")[0] for kind in kinds][:-1] == ERROR_KINDS


def test_a_filled_home_visit_reads_back_as_it_was_filled(home_visit):
    answers = {
        "household_code": "540222100201-0007",
        "outcome": "met_member",
        "companions": ["work_team", "villager"],
        "wages": 12000,
        "members": [{"birth_year": 1961}, {"relation": "spouse"}],
        "assets": [{"asset_kind": "vehicle", "asset_value": 30000}, {"asset_kind": "house"}],
    }
    sent = read_submission(fill(home_visit, answers, instance_id="uuid:1"), home_visit)
    assert sent.problems == ()
    assert sent.value("/data/companions") == ("work_team", "villager")
    assert sent.value("/data/economy/income/wages") == 12000
    assert sent.rows("/data/economy/members") == [{"birth_year": 1961}, {"relation": "spouse"}]
    assert sent.rows("/data/assets") == [{"asset_kind": "vehicle", "asset_value": 30000}, {"asset_kind": "house"}]


def test_every_role_a_form_uses_is_in_the_readme():
    told = (SOURCES.parent / "README.md").read_text(encoding="utf-8")
    roles = {q.evidence for form_id in FORMS for q in schema_of(form_id).questions if q.evidence}
    fields = {role.partition(".")[2] for role in roles} | {role.partition(".")[0] for role in roles}
    # written there as income_…_yuan_per_year (wages, crops …)
    fields = {re.sub(r"^(?:income|spending)_([a-z]+)_yuan_per_year$", r"\1", field) for field in fields}
    assert {field for field in fields if f"`{field}`" not in told} == set()

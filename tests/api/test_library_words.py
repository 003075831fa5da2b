"""Nobody is spoken to in English unless he asks for it: what the schemas' library says is said in our words."""

import re
from inspect import isclass

import marshmallow as ma
import pytest
import sqlalchemy as sa
from flask_smorest.pagination import _pagination_parameters_schema_factory

import api  # noqa: F401 - with it every schema there is
from api.library_words import WORDS, in_our_words
from api.people.tables import Account
from api.problems import invalid_from
from api.smorest import Schema

CHINESE = re.compile(r"[\u4e00-\u9fff]")
JUNK = [
    None, [], {}, "",  "x" * 100_000, "nan", "inf", -1, 0, 1.5, 10**30, -(10**30), 1e308, True, [None], [[]],
    ["x" * 1_000] * 1_000, [{"x": 1}], {"x": 1}, {"x": "x"}, {1: []}, "2026-07-01", "2026-07-01T08:00:00", "9999999",
    "2026-99-99", "not a uuid",  "http://",
]  # fmt: skip


def schemas(base=Schema):
    for schema in base.__subclasses__():
        yield schema
        yield from schemas(schema)


PAGES = type(_pagination_parameters_schema_factory(1, 50, 500)())
ALL = sorted({*schemas(), PAGES}, key=lambda one: one.__qualname__)


def sentences(messages):
    if isinstance(messages, dict):
        for one in messages.values():
            yield from sentences(one)
    elif isinstance(messages, list):
        for one in messages:
            yield from sentences(one)
    else:
        yield str(messages)


def said(schema):
    """Everything a schema says of junk in any of its fields."""
    yield from sentences(schema().validate({"no_such_field": 1}))
    yield from sentences(schema().validate([]))
    for name, field in schema().load_fields.items():
        for junk in JUNK:
            yield from sentences(schema(partial=True).validate({field.data_key or name: junk}))


@pytest.mark.parametrize("schema", ALL, ids=lambda one: one.__qualname__)
def test_whatever_a_schema_refuses_it_refuses_in_chinese(schema):
    foreign = {sentence for sentence in said(schema) if not CHINESE.search(in_our_words(sentence)[0])}
    assert foreign == set(), "add it to api/library_words.py"


def test_the_walk_meets_most_of_the_librarys_sentences():
    met = {in_our_words(sentence)[0] for schema in ALL for sentence in said(schema)}
    assert len(ALL) > 30
    assert len(met & set(WORDS.values())) > 11


def test_every_sentence_of_a_field_or_validator_in_use_is_known():
    """Also those that no junk brings forth."""
    fields = {type(field): field for schema in ALL for field in schema().fields.values()}
    for kind, field in fields.items():
        for key, text in field.error_messages.items():
            if key != "format":  # said of what we hold ourselves, when it cannot be shown
                assert CHINESE.search(in_our_words(text)[0]), (kind, key, text)


def test_each_sentence_keeps_its_values_and_can_be_said_in_english():
    refusal = invalid_from({"json": {"role": ["Must be one of: base, reserve."], "rows": {3: ["Unknown field."]}}})
    assert refusal.errors == [
        {"where": "json.role", "message": "须为以下之一：{choices}", "values": {"choices": "base, reserve"}},
        {"where": "json.rows.3", "message": "没有这个字段，请检查拼写", "values": {}},
    ]
    between = "Must be greater than or equal to 1 and less than or equal to 5."
    assert in_our_words(between) == ("须在 {min} 到 {max} 之间", {"min": "1", "max": "5"})


@pytest.mark.parametrize(("language", "wanted"), [("zh", "须在 1 到 500 之间"), ("en", "must be between 1 and 500")])
def test_a_program_hears_it_in_its_language(client, bearer, database, language, wanted):
    with database.transaction() as session:
        session.execute(sa.update(Account).where(Account.name == "county").values(language=language))
    answer = client.get("/api/quarantine?page_size=501", headers=bearer("county"))
    assert answer.status_code == 422
    assert wanted in str(answer.json["errors"]), answer.json


def test_the_walk_knows_a_class_from_a_schema():
    assert all(isclass(schema) and issubclass(schema, ma.Schema) for schema in ALL)

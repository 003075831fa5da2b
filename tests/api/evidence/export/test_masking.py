"""Numbers of persons in answers: masked, unless somebody who may says why."""

import pytest
import sqlalchemy as sa
import world

from api.collection.forms import publish_form
from api.people.tables import AuditEntry
from survey_forms.compile import compile_form
from survey_forms.filling import fill
from survey_forms.xform import read_schema

NUMBER = "990000198001010012"  # of a region there is not
FORM = """
[languages]
zh = "中文 (zh)"
[settings]
form_id = "persons"
version = "1"
[[survey]]
type = "text"
name = "code"
label = { zh = "户编码" }
evidence = "visit.household"
[[survey]]
type = "text"
name = "head"
label = { zh = "身份证" }
evidence = "visit.head_identity_number"
[[survey]]
type = "text"
name = "called"
label = { zh = "联系" }
secret = "phone"
[[survey]]
type = "begin_repeat"
name = "cards"
label = { zh = "卡" }
[[survey]]
type = "integer"
name = "bank_card"
label = { zh = "卡号" }
[[survey]]
type = "end_repeat"
[[survey]]
type = "text"
name = "note"
label = { zh = "说明" }
"""
PLAIN = ("990000198001010012", "13800000001", "6200000000001234", "13900000002")


@pytest.fixture
def told(database, phone_of):
    compiled = compile_form(FORM)
    with database.transaction() as session:
        publish_form(session, compiled)
    answers = {
        "code": f"{world.VILLAGE}-0001",
        "head": NUMBER,
        "called": "13800000001",
        "cards": [{"bank_card": 6200000000001234}],
        "note": f"妻子 {NUMBER}，电话13900000002",
    }
    xml = fill(read_schema(compiled.xml), answers, instance_id="uuid:1")
    assert phone_of("surveyor").send(xml).status_code == 201


@pytest.mark.parametrize("kind", ["csv", "xlsx", "geojson", "media"])
def test_numbers_are_masked_in_every_kind_of_file(told, taken, opened, kind):
    text = repr(opened(taken("county", form_id="persons", format=kind)))
    assert not any(number in text for number in PLAIN)
    for shown in ("990000**********12", "138******01", "************1234", "电话139******02"):
        assert shown in text
    assert f"{world.VILLAGE}-0001" in text  # a household code is no secret


def test_whole_numbers_need_the_permission_a_reason_and_are_written_down(told, taken, desk, opened, database):
    for name in ("township", "city"):
        assert desk.ask(name, form_id="persons", unmasked=True, reason="核对证件号码").status_code == 403
    assert desk.ask("county", form_id="persons", unmasked=True, reason="").status_code == 422
    text = repr(opened(taken("county", form_id="persons", unmasked=True, reason="核对证件号码")))
    assert all(number in text for number in PLAIN)
    with database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "evidence.export_full")).one()
    assert (entry.actor_name, entry.details["reason"], entry.county_code) == ("county", "核对证件号码", world.COUNTY)
    assert not any(number in repr(entry.details) for number in PLAIN)


def test_a_masked_export_is_never_answered_with_the_file_of_a_whole_one(told, taken, desk, opened):
    whole = taken("county", form_id="persons", unmasked=True, reason="核对证件号码")
    assert NUMBER in repr(opened(whole))
    assert desk.ask("county", form_id="persons").status_code == 202
    assert NUMBER not in repr(opened(taken("county", form_id="persons")))


def test_a_householders_name_is_given_to_whoever_may_read_the_registry(told, taken, opened):
    assert "虚构户主1" in repr(opened(taken("county", form_id="persons")))

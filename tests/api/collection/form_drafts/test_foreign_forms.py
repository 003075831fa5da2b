"""Forms that nobody here wrote are uploaded, published, filled and sent; only what the convention says is flagged."""

import datetime as dt
from decimal import Decimal
from importlib.resources import files
from urllib.parse import quote

import pytest
import sqlalchemy as sa
import world
from collect import JPEG, Phone
from forms import markdown, uploaded
from lxml import etree

from api.collection.tables import Submission, SubmissionVersion
from api.evidence.tables import Evidence
from survey_forms.filling import fill
from survey_forms.values import Place
from survey_forms.xform import read_schema

HOUSEHOLD = f"{world.VILLAGE}-0001"
HERE = Place(28.95, 89.61, 4021.5, 6.5)
NEAR = Place(28.96, 89.62)
NO_CONVENTION = {"no-household", "no-evidence"}

EVERY_TYPE = """
| survey | | | | | | | |
| | type | name | label::English (en) | label::中文 (zh) | relevant | parameters | appearance | calculation | default | constraint | repeat_count |
| | start | start | | | | | | | | | |
| | end | end | | | | | | | | | |
| | today | today | | | | | | | | | |
| | deviceid | deviceid | | | | | | | | | |
| | username | username | | | | | | | | | |
| | phonenumber | phonenumber | | | | | | | | | |
| | audit | | | | | location-priority=balanced location-min-interval=60 location-max-age=120 | | | | | |
| | begin_group | person | Person | 人 | | | field-list | | | | |
| | text | name | Name | 姓名 | | | | | | | |
| | integer | age | Age | 年龄 | | | | | 30 | . > 0 and . < 130 | |
| | decimal | height | Height | 身高 | ${age} > 3 | | | | | | |
| | range | share | Share | 份额 | | start=0 end=10 step=2 | | | | | |
| | range | part | Part | 部分 | | start=0 end=1 step=0.25 | vertical | | | | |
| | date | born | Born | 出生 | | | no-calendar | | | | |
| | time | woke | Woke | 起床 | | | | | | | |
| | dateTime | seen | Seen | 见到 | | | | | | | |
| | end_group | | | | | | | | | | |
| | begin_repeat | herds | Herds | 畜群 | | | | | | | |
| | select_one animal | kind | Kind | 种类 | | | minimal | | | | |
| | begin_group | numbers | Numbers | 数量 | | | | | | | |
| | integer | count | Count | 头数 | | | | | | | |
| | begin_repeat | calves | Calves | 幼畜 | | | | | | | 2 |
| | integer | months | Months | 月龄 | | | | | | | |
| | end_repeat | | | | | | | | | | |
| | end_group | | | | | | | | | | |
| | end_repeat | | | | | | | | | | |
| | calculate | total | | | | | | sum(${count}) | | | |
| | select_one animal or_other | favourite | Favourite | 最喜欢 | | | | | | | |
| | select_multiple animal | kept | Kept | 养过 | | randomize=true seed=7 | | | | | |
| | rank animal | order | Order | 排序 | | | | | | | |
| | select_one_from_file towns.csv | town | Town | 乡镇 | | value=code label=title | | | | | |
| | select_multiple_from_file towns.csv | towns | Towns | 去过 | | value=code label=title | | | | | |
| | acknowledge | agreed | Agreed | 同意 | | | | | | | |
| | geopoint | place | Place | 地点 | | capture-accuracy=10 | placement-map | | | | |
| | geotrace | path | Path | 路线 | | | | | | | |
| | geoshape | field | Field | 地块 | | | | | | | |
| | barcode | code | Code | 条码 | | | | | | | |
| | image | photo | Photo | 照片 | | max-pixels=1024 | new | | | | |
| | image | signature | Signature | 签名 | | max-pixels=800 | signature | | | | |
| | audio | voice | Voice | 录音 | | quality=low | | | | | |
| | video | film | Film | 视频 | | | | | | | |
| | file | paper | Paper | 文件 | | | | | | | |
| | hidden | secret | | | | | | | x | | |
| | note | thanks | Thanks, ${name} | 谢谢，${name} | | | | | | | |
| choices | | | | | | | | | | | |
| | list_name | name | label::English (en) | label::中文 (zh) | | | | | | | |
| | animal | yak | Yak | 牦牛 | | | | | | | |
| | animal | sheep | Sheep | 羊 | | | | | | | |
| | animal | horse | Horse | 马 | | | | | | | |
| settings | | | | | | | | | | | |
| | form_id | form_title | version | default_language | style | instance_name | | | | | |
| | every type v1 | Every type | 1.0-beta | English (en) | pages | concat(${name}, ' ', ${age}) | | | | | |
"""  # noqa: E501 - a table is a table

# As other tools write XForms: every element with a prefix, answers in a namespace of their own, binds by relative
# references and by id, OpenRosa's meta block, values set on opening, no version of the dialect.
OTHER_DIALECT = b"""<?xml version="1.0" encoding="UTF-8"?>
<html:html xmlns:html="http://www.w3.org/1999/xhtml" xmlns:xf="http://www.w3.org/2002/xforms"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms"
  xmlns:vendor="http://vendor.example/x" xmlns:ruhu="urn:ruhu:evidence">
 <html:head><html:title>Other dialect</html:title>
  <xf:model vendor:made-by="something else">
   <xf:instance><survey xmlns="http://vendor.example/form/7" id="vendor-7_a.b" version="3" vendor:extra="1">
     <hh/><people jr:template=""><first_name/></people><choice/><how_many/>
     <orx:meta><orx:instanceID/><orx:timeStart/><orx:deviceID/></orx:meta></survey></xf:instance>
   <xf:instance id="answers"><root xmlns=""><item><name>a</name><label>A</label></item></root></xf:instance>
   <xf:itext><xf:translation lang="en" default=""><xf:text id="hh"><xf:value>House</xf:value>
     <xf:value form="short">H</xf:value></xf:text></xf:translation></xf:itext>
   <xf:bind nodeset="/survey/hh" type="xf:string" required="true()" ruhu:evidence="visit.household"/>
   <xf:bind id="first" nodeset="/survey/people/first_name" type="xf:string"/>
   <xf:bind nodeset="/survey/choice"/>
   <xf:bind nodeset="/survey/how_many" type="xf:int" calculate="count(/survey/people)"/>
   <xf:bind nodeset="/survey/orx:meta/orx:instanceID" type="xf:string" jr:preload="uid"/>
   <xf:bind nodeset="/survey/orx:meta/orx:deviceID" jr:preload="property" jr:preloadParams="deviceid"/>
   <xf:setvalue event="xforms-ready" ref="/survey/orx:meta/orx:timeStart" value="now()"/>
  </xf:model></html:head>
 <html:body class="pages">
  <xf:input ref="/survey/hh"><xf:label ref="jr:itext('hh')"/></xf:input>
  <xf:group><xf:label>People</xf:label><xf:repeat nodeset="/survey/people">
    <xf:input bind="first"><xf:label>First name of <xf:output value="position(..)"/></xf:label></xf:input>
  </xf:repeat></xf:group>
  <xf:select1 ref="/survey/choice" appearance="minimal"><xf:label>Choice</xf:label>
    <xf:itemset nodeset="instance('answers')/root/item"><xf:value ref="name"/><xf:label ref="label"/></xf:itemset>
  </xf:select1>
 </html:body></html:html>"""


def huge():
    """Four thousand villages, filtered by what was answered before."""
    villages = "\n".join(f"| | village | v{number} | 村 {number} | t{number % 40} |" for number in range(4_000))
    towns = "\n".join(f"| | town | t{number} | 乡 {number} | |" for number in range(40))
    return markdown(f"""
        | survey |
        | | type | name | label | choice_filter |
        | | select_one town | town | 乡镇 | |
        | | select_one village | village | 村 | town = ${{town}} |
        | choices |
        | | list_name | name | label | town |
        {towns}
        {villages}
        | settings |
        | | form_id | version |
        | | huge_lists | 1 |
    """)


def spec_test():
    """The form that pyxform tries its validators with, without what sends answers elsewhere; and a version."""
    form = (files("pyxform.validators") / "xlsform_spec_test.xml").read_bytes()
    root = etree.fromstring(form)
    submission = root.find(".//{*}submission")
    submission.getparent().remove(submission)
    return etree.tostring(root).replace(b'id="Spec test"', b'id="Spec test" version="1"')


TOWNS = b"code,title\nt1,Town one\n"
FORMS = {
    "every type": (lambda: markdown(EVERY_TYPE), "form.md", {"towns.csv": TOWNS}, NO_CONVENTION),
    "another dialect": (lambda: OTHER_DIALECT, "form.xml", {}, set()),
    "huge lists": (huge, "form.md", {}, NO_CONVENTION),
    "the spec test of pyxform": (spec_test, "spec.xml", None, NO_CONVENTION),
}


def value(question):
    """An answer as a person and a phone would give it."""
    names = [choice.name for choice in question.choices or ()] or ["t1"]
    moment = dt.datetime(2026, 8, 1, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    given = {
        "int": 4, "decimal": Decimal("1.5"), "boolean": True, "date": moment.date(), "time": moment.time(),
        "dateTime": moment, "geopoint": HERE, "geotrace": [HERE, NEAR], "geoshape": [HERE, NEAR, HERE],
        "barcode": "6901234567892", "select_one": names[0], "select_multiple": names[:2], "rank": names,
        "trigger": "OK", "binary": f"{question.name}.jpg",
    }  # fmt: skip
    return given.get(question.type, "一段文字 text")


def answers(schema, inside=()):
    """Answers to everything that is asked, two rows of each repeat."""
    given = {
        question.path: value(question)
        for question in schema.questions
        if question.repeats == inside and (question.asked or question.evidence or question.type == "binary")
    }
    for repeat in schema.repeats:
        if repeat.repeats == inside:
            given[repeat.path] = [answers(schema, (*inside, repeat.path)) for _ in range(2)]
    return given


@pytest.mark.parametrize("name", FORMS)
def test_it_publishes_and_accepts_what_phones_send(supervisor, client, database, name):
    content, file_name, media, expected = FORMS[name]
    draft = supervisor.draft(content(), file_name)
    for media_name, media_content in (media or {}).items():
        supervisor.post(f"form-drafts/{draft}/media", data=uploaded(media_content, media_name))
    form = supervisor.publish(draft, without_files=media is None)
    assert form.status_code == 201, form.text
    form_id, version = form.json["form_id"], form.json["version"]
    phone = Phone(client, "surveyor")
    listed = etree.fromstring(phone.get("formList").data)
    (address,) = [
        entry.findtext("{*}downloadUrl") for entry in listed if entry.findtext("{*}formID") == form_id
    ]  # fmt: skip
    assert address.endswith(f"/forms/{quote(form_id, safe='')}/{quote(version, safe='')}")
    served = client.get(address.removeprefix("http://127.0.0.1:8000"))
    schema = read_schema(served.data)
    given = answers(schema)
    if expected != NO_CONVENTION:
        given[schema.with_evidence("visit.household")[0].path] = HOUSEHOLD
    xml = fill(schema, given, instance_id="uuid:1", audit="audit.csv" if schema.audit else None)
    photos = {f"{question.name}.jpg": JPEG for question in schema.questions if question.type == "binary"}
    logs = {"audit.csv": b"event,node,start,end\nform start,,1,\n"} if schema.audit else {}
    answer = phone.send(xml, {**photos, **logs})
    assert answer.status_code == 201, answer.text
    assert phone.send(xml).status_code == 202
    with database.read() as session:
        stored = session.scalars(sa.select(SubmissionVersion)).one()
        assert {flag["kind"] for flag in stored.flags} == expected, stored.flags
        assert session.scalars(sa.select(Submission.form_id)).one() == form_id
        evidence = session.scalars(sa.select(Evidence)).all()
    assert [found.household_code for found in evidence] == ([] if expected else [HOUSEHOLD])


def test_every_question_type_of_xlsform_is_among_them():
    kinds = {line.split("|")[2].strip().split()[0] for line in EVERY_TYPE.splitlines() if line.startswith("| | ")}
    wanted = {
        "text", "integer", "decimal", "range", "date", "time", "dateTime", "select_one", "select_multiple", "rank",
        "select_one_from_file", "select_multiple_from_file", "acknowledge", "geopoint", "geotrace", "geoshape",
        "barcode", "image", "audio", "video", "file", "hidden", "note", "calculate", "start", "end", "today",
        "deviceid", "username", "phonenumber", "audit", "begin_group", "begin_repeat",
    }  # fmt: skip
    assert wanted <= kinds


def test_the_spec_test_as_it_is_would_send_encrypted_answers_elsewhere_and_is_refused(supervisor):
    content = (files("pyxform.validators") / "xlsform_spec_test.xml").read_bytes()
    answer = supervisor.upload(content.replace(b'id="Spec test"', b'id="Spec test" version="1"'), "spec.xml").json
    assert answer["state"] == "broken"
    words = " ".join(found["message"] for found in answer["findings"] if found["level"] == "error")
    assert "加密" in words
    assert "发到别处" in words


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda xml: xml.replace(b"<orx:instanceID/>", b""), "instanceID"),
        (lambda xml: xml.replace(b' version="3"', b""), "version"),
        (
            lambda xml: xml.replace(b'id="answers"', b'id="answers" src="https://elsewhere.example/list.csv"'),
            "外部地址",
        ),
        (lambda xml: xml.replace(b"<html:html", b"<!DOCTYPE x [<!ENTITY a 'b'>]><html:html"), ""),
        (lambda xml: xml[:-30], ""),
        (lambda _: b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
        (lambda xml: xml.replace(b"visit.household", b"Household"), "record.field"),
    ],
)
def test_an_xform_that_would_not_work_here_is_refused_in_clear_words(supervisor, spoil, words):
    answer = supervisor.upload(spoil(OTHER_DIALECT), "form.xml")
    assert answer.status_code == 201, answer.text
    assert answer.json["state"] == "broken"
    told = " ".join(found["message"] for found in answer.json["findings"] if found["level"] == "error")
    assert told
    assert words in told

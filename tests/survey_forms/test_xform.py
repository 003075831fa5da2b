"""XForms read back, those of other makers included."""

import pytest

from survey_forms.compile import compile_form
from survey_forms.errors import SchemaError
from survey_forms.xform import read_schema

FOREIGN = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
 xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms"
 xmlns:ent="http://www.opendatakit.org/xforms/entities" xmlns:ruhu="urn:ruhu:evidence">
<h:head><h:title> Herd </h:title><model>
<itext><translation lang="Deutsch"><text id="t"><value>Tier <output value="/herd/code"/>?</value>
<value form="image">jr://images/yak.png</value></text></translation>
<translation lang="English (en)" default=""><text id="t"><value>Animal?</value></text></translation></itext>
<instance><herd id="herd"><code/><animal jr:template=""><kind/><calf><born/></calf></animal><extra/>
<orx:meta><orx:instanceID/><orx:audit/><ent:entity dataset="herds" id="" create=""/></orx:meta></herd></instance>
<instance id="places" src="jr://file-csv/places.csv"/><instance id="last" src="jr://instance/last-saved"/>
<bind id="code" nodeset="/herd/code" type="xsd:string" required="/herd/extra != ''"/>
<bind nodeset="/herd/animal/kind" type="select1" ent:saveto="kind"/>
<bind nodeset="/herd/animal/calf/born" type="date" ruhu:evidence="calf.born"/>
<bind nodeset="/herd/extra" type="colour"/>
<submission base64RsaPublicKey="AAAA"/>
</model></h:head>
<h:body><input bind="code"><label>Code</label><hint>As on the ear</hint></input>
<group ref="animal"><label>Animals</label><repeat nodeset="/herd/animal">
<select1 ref="kind"><label ref="jr:itext('t')"/><item><label>Yak</label><value>yak</value></item>
<item><label>Sheep</label><value>sheep</value></item></select1>
<group ref="./calf"><input ref="born"><label>Born</label></input></group></repeat></group>
<select1 ref="/herd/extra"><label>Where</label><itemset nodeset="instance('places')/root/item"><value ref="name"/>
<label ref="label"/></itemset></select1></h:body></h:html>"""


@pytest.fixture
def foreign():
    return read_schema(FOREIGN.encode())


def test_questions_are_found_through_binds_by_name_and_relative_references(foreign):
    assert [q.path for q in foreign.questions] == [
        "/herd/code",
        "/herd/animal/kind",
        "/herd/animal/calf/born",
        "/herd/extra",
    ]
    assert all(question.asked for question in foreign.questions)


def test_a_question_knows_the_repeats_around_it(foreign):
    assert foreign.by_path["/herd/animal/calf/born"].repeats == ("/herd/animal",)
    assert foreign.by_path["/herd/extra"].repeats == ()
    assert foreign.repeats[0].label == {"default": "Animals"}


def test_words_come_per_language_with_answers_shown_by_name(foreign):
    assert foreign.languages == ("en", "Deutsch")
    assert foreign.by_path["/herd/animal/kind"].label == {"Deutsch": "Tier ${code}?", "en": "Animal?"}
    assert foreign.by_path["/herd/code"].hint == {"default": "As on the ear"}


def test_choices_inside_the_form_are_listed_and_those_outside_are_not(foreign):
    assert [choice.name for choice in foreign.by_path["/herd/animal/kind"].choices] == ["yak", "sheep"]
    assert foreign.by_path["/herd/extra"].choices is None


def test_the_files_a_form_needs_are_named(foreign):
    assert foreign.media == ("yak.png", "places.csv")
    looks_up = FOREIGN.replace(
        'required="/herd/extra', """calculate="pulldata('prices', 'yuan', 'name', 'yak')" required="/herd/extra"""
    )
    external = looks_up.replace(
        "<input bind=", """<input query="instance('x')/root/item" appearance="search(&quot;herds&quot;)" bind="""
    )
    assert read_schema(external.encode()).media == ("yak.png", "places.csv", "prices.csv", "itemsets.csv", "herds.csv")


def test_what_a_form_does_beside_asking_is_known(foreign):
    assert (foreign.audit, foreign.encrypted, foreign.datasets) == (True, True, ("herds",))
    assert foreign.by_path["/herd/animal/kind"].saved_to == "kind"
    assert foreign.by_path["/herd/code"].required
    assert (foreign.title, foreign.version) == ("Herd", "")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("calf.born", "Calf Born", "record.field"),
        ('id="herd"', "", "form id"),
        ('type="xsd:string"', 'ruhu:evidence="calf.mother"', "inside a repeat and outside"),
        ('nodeset="/herd/animal/calf/born"', 'nodeset="/herd/animal/calf"', "holds no answer"),
        ("<h:html", "<!DOCTYPE h><h:html", "document type"),
        ("</h:html>", "", "not XML"),
        ("h:html", "h:xhtml", "no h:html"),
    ],
)
def test_an_xform_that_breaks_a_rule_is_refused(old, new, what):
    changed = FOREIGN.replace(old, new)
    if what == "no h:html":
        changed = changed.replace("http://www.w3.org/1999/xhtml", "urn:other")
    with pytest.raises(SchemaError, match=what):
        read_schema(changed.encode())


def test_notes_are_shown_not_asked(home_visit):
    assert not home_visit.by_path["/data/economy/income_shown"].asked
    assert home_visit.by_path["/data/economy/income_total"].type == "int"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("integer", "int"),
        ("decimal", "decimal"),
        ("date", "date"),
        ("time", "time"),
        ("datetime", "dateTime"),
        ("geopoint", "geopoint"),
        ("geotrace", "geotrace"),
        ("geoshape", "geoshape"),
        ("barcode", "barcode"),
        ("image", "binary"),
        ("audio", "binary"),
        ("file", "binary"),
        ("select_one l", "select_one"),
        ("select_multiple l", "select_multiple"),
        ("rank l", "rank"),
        ("acknowledge", "trigger"),
        ("text", "string"),
    ],
)
def test_each_kind_of_question_keeps_its_type(kind, expected):
    source = f"""
[languages]
zh = "中文 (zh)"
[settings]
form_id = "t"
version = "1"
[choices.l]
a = {{ zh = "甲" }}
[[survey]]
type = "{kind}"
name = "q"
label = {{ zh = "问" }}
"""
    (question,) = read_schema(compile_form(source).xml).questions
    assert (question.type, question.asked) == (expected, True)

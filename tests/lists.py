"""A form that works through entity lists, households given to workers, and lists as a phone reads them."""

import csv
import io
import uuid
from datetime import date

import sqlalchemy as sa
import world
from lxml import etree

from api.campaigns.create import create_campaign
from api.campaigns.tables import Campaign
from api.collection.tables import Assignment
from api.people.tables import Account
from api.registry.tables import Household
from survey_forms.compile import compile_form
from survey_forms.filling import fill
from survey_forms.xform import read_schema

MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
WORKS_THROUGH = """
[languages]
zh = "中文 (zh)"
[settings]
form_id = "listed"
form_title = "按名单入户"
version = "{version}"
[[survey]]
type = "select_one_from_file {name}.csv"
name = "household"
label = {{ zh = "哪一户？" }}
[[survey]]
type = "calculate"
name = "household_code"
calculation = "instance('{name}')/root/item[name = ${{household}}]/code"
evidence = "visit.household"
[[survey]]
type = "geopoint"
name = "place"
label = {{ zh = "位置" }}
save_to = "geometry"
[[survey]]
type = "text"
name = "phone"
label = {{ zh = "电话" }}
save_to = "phone"
[[survey]]
type = "integer"
name = "persons"
label = {{ zh = "人口" }}
save_to = "persons"
[[survey]]
type = "text"
name = "address"
label = {{ zh = "住址" }}
save_to = "address"
[[survey]]
type = "begin_repeat"
name = "members"
label = {{ zh = "成员" }}
[[survey]]
type = "text"
name = "member_name"
label = {{ zh = "姓名" }}
evidence = "member.name"
[[survey]]
type = "text"
name = "member_relation"
label = {{ zh = "关系" }}
evidence = "member.relation"
[[survey]]
type = "end_repeat"
{more}
[[entities]]
dataset = "{name}"
entity_id = "${{household}}"
"""


def listed_form(name="households", *, version="1", more=""):
    """A compiled form in which a household is picked from a list and corrected."""
    return compile_form(WORKS_THROUGH.format(name=name, version=version, more=more))


def needs(*files):
    """Questions that make a form need files."""
    pulled = "type = \"calculate\"\nname = \"pulled{}\"\ncalculation = \"pulldata('{}', 'label', 'name', 'x')\"\n"
    return "".join("[[survey]]\n" + pulled.format(n, file.removesuffix(".csv")) for n, file in enumerate(files))


def give(session, name, *serials, purpose="township_visit", village=world.VILLAGE, ends=2199, **values):
    """Assign households of a village to a worker; return the assignments."""
    codes = [f"{village}-{serial:04d}" for serial in serials]
    account = session.scalars(sa.select(Account.id).where(Account.name == name)).one()
    found = session.scalars(sa.select(Household).where(Household.code.in_(codes)).order_by(Household.code)).all()
    assert len(found) == len(codes)
    assignments = [
        Assignment(
            county_code=household.county_code, campaign_id=campaign(session, household.county_code, ends).id,
            household_id=household.id, account_id=account, purpose=purpose, **values,
        )
        for household in found
    ]  # fmt: skip
    session.add_all(assignments)
    session.flush()
    return assignments


def campaign(session, county=world.COUNTY, ends=2199):
    """The county's campaign that ends in a year."""
    number = f"t{ends}"
    found = session.scalar(sa.select(Campaign).where(Campaign.area_code == county, Campaign.document_number == number))
    stage = {"name": "全年", "starts_on": date(ends, 1, 1), "ends_on": date(ends, 12, 31)}
    return found or create_campaign(session, name="t", document_number=number, area_code=county, stages=[stage])


def rows(answer):
    """The rows of a list as a phone reads them."""
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/csv; charset=utf-8"
    assert not answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode(), newline=""), strict=True))


def files(answer):
    """The entries of a manifest by file name; fails where one value is missing."""
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/xml; charset=utf-8"
    root = etree.fromstring(answer.data)
    assert root.tag == f"{MANIFEST}manifest"
    found = {}
    for entry in root:
        values = {etree.QName(part).localname: part.text for part in entry} | dict(entry.attrib)
        assert values["filename"]
        assert values["hash"].startswith("md5:")
        assert values["downloadUrl"]
        found[values["filename"]] = values
    return found


def correction(form, entity, *, base=1, trunk=1, code=None, instance_id=None, deprecated_id=None, **answers):
    """The XML of a form in which a household was picked from the list and corrected, as Collect writes it."""
    xml = fill(
        read_schema(form.xml), {"household": entity, "household_code": code or f"{world.VILLAGE}-0001", **answers},
        instance_id=instance_id or f"uuid:{uuid.uuid4()}", deprecated_id=deprecated_id,
    )  # fmt: skip
    root = etree.fromstring(xml)
    values = {"id": entity, "update": "1", "baseVersion": base, "trunkVersion": trunk, "branchId": uuid.uuid4()}
    for name, value in values.items():
        root.find(".//{*}entity").set(name, "" if value is None else str(value))
    return etree.tostring(root)

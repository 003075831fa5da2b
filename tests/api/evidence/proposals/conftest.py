"""A form in which a household is corrected, a phone that sends it, and a supervisor who decides."""

import csv
import hashlib
import io

import pytest
import sqlalchemy as sa
import world
from lists import correction, give, listed_form, rows

from api.collection.forms import publish_form
from api.collection.tables import SubmissionVersion
from api.registry.proposals.tables import HouseholdProposal
from api.registry.roll_file.columns import COLUMNS
from api.registry.roll_import.carry_out import import_roll
from api.registry.roll_import.receive import file_of, keep_file, receive_roll
from api.registry.secrecy import open_secrecy
from api.registry.tables import Household
from survey_forms.values import Place

CODE = f"{world.VILLAGE}-0001"
DOOR = Place(28.905, 89.601, 4020.0, 6.0)  # some 440 m north of where the roll has it
FORM = listed_form()
NUMBER = "10000001234"


def household(database, code=CODE):
    with database.read() as session:
        place = (sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place))
        found = session.execute(sa.select(Household, *place).where(Household.code == code)).one()
        _ = found[0].members
        return found


@pytest.fixture(autouse=True)
def given(database):
    """The form published; two households given to the surveyor."""
    with database.transaction() as session:
        publish_form(session, FORM)
        give(session, "surveyor", 1, 2)


@pytest.fixture
def phone(phone_of):
    return phone_of("surveyor")


@pytest.fixture
def sends(phone):
    """A function that sends a correction of the first household and returns its instance id."""

    def send(status=201, **values):
        entity = rows(phone.get("lists/households.csv"))[0]["name"]
        xml = correction(FORM, values.pop("entity", entity), **values)
        answer = phone.send(xml)
        assert answer.status_code == status, answer.text
        return xml

    return send


@pytest.fixture
def kept(database):
    """A function that returns what is kept of proposals, the oldest first."""

    def read():
        with database.read() as session:
            return list(session.scalars(sa.select(HouseholdProposal).order_by(HouseholdProposal.id)))

    return read


@pytest.fixture
def flags(database):
    def read():
        with database.read() as session:
            return [
                (flag["kind"], flag["text"])
                for version in session.scalars(sa.select(SubmissionVersion))
                for flag in version.flags
            ]

    return read


@pytest.fixture
def on_roll(database, settings):
    """A function that returns the household as the roll has it, its place, and its telephone in plain."""

    def read():
        found, longitude, latitude = household(database)
        with database.read() as session:
            number = open_secrecy(session, settings.encryption_keys()).unseal_if(found.phone_sealed)
        return found, (longitude, latitude), number

    return read


@pytest.fixture
def asks(client, bearer):
    """A function that returns what an account is shown of proposals."""

    def ask(name="county", **query):
        answer = client.get("/api/proposals", headers=bearer(name), query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    return ask


@pytest.fixture
def decides(client, bearer):
    """A function that decides proposals, named by id or as the interface takes them."""

    def decide(*proposals, accept=True, name="county", reason="电话核实无误", status=200):
        wanted = [one if isinstance(one, dict) else {"id": str(one)} for one in proposals]
        body = {"accept": accept, "reason": reason, "proposals": wanted}
        answer = client.post("/api/proposals/decisions", headers=bearer(name), json=body)
        assert answer.status_code == status, answer.text
        return answer.json

    return decide


@pytest.fixture
def take_roll(database, settings, tmp_path):
    """A function that imports a roll of the first household alone, without place and telephone."""

    def take(**cells):
        row = {
            "code": CODE, "scheme": "城市", "name": "虚构户主1", "relation": "户主", "identity": "",
            "benefit": "100.00", "benefit_since": "2018-01", **cells,
        }  # fmt: skip
        headings = {column.name: column.heading for column in COLUMNS}
        text = io.StringIO()
        csv.writer(text).writerows([[headings[name] for name in row], list(row.values())])
        content = text.getvalue().encode()
        with database.transaction() as session:
            wanted = receive_roll(
                session, area_code=world.COUNTY, file_name="roll",
                file_sha256=hashlib.sha256(content).hexdigest(), dry_run=False, by=None,
            )  # fmt: skip
        keep_file(io.BytesIO(content), file_of(settings.data_dir, wanted.id), most_bytes=100_000)
        done = import_roll(
            database, wanted.county_code, wanted.id, file_of(settings.data_dir, wanted.id),
            keys=settings.encryption_keys(),
        )  # fmt: skip
        assert done.state == "applied", done.message

    return take

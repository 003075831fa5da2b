"""Both real databases, cloned for each test from a migrated template with a small world in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import postgres_cluster
import pytest
import sqlalchemy as sa
import world
from cryptography.fernet import Fernet
from flask import Flask

from api import create_app
from api.campaigns.tables import Campaign
from api.collection.tables import Assignment
from api.database import Database
from api.jobs.work import do, left_undone
from api.migrate import migrate
from api.people.tables import Account
from api.registry.tables import Household
from api.settings import Settings

KINDS = os.environ.get("RUHU_TEST_DATABASES", "embedded,server").split(",")
FIELD_KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="session", params=KINDS)
def database_kind(request):
    return request.param


@pytest.fixture(scope="session")
def template(database_kind, tmp_path_factory):
    """The address of a migrated database holding the small world; nobody may stay connected to it."""
    if database_kind == "embedded":
        address = f"sqlite:///{tmp_path_factory.mktemp('template') / 'ruhu.db'}"
    else:
        address = postgres_cluster.create_database()
    database = Database(address)
    migrate(database)
    with database.transaction() as session:
        world.build(session, field_key=FIELD_KEY)
    if database.is_embedded:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
    database.dispose()
    yield address
    if database_kind == "server":
        postgres_cluster.drop_database(address)


@contextmanager
def fresh_copy(kind: str, template: str, folder: Path) -> Iterator[Settings]:
    """Settings of a server on a fresh copy of the template."""
    if kind == "embedded":
        address = f"sqlite:///{folder / 'ruhu.db'}"
        shutil.copy(template.removeprefix("sqlite:///"), folder / "ruhu.db")
    else:
        address = postgres_cluster.create_database(template=template)
    yield Settings(
        data_dir=folder / "data",
        database_url=address,
        secret_key="only for tests",
        field_keys=FIELD_KEY,
        password_cost=8,
    )
    if kind == "server":
        postgres_cluster.drop_database(address)


@contextmanager
def running(settings: Settings) -> Iterator[Flask]:
    """The application, its connections closed at the end."""
    app = create_app(settings)
    yield app
    app.extensions["ruhu_queue"].close()
    app.extensions["ruhu_database"].dispose()


@pytest.fixture
def settings(database_kind, template, tmp_path) -> Iterator[Settings]:
    with fresh_copy(database_kind, template, tmp_path) as found:
        yield found


@pytest.fixture
def database_address(settings) -> str:
    """The address of a fresh copy of the template."""
    return settings.database_url


@pytest.fixture
def app(settings):
    with running(settings) as app:
        yield app


@pytest.fixture(scope="module")
def shared_app(database_kind, template, tmp_path_factory):
    """One application for all tests of a module, which do not mind what the others write."""
    with fresh_copy(database_kind, template, tmp_path_factory.mktemp("shared")) as settings, running(settings) as app:
        yield app


@pytest.fixture
def database(app) -> Database:
    """The application's own database."""
    return app.extensions["ruhu_database"]


@pytest.fixture
def session(database):
    """A writing session in one transaction, rolled back at the end: for verbs tested without HTTP."""
    with database.write() as session, session.begin() as transaction:
        yield session
        transaction.rollback()


@pytest.fixture
def client(app):
    """Nobody signed in."""
    return app.test_client()


@pytest.fixture
def bearer(app):
    """A function from an account's name to the headers of a program that acts for it."""

    def headers(name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {world.PROGRAM_TOKENS[name]}"}

    return headers


@pytest.fixture
def work(app):
    """A function that does the background work that is due, and returns how many jobs came to their end."""

    def do_all() -> int:
        database, queue = app.extensions["ruhu_database"], app.extensions["ruhu_queue"]
        with database.read() as session:
            due = left_undone(session)
        return sum(do(database, queue.kinds, county, job) for county, job in due)

    return do_all


@pytest.fixture
def signed_in(app):
    """A function from an account's name to a browser-like client that signed in through the page."""

    def client_of(name: str) -> Any:
        client = app.test_client()
        token = world.csrf_token(client.get("/sign-in").text)
        answer = client.post("/sign-in", data={"name": name, "password": world.PASSWORD, "csrf_token": token})
        assert answer.status_code == 302, answer.text
        return client

    return client_of


@pytest.fixture
def viewer(session):
    """A function from an account's name to the viewer it is."""
    return lambda name: world.viewer(session, name)


@pytest.fixture
def assign(database):
    """A function that gives a household to a worker for a purpose."""

    def give(name, household=f"{world.VILLAGE}-0001", purpose="spot_check", **values):
        with database.transaction() as session:
            campaign = session.scalar(sa.select(Campaign)) or Campaign(
                name="t", document_number="1", area_code=world.COUNTY
            )
            session.add(campaign)
            session.flush()
            account = session.scalars(sa.select(Account).where(Account.name == name)).one()
            found = session.scalars(sa.select(Household).where(Household.code == household)).one()
            assignment = Assignment(
                county_code=found.county_code, campaign_id=campaign.id, household_id=found.id,
                account_id=account.id, purpose=purpose, **values,
            )  # fmt: skip
            session.add(assignment)
            session.flush()
            return assignment.county_code, assignment.id

    return give


@pytest.fixture(scope="session")
def project() -> Path:
    return Path(__file__).resolve().parent.parent

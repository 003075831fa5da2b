from dataclasses import dataclass
from pathlib import Path

import postgres_cluster
import pytest
from cryptography.fernet import Fernet

from api.database import Database, now
from api.demo.county import make_county
from api.demo.load import Loaded, load_demo
from api.demo.plan import demo_plan, standards_of
from api.migrate import migrate
from api.registry.divisions import shipped_divisions
from api.settings import Settings

SMALL = 150
PASSWORD = "a password for the demo"


@pytest.fixture(scope="session")
def divisions() -> dict[str, str]:
    return {row["code"]: row["name"] for row in shipped_divisions()}


@pytest.fixture(scope="session")
def standards() -> dict[str, int]:
    return standards_of(demo_plan(now().date()))


@pytest.fixture(scope="session")
def county(divisions, standards):
    """The demo county in its full size, in memory."""
    return make_county(divisions, standards, 3_000)


@dataclass
class Demo:
    database: Database
    settings: Settings
    loaded: Loaded
    steps: list[tuple[str, int, int]]
    password: str = PASSWORD

    def file(self, name: str) -> Path:
        return self.settings.data_dir / "demo" / name


@pytest.fixture(scope="session")
def empty_database(database_kind, tmp_path_factory):
    """A migrated database with nothing in it."""
    if database_kind == "embedded":
        address = f"sqlite:///{tmp_path_factory.mktemp('demo-database') / 'ruhu.db'}"
    else:
        address = postgres_cluster.create_database()
    database = Database(address)
    migrate(database)
    yield database
    database.dispose()
    if database_kind == "server":
        postgres_cluster.drop_database(address)


@pytest.fixture(scope="session")
def demo(empty_database, tmp_path_factory):
    """A small demo county, loaded once."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("demo-data"),
        database_url=str(empty_database.url.render_as_string(hide_password=False)),
        secret_key="only for tests",
        field_keys=Fernet.generate_key().decode(),
        password_cost=8,
    )
    steps: list[tuple[str, int, int]] = []
    loaded = load_demo(
        empty_database, settings, password=PASSWORD, households=SMALL, on_progress=lambda *step: steps.append(step)
    )
    return Demo(empty_database, settings, loaded, steps)

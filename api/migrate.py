"""Bring a database to the newest shape, or back to an older one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from api.database import Database

PROJECT = Path(__file__).resolve().parent.parent


def migrate(database: Database, revision: str = "head") -> None:
    """Run migrations up to a revision, or down to an older one, in one transaction: all of them or none.

    Parameters
    ----------
    revision : str
        ``head``, ``base``, or a migration's name. Names begin with their number, so their order is their age.
    """
    with database.engine.execution_options(ruhu_writes=True).begin() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        config = Config(toml_file=str(PROJECT / "pyproject.toml"))
        config.attributes["connection"] = connection
        goes_down = revision == "base" or (revision != "head" and present is not None and revision < present)
        (command.downgrade if goes_down else command.upgrade)(config, revision)


def present_revision(database: Database) -> str | None:
    """Return the revision a database is at; None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()

"""Open the server database: PostgreSQL with PostGIS."""

import time
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

TRUSTED_SECONDS: Final = 5  # a connection that was used so lately is not asked first whether it still lives


def without_transactions(made: sa.Engine) -> sa.Engine:
    """Return an engine on the same connections whose statements each stand alone."""
    return made.execution_options(isolation_level="AUTOCOMMIT")


def refresh_statistics(made: sa.Engine, tables: Sequence[str]) -> None:
    """Look at tables again that have changed a lot at once, as the server does by itself within minutes."""
    names = ", ".join(made.dialect.identifier_preparer.quote(table) for table in tables)
    with made.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f"ANALYZE {names}")


def engine(url: sa.URL) -> sa.Engine:
    """Return an engine for the server database."""
    made = sa.create_engine(url, pool_size=10, max_overflow=20)

    @sa.event.listens_for(made, "checkin")
    def leave(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["left_at"] = time.monotonic()

    @sa.event.listens_for(made, "checkout")
    def ping(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        # like the pool's own ping before use, which would be three more questions for every posting of a phone
        if time.monotonic() - record.info.get("left_at", time.monotonic()) < TRUSTED_SECONDS:
            return
        try:
            made.dialect.do_ping(connection)
        except made.dialect.loaded_dbapi.Error as error:
            raise sa.exc.DisconnectionError from error  # the pool then makes a new one

    return made

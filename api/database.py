"""Engine and sessions for both databases; nothing else knows which one it is.

The embedded database is SpatiaLite, opened through ``pysqlite3`` because Python's own ``sqlite3`` often cannot load
extensions. The large one is PostgreSQL with PostGIS. Engines are made on first use in each process, never across a
fork: an open SQLite file or a socket shared by two processes loses data.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, current_app, g
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.sql.functions import GenericFunction
from uuid_utils.compat import uuid7

BUSY_SECONDS = 30  # how long a writer waits for another before it gives up and the phone tries again

# Where the SpatiaLite module lies when the loader's own path does not find it (Homebrew on both kinds of Mac).
SPATIALITE_NAMES = (
    "mod_spatialite",
    "/opt/homebrew/lib/mod_spatialite.dylib",
    "/usr/local/lib/mod_spatialite.dylib",
)


class SpatialiteMissing(RuntimeError):  # noqa: N818 - says what is the matter
    """The embedded database needs SpatiaLite's loadable module and it is not on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "SpatiaLite's module (mod_spatialite) cannot be loaded; "
            "install it: apt-get install libsqlite3-mod-spatialite (Debian, Ubuntu) or brew install libspatialite"
        )


class Base(DeclarativeBase):
    """Every table; constraints get predictable names, so that migrations can speak of them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment, always with its time zone in Python and always UTC in the database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Refuse a moment without a time zone: nobody could say when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; use datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """SQLite forgets the time zone; it was UTC."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class json_texts(GenericFunction[Any]):  # noqa: N801 - written in statements like any function
    """The texts of a JSON array, a row each: ``func.json_texts(column).table_valued("value")``."""

    inherit_cache = True


@compiles(json_texts, "sqlite")
def _json_texts_embedded(element: json_texts, compiler: Any, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(json_texts, "postgresql")
def _json_texts_server(element: json_texts, compiler: Any, **kw: Any) -> str:
    return f"jsonb_array_elements_text({compiler.process(element.clauses, **kw)})"


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Return a UUID version 7: unique anywhere, and rows made together lie together."""
    return uuid7()


class CountyRow:
    """Mixin of every big table: the key is (county, id), so that a region can be spread over machines by county."""

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)


def county_reference(*columns: str, table: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    """Return the foreign key (county_code, columns…) → (county_code, id) of another big table."""
    return sa.ForeignKeyConstraint(
        ["county_code", *columns], [f"{table}.county_code", f"{table}.id"], ondelete=ondelete
    )


class Database:
    """Sessions on one database address, for reading or for writing.

    A writing session of the embedded database takes the single write place at its beginning (``BEGIN IMMEDIATE``)
    and waits its turn there, instead of failing half-way when two readers both decide to write.
    """

    def __init__(self, address: str) -> None:
        self.url = sa.make_url(address)
        self._lock = threading.Lock()
        self._engine: sa.Engine | None = None
        self._process: int | None = None
        # Told of background work once it is committed (`api.jobs`).
        self.hasten: Callable[[str, UUID], None] | None = None

    @property
    def is_embedded(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def engine(self) -> sa.Engine:
        """The engine of this process."""
        if self._process != os.getpid() or self._engine is None:
            with self._lock:
                if self._process != os.getpid() or self._engine is None:
                    if self._engine is not None:
                        self._engine.dispose(close=False)  # inherited by a fork: the parent's to close
                    self._engine = _embedded_engine(self.url) if self.is_embedded else _server_engine(self.url)
                    self._process = os.getpid()
        return self._engine

    def read(self) -> Session:
        """Return a session for reading; what it writes is refused by habit, not by the database."""
        return Session(self.engine, expire_on_commit=False)

    def write(self) -> Session:
        """Return a session for writing."""
        engine = self.engine.execution_options(ruhu_writes=True)
        return Session(engine, expire_on_commit=False, info={"hasten": self.hasten})

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Write in one transaction: committed at the end, rolled back on any error."""
        with self.write() as session, session.begin():
            yield session

    def write_if_free(self, work: Callable[[Session], bool]) -> bool:
        """Write what may be lost: now if the write place is free, else not at all; never wait for it.

        Parameters
        ----------
        work
            Writes, and tells whether it did.

        Returns
        -------
        bool
            Whether it was written.
        """
        engine = self.engine.execution_options(ruhu_writes=True, ruhu_waits=False)
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        except (sa.exc.OperationalError, sa.exc.IntegrityError, sa.exc.TimeoutError):
            return False

    def dispose(self) -> None:
        """Close all connections of this process."""
        if self._engine is not None and self._process == os.getpid():
            self._engine.dispose()
        self._engine = None


def _server_engine(url: sa.URL) -> sa.Engine:
    return sa.create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)


def _embedded_engine(url: sa.URL) -> sa.Engine:
    import pysqlite3  # noqa: PLC0415 - a prefecture on PostgreSQL needs no embedded database

    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        module=pysqlite3,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=10,
        max_overflow=20,
    )

    busy = f"busy_timeout={BUSY_SECONDS * 1000}"

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        raw: Any = connection
        raw.isolation_level = None  # SQLAlchemy's begin event below decides how a transaction begins
        load_spatialite(raw)
        # SpatiaLite shortens the driver's busy timeout to 5 s as it loads: set ours after it
        for pragma in (busy, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            raw.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("ruhu_writes", False):
            connection.exec_driver_sql("BEGIN")
        elif options.get("ruhu_waits", True):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            finally:
                connection.exec_driver_sql(f"PRAGMA {busy}")

    return engine


def load_spatialite(connection: Any) -> None:
    """Load SpatiaLite into an open SQLite connection.

    Raises
    ------
    SpatialiteMissing
        If the module is not on this machine.
    """
    connection.enable_load_extension(True)
    try:
        for name in SPATIALITE_NAMES:
            try:
                connection.load_extension(name)
            except Exception:  # noqa: BLE001, S112 - each driver has its own class; the next name may load
                continue
            return
        raise SpatialiteMissing
    finally:
        connection.enable_load_extension(False)


def database() -> Database:
    """Return the running application's database."""
    found: Database = current_app.extensions["ruhu_database"]
    return found


def request_session(*, writes: bool) -> Session:
    """Return this request's one session; the edge commits it once, before it answers."""
    if "session" not in g:
        g.session = database().write() if writes else database().read()
    session: Session = g.session
    return session


def init_app(app: Flask, address: str) -> None:
    """Give the application its database and close each request's session at its end."""
    app.extensions["ruhu_database"] = Database(address)

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        if (session := g.pop("session", None)) is not None:
            session.close()

"""Engine and sessions for both databases; nothing else knows which one it is.

One county runs on the embedded database (`embedded`), a prefecture on a server (`server`). Engines are made on first
use in each process, never across a fork: an open SQLite file or a socket shared by two processes loses data.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, current_app, g
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, make_transient_to_detached, mapped_column
from sqlalchemy.sql.functions import GenericFunction
from uuid_utils.compat import uuid7

from api.databases import embedded, server
from api.databases.group_commit import GroupCommit

Result = TypeVar("Result")


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


def insert_at_once(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in one statement, without the session's bookkeeping, which costs five times as much.

    For what phones wait for. What the session still holds back is not written before it.

    Parameters
    ----------
    rows
        Every one with the same columns; a column left out gets its default.
    """
    if rows:
        session.connection().execute(sa.insert(table.metadata.tables[table.__tablename__]), rows)


def insert_row(session: Session, row: Base) -> None:
    """Insert one new row at once, its key set; afterwards it is the session's, as if added and flushed."""
    values = {name: value for name, value in vars(row).items() if name in row.__table__.c}
    insert_at_once(session, type(row), [values])
    make_transient_to_detached(row)
    session.add(row)


class Database:
    """Sessions on one database address, for reading or for writing.

    A writing session of the embedded database takes the single write place at its beginning (``BEGIN IMMEDIATE``)
    and waits its turn there, instead of failing half-way when two readers both decide to write.
    """

    def __init__(self, address: str) -> None:
        self.url = sa.make_url(address)
        self._lock = threading.Lock()
        self._engine: sa.Engine | None = None
        self._glances: sa.Engine | None = None
        self._group = GroupCommit(self.transaction)
        self._process: int | None = None
        # Told of background work once it is committed (`api.jobs`).
        self.hasten: Callable[[str, UUID], None] | None = None
        # Asked which worker must stay away from which household (`api.collection.assignments.fit`).
        self.conflicts: Callable[[Session, str, Sequence[UUID]], set[tuple[UUID, UUID]]] | None = None

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
                    kind = embedded if self.is_embedded else server
                    self._engine = kind.engine(self.url)
                    self._glances = kind.without_transactions(self._engine)
                    self._group = GroupCommit(self.transaction)
                    self._process = os.getpid()
        return self._engine

    def read(self) -> Session:
        """Return a session for reading; what it writes is refused by habit, not by the database."""
        return Session(self.engine, expire_on_commit=False)

    def glance(self) -> Session:
        """Return a session for a few short questions, each of which sees its own moment.

        Without what a transaction's beginning and end cost, on a server a way there and back each: phones ask often
        and little. No cursor stays open between two of its questions, and there is nothing to commit.
        """
        return Session(self.engine and self._glances, expire_on_commit=False, info={"glance": True})

    def snapshot(self) -> Session:
        """Return a session for reading that sees one moment to its end, whatever is committed meanwhile."""
        if self.is_embedded:
            return self.read()  # a reading transaction of the embedded database is that already
        engine = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return Session(engine, expire_on_commit=False)

    def write(self) -> Session:
        """Return a session for writing."""
        engine = self.engine.execution_options(ruhu_writes=True)
        return Session(engine, expire_on_commit=False, info={"hasten": self.hasten, "conflicts": self.conflicts})

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Write in one transaction: committed at the end, rolled back on any error."""
        with self.write() as session, session.begin():
            yield session

    def together(self, verb: Callable[[Session], Result]) -> Result:
        """Run a short verb and commit it: on the embedded database in one transaction with those of other threads.

        There only one can write at a time and each commit waits for the disk; a server groups commits by itself. The
        verb may be run again, alone, when another of its group fails.
        """
        if self.is_embedded:
            _ = self.engine  # with it the group of this process
            return self._group.run(verb)
        with self.transaction() as session:
            return verb(session)

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

    def refresh_statistics(self, *tables: type[Base]) -> None:
        """Let a server plan by what lies in these tables now, after they were filled in bulk.

        The embedded database plans by its indexes alone.
        """
        if not self.is_embedded:
            server.refresh_statistics(self.engine, [table.__tablename__ for table in tables])

    def dispose(self) -> None:
        """Close all connections of this process."""
        if self._engine is not None and self._process == os.getpid():
            self._engine.dispose()
        self._engine = self._glances = None


def database() -> Database:
    """Return the running application's database."""
    found: Database = current_app.extensions["ruhu_database"]
    return found


def request_session(*, writes: bool, short: bool = False) -> Session:
    """Return this request's one session; the edge commits it once, before it answers.

    Parameters
    ----------
    short
        A reading one for a few short questions, see `Database.glance`.
    """
    if "session" not in g:
        found = database()
        g.session = found.write() if writes else found.glance() if short else found.read()
    session: Session = g.session
    return session


def init_app(app: Flask, address: str) -> None:
    """Give the application its database and close each request's session at its end."""
    app.extensions["ruhu_database"] = Database(address)

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        if (session := g.pop("session", None)) is not None:
            session.close()

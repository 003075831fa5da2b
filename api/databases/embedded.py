"""Open the embedded database: SpatiaLite through ``pysqlite3``; Python's own ``sqlite3`` often loads no extensions."""

from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from api.databases.checkpoints import Checkpoints
from api.databases.write_place import WritePlace

BUSY_SECONDS: Final = 30  # how long a writer waits for another before it gives up and the phone tries again
LOG_PAGES: Final = 4_000  # 16 MB of log; long before, `checkpoints` has carried most of it over

# Where the SpatiaLite module lies when the loader's own path does not find it (Homebrew on both kinds of Mac).
SPATIALITE_NAMES: Final = (
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


def engine(url: sa.URL) -> sa.Engine:
    """Return an engine for the embedded database; its file is made when first needed."""
    import pysqlite3  # noqa: PLC0415 - a prefecture on PostgreSQL needs no embedded database

    path = Path(url.database or "ruhu.db")
    path.parent.mkdir(parents=True, exist_ok=True)
    made = sa.create_engine(
        url,
        module=pysqlite3,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=10,
        max_overflow=20,
    )
    sa.event.listen(made, "connect", prepare)
    address = f"{path.absolute().as_uri()}?mode=rw"  # a file that was removed is not made again
    checkpoints = Checkpoints(partial(pysqlite3.connect, address, uri=True, timeout=BUSY_SECONDS))
    take_turns(made, WritePlace(path), checkpoints)
    return made


def without_transactions(made: sa.Engine) -> sa.Engine:
    """Return an engine on the same connections for reading, each statement by itself."""
    return made.execution_options(ruhu_begins=False)


def prepare(connection: DBAPIConnection, _record: object) -> None:
    """Make a new connection ready."""
    raw: Any = connection
    raw.isolation_level = None  # SQLAlchemy's begin event below decides how a transaction begins
    load_spatialite(raw)
    for pragma in (
        # SpatiaLite shortens the driver's busy timeout to 5 s as it loads: set ours after it
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        f"wal_autocheckpoint={LOG_PAGES}",
        "foreign_keys=ON",
        "temp_store=MEMORY",
    ):
        raw.execute(f"PRAGMA {pragma}").close()


def take_turns(made: sa.Engine, place: WritePlace, checkpoints: Checkpoints) -> None:
    """Let writers queue for the write place at their beginning and leave it once their connection is given back."""

    @sa.event.listens_for(made, "begin")
    def begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("ruhu_writes", False):
            if options.get("ruhu_begins", True):
                connection.exec_driver_sql("BEGIN")
            return
        if "place" not in connection.info:
            if not place.take(BUSY_SECONDS if options.get("ruhu_waits", True) else 0):
                raise sa.exc.TimeoutError("others are writing")
            connection.info["place"] = place
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @sa.event.listens_for(made, "checkin")
    def leave(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        if (taken := record.info.pop("place", None)) is not None:
            checkpoints.due()
            taken.leave()

    @sa.event.listens_for(made, "engine_disposed")
    def end(_engine: sa.Engine) -> None:
        checkpoints.end()


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

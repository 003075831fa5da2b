"""The queue that hastens background work: Huey on SQL storage, in a file of its own beside the embedded database."""

import logging
from collections.abc import Callable
from uuid import UUID

from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.api import TaskWrapper
from huey.serializer import SignedSerializer

from api.database import Database
from api.jobs.work import Work, do, left_undone
from api.people.sealing import seal_everything
from api.settings import Settings

log = logging.getLogger(__name__)


class Queue:
    """The kinds of work there are, and the queue that hands them to the consumer."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings
        self.kinds: dict[str, Work] = {}
        self.sweepers: list[Callable[[], None]] = [self.sweep, self.seal_log]
        self._huey: Huey | None = None

    _hand_over: TaskWrapper

    def register(self, kind: str, work: Work) -> None:
        """Name a kind of work, ``noun.verb``."""
        self.kinds[kind] = work

    @property
    def huey(self) -> Huey:
        """The queue itself, opened on first use in each process."""
        if self._huey is None:
            self._huey = self._open()
        return self._huey

    def hasten(self, county_code: str, job_id: UUID) -> None:
        """Tell the consumer of a committed job."""
        huey = self.huey  # opening it makes the task
        huey.enqueue(self._hand_over.s(county_code, str(job_id)))

    def close(self) -> None:
        """Close this thread's connection of the queue."""
        if self._huey is not None:
            self._huey.storage.close()

    def sweep(self) -> None:
        """Hand over every job that is due and that nobody is doing."""
        with self.database.read() as session:
            undone = left_undone(session)
        for county_code, job_id in undone:
            self.hasten(county_code, job_id)

    def seal_log(self) -> None:
        """Seal what was written to the audit log since the last time."""
        seal_everything(self.database)

    def _open(self) -> Huey:
        serializer = SignedSerializer(secret=self.settings.signing_key(), salt="ruhu-queue")
        if self.database.is_embedded:
            # Its own file, opened by Python's own SQLite: never the live database, which has another copy's locks.
            self.settings.data_dir.mkdir(parents=True, exist_ok=True)
            path = self.settings.data_dir / "queue.db"
            huey: Huey = SqliteHuey("ruhu", filename=str(path), results=False, serializer=serializer)
        else:
            address = self.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
            huey = PostgresHuey("ruhu", dsn=address, results=False, serializer=serializer)

        @huey.task(name="do")
        def hand_over(county_code: str, job_id: str) -> None:
            do(self.database, self.kinds, county_code, UUID(job_id))

        @huey.periodic_task(crontab(minute="*"), name="sweep")
        def every_minute() -> None:
            for sweeper in self.sweepers:
                try:
                    sweeper()
                except Exception:  # one sweeper's trouble must not stop the others
                    log.exception("a sweep failed")

        self._hand_over = hand_over
        return huey

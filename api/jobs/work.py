"""Ask for background work, and do it: the row in the table is the truth, whatever becomes of the queue."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import Database, now
from api.jobs.tables import Job
from api.problems import Refusal

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # without a sign of life for so long, a running job counts as lost
FIRST_PAUSE = timedelta(seconds=10)  # before a failed job is tried again; doubled each time
MOST_ATTEMPTS = 5
PROGRESS_SECONDS = 0.5  # progress more often than this only costs writes


@dataclass
class Task:
    """One job under way: what it was asked, and how it tells where it is."""

    database: Database
    county_code: str
    job_id: UUID
    arguments: dict[str, Any]
    asked_by: UUID | None
    _told_at: float = field(default=0.0, repr=False)

    def progress(self, done: int, total: int | None = None, message: str = "", *, last: bool = False) -> None:
        """Write down how far the job is; this also shows that it lives.

        Parameters
        ----------
        done, total
            In the job's own unit; total None while it is not known.
        last
            Write even if the last word was a moment ago.
        """
        if not last and time.monotonic() - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at = time.monotonic()
        with self.database.transaction() as session:
            session.execute(
                sa.update(Job)
                .where(Job.county_code == self.county_code, Job.id == self.job_id)
                .values(
                    progress_done=done,
                    progress_total=total,
                    lease_until=now() + LEASE,
                    **({"message": message} if message else {}),
                )
            )


Work = Callable[[Task], dict[str, Any] | None]


def ask_for(
    session: Session, kind: str, *, county_code: str, arguments: dict[str, Any], asked_by: UUID | None = None
) -> Job:
    """Write down a job in the caller's transaction; the queue is told once that is committed.

    Parameters
    ----------
    arguments : dict
        JSON values; nothing secret.
    """
    job = Job(county_code=county_code, kind=kind, arguments=arguments, created_by=asked_by)
    session.add(job)
    session.flush()
    session.info.setdefault("jobs_asked_for", []).append((county_code, job.id))
    return job


@sa.event.listens_for(Session, "after_commit")
def _tell_queue(session: Session) -> None:
    asked = session.info.pop("jobs_asked_for", [])
    hasten: Callable[[str, UUID], None] | None = session.info.get("hasten")
    if hasten is None:
        return
    for county_code, job_id in asked:
        try:
            hasten(county_code, job_id)
        except Exception:  # the row is committed: the sweep finds it
            log.exception("the queue could not be told of job %s", job_id)


@sa.event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("jobs_asked_for", None)


def do(database: Database, kinds: dict[str, Work], county_code: str, job_id: UUID) -> bool:
    """Do a job if nobody else does; return whether it was done here and now.

    A refusal (`api.problems.Refusal`) is final and its text is kept for the asker; any other error is tried again
    later, at most ``MOST_ATTEMPTS`` times.
    """
    task = _claim(database, county_code, job_id)
    if task is None:
        return False
    try:
        with database.read() as session:
            kind = session.get_one(Job, (county_code, job_id)).kind
        result = kinds[kind](task)
    except Refusal as refusal:
        _finish(task, state="failed", message=str(refusal))
        return False
    except Exception as error:
        log.exception("job %s failed", job_id)
        _retry_later(task, f"{type(error).__name__}: {error}")
        return False
    _finish(task, state="done", result=result or {})
    return True


def _claim(database: Database, county_code: str, job_id: UUID) -> Task | None:
    moment = now()
    with database.transaction() as session:
        taken = session.execute(
            sa.update(Job)
            .where(Job.county_code == county_code, Job.id == job_id, _is_due(moment))
            .values(state="running", lease_until=moment + LEASE, attempts=Job.attempts + 1)
            .execution_options(synchronize_session=False)
        )
        if taken.rowcount != 1:  # type: ignore[attr-defined]
            return None
        job = session.get_one(Job, (county_code, job_id))
        return Task(database, county_code, job_id, job.arguments, job.created_by)


def _is_due(moment: Any) -> sa.ColumnElement[bool]:
    waiting = sa.and_(Job.state == "waiting", sa.or_(Job.not_before.is_(None), Job.not_before <= moment))
    lost = sa.and_(Job.state == "running", Job.lease_until < moment)
    return sa.or_(waiting, lost)


def left_undone(session: Session) -> list[tuple[str, UUID]]:
    """Return the jobs that are due and that nobody is doing: what a sweep hands to the queue again."""
    statement = sa.select(Job.county_code, Job.id).where(_is_due(now())).order_by(Job.id)
    return [(county_code, job_id) for county_code, job_id in session.execute(statement)]


def _finish(task: Task, **values: Any) -> None:
    with task.database.transaction() as session:
        session.execute(
            sa.update(Job)
            .where(Job.county_code == task.county_code, Job.id == task.job_id)
            .values(finished_at=now(), lease_until=None, **values)
        )


def _retry_later(task: Task, message: str) -> None:
    with task.database.transaction() as session:
        job = session.get_one(Job, (task.county_code, task.job_id))
        job.message = message
        job.lease_until = None
        if job.attempts >= MOST_ATTEMPTS:
            job.state, job.finished_at = "failed", now()
        else:
            job.state, job.not_before = "waiting", now() + FIRST_PAUSE * 2 ** (job.attempts - 1)

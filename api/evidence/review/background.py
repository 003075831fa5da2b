"""Accept all that every check passed, or take a large batch back, in the background while phones go on sending."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Submission
from api.database import now
from api.evidence.review.bulk import Undone, accept_clean, undo_batch
from api.evidence.review.queue import Wanted, fitting_all
from api.evidence.review.tables import ReviewStep
from api.evidence.ring import read_ring, write_ring
from api.jobs.queue import Queue
from api.jobs.tables import Job
from api.jobs.work import Task, ask_for
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.accounts import viewer_of
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Invalid

ACCEPT: Final = "review.accept"
UNDO: Final = "review.undo"
AT_ONCE: Final = 100  # submissions a transaction: half a second, then phones may write


def register(queue: Queue) -> None:
    """Tell the queue of it."""
    queue.register(ACCEPT, accept_asked)
    queue.register(UNDO, undo_asked)


def county_for(viewer: Viewer, wanted: Wanted) -> str | None:
    """Return the one county that what is wanted lies in; None when it may be several."""
    if len(wanted.area) >= COUNTY_LENGTH:
        return wanted.area[:COUNTY_LENGTH]
    areas = viewer.areas(Permission.REVIEW)
    counties = {area[:COUNTY_LENGTH] for area in areas}
    return counties.pop() if len(counties) == 1 and min(map(len, areas)) >= COUNTY_LENGTH else None


def ask_to_accept(session: Session, viewer: Viewer, wanted: Wanted, *, note: str = "") -> Job:
    """Ask for everything that fits, passed every check and has been received by now to be accepted.

    While such a job of the same person is under way in the county, that one is meant.

    Raises
    ------
    Forbidden
        The viewer does not review in the whole area.
    Invalid
        What is wanted may lie in several counties.
    """
    if wanted.area:
        viewer.demand(Permission.REVIEW, wanted.area)
    county_code = county_for(viewer, wanted)
    if county_code is None:
        raise Invalid("请先选定一个县，再全部通过", where="area")
    last = last_asked(session, viewer)
    if last is not None and last.county_code == county_code and is_under_way(last):
        return last
    arguments = {
        "area": wanted.area, "form": wanted.form, "worker": str(wanted.worker) if wanted.worker else None,
        "until": now().isoformat(), "note": note, "polygon": write_ring(wanted.ring),
    }  # fmt: skip
    return ask_for(session, ACCEPT, county_code=county_code, arguments=arguments, asked_by=viewer.account_id)


def last_asked(session: Session, viewer: Viewer) -> Job | None:
    """Return the job of these kinds that the viewer has asked for last."""
    mine = sa.select(Job).where(Job.kind.in_([ACCEPT, UNDO]), Job.created_by == viewer.account_id)
    return session.scalar(mine.order_by(Job.created_at.desc(), Job.id.desc()).limit(1))


def ask_to_undo(session: Session, viewer: Viewer, batch_id: UUID, *, note: str = "") -> Undone:
    """Open a batch again: at once when it is small; what is left then, in the background.

    Raises
    ------
    NotFound
        The viewer has accepted no such batch.
    """
    undone = undo_batch(session, viewer, batch_id, note=note)
    if undone.left:
        county_code = session.scalars(
            sa.select(ReviewStep.county_code).where(ReviewStep.batch_id == batch_id).limit(1)
        ).one()
        arguments = {"batch_id": str(batch_id), "note": note, "left": undone.left}
        ask_for(session, UNDO, county_code=county_code, arguments=arguments, asked_by=viewer.account_id)
    return undone


def is_under_way(job: Job) -> bool:
    """Tell whether a job is still to come to its end."""
    return job.state in {"waiting", "running"}


def undo_asked(task: Task) -> dict[str, Any]:
    """Open again what is left of a batch, a part at a time."""
    done, total = 0, int(task.arguments["left"])
    while True:
        with task.database.transaction() as session:
            viewer = viewer_of(session.get_one(Account, task.asked_by))
            undone = undo_batch(
                session, viewer, UUID(task.arguments["batch_id"]), note=task.arguments["note"], most=AT_ONCE
            )
        done += undone.reopened
        if not undone.left or not undone.reopened:
            return {"reopened": done, "left": undone.left}
        task.progress(done, total)


def accept_asked(task: Task) -> dict[str, Any]:
    """Accept what was asked for, a part at a time; called again after its process died, it goes on.

    Whoever asked must still be allowed to when his turn comes. The job's id is that of the batch.
    """
    given = task.arguments
    wanted = Wanted(
        area=given["area"] or task.county_code, form=given["form"],
        worker=UUID(given["worker"]) if given["worker"] else None, clean=True,
        ring=read_ring(given["polygon"]) if given["polygon"] else (),
    )  # fmt: skip
    until, after, left = datetime.fromisoformat(given["until"]), None, 0
    with task.database.read() as session:
        viewer = viewer_of(session.get_one(Account, task.asked_by))
        total = len(session.scalars(fitting_all(viewer, wanted).where(Submission.received_at <= until)).all())
    while True:
        with task.database.transaction() as session:
            viewer = viewer_of(session.get_one(Account, task.asked_by))
            statement = fitting_all(viewer, wanted).where(Submission.received_at <= until)
            if after is not None:
                statement = statement.where(Submission.id > after)
            ids = session.scalars(statement.order_by(Submission.id).limit(AT_ONCE)).all()
            if not ids:
                return {"accepted": _accepted(session, task.job_id), "left": left, "batch_id": str(task.job_id)}
            left += accept_clean(session, viewer, ids, note=given["note"], batch_id=task.job_id).left
            after = ids[-1]
            done = _accepted(session, task.job_id)
        task.progress(done, max(total, done))


def _accepted(session: Session, batch_id: UUID) -> int:
    statement = sa.select(sa.func.count()).select_from(ReviewStep).where(ReviewStep.batch_id == batch_id)
    return session.scalars(statement).one()

"""Process submissions again once what was wrong is mended: asked for by an operator, done in the background."""

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.derive import Workshop, reprocess, to_reprocess
from api.collection.flagged.reading import find_submission
from api.collection.tables import FormVersion
from api.jobs.tables import Job
from api.jobs.work import Task, ask_for
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.accounts import viewer_of
from api.people.audit import record
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import NotFound

JOB: Final = "submission.reprocess"


def ask_to_reprocess(
    session: Session,
    viewer: Viewer,
    *,
    form: str = "",
    area: str = "",
    submission_id: UUID | None = None,
    everything: bool = False,
) -> Job:
    """Ask for submissions of the operator's area to be derived again: flagged ones and those left undone.

    Parameters
    ----------
    form, area
        Only this form's, only of households there.
    submission_id
        Only this one, flagged or not.
    everything
        All of the form's.

    Raises
    ------
    NotFound
        If there is no such form, or no such submission in the area.
    Forbidden
        If the area is out of reach.
    """
    if area:
        viewer.demand(Permission.QUARANTINE_DECIDE, area)
    held = area or next(iter(viewer.areas(Permission.QUARANTINE_DECIDE)))
    if submission_id is not None:
        held = find_submission(session, viewer, submission_id)[0].county_code
    if form and session.scalar(sa.select(FormVersion.id).where(FormVersion.form_id == form).limit(1)) is None:
        raise NotFound("没有发布过表格 {form_id}", form_id=form)
    arguments = {"form": form, "area": area, "submission_id": str(submission_id or ""), "everything": everything}
    job = ask_for(
        session, JOB, county_code=held.ljust(COUNTY_LENGTH, "0")[:COUNTY_LENGTH], arguments=arguments,
        asked_by=viewer.account_id,
    )  # fmt: skip
    record(session, viewer, "submission.reprocess", "job", job.id, division_code=held, **arguments)
    return job


def reprocess_asked(task: Task, workshop: Workshop) -> dict[str, Any]:
    """Derive again what was asked for, one by one; what fails is flagged and counted."""
    asked = task.arguments
    with task.database.read() as session:
        viewer = viewer_of(session.get_one(Account, task.asked_by))
    one = UUID(asked["submission_id"]) if asked["submission_id"] else None
    wanted: dict[str, Any] = {
        "form_id": asked["form"] or None,
        "submission_id": one,
        "areas": [asked["area"]] if asked["area"] else viewer.areas(Permission.QUARANTINE_DECIDE),
        "flagged": True,
        "everything": asked["everything"] or one is not None,
    }
    total = len(to_reprocess(task.database, **wanted))
    result = {"derived": 0, "failed": 0}
    for done, good in enumerate(reprocess(task.database, workshop.blobs, workshop.derivers, **wanted), start=1):
        result["derived" if good else "failed"] += 1
        task.progress(done, total)
    task.progress(total, total, last=True)
    return result

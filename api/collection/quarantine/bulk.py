"""Release all postings of one reason, once what refused them is mended: background work with progress."""

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.derive import Workshop
from api.collection.quarantine.decide import Kind, check_why, decide
from api.collection.quarantine.reading import Filters, how_many, kept_aside
from api.collection.receive import TRIES
from api.collection.refusals import MENDED
from api.collection.tables import Quarantined
from api.database import Database
from api.jobs.tables import Job
from api.jobs.work import Task, ask_for
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.accounts import viewer_of
from api.people.audit import record
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Conflict, Refusal, Unavailable

JOB: Final = "quarantine.release"
REASONS: Final = ("unknown-form", "form-closed", MENDED)  # what a try of all at once can mend


def ask_for_release(session: Session, viewer: Viewer, *, reason: str, area: str, form: str, why: str) -> Job:
    """Ask for the release of all open postings of one reason that the operator may see.

    Raises
    ------
    Conflict
        If there are none, or each must be decided by itself.
    Forbidden
        If the area is out of reach.
    """
    why = check_why(why)
    if area:
        viewer.demand(Permission.QUARANTINE_DECIDE, area)
    if reason not in REASONS:
        raise Conflict("这种原因须逐条核对，不能批量接收", where="reason")
    count = how_many(session, viewer, Filters(reason=reason, area=area, form=form))
    if not count:
        raise Conflict("没有符合条件的待处理记录", where="reason")
    held = area or next(iter(viewer.areas(Permission.QUARANTINE_DECIDE)))
    job = ask_for(
        session, JOB, county_code=held.ljust(COUNTY_LENGTH, "0")[:COUNTY_LENGTH],
        arguments={"reason": reason, "area": area, "form": form, "why": why}, asked_by=viewer.account_id,
    )  # fmt: skip
    record(
        session, viewer, "quarantine.release_all", "job", job.id, division_code=held, reason=reason, form=form, why=why,
        count=count,
    )  # fmt: skip
    return job


def release_all(task: Task, workshop: Workshop) -> dict[str, Any]:
    """Release them one by one, each in its own transaction; what is refused again stays and is counted.

    May be broken off and begun again: what is in is passed over. A store that is down ends it, to be tried later.
    """
    asked = task.arguments
    with task.database.read() as session:
        viewer = viewer_of(session.get_one(Account, task.asked_by))
        filters = Filters(reason=asked["reason"], area=asked["area"], form=asked["form"])
        ids = list(session.scalars(kept_aside(viewer, filters, order="first").with_only_columns(Quarantined.id)))
    result = {"received": 0, "refused": 0, "failed": 0}
    for done, quarantined_id in enumerate(ids):
        task.progress(done, len(ids))
        result[_release(task.database, viewer, quarantined_id, asked["why"], workshop)] += 1
    task.progress(len(ids), len(ids), last=True)
    return result


def _release(database: Database, viewer: Viewer, quarantined_id: UUID, why: str, workshop: Workshop) -> str:
    for left in reversed(range(TRIES)):
        try:
            with database.transaction() as session:
                act = decide(session, viewer, quarantined_id, Kind.RELEASE, why, workshop=workshop)
                return "refused" if act.outcome == "refused" else "received"
        except sa.exc.IntegrityError:  # its own phone was faster: try again and find that
            if not left:
                raise
        except Unavailable as down:
            raise ConnectionError(str(down)) from down
        except Refusal:
            break
    return "failed"

"""The programming interface of background work."""

from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.jobs.tables import Job
from api.people.access import Viewer, inside
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.smorest import Blueprint, Schema

blueprint = Blueprint("jobs", __name__, url_prefix="/api", description="后台任务 · background work")


class JobSchema(Schema):
    """One piece of background work."""

    id = ma.fields.UUID()
    county_code = ma.fields.String()
    kind = ma.fields.String()
    state = ma.fields.String(metadata={"enum": ["waiting", "running", "done", "failed"]})
    progress_done = ma.fields.Integer()
    progress_total = ma.fields.Integer(allow_none=True)
    message = ma.fields.String()
    result = ma.fields.Dict()
    created_at = ma.fields.AwareDateTime()
    finished_at = ma.fields.AwareDateTime(allow_none=True)


@blueprint.route("/jobs/<uuid:job_id>")
@allow(Permission.JOB_READ, area="rows")
@blueprint.response(200, JobSchema)
def job_one(job_id: UUID) -> Job:
    """How far a job is, and what came of it."""
    return find_job(session_now(), viewer(), job_id, Permission.JOB_READ)


def find_job(session: Session, found: Viewer, job_id: UUID, permission: Permission) -> Job:
    """Return a job of the viewer's area, or one that he asked for.

    Raises
    ------
    NotFound
        If there is none.
    """
    # A job belongs to a county; whoever works below county level sees his own jobs only.
    mine = Job.created_by == found.account_id
    statement = sa.select(Job).where(Job.id == job_id, sa.or_(mine, inside(Job.county_code, found.areas(permission))))
    job = session.scalar(statement)
    if job is None:
        raise NotFound("找不到这个后台任务", where="job_id")
    return job

"""Freeze a roll in the background: worked out while phones go on sending, then stored in one short transaction."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.jobs.tables import Job
from api.jobs.work import Task, ask_for
from api.people.access import Viewer
from api.people.accounts import viewer_of
from api.people.tables import Account
from api.spot_checks.frame import (
    RollMoved,
    anybody_to_draw,
    check_numbering,
    check_population,
    store_frame,
    work_out_frame,
)
from api.spot_checks.tables import Frame

JOB: Final = "frame.freeze"
TRIES: Final = 3  # while imports and corrections go on
LOCAL_DAY: Final = ZoneInfo("Asia/Shanghai")


def ask_for_frame(
    session: Session,
    campaign: Campaign,
    county_code: str,
    viewer: Viewer,
    *,
    population: str = "on_roll",
    numbered_by: str = "none",
) -> Job:
    """Ask for a frozen frame; while one is being made of the same households, that one is meant.

    Takes and raises what `api.spot_checks.frame.freeze_frame` does.
    """
    check_population(campaign, county_code, viewer, population)
    check_numbering(numbered_by)
    arguments = {"campaign_id": str(campaign.id), "population": population, "numbered_by": numbered_by}
    last = last_freezing(session, county_code)
    if last is not None and is_under_way(last) and last.arguments == arguments:
        return last
    anybody_to_draw(session, county_code, population)
    return ask_for(session, JOB, county_code=county_code, arguments=arguments, asked_by=viewer.account_id)


def last_freezing(session: Session, county_code: str) -> Job | None:
    """Return the job that was last asked to freeze the roll of a county."""
    asked = sa.select(Job).where(Job.county_code == county_code, Job.kind == JOB)
    return session.scalar(asked.order_by(Job.id.desc()).limit(1))


def is_under_way(job: Job) -> bool:
    """Tell whether a job is still to come to its end."""
    return job.state in {"waiting", "running"}


def freeze_asked(task: Task) -> dict[str, Any]:
    """Freeze what was asked for; called again after its process died, it finds what was stored.

    Raises
    ------
    RollMoved
        When the registry changed under it again and again.
    """
    for left in reversed(range(TRIES)):
        with task.database.snapshot() as session:
            if session.get(Frame, (task.county_code, task.job_id)) is not None:
                break
            ready = work_out_frame(
                session,
                session.get_one(Campaign, UUID(task.arguments["campaign_id"])),
                task.county_code,
                viewer_of(session.get_one(Account, task.asked_by)),
                day=datetime.now(LOCAL_DAY).date(),
                population=task.arguments["population"],
                numbered_by=task.arguments.get("numbered_by", "none"),  # jobs asked for before there were any
                frame_id=task.job_id,
                on_step=task.progress,
            )
        try:
            with task.database.transaction() as session:
                store_frame(session, ready)
        except RollMoved:
            if not left:
                raise
        else:
            break
    return {"frame_id": str(task.job_id)}

"""Clean up: exports whose days are over, files nobody's row names, and what a process left when it died."""

import shutil
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import Database, now
from api.evidence.export.carry_out import BUILDING
from api.evidence.export.finding import folder_of
from api.evidence.export.tables import Export
from api.jobs.tables import Job

YOUNG = timedelta(hours=1)  # a file may be there a moment before its row says so
LOST_AFTER = timedelta(days=1)  # the longest export takes minutes


def sweep_exports(database: Database, data_dir: Path, *, kept_for: timedelta) -> None:
    """Remove what nobody needs any more; failed exports stay as long as finished ones, so that they are seen."""
    with database.read() as session:
        over = session.scalars(sa.select(Export.id).where(_is_over(kept_for)).limit(1)).first()
    if over is not None:  # the write place is taken only for something
        with database.transaction() as session:
            session.execute(sa.delete(Export).where(_is_over(kept_for)))
    folder = folder_of(data_dir)
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_file() and _is_older(path, YOUNG):
            with database.read() as session:
                if not _is_needed(session, path.stem):
                    path.unlink(missing_ok=True)
    building = folder / BUILDING
    for left in building.iterdir() if building.is_dir() else ():
        if _is_older(left, LOST_AFTER):
            shutil.rmtree(left, ignore_errors=True)


def delete_export(session: Session, export: Export) -> None:
    """Forget an export; a job that is making it stops, and its file goes with the next sweep if nobody shares it."""
    session.delete(export)
    session.flush()


def _is_over(kept_for: timedelta) -> sa.ColumnElement[bool]:
    at_work = sa.exists().where(
        Job.county_code == Export.county_code, Job.id == Export.job_id, Job.state.in_(("waiting", "running"))
    )
    old = sa.and_(Export.expires_at.is_(None), Export.created_at < now() - kept_for, sa.not_(at_work))
    return sa.or_(Export.expires_at < now(), old)


def _is_needed(session: Session, fingerprint: str) -> bool:
    statement = sa.select(Export.id).where(Export.fingerprint == fingerprint, Export.finished_at.is_not(None)).limit(1)
    return session.scalars(statement).first() is not None


def _is_older(path: Path, age: timedelta) -> bool:
    try:
        return now().timestamp() - path.stat().st_mtime > age.total_seconds()
    except FileNotFoundError:
        return False

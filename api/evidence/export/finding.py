"""Find exports: one's own, how far they are, and the file of a finished one for the eyes it was made for."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import now
from api.evidence.export.fingerprint import visibility
from api.evidence.export.tables import Export
from api.jobs.tables import Job
from api.people.access import Viewer
from api.problems import Forbidden, NotFound

FOLDER = "exports"


@dataclass(frozen=True)
class Standing:
    """An export and how far it is."""

    export: Export
    state: str  # waiting, running, ready, failed
    done: int = 0
    total: int = 0
    message: str = ""

    @property
    def percent(self) -> int:
        """How much is done, of 100."""
        return 100 * self.done // self.total if self.total else 0


def folder_of(data_dir: Path) -> Path:
    """Return the folder of finished exports."""
    return data_dir.absolute() / FOLDER


def file_of(data_dir: Path, export: Export) -> Path:
    """Return where the file of an export lies once it is finished; exports of the same fingerprint share it."""
    return folder_of(data_dir) / f"{export.fingerprint}.{export.suffix}"


def own_exports(viewer: Viewer) -> sa.Select[Export, Job]:
    """Return the statement for one's own exports with their jobs, the latest first."""
    return (
        sa.select(Export, Job)
        .outerjoin(Job, sa.and_(Job.county_code == Export.county_code, Job.id == Export.job_id))
        .where(
            Export.account_id == viewer.account_id,
            sa.or_(Export.expires_at.is_(None), Export.expires_at > now()),
        )
        .order_by(Export.created_at.desc(), Export.id.desc())
    )


def standing(export: Export, job: Job | None) -> Standing:
    """Return how far an export is."""
    if export.finished_at is not None:
        return Standing(export, "ready")
    if export.message or job is None or job.state in {"failed", "done"}:
        return Standing(export, "failed", message=export.message or "导出出错，请重新导出；若仍出错请联系管理员")
    state = "running" if job.state == "running" else "waiting"
    return Standing(export, state, job.progress_done, job.progress_total or 0)


def find_export(session: Session, viewer: Viewer, export_id: UUID) -> Standing:
    """Return an export of one's own.

    Raises
    ------
    NotFound
        There is none, or it is somebody else's, or its days are over.
    """
    found = session.execute(own_exports(viewer).where(Export.id == export_id)).one_or_none()
    if found is None:
        raise NotFound("找不到这次导出，可能已过期清理，请重新导出", where="export_id")
    return standing(*found)


def find_file(session: Session, viewer: Viewer, export_id: UUID, data_dir: Path) -> tuple[Export, Path]:
    """Return a finished export and where its file lies, if the viewer sees today what he saw when he asked.

    Raises
    ------
    NotFound
        It is not finished, or its file is gone.
    Forbidden
        His roles, areas or open spot checks have changed since: the file was made for other eyes.
    """
    found = find_export(session, viewer, export_id)
    if found.state != "ready":
        raise NotFound("这次导出还没有完成，请稍后再下载", where="export_id")
    if found.export.visibility != visibility(session, viewer):
        raise Forbidden("导出之后您的权限或抽查任务有变化，这个文件不能再下载，请重新导出", where="export_id")
    path = file_of(data_dir, found.export)
    if not path.is_file():
        raise NotFound("导出文件已清理，请重新导出", where="export_id")
    return found.export, path

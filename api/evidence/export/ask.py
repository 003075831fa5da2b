"""Ask for an export: what is wanted is checked and written down; what was made already is not made again."""

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import new_id, now
from api.evidence.export.finding import file_of, own_exports, standing
from api.evidence.export.fingerprint import fingerprint, visibility
from api.evidence.export.forms import versions_of
from api.evidence.export.tables import Export
from api.evidence.export.wanted import Wanted
from api.jobs.tables import Job
from api.jobs.work import ask_for
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Conflict, Invalid
from api.registry.unmask import check_reason

EXPORT = "evidence.export"  # the kind of background work
MOST_UNFINISHED = 5  # of one person at a time


def prepare(session: Session, viewer: Viewer, wanted: Wanted) -> Export:
    """Check a wish and return the export it would be, with its fingerprint; needs only a reading session.

    Raises
    ------
    Forbidden
        The area is not the viewer's, or he may not have numbers unmasked there.
    Invalid
        There is no such form, or the days are in the wrong order.
    """
    for area in _areas(viewer, wanted):
        viewer.demand(Permission.EVIDENCE_EXPORT, area)
        if wanted.unmasked:
            viewer.demand(Permission.REGISTRY_UNMASK, area)
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise Invalid("结束日期早于开始日期，请检查", where="until")
    versions = versions_of(session, viewer, wanted)
    if not versions:
        raise Invalid("没有发布过表格 {form_id}，请在列表中选择", where="form_id", form_id=wanted.form_id)
    area = next(iter(_areas(viewer, wanted)), "")
    return Export(
        county_code=area.ljust(COUNTY_LENGTH, "0")[:COUNTY_LENGTH],
        id=new_id(),
        account_id=viewer.account_id,
        form_id=wanted.form_id,
        title=versions[0].title,
        wanted=wanted.kept(),
        visibility=visibility(session, viewer),
        fingerprint=fingerprint(session, viewer, wanted),
    )


def ask_for_export(
    session: Session, viewer: Viewer, prepared: Export, *, data_dir: Path, kept_for: timedelta, reason: str = ""
) -> Export:
    """Write down an export, or return the one that is it already: finished, or on its way.

    Parameters
    ----------
    prepared
        From `prepare`, a moment ago.
    kept_for
        How long a finished file is kept from now on.
    reason
        Why numbers are wanted whole; goes into the audit log.

    Raises
    ------
    Invalid
        Numbers are wanted whole and the reason says nothing.
    Conflict
        Too many are on their way.
    """
    wanted = Wanted.from_kept(prepared.wanted)
    reason = check_reason(reason) if wanted.unmasked else ""
    found = _same(session, viewer, prepared, data_dir)
    if found is None:
        found = prepared
        session.add(found)
        ready = _made(session, prepared, data_dir)
        if ready is not None:
            copy_made(ready, found)
        else:
            _refuse_too_many(session, viewer)
            arguments = {"export_id": str(found.id)}
            job = ask_for(
                session, EXPORT, county_code=found.county_code, arguments=arguments, asked_by=viewer.account_id
            )
            found.job_id = job.id
    if found.finished_at is not None:
        found.expires_at = now() + kept_for
    for area in _areas(viewer, wanted):
        record(
            session, viewer, "evidence.export_full" if wanted.unmasked else "evidence.export", "export", found.id,
            division_code=area, area=area, **({"reason": reason} if reason else {}),
            wanted={name: value for name, value in wanted.kept().items() if value},
        )  # fmt: skip
    session.flush()
    return found


def finished_same(session: Session, fingerprint: str) -> Export | None:
    """Return any finished export with this fingerprint: whoever shares it sees the same."""
    return session.scalars(
        sa.select(Export)
        .where(Export.fingerprint == fingerprint, Export.finished_at.is_not(None), Export.expires_at > now())
        .order_by(Export.expires_at.desc())
        .limit(1)
    ).one_or_none()


def copy_made(made: Export, onto: Export) -> None:
    """Take over what was made for another export of the same fingerprint."""
    for name in ("suffix", "rows", "files", "missing", "bytes"):
        setattr(onto, name, getattr(made, name))
    onto.finished_at = now()


def _areas(viewer: Viewer, wanted: Wanted) -> tuple[str, ...]:
    return (wanted.area,) if wanted.area else viewer.areas(Permission.EVIDENCE_EXPORT)


def _same(session: Session, viewer: Viewer, prepared: Export, data_dir: Path) -> Export | None:
    """Return one's own export of the same fingerprint that is finished or on its way."""
    for export, job in session.execute(own_exports(viewer).where(Export.fingerprint == prepared.fingerprint)):
        state = standing(export, job).state
        if state in {"waiting", "running"} or (state == "ready" and file_of(data_dir, export).is_file()):
            return export
    return None


def _made(session: Session, prepared: Export, data_dir: Path) -> Export | None:
    made = finished_same(session, prepared.fingerprint)
    return made if made is not None and file_of(data_dir, made).is_file() else None


def _refuse_too_many(session: Session, viewer: Viewer) -> None:
    unfinished = own_exports(viewer).where(Export.finished_at.is_(None), Job.state.in_(("waiting", "running")))
    if len(session.execute(unfinished.limit(MOST_UNFINISHED)).all()) >= MOST_UNFINISHED:
        raise Conflict("您已有 {most} 个导出正在进行，请等其中一个完成或取消后再导出", most=MOST_UNFINISHED)

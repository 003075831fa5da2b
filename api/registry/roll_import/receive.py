"""Receive a roll file: its bytes on the disk first, then a row that says what is wanted of it."""

import hashlib
import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import Database, new_id, now
from api.people.access import COUNTY_LENGTH, Viewer
from api.people.roles import Permission
from api.problems import Invalid, NotFound, TooLarge
from api.registry.roll_import.carry_out import clear_staging
from api.registry.roll_import.tables import RollImport
from api.registry.tables import Division

PIECE_BYTES = 1 << 20
LONGEST_FILE_NAME = 200
LOST_AFTER = timedelta(hours=2)  # a chunk takes seconds; whoever says nothing for so long is dead
FILE_KEPT = timedelta(days=7)  # a dry run's file may be asked for until then


def file_of(data_dir: Path, import_id: UUID) -> Path:
    """Return where the file of an import lies."""
    return data_dir.absolute() / "roll_imports" / str(import_id)


def keep_file(stream: IO[bytes], path: Path, *, most_bytes: int) -> str:
    """Write a stream to a file, durably, and return its SHA-256 in hex; one that is refused leaves nothing behind.

    Raises
    ------
    TooLarge
        If it has more bytes than allowed.
    Invalid
        If it has none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            sha256 = _copy(stream, file, most_bytes)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return sha256


def _copy(stream: IO[bytes], file: IO[bytes], most_bytes: int) -> str:
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(PIECE_BYTES):
        size += len(piece)
        if size > most_bytes:
            raise TooLarge("文件超过上限 {most:.0f} MB, 请按乡镇分开导入", where="file", most=most_bytes / 1e6)
        digest.update(piece)
        file.write(piece)
    if not size:
        raise Invalid("文件是空的，请检查后重新上传", where="file")
    return digest.hexdigest()


def receive_roll(
    session: Session,
    *,
    area_code: str,
    file_name: str,
    file_sha256: str,
    dry_run: bool,
    by: Viewer | None,
    import_id: UUID | None = None,
) -> RollImport:
    """Write down that a roll is to be imported; `carry_out.import_roll` does it.

    Parameters
    ----------
    area_code : str
        The county (6 digits) or township (9) whose whole roll the file is: its households that are not in the file
        leave the roll.
    by : Viewer or None
        None means the command line.
    import_id : UUID, optional
        Under which the file was kept.

    Raises
    ------
    Forbidden
        If the area is not the viewer's to import.
    Invalid
        If there is no such county or township.
    """
    if by is not None:
        by.demand(Permission.REGISTRY_IMPORT, area_code)
    division = session.get(Division, area_code)
    if division is None or division.level not in {"county", "township"}:
        raise Invalid("区划 {code} 不是已知的县或乡镇，请先导入区划", where="area_code", code=area_code)
    wanted = RollImport(
        county_code=area_code[:COUNTY_LENGTH],
        id=import_id or new_id(),
        area_code=area_code,
        file_name=Path(file_name.replace("\\", "/")).name[:LONGEST_FILE_NAME] or "roll",
        file_sha256=file_sha256,
        dry_run=dry_run,
        created_by=by.account_id if by else None,
    )
    session.add(wanted)
    session.flush()
    return wanted


def receive_again(session: Session, tried: RollImport, data_dir: Path, *, by: Viewer) -> RollImport:
    """After a dry run that found nothing wrong, ask for the same file to be taken in.

    Raises
    ------
    Invalid
        If the import was no such dry run.
    NotFound
        If its file is gone already.
    """
    if tried.state != "ready":
        raise Invalid("只有试导入无误的文件才能正式导入", where="state")
    source = file_of(data_dir, tried.id)
    if not source.exists():
        raise NotFound("试导入的文件已清理，请重新上传")
    wanted = receive_roll(
        session, area_code=tried.area_code, file_name=tried.file_name, file_sha256=tried.file_sha256,
        dry_run=False, by=by,
    )  # fmt: skip
    shutil.copyfile(source, file_of(data_dir, wanted.id))
    return wanted


def sweep_stale_imports(database: Database, data_dir: Path) -> int:
    """End imports whose process died, and remove staged rows and files that nobody needs any more.

    An import that a background job does is tried again by the job; it comes here only if the job has been silent
    for hours too. Returns how many were ended.
    """
    with database.read() as session:
        lost = list(
            session.scalars(
                sa.select(RollImport).where(
                    RollImport.state.in_(("waiting", "staging")), RollImport.seen_alive_at < now() - LOST_AFTER
                )
            )
        )
    for wanted in lost:
        clear_staging(database, wanted)
        with database.transaction() as session:
            session.execute(
                sa.update(RollImport)
                .where(
                    RollImport.county_code == wanted.county_code,
                    RollImport.id == wanted.id,
                    RollImport.state.in_(("waiting", "staging")),
                )
                .values(state="failed", finished_at=now(), message="导入中断，名册没有改变，请重新上传")
            )
    _remove_files(database, data_dir)
    return len(lost)


def _remove_files(database: Database, data_dir: Path) -> None:
    folder = data_dir.absolute() / "roll_imports"
    present = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    if not present:
        return
    needed = sa.or_(
        RollImport.state.in_(("waiting", "staging")),
        sa.and_(RollImport.state == "ready", RollImport.finished_at > now() - FILE_KEPT),
    )
    with database.read() as session:
        kept = {str(key) for key in session.scalars(sa.select(RollImport.id).where(needed))}
    for name, path in present.items():
        age = now().timestamp() - path.stat().st_mtime
        if name not in kept and age > LOST_AFTER.total_seconds():  # a younger one may be on its way in
            path.unlink(missing_ok=True)

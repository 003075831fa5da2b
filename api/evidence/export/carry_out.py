"""Carry out an export that was asked for: its file appears whole under its name, then its row says so."""

import errno
import os
import secrets
import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from api.collection.blobs import Blobs
from api.database import Database, now
from api.evidence.export.ask import copy_made, finished_same
from api.evidence.export.build import build
from api.evidence.export.finding import file_of, folder_of
from api.evidence.export.fingerprint import fingerprint, visibility
from api.evidence.export.tables import Export
from api.evidence.export.wanted import Wanted
from api.jobs.work import Task
from api.people.access import Viewer
from api.people.accounts import viewer_of
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Forbidden, Refusal

BUILDING = "building"
LOOK_SECONDS = 0.5  # how often it is looked whether the export is still wanted
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Withdrawn(Exception):  # noqa: N818 - no fault: whoever asked has changed his mind
    """The export was deleted while it was being made."""


def carry_out(task: Task, blobs: Blobs, data_dir: Path, *, kept_for: timedelta) -> dict[str, Any]:
    """Make the file of an export; done again after a crash it begins anew and leaves nothing of the first try.

    A refusal (rights that were lost since, a full disk) is written into its row.
    """
    export_id = UUID(task.arguments["export_id"])
    folder = folder_of(data_dir) / BUILDING / f"{export_id}-{secrets.token_hex(4)}"
    try:
        return _make(task, export_id, blobs, data_dir, folder, kept_for=kept_for)
    except Withdrawn:
        return {"state": "withdrawn"}
    except Refusal as refusal:
        return _refused(task, export_id, str(refusal))
    except OSError as error:
        if error.errno not in FULL:
            raise
        return _refused(task, export_id, "服务器磁盘空间不足，导出没有完成，请联系管理员清理后重新导出")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(
    task: Task, export_id: UUID, blobs: Blobs, data_dir: Path, folder: Path, *, kept_for: timedelta
) -> dict[str, Any]:
    database = task.database
    with database.read() as session:
        export = session.get(Export, (task.county_code, export_id))
        if export is None:
            raise Withdrawn
        account = session.get_one(Account, export.account_id)
        viewer = viewer_of(account)
        wanted = Wanted.from_kept(export.wanted)
        _refuse_lost_rights(viewer, wanted, active=account.active)
    with database.snapshot() as session:
        # of the data as the file will hold it: since it was asked for something may have come
        export.visibility = visibility(session, viewer)
        export.fingerprint = fingerprint(session, viewer, wanted)
        ready = finished_same(session, export.fingerprint)
        if ready is not None and file_of(data_dir, ready).is_file():
            copy_made(ready, export)
        else:
            folder.mkdir(parents=True)
            path, made = build(session, viewer, wanted, blobs, folder, on_progress=_watch(task, database, export_id))
            export.suffix, export.rows, export.files, export.missing = made.suffix, made.rows, made.files, made.missing
            export.bytes = path.stat().st_size
            _keep(path, file_of(data_dir, export))
    with database.transaction() as session:
        kept = session.get(Export, (task.county_code, export_id))
        if kept is None:
            raise Withdrawn
        copy_made(export, kept)
        kept.visibility, kept.fingerprint = export.visibility, export.fingerprint
        kept.expires_at = now() + kept_for
    return {"rows": export.rows, "bytes": export.bytes}


def _refused(task: Task, export_id: UUID, message: str) -> dict[str, Any]:
    with task.database.transaction() as session:
        if (export := session.get(Export, (task.county_code, export_id))) is not None:
            export.message = message
    return {"state": "refused"}


def _refuse_lost_rights(viewer: Viewer, wanted: Wanted, *, active: bool) -> None:
    areas = (wanted.area,) if wanted.area else viewer.areas(Permission.EVIDENCE_EXPORT)
    if not (active and areas):
        raise Forbidden("您的账号没有此项权限，请向上级管理员申请")
    for area in areas:
        viewer.demand(Permission.EVIDENCE_EXPORT, area)
        if wanted.unmasked:
            viewer.demand(Permission.REGISTRY_UNMASK, area)


def _watch(task: Task, database: Database, export_id: UUID) -> Any:
    looked = time.monotonic()

    def on_progress(done: int, total: int) -> None:
        nonlocal looked
        if time.monotonic() - looked > LOOK_SECONDS:
            looked = time.monotonic()
            with database.read() as session:
                if session.get(Export, (task.county_code, export_id)) is None:
                    raise Withdrawn
        task.progress(done, total)

    return on_progress


def _keep(path: Path, target: Path) -> None:
    """Give a finished file its name, durably: whole or not at all."""
    _sync(path)
    path.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Carry out an import of the roll from its file: stage in chunks, judge, swap; or leave everything as it was."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from api.database import Database, new_id, now
from api.people.access import COUNTY_LENGTH, inside
from api.people.accounts import viewer_of
from api.people.audit import record
from api.people.tables import Account
from api.problems import Refusal
from api.registry.roll_file.columns import BY_NAME
from api.registry.roll_file.reading import open_roll
from api.registry.roll_import.fingerprints import fingerprints, keep_fingerprints, without_fingerprint
from api.registry.roll_import.judge import Villages, judge
from api.registry.roll_import.staging import clear_chunk, finding_row, stage, staged_rows
from api.registry.roll_import.swap import compare, swap
from api.registry.roll_import.tables import RollImport, RollImportError, RollImportMember
from api.registry.secrecy import Secrecy, open_secrecy
from api.registry.tables import Division, Household, Member

CHUNK_HOUSEHOLDS = 400  # about a thousand persons: some ten milliseconds of the embedded database's write place
MOST_FINDINGS_KEPT = 10_000  # nobody reads more; all are counted
MANY_REFUSALS = 200  # of a check against the rest of the county
LOCAL_DAY = ZoneInfo("Asia/Shanghai")

OnProgress = Callable[[int, int, str], None]


def import_roll(
    database: Database,
    county_code: str,
    import_id: UUID,
    path: Path,
    *,
    keys: Sequence[str],
    on_progress: OnProgress = lambda _done, _total, _message: None,
) -> RollImport:
    """Carry out an import that was received; may be called again after it died on its way.

    Writes in transactions of its own: many of some milliseconds while staging, and one that changes the roll. If the
    process ends anywhere before that one is committed, the roll is as it was.

    Parameters
    ----------
    county_code, import_id
        Of a `RollImport`.
    path : Path
        Its file.
    keys
        `api.settings.Settings.encryption_keys`.
    on_progress
        Told rows done, rows in all (about) and in words, in Chinese, after each chunk.

    Returns
    -------
    RollImport
        As it ended: ``applied``; ``ready`` after a dry run without findings; ``refused`` with findings; ``failed``
        when the file cannot be read as a roll at all, with the reason in ``message``.
    """
    with database.transaction() as session:
        wanted = session.get_one(RollImport, (county_code, import_id))
        if wanted.state not in {"waiting", "staging"}:
            return wanted
        wanted.state, wanted.rows, wanted.households, wanted.errors = "staging", 0, 0, 0
        session.execute(sa.delete(RollImportError).where(*_findings_of(wanted)))
        secrecy = open_secrecy(session, keys)
        villages = _villages(session, wanted.area_code)
    clear_staging(database, wanted)
    try:
        notes = _stage_file(database, wanted, path, villages, secrecy=secrecy, on_progress=on_progress)
        _refuse_known_elsewhere(database, wanted, secrecy)
        on_progress(wanted.rows, wanted.rows, "正在与现有名册比对")
        _complete_fingerprints(database, wanted, secrecy)
        _end(database, wanted, notes)
    except Refusal as refusal:
        _finish(database, wanted, state="failed", message=str(refusal))
    clear_staging(database, wanted)
    database.refresh_statistics(Household, Member)  # or the phones' lists are slow until the server looks by itself
    with database.read() as session:
        return session.get_one(RollImport, (county_code, import_id))


def clear_staging(database: Database, wanted: RollImport) -> None:
    """Delete what an import has put aside, in short transactions."""
    while True:
        with database.transaction() as session:
            deleted = clear_chunk(session, wanted.county_code, wanted.id)
        if not deleted:
            return


def _villages(session: Session, area_code: str) -> Villages:
    township = aliased(Division)
    statement = (
        sa.select(Division.code, township.name, Division.name)
        .join(township, township.code == Division.parent_code)
        .where(Division.level == "village", inside(Division.code, [area_code[:COUNTY_LENGTH]]))
    )
    names = {code: (above, name) for code, above, name in session.execute(statement)}
    return Villages(names, area_code)


def _stage_file(
    database: Database,
    wanted: RollImport,
    path: Path,
    villages: Villages,
    *,
    secrecy: Secrecy,
    on_progress: OnProgress,
) -> list[str]:
    """Stage all rows; return remarks on the file."""
    file = open_roll(path)
    judged_ones = judge(file.rows, villages, today=datetime.now(LOCAL_DAY).date())
    while chunk := list(islice(judged_ones, CHUNK_HOUSEHOLDS)):
        households: list[dict[str, Any]] = []
        members: list[dict[str, Any]] = []
        findings: list[dict[str, Any]] = []
        for judged in chunk:
            wanted.rows += len(judged.members)
            wanted.households += 1
            if judged.findings:
                room = max(0, MOST_FINDINGS_KEPT - wanted.errors)
                findings += [finding_row(found, file.headings, wanted) for found in judged.findings[:room]]
                wanted.errors += len(judged.findings)
            elif not wanted.errors:  # a file with errors is not taken: its other rows need no place
                household, people = staged_rows(judged, secrecy, county_code=wanted.county_code, import_id=wanted.id)
                households.append(household)
                members += people
        with database.transaction() as session:
            stage(session, wanted, households, members, findings)
        on_progress(wanted.rows, max(file.total, wanted.rows), "正在检查名册")
    notes = ["未识别的列没有导入: " + "、".join(file.unknown[:20])] if file.unknown else []
    if not wanted.rows:
        with database.transaction() as session:
            wanted.errors = 1
            message = "表头下面没有任何一行，请填写后重新上传"
            stage(session, wanted, [], [], [_file_finding(wanted, message)])
    return notes


def _refuse_known_elsewhere(database: Database, wanted: RollImport, secrecy: Secrecy) -> None:
    """Refuse persons who are on the roll in a part of the county that this file does not replace."""
    if wanted.errors or len(wanted.area_code) == COUNTY_LENGTH:
        return
    statement = (
        sa.select(RollImportMember.row_number, RollImportMember.identity_sealed, Household.code)
        .join(
            Member,
            sa.and_(
                Member.county_code == RollImportMember.county_code,
                Member.identity_hash == RollImportMember.identity_hash,
            ),
        )
        .join(Household, sa.and_(Household.county_code == Member.county_code, Household.id == Member.household_id))
        .where(
            RollImportMember.county_code == wanted.county_code,
            RollImportMember.import_id == wanted.id,
            Household.on_roll.is_(True),
            ~inside(Household.village_code, [wanted.area_code]),
        )
        .order_by(RollImportMember.row_number)
        .limit(MANY_REFUSALS)
    )
    column = BY_NAME["identity"]
    with database.read() as session:
        found = session.execute(statement).all()
    if not found:
        return
    rows = [
        {
            **_file_finding(wanted, "此人已在另一户 {code} 的名册中，同一人只能在一户享受；请核实后改正其中一户"),
            "row_number": number,
            "heading": column.heading,
            "shown": column.mask(secrecy.unseal(sealed)) if column.mask and sealed else "",
            "names": {"code": code},
        }
        for number, sealed, code in found
    ]
    wanted.errors += len(rows)
    with database.transaction() as session:
        stage(session, wanted, [], [], rows)


def _complete_fingerprints(database: Database, wanted: RollImport, secrecy: Secrecy) -> None:
    after = ""
    while not wanted.errors:
        with database.read() as session:
            found = without_fingerprint(session, wanted.area_code, after=after)
            rows = fingerprints(session, secrecy, wanted.county_code, [key for _, key in found])
        if not found:
            return
        after = found[-1][0]
        with database.transaction() as session:
            keep_fingerprints(session, rows)


def _end(database: Database, wanted: RollImport, notes: list[str]) -> None:
    """Refuse, or say what would happen, or make it happen."""
    message = "; ".join(notes)
    if wanted.errors:
        _finish(database, wanted, state="refused", message=message)
        return
    with database.transaction() as session:
        counts = compare(session, wanted) if wanted.dry_run else swap(session, wanted)
        if not wanted.dry_run:
            account = session.get(Account, wanted.created_by) if wanted.created_by else None
            record(
                session, viewer_of(account) if account else None, "roll.import", "roll_import", wanted.id,
                division_code=wanted.area_code, file_sha256=wanted.file_sha256, rows=wanted.rows, **counts,
            )  # fmt: skip
        state = "ready" if wanted.dry_run else "applied"
        _update(session, wanted, state=state, message=message, finished_at=now(), **counts)


def _finish(database: Database, wanted: RollImport, **values: Any) -> None:
    with database.transaction() as session:
        _update(session, wanted, finished_at=now(), **values)


def _update(session: Session, wanted: RollImport, **values: Any) -> None:
    mine = (RollImport.county_code == wanted.county_code, RollImport.id == wanted.id)
    session.execute(sa.update(RollImport).where(*mine).values(**values))


def _findings_of(wanted: RollImport) -> tuple[sa.ColumnElement[bool], ...]:
    return (RollImportError.county_code == wanted.county_code, RollImportError.import_id == wanted.id)


def _file_finding(wanted: RollImport, message: str) -> dict[str, Any]:
    return {
        "county_code": wanted.county_code,
        "id": new_id(),
        "import_id": wanted.id,
        "row_number": 1,
        "heading": "",
        "shown": "",
        "message": message,
        "names": {},
    }

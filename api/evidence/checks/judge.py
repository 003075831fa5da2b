"""Judge evidence by all rules, and keep what was found: what nobody has judged yet, a worker at a time."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from api.collection.derive import Derivable
from api.collection.households import Flag
from api.database import Database, insert_at_once, new_id, now
from api.evidence.changes import note_change
from api.evidence.checks import compared, single
from api.evidence.checks.gather import Matter, gather
from api.evidence.checks.single import Found
from api.evidence.checks.tables import AnswerLog, FieldCheck, JudgedEvidence
from api.evidence.checks.thresholds import in_force
from api.evidence.tables import Evidence, Photo
from api.people.tables import Account
from api.registry.tables import DepartmentRecord, DivisionBoundary, Household

SWEEP_SECONDS: Final = 20.0  # then other work has its turn
STALE: Final = timedelta(days=7)  # what was judged so long ago is judged again


def judge(matter: Matter) -> list[Found]:
    """Apply every rule; one rule speaks once of a piece, with what it found first."""
    found: dict[tuple[UUID, str], Found] = {}
    for one in _all(matter):
        found.setdefault((one.evidence_id, one.rule), one)
    return list(found.values())


def _all(matter: Matter) -> Iterator[Found]:
    for piece in matter.pieces:
        yield from single.judge_place(matter, piece)
        yield from single.judge_time(matter, piece)
        yield from single.judge_log(matter, piece)
        yield from single.judge_photos(matter, piece)
        yield from compared.judge_household(matter, piece)
        yield from compared.judge_reuse(matter, piece)
    for account_id in dict.fromkeys(piece.account_id for piece in matter.pieces):
        visits = [piece for piece in matter.pieces if piece.kind == "visit" and piece.account_id == account_id]
        yield from compared.judge_pace(matter, visits)
        yield from compared.judge_spots(matter, visits)
        yield from compared.judge_answers(matter, visits)


def judge_worker(session: Session, county_code: str, account_id: UUID) -> int:
    """Judge all evidence of one worker in a county, replacing what was found before; return how much was found."""
    # one at a time; phones may send meanwhile, for whose rows this lock is none
    session.execute(sa.select(Account.id).where(Account.id == account_id).with_for_update(key_share=True))
    matter = gather(session, county_code, [account_id])
    ids = [piece.id for piece in matter.pieces]
    found = judge(matter)
    mine = sa.select(Evidence.id).where(Evidence.county_code == county_code, Evidence.account_id == account_id)
    for table, column in ((FieldCheck, FieldCheck.evidence_id), (JudgedEvidence, JudgedEvidence.id)):
        session.execute(
            sa.delete(table)
            .where(table.__table__.c.county_code == county_code, column.in_(mine))
            .execution_options(synchronize_session=False)
        )
    common: dict[str, Any] = {"county_code": county_code, "thresholds": matter.thresholds.name}
    insert_at_once(
        session,
        FieldCheck,
        [
            common | {"id": new_id(), "evidence_id": one.evidence_id, "rule": one.rule, "numbers": one.numbers,
                      "found_at": matter.at}
            for one in found
        ],
    )  # fmt: skip
    insert_at_once(session, JudgedEvidence, [common | {"id": key, "judged_at": matter.at} for key in ids])
    _tell_the_other(session, matter)
    note_change(session, {piece.village_code for piece in matter.pieces})
    return len(found)


def _tell_the_other(session: Session, matter: Matter) -> None:
    """Have the evidence judged again whose photo is like one of these and was judged before that one came."""
    others = {like.evidence_id for like in matter.alike.values()} - {piece.id for piece in matter.pieces}
    told = sa.exists().where(
        FieldCheck.county_code == matter.county_code,
        FieldCheck.evidence_id == JudgedEvidence.id,
        FieldCheck.rule.in_(["alike-photo", "same-photo"]),
    )
    session.execute(
        sa.delete(JudgedEvidence)
        .where(JudgedEvidence.county_code == matter.county_code, JudgedEvidence.id.in_(others), ~told)
        .execution_options(synchronize_session=False)
    )


def waiting(session: Session, county_code: str) -> list[UUID]:
    """Return the workers of a county whose evidence must be judged.

    That is: who made evidence that nobody has judged by the present rules, or whose photos or log were read, whose
    household changed on the roll, whose village's or township's boundary was replaced, or whose county's departments
    sent records since; and whoever made other evidence of the same households, or used the same photos, for they are
    compared. What leaves no trace, such as a record or a boundary taken away, is noticed within `STALE`.
    """
    name = in_force(session, county_code).name
    judged = sa.and_(
        JudgedEvidence.county_code == Evidence.county_code,
        JudgedEvidence.id == Evidence.id,
        JudgedEvidence.thresholds == name,
    )
    read_since = sa.exists().where(
        Photo.county_code == Evidence.county_code,
        Photo.evidence_id == Evidence.id,
        Photo.looked_at > JudgedEvidence.judged_at,
    )
    log_since = sa.exists().where(
        AnswerLog.county_code == Evidence.county_code,
        AnswerLog.submission_id == Evidence.submission_id,
        AnswerLog.read_at > JudgedEvidence.judged_at,
    )
    ground_since = sa.exists().where(
        DivisionBoundary.division_code.in_([Evidence.village_code, sa.func.substr(Evidence.village_code, 1, 9)]),
        DivisionBoundary.changed_at > JudgedEvidence.judged_at,
    )
    moved_since = sa.exists().where(
        Household.county_code == Evidence.county_code,
        Household.id == Evidence.household_id,
        Household.updated_at > JudgedEvidence.judged_at,
    )
    old = JudgedEvidence.judged_at < max(now() - STALE, _records_sent(session, county_code))
    fresh = (
        sa.select(Evidence.id, Evidence.account_id, Evidence.household_id)
        .outerjoin(JudgedEvidence, judged)
        .where(
            Evidence.county_code == county_code,
            sa.or_(JudgedEvidence.id.is_(None), old, read_since, log_since, ground_since, moved_since),
        )
        .cte("fresh")
    )
    other, photo, same = aliased(Evidence), aliased(Photo), aliased(Photo)
    # asked with IN and not joined: no index leads from a household or a photo to its evidence, and without one a join
    # looks at every pair
    of_household = sa.select(other.account_id).where(
        other.county_code == county_code, other.household_id.in_(sa.select(fresh.c.household_id))
    )
    used = (
        sa.select(photo.sha256)
        .join(fresh, fresh.c.id == photo.evidence_id)
        .where(photo.county_code == county_code, photo.sha256.is_not(None))
    )
    of_photo = (
        sa.select(other.account_id)
        .join(same, sa.and_(same.county_code == other.county_code, same.evidence_id == other.id))
        .where(other.county_code == county_code, same.sha256.in_(used))
    )
    return sorted(session.scalars(sa.union(sa.select(fresh.c.account_id), of_household, of_photo)))


def _records_sent(session: Session, county_code: str) -> datetime:
    """Return when the last record of a department came in; its key begins with the milliseconds."""
    newest = session.scalar(
        sa.select(DepartmentRecord.id)
        .where(DepartmentRecord.county_code == county_code)
        .order_by(DepartmentRecord.id.desc())
        .limit(1)
    )
    milliseconds = newest.int >> 80 if newest is not None else 0
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def sweep(database: Database, *, seconds: float = SWEEP_SECONDS) -> int:
    """Judge what has arrived, changed or is to be judged by other thresholds; return how many workers were judged.

    In no order: whose time is over before all have had their turn must not leave out the same ones every minute.
    """
    until, done = time.monotonic() + seconds, 0
    with database.read() as session:
        counties = session.scalars(sa.select(Evidence.county_code).distinct()).all()
        turns = [(county_code, account_id) for county_code in counties for account_id in waiting(session, county_code)]
    random.shuffle(turns)
    for county_code, account_id in turns:
        # the worker's rows are read and written in one transaction: what arrives meanwhile waits for the next
        with database.transaction() as session:
            judge_worker(session, county_code, account_id)
        done += 1
        if time.monotonic() >= until:
            break
    return done


def sweep_once(database: Database) -> None:
    """Judge what has come since the last time."""
    sweep(database)


def forget(session: Session, found: Derivable) -> list[Flag]:
    """Have the evidence of a submission judged again, since it was derived again: a deriver, after that of evidence."""
    if not found.fresh:
        county_code = found.submission.county_code
        its = sa.select(Evidence.id).where(
            Evidence.county_code == county_code, Evidence.submission_id == found.submission.id
        )
        session.execute(
            sa.delete(JudgedEvidence)
            .where(JudgedEvidence.county_code == county_code, JudgedEvidence.id.in_(its))
            .execution_options(synchronize_session=False)
        )
    return []

"""Read the logs that phones send beside their answers, after they have arrived: order and haste, nothing else."""

import logging
import time
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.blobs import Blobs
from api.collection.derive import Derivable, current_version
from api.collection.forms import find_form, schema_of
from api.collection.households import Flag
from api.collection.tables import Submission
from api.database import Database, now
from api.evidence.checks.order import Answering, answering
from api.evidence.checks.tables import AnswerLog
from survey_forms.paradata import read_audit

log = logging.getLogger(__name__)

AT_A_TIME: Final = 100
SWEEP_SECONDS: Final = 20.0  # then other work has its turn
MOST_BYTES: Final = 5_000_000  # hundreds of events take some 50 kB; the rest of a longer one is not read


def expect_log(session: Session, found: Derivable) -> list[Flag]:
    """Note that a submission's log has arrived and is to be read: a deriver."""
    sha256 = found.files.get(found.answers.audit) if found.answers.audit else None
    if sha256 is None:
        return []
    county_code, key = found.submission.county_code, found.submission.id
    noted = session.scalar(
        sa.select(AnswerLog).where(AnswerLog.county_code == county_code, AnswerLog.submission_id == key)
    )
    if noted is None:
        session.add(AnswerLog(county_code=county_code, submission_id=key, sha256=sha256))
    else:  # an edit may come with a log of its own, and be of another version of the form
        noted.sha256, noted.read_at = sha256, None
    return []


def read_logs(database: Database, blobs: Blobs, *, seconds: float = SWEEP_SECONDS) -> int:
    """Read the logs that nobody has read yet, for so long; return how many that were."""
    until, done = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        with database.read() as session:
            unread = session.execute(
                sa.select(AnswerLog.county_code, AnswerLog.id)
                .where(AnswerLog.read_at.is_(None))
                .order_by(AnswerLog.county_code, AnswerLog.id)
                .limit(AT_A_TIME)
            ).all()
        if not unread:
            break
        for county_code, key in unread:
            with database.transaction() as session:
                _read(session, blobs, county_code, key)
            done += 1
    return done


def sweep(database: Database, blobs: Blobs) -> None:
    """Read what has arrived since the last time."""
    read_logs(database, blobs)


def _read(session: Session, blobs: Blobs, county_code: str, key: UUID) -> None:
    noted = session.get(AnswerLog, (county_code, key), with_for_update=True)
    if noted is None or noted.read_at is not None:
        return  # somebody else was faster
    submission = session.get_one(Submission, (county_code, noted.submission_id))
    version = current_version(session, submission)
    form = find_form(session, submission.form_id, version.form_version, [county_code])
    told = Answering(0, 0, 0)
    if form is not None:
        try:
            with blobs.open(noted.sha256) as file:
                told = answering(read_audit(file.read(MOST_BYTES)), schema_of(session, form))
        except FileNotFoundError:
            log.info("the log of submission %s is gone", submission.instance_id)
    noted.questions, noted.backward, noted.quick = told
    noted.read_at = now()

"""Take a step of a review: open, accept, return, reject, open again, comment; note what was sent again."""

from collections.abc import Mapping
from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as insert_on_server
from sqlalchemy.dialects.sqlite import insert as insert_embedded
from sqlalchemy.orm import Session

from api.collection.derive import Derivable
from api.collection.households import Flag
from api.collection.tables import Assignment, Submission, SubmissionVersion
from api.database import now
from api.evidence.changes import note_change
from api.evidence.review.tables import Review, ReviewStep
from api.evidence.review.words import STATES
from api.evidence.tables import Evidence
from api.evidence.visible import visible_submissions
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import GRANTED, Permission, Role
from api.people.tables import Account
from api.problems import Conflict, Forbidden, Invalid, NotFound
from api.registry.tables import Household

SHORTEST_REASON: Final = 2
LONGEST_NOTE: Final = 1000
ON_PHONE: Final = 120  # characters of a reason that a phone's list shows


class Move(NamedTuple):
    """From which states a step may be taken, and to which it leads; empty: it stays."""

    begins: frozenset[str]
    ends: str


MOVES: Final[Mapping[str, Move]] = {
    "opened": Move(frozenset({"received"}), "in_review"),
    "accepted": Move(frozenset({"received", "in_review"}), "accepted"),
    "returned": Move(frozenset({"received", "in_review", "accepted"}), "returned"),
    "rejected": Move(frozenset({"received", "in_review", "returned"}), "rejected"),
    "reopened": Move(frozenset({"accepted", "returned", "rejected"}), "in_review"),
    "comment": Move(frozenset({"received", "in_review", "accepted", "returned", "rejected"}), ""),
}
REASONED: Final = frozenset({"returned", "rejected"})


def take_step(
    session: Session,
    viewer: Viewer,
    submission_id: UUID,
    step: str,
    *,
    note: str = "",
    steps_seen: int | None = None,
    batch_id: UUID | None = None,
) -> Review:
    """Take one step of a submission's review.

    Parameters
    ----------
    step
        A key of `MOVES`.
    note
        Why; needed to return or reject, and for a comment. What is returned shows it on the surveyor's phone.
    steps_seen
        How many steps whoever decides has read; when others were taken since, nothing happens.
    batch_id
        The same for all that are accepted together, so that they can be taken back together.

    Raises
    ------
    NotFound
        There is no such submission that the viewer may see.
    Forbidden
        It is his own, or one of the county's checks and he reviews for a township.
    Invalid
        The reason is missing or too long.
    Conflict
        The state does not allow the step, or somebody else has taken one meanwhile.
    """
    submission = session.scalar(
        sa.select(Submission).where(
            Submission.id == submission_id, visible_submissions(viewer, Permission.EVIDENCE_READ)
        )
    )
    if submission is None:
        raise NotFound("找不到这份答卷", where="submission_id")
    _demand(session, viewer, submission, step)
    note = note.strip()
    if step in REASONED | {"comment"} and len(note) < SHORTEST_REASON:
        raise Invalid("请写明原因，至少两个字", where="note")
    if len(note) > LONGEST_NOTE:
        raise Invalid("原因最多 {most} 个字", where="note", most=LONGEST_NOTE)
    review = _locked(session, submission)
    if steps_seen is not None and steps_seen != review.steps:
        raise Conflict(
            "{who}刚刚处理过这份答卷（{state}），请看过再决定", where="steps_seen",
            who=_last(session, review), state=STATES[review.state],
        )  # fmt: skip
    move = MOVES[step]
    if review.state not in move.begins:
        raise Conflict("这份答卷“{state}”，不能再这样处理", where="step", state=STATES[review.state])
    _take(session, submission, review, step, note=note, by=viewer.account_id, ends=move.ends, batch_id=batch_id)
    together = {"batch": str(batch_id)} if batch_id is not None else {}
    record(
        session, viewer, f"review.{step}", "submission", submission.id, division_code=submission.village_code,
        step=review.steps, note=note, **together,
    )  # fmt: skip
    return review


def note_sent_again(session: Session, found: Derivable) -> list[Flag]:
    """Have a submission that was decided on and edited since reviewed anew: a deriver, after that of evidence."""
    if found.fresh:
        return []
    submission, version = found.submission, found.version
    review = session.get(Review, (submission.county_code, submission.id))
    if review is None or review.state == "received" or version.received_at <= review.changed_at:
        return []
    _take(session, submission, review, "sent_again", note="", by=version.account_id, ends="received")
    return []


def _take(
    session: Session,
    submission: Submission,
    review: Review,
    step: str,
    *,
    note: str,
    by: UUID,
    ends: str,
    batch_id: UUID | None = None,
) -> None:
    before, review.steps = review.state, review.steps + 1
    if ends:
        review.state, review.changed_at = ends, now()
        review.reviewer_id = by if step != "sent_again" else review.reviewer_id
    session.add(
        ReviewStep(
            county_code=submission.county_code, submission_id=submission.id, number=review.steps, step=step,
            note=note, account_id=by, batch_id=batch_id,
        )
    )  # fmt: skip
    session.flush()
    if ends and "returned" in {before, ends}:
        _tell_phone(session, submission, note if ends == "returned" else "")
    if ends:
        villages = session.scalars(
            sa.select(Evidence.village_code).where(
                Evidence.county_code == submission.county_code, Evidence.submission_id == submission.id
            )
        )
        note_change(session, {submission.village_code, *villages})


def _demand(session: Session, viewer: Viewer, submission: Submission, step: str) -> None:
    roles = {
        role
        for role, area in viewer.grants
        if Permission.REVIEW in GRANTED[role] and submission.village_code.startswith(area)
    }
    if not roles:
        raise Forbidden("您的账号不能审核这里的答卷，请向上级管理员申请")
    if submission.purpose == "spot_check" and roles == {Role.TOWNSHIP_REVIEWER}:
        raise Forbidden("县级抽查由县里审核，乡镇不能处理")
    if step == "comment":
        return
    senders = session.scalars(
        sa.select(SubmissionVersion.account_id).where(
            SubmissionVersion.county_code == submission.county_code, SubmissionVersion.submission_id == submission.id
        )
    )
    if viewer.account_id in {submission.account_id, *senders}:
        raise Forbidden("不能审核自己上报的答卷，请由别人审核")
    given = sa.exists().where(
        Assignment.county_code == submission.county_code,
        Assignment.household_id == submission.household_id,
        Assignment.account_id == viewer.account_id,
        Assignment.purpose == submission.purpose,
        Assignment.withdrawn_at.is_(None),
    )
    if session.scalar(sa.select(given)):
        raise Forbidden("这户分给您调查，请由别人审核")


def _locked(session: Session, submission: Submission) -> Review:
    """Return the submission's review, made where there is none; nobody else takes a step until this one is kept."""
    insert = insert_embedded if session.get_bind().dialect.name == "sqlite" else insert_on_server
    session.execute(
        insert(Review)
        .values(county_code=submission.county_code, id=submission.id, state="received", steps=0, changed_at=now())
        .on_conflict_do_nothing()
    )
    return session.scalars(
        sa.select(Review)
        .where(Review.county_code == submission.county_code, Review.id == submission.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _last(session: Session, review: Review) -> str:
    """Return who took the last step."""
    who = session.scalar(
        sa.select(Account.display_name)
        .join(ReviewStep, ReviewStep.account_id == Account.id)
        .where(ReviewStep.county_code == review.county_code, ReviewStep.submission_id == review.id)
        .order_by(ReviewStep.number.desc())
        .limit(1)
    )
    return who or ""


def _tell_phone(session: Session, submission: Submission, reason: str) -> None:
    """Let the surveyor's list of households say that a visit was returned and why, or no longer say so."""
    if submission.household_id is None:
        return
    changed = session.execute(
        sa.update(Assignment)
        .where(
            Assignment.county_code == submission.county_code,
            Assignment.household_id == submission.household_id,
            Assignment.account_id == submission.account_id,
            Assignment.purpose == submission.purpose,
            Assignment.withdrawn_at.is_(None),
            Assignment.returned_note != reason[:ON_PHONE],
        )
        .values(returned_note=reason[:ON_PHONE])
        .execution_options(synchronize_session=False)
    )
    if submission.purpose == "township_visit" and changed.rowcount:  # type: ignore[attr-defined]
        # a phone takes a row again only when its version has grown; a checker's list has versions of its own, and that
        # of missed households, which checkers have too, holds none that is on the roll
        session.execute(
            sa.update(Household)
            .where(
                Household.county_code == submission.county_code, Household.id == submission.household_id,
                Household.on_roll,
            )
            .values(version=Household.version + 1)
            .execution_options(synchronize_session=False)
        )  # fmt: skip

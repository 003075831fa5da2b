"""Accept many submissions together: only those that every check passed, each as a step of its own; and take it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import new_id
from api.evidence.review.queue import Wanted, fitting
from api.evidence.review.tables import Review, ReviewStep
from api.evidence.review.take import take_step
from api.people.access import Viewer
from api.problems import Conflict, Forbidden, NotFound

MOST: Final = 500  # in one go: a second or two; more are accepted in the background
SHOWN: Final = 5  # batches


@dataclass(frozen=True)
class Accepted:
    """What became of a batch; its id is what takes it back."""

    accepted: int
    left: int
    batch_id: UUID


@dataclass(frozen=True)
class Undone:
    """What became of a batch that was taken back."""

    reopened: int
    left: int


@dataclass(frozen=True)
class Batch:
    """What was accepted together: when the last, how many, and how many of them nobody has touched since."""

    id: UUID
    at: datetime
    accepted: int
    untouched: int


def accept_clean(
    session: Session, viewer: Viewer, ids: Sequence[UUID], *, note: str = "", batch_id: UUID | None = None
) -> Accepted:
    """Accept those of some submissions that wait, that every check passed and that are not the viewer's own.

    The others are left as they are and counted: between reading and pressing something may have changed.

    Parameters
    ----------
    batch_id
        Of the batch that this goes on with; a new one by default.

    Raises
    ------
    NotFound
        Some of them the viewer may not review at all, or there are none.
    """
    if len(set(session.scalars(fitting(viewer, Wanted(state=""), ids)))) < len(set(ids)) or not ids:
        raise NotFound("找不到其中的答卷，或不在您的管辖范围内", where="ids")
    batch = batch_id or new_id()
    clean = set(session.scalars(fitting(viewer, Wanted(clean=True), ids)))
    done = _take_all(session, viewer, [key for key in ids if key in clean], "accepted", note=note, batch_id=batch)
    return Accepted(done, len(ids) - done, batch)


def undo_batch(session: Session, viewer: Viewer, batch_id: UUID, *, note: str = "", most: int = MOST) -> Undone:
    """Open again what the viewer has accepted together, as far as nobody has taken a step since.

    Parameters
    ----------
    most
        At most so many now; `Undone.left` says how many are still to be opened again by the next call.

    Raises
    ------
    NotFound
        The viewer has accepted no such batch.
    """
    step = (ReviewStep.batch_id == batch_id, ReviewStep.step == "accepted", ReviewStep.account_id == viewer.account_id)
    if session.scalar(sa.select(ReviewStep.id).where(*step).limit(1)) is None:
        raise NotFound("找不到这一批，或不是您通过的", where="batch_id")
    untouched = session.scalars(
        sa.select(ReviewStep.submission_id).join(Review, _is_last()).where(*step).order_by(ReviewStep.id)
    ).all()
    done = _take_all(session, viewer, untouched[:most], "reopened", note=note)
    return Undone(done, max(0, len(untouched) - most))


def batches_of(session: Session, viewer: Viewer) -> list[Batch]:
    """Return what the viewer has accepted together last, the newest first; not what was taken back since."""
    rows = session.execute(
        sa.select(
            ReviewStep.batch_id, sa.func.max(ReviewStep.taken_at), sa.func.count(), sa.func.count(Review.id)
        )
        .outerjoin(Review, _is_last())
        .where(ReviewStep.batch_id.is_not(None), ReviewStep.account_id == viewer.account_id)
        .group_by(ReviewStep.batch_id)
        .order_by(sa.func.max(ReviewStep.taken_at).desc())
        .limit(SHOWN)
    )  # fmt: skip
    return [Batch(key, at, accepted, untouched) for key, at, accepted, untouched in rows if key and untouched]


def _is_last() -> sa.ColumnElement[bool]:
    """Return the condition that joins to a step the review that stands as this step left it."""
    return sa.and_(
        Review.county_code == ReviewStep.county_code, Review.id == ReviewStep.submission_id,
        Review.steps == ReviewStep.number,
    )  # fmt: skip


def _take_all(
    session: Session, viewer: Viewer, ids: Sequence[UUID], step: str, *, note: str, batch_id: UUID | None = None
) -> int:  # fmt: skip
    done = 0
    for key in ids:
        try:
            with session.begin_nested():
                take_step(session, viewer, key, step, note=note, batch_id=batch_id)
        except (Conflict, Forbidden, NotFound):
            continue
        done += 1
    return done

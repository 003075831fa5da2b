"""Accept many submissions at once: only those that every check passed, each as a step of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from api.evidence.review.queue import Wanted, fitting
from api.evidence.review.take import take_step
from api.people.access import Viewer
from api.problems import Conflict, Forbidden, NotFound

MOST: Final = 500  # in one go: a second or two; the page goes on with the next


@dataclass(frozen=True)
class Accepted:
    """What became of a batch."""

    accepted: int
    left: int


def accept_clean(session: Session, viewer: Viewer, ids: Sequence[UUID], *, note: str = "") -> Accepted:
    """Accept those of some submissions that wait, that every check passed and that are not the viewer's own.

    The others are left as they are and counted: between reading and pressing something may have changed.

    Raises
    ------
    NotFound
        Some of them the viewer may not review at all, or there are none.
    """
    if len(set(session.scalars(fitting(viewer, Wanted(state=""), ids)))) < len(set(ids)) or not ids:
        raise NotFound("找不到其中的答卷，或不在您的管辖范围内", where="ids")
    clean = set(session.scalars(fitting(viewer, Wanted(clean=True), ids)))
    done = 0
    for key in ids:
        if key not in clean:
            continue
        try:
            with session.begin_nested():
                take_step(session, viewer, key, "accepted", note=note)
        except (Conflict, Forbidden, NotFound):
            continue
        done += 1
    return Accepted(done, len(ids) - done)

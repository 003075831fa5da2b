"""What waits for review, ordered by doubt, risk and age; and what was returned to a surveyor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from api.collection.tables import Submission
from api.evidence.checks.tables import FieldCheck, JudgedEvidence
from api.evidence.review.risk import band_of, its_risk
from api.evidence.review.tables import STATES, HouseholdRisk, Review, ReviewStep
from api.evidence.ring import Ring, in_ring
from api.evidence.sorts import DOUBTFUL
from api.evidence.tables import Evidence, Photo
from api.evidence.visible import visible_evidence, visible_submissions
from api.people.access import Viewer, inside
from api.people.roles import GRANTED, Permission, Role
from api.people.tables import Account
from api.registry.tables import Household

WAITING: Final = ("received", "in_review")
ORDERS: Final = ("doubt", "risk", "oldest", "newest")
MOST_RETURNED: Final = 200
MOST_WALKED: Final = 2_000  # of a queue, to find what comes next


_decided = sa.alias(Review.__table__)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which submissions; empty means all. A state of ``waiting`` means received or in review.

    Attributes
    ----------
    clean
        Only those that every check passed: judged to the last piece, every photo there and looked at.
    order
        ``doubt``: those with most doubts first, of equals those of the riskiest households; ``risk``: the other way
        round; of equals the oldest. ``oldest`` and ``newest`` look at nothing else. Risk orders nothing for whoever
        may not read spot checks.
    ring
        Only those of which a piece of evidence lies in it.
    """

    state: str = "waiting"
    area: str = ""
    form: str = ""
    worker: UUID | None = None
    rule: str = ""
    clean: bool = False
    order: str = "doubt"
    ring: Ring = ()


@dataclass(frozen=True)
class Queued:
    """One submission in the queue."""

    id: UUID
    county_code: str
    form_id: str
    purpose: str
    household_code: str | None
    head_name: str | None
    village_code: str
    received_at: datetime
    worker: str
    state: str
    steps: int
    doubts: int
    looks: int
    risk: int  # the household's band, as `api.evidence.review.risk.BANDS`; -1 where nobody knows or it is not told


def queue(
    session: Session, viewer: Viewer, wanted: Wanted, *, limit: int, offset: int = 0
) -> tuple[list[Queued], int]:  # fmt: skip
    """Return one page of what the viewer may review, and how much there is in all."""
    condition = _condition(viewer, wanted)
    total = session.scalars(
        sa.select(sa.func.count()).select_from(Submission).outerjoin(Review, _its_review()).where(condition)
    ).one()
    rows = session.execute(_statement(viewer, condition, wanted.order).limit(limit).offset(offset))
    return [Queued(*row) for row in rows], total


def neighbours(
    session: Session, viewer: Viewer, wanted: Wanted, submission_id: UUID
) -> tuple[UUID | None, UUID | None]:
    """Return what stands before and after a submission in the queue; after one that left it, the queue's first."""
    statement = _statement(viewer, _condition(viewer, wanted), wanted.order)
    ids = list(session.scalars(statement.limit(MOST_WALKED)))
    if submission_id not in ids:
        return None, ids[0] if ids else None
    at = ids.index(submission_id)
    return ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None


def fitting(viewer: Viewer, wanted: Wanted, ids: Sequence[UUID]) -> sa.Select[UUID]:
    """Return the statement for those of some submissions that fit and that the viewer may review."""
    return fitting_all(viewer, wanted).where(Submission.id.in_(ids))


def fitting_all(viewer: Viewer, wanted: Wanted) -> sa.Select[UUID]:
    """Return the statement for all submissions that fit and that the viewer may review, in no order."""
    return sa.select(Submission.id).outerjoin(Review, _its_review()).where(_condition(viewer, wanted))


def count_unchecked(session: Session, viewer: Viewer, wanted: Wanted) -> int:
    """Return how much of what fits has no doubt so far, but has not been seen by every check, or lacks a photo."""
    waiting = Wanted(**{**vars(wanted), "clean": False})
    statement = (
        sa.select(sa.func.count())
        .select_from(Submission)
        .outerjoin(Review, _its_review())
        .where(_condition(viewer, waiting), sa.not_(_fails()), sa.not_(_is_judged()))
    )
    return session.scalars(statement).one()


def counts_by_state(session: Session, viewer: Viewer, wanted: Wanted) -> dict[str, int]:
    """Return how many of what fits stands in each state."""
    anywhere = Wanted(**{**vars(wanted), "state": ""})
    state = sa.func.coalesce(Review.state, "received")
    rows = session.execute(
        sa.select(state, sa.func.count())
        .select_from(Submission)
        .outerjoin(Review, _its_review())
        .where(_condition(viewer, anywhere))
        .group_by(state)
    )
    found = {str(name): int(number) for name, number in rows}
    return {name: found.get(name, 0) for name in STATES}


def returned_to(session: Session, viewer: Viewer) -> Sequence[Any]:
    """Return the viewer's own submissions that were returned and not sent again: with when, by whom and why."""
    step = aliased(ReviewStep)
    newest = (
        sa.select(sa.func.max(step.number))
        .where(
            step.county_code == Review.county_code, step.submission_id == Review.id, step.step == "returned",
        )
        .correlate(Review)
        .scalar_subquery()
    )  # fmt: skip
    statement = (
        sa.select(
            Submission.id, Submission.household_code, Household.head_name, Submission.form_id, ReviewStep.note,
            ReviewStep.taken_at,
        )
        .join(Review, _its_review())
        .join(
            ReviewStep,
            sa.and_(
                ReviewStep.county_code == Review.county_code, ReviewStep.submission_id == Review.id,
                ReviewStep.number == newest,
            ),
        )
        .outerjoin(Household, _its_household())
        .where(Submission.account_id == viewer.account_id, Review.state == "returned")
        .order_by(ReviewStep.taken_at.desc())
        .limit(MOST_RETURNED)
    )  # fmt: skip
    return session.execute(statement).all()


def _its_review() -> sa.ColumnElement[bool]:
    return sa.and_(Review.county_code == Submission.county_code, Review.id == Submission.id)


def _its_own_review() -> sa.ColumnElement[bool]:
    return sa.and_(_decided.c.county_code == Submission.county_code, _decided.c.id == Submission.id)


def _its_household() -> sa.ColumnElement[bool]:
    return sa.and_(Household.county_code == Submission.county_code, Household.id == Submission.household_id)


def _of_piece(table: Any, column: sa.SQLColumnExpression[Any], *which: sa.ColumnElement[bool]) -> sa.Exists:
    """Return whether a piece of evidence has a row in a table; one inside the other, never joined.

    So that the embedded database goes from a submission to its pieces, and not through all rows of the table.
    """
    return sa.exists().where(table.county_code == Evidence.county_code, column == Evidence.id, *which)


def _has_piece(*which: sa.ColumnElement[bool]) -> sa.Exists:
    return sa.exists().where(
        Evidence.county_code == Submission.county_code, Evidence.submission_id == Submission.id, *which
    )


def _fails(*which: sa.ColumnElement[bool]) -> sa.Exists:
    return _has_piece(_of_piece(FieldCheck, FieldCheck.evidence_id, *which))


def _condition(viewer: Viewer, wanted: Wanted) -> sa.ColumnElement[bool]:
    above = {
        area
        for role, area in viewer.grants
        if Permission.REVIEW in GRANTED[role] and role is not Role.TOWNSHIP_REVIEWER
    }
    parts = [visible_submissions(viewer, Permission.REVIEW)]
    if any(role is Role.TOWNSHIP_REVIEWER for role in viewer.roles):
        parts.append(sa.or_(Submission.purpose == "township_visit", inside(Submission.village_code, above)))
    if wanted.state in {"waiting", "received"}:
        begun = WAITING if wanted.state == "waiting" else ("received",)
        # not `coalesce`, of which the server guesses that one row in two hundred fits, and joins as for few
        parts.append(sa.not_(sa.exists().where(_its_own_review(), _decided.c.state.not_in(begun))))
    elif wanted.state:
        parts.append(Review.state == wanted.state)
    if wanted.area:
        parts.append(inside(Submission.village_code, [wanted.area]))
    if wanted.form:
        parts.append(Submission.form_id == wanted.form)
    if wanted.worker is not None:
        parts.append(Submission.account_id == wanted.worker)
    if wanted.rule:
        parts.append(_fails(FieldCheck.rule == wanted.rule))
    if wanted.ring:
        parts.append(_has_piece(in_ring(wanted.ring), visible_evidence(viewer)))
    if wanted.clean:
        parts += [_is_judged(), sa.not_(_fails()), Submission.account_id != viewer.account_id]
    return sa.and_(*parts)


def _is_judged() -> sa.ColumnElement[bool]:
    """Return whether every check has seen all of a submission: what has not been looked at has passed nothing."""
    unjudged = sa.not_(_of_piece(JudgedEvidence, JudgedEvidence.id))
    unseen = _of_piece(Photo, Photo.evidence_id, sa.or_(Photo.sha256.is_(None), Photo.looked_at.is_(None)))
    return sa.and_(_has_piece(), sa.not_(_has_piece(sa.or_(unjudged, unseen))))


def _statement(viewer: Viewer, condition: sa.ColumnElement[bool], order: str) -> sa.Select[Any]:
    failed = _failed(viewer)
    doubts, looks = sa.func.coalesce(failed.c.doubts, 0), sa.func.coalesce(failed.c.looks, 0)
    risk = band_of(viewer)
    columns: list[Any] = [
        Submission.id, Submission.county_code, Submission.form_id, Submission.purpose, Submission.household_code,
        Household.head_name, Submission.village_code, Submission.received_at, Account.display_name,
        sa.func.coalesce(Review.state, "received"), sa.func.coalesce(Review.steps, 0), doubts, looks, risk,
    ]  # fmt: skip
    oldest = (Submission.received_at, Submission.id)
    orders: dict[str, tuple[Any, ...]] = {
        "doubt": (doubts.desc(), risk.desc(), looks.desc(), *oldest),
        "risk": (risk.desc(), doubts.desc(), looks.desc(), *oldest),
        "oldest": oldest,
        "newest": tuple(column.desc() for column in oldest),
    }
    return (
        sa.select(*columns)
        .select_from(Submission)
        .join(Account, Account.id == Submission.account_id)
        .outerjoin(Household, _its_household())
        .outerjoin(HouseholdRisk, its_risk())
        .outerjoin(Review, _its_review())
        .outerjoin(
            failed, sa.and_(failed.c.county_code == Submission.county_code, failed.c.submission_id == Submission.id)
        )
        .where(condition)
        .order_by(*orders[order])
    )


def _failed(viewer: Viewer) -> sa.Subquery:
    """Return how many checks the submissions of the viewer's areas do not pass: counted at once, not one by one."""
    doubtful = FieldCheck.rule.in_(DOUBTFUL)
    return (
        sa.select(
            Evidence.county_code, Evidence.submission_id,
            sa.func.count(sa.case((doubtful, 1))).label("doubts"),
            sa.func.count(sa.case((sa.not_(doubtful), 1))).label("looks"),
        )
        .join(
            FieldCheck,
            sa.and_(FieldCheck.county_code == Evidence.county_code, FieldCheck.evidence_id == Evidence.id),
        )
        .where(viewer.within(Evidence.village_code, Permission.REVIEW))
        .group_by(Evidence.county_code, Evidence.submission_id)
        .subquery()
    )  # fmt: skip

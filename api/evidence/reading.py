"""Read evidence: the filters a reader may set, always behind the rule of what he may see."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from api.collection.tables import Attachment, Submission
from api.evidence.nearby import in_boxes, lies_in
from api.evidence.tables import Evidence, Photo, PhotoMetadata
from api.evidence.visible import visible_evidence
from api.people.access import Viewer, inside
from api.problems import NotFound

CHINA: Final = ZoneInfo("Asia/Shanghai")  # a day is a day in the county


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a reader wants to see of evidence; empty means everything."""

    area: str | None = None
    kind: str | None = None
    purpose: str | None = None
    household: str | None = None
    since: date | None = None
    until: date | None = None
    bbox: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Seen:
    """One evidence row with its place as numbers."""

    evidence: Evidence
    longitude: float | None
    latitude: float | None


def list_evidence(
    session: Session, viewer: Viewer, filters: Filters, *, limit: int, before: UUID | None = None
) -> tuple[list[Seen], int, UUID | None]:
    """Return one page, the newest first, how many there are in all, and where the next page begins.

    Parameters
    ----------
    before : UUID, optional
        Only what is older than this evidence: ids begin with the time they were made.
    """
    condition = sa.and_(visible_evidence(viewer), *conditions_of(filters))
    total = session.scalars(sa.select(sa.func.count()).select_from(Evidence).where(condition)).one()
    statement = (
        sa.select(Evidence, sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place))
        .where(condition)
        .options(selectinload(Evidence.photos))
        .order_by(Evidence.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(Evidence.id < before)
    rows = [Seen(*row) for row in session.execute(statement)]
    following = rows[limit - 1].evidence.id if len(rows) > limit else None
    return rows[:limit], total, following


def find_evidence(session: Session, viewer: Viewer, evidence_id: UUID) -> Seen:
    """Return one piece of evidence.

    Raises
    ------
    NotFound
        There is none, or none that this person may see.
    """
    row = session.execute(
        sa.select(Evidence, sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place))
        .where(visible_evidence(viewer), Evidence.id == evidence_id)
        .options(selectinload(Evidence.photos))
    ).one_or_none()
    if row is None:
        raise NotFound("找不到这条取证记录", where="evidence_id")
    return Seen(*row)


def find_photo(session: Session, viewer: Viewer, evidence_id: UUID, photo_id: UUID) -> tuple[Photo, Attachment]:
    """Return a photo of a piece of evidence with its file.

    Raises
    ------
    NotFound
        There is none that this person may see, or its file has not arrived yet.
    """
    row = session.execute(
        sa.select(Photo, Attachment)
        .join(Evidence, sa.and_(Evidence.county_code == Photo.county_code, Evidence.id == Photo.evidence_id))
        .outerjoin(
            Attachment,
            sa.and_(
                Attachment.county_code == Evidence.county_code,
                Attachment.submission_id == Evidence.submission_id,
                Attachment.name == Photo.name,
            ),
        )
        .where(visible_evidence(viewer), Evidence.id == evidence_id, Photo.id == photo_id)
    ).one_or_none()
    if row is None:
        raise NotFound("找不到这张照片", where="photo_id")
    if row.Attachment is None:
        raise NotFound("照片 {name} 还没有从手机传来，请稍后再看", where="photo_id", name=row.Photo.name)
    return row.Photo, row.Attachment


def find_metadata(session: Session, viewer: Viewer, evidence_id: UUID, photo_id: UUID) -> PhotoMetadata | None:
    """Return what a photo says of itself; None while nobody has looked at it yet.

    Raises
    ------
    NotFound
        There is no such photo that this person may see.
    """
    row = session.execute(
        sa.select(Photo, PhotoMetadata)
        .join(Evidence, sa.and_(Evidence.county_code == Photo.county_code, Evidence.id == Photo.evidence_id))
        .outerjoin(
            PhotoMetadata,
            sa.and_(PhotoMetadata.county_code == Photo.county_code, PhotoMetadata.photo_id == Photo.id),
        )
        .where(visible_evidence(viewer), Evidence.id == evidence_id, Photo.id == photo_id)
    ).one_or_none()
    if row is None:
        raise NotFound("找不到这张照片", where="photo_id")
    found: PhotoMetadata | None = row.PhotoMetadata
    return found


def find_file(session: Session, viewer: Viewer, submission_id: UUID, name: str) -> Attachment:
    """Return a file of a submission, whether or not its answers name it.

    Raises
    ------
    NotFound
        There is no such submission that this person may see, or no such file of it.
    """
    found = find_submission(session, viewer, submission_id)
    file = next((file for file in found.attachments if file.name == name), None)
    if file is None:
        raise NotFound("这份答卷没有附件 {name}，或者还没有从手机传来", where="name", name=name)
    return file


def find_submission(session: Session, viewer: Viewer, submission_id: UUID) -> Submission:
    """Return a submission: one's own, or one that shows evidence one may see.

    Raises
    ------
    NotFound
        There is none, or none that this person may see.
    """
    shown = sa.exists().where(
        visible_evidence(viewer),
        Evidence.county_code == Submission.county_code,
        Evidence.submission_id == Submission.id,
    )
    submission = session.scalar(
        sa.select(Submission)
        .where(Submission.id == submission_id, sa.or_(Submission.account_id == viewer.account_id, shown))
        .options(selectinload(Submission.versions), selectinload(Submission.attachments))
    )
    if submission is None:
        raise NotFound("找不到这份答卷", where="submission_id")
    return submission


def conditions_of(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of some filters on `Evidence`; use them beside `visible_evidence` only."""
    conditions: list[sa.ColumnElement[bool]] = []
    exact: dict[Any, str | None] = {
        Evidence.kind: filters.kind,
        Evidence.purpose: filters.purpose,
        Evidence.household_code: filters.household,
    }
    conditions += [column == value for column, value in exact.items() if value is not None]
    if filters.area is not None:
        conditions.append(inside(Evidence.village_code, [filters.area]))
    seen_at = sa.func.coalesce(Evidence.collected_at, Evidence.received_at, type_=Evidence.received_at.type)
    if filters.since is not None:
        conditions.append(seen_at >= _midnight(filters.since))
    if filters.until is not None:
        conditions.append(seen_at < _midnight(filters.until + timedelta(days=1)))
    if filters.bbox is not None:
        # of a row without a place SpatiaLite does not say no
        near = (Evidence.place.is_not(None), lies_in(Evidence, filters.bbox), in_boxes(Evidence.place, [filters.bbox]))
        conditions += near
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CHINA)

"""Tell everything about one piece of evidence, and what is known of a household in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from api.evidence.answers import Answered, answers_in_words
from api.evidence.checks.reading import Check, checks_for
from api.evidence.kinds import is_signature
from api.evidence.masking import mask_content, masks_of
from api.evidence.reading import Seen, find_evidence
from api.evidence.review.tables import Review, ReviewStep
from api.evidence.tables import Evidence, Photo, PhotoMetadata
from api.evidence.visible import visible_evidence
from api.people.access import Viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import NotFound
from api.registry.proposals.difference import metres_between
from api.registry.tables import Household

MOST_OF_HOUSEHOLD: Final = 300  # pieces; more is no household


@dataclass(frozen=True)
class Pictured:
    """A photo, and what its file says of itself."""

    photo: Photo
    told: PhotoMetadata | None


@dataclass(frozen=True)
class Step:
    """One step of the review, and who took it."""

    step: ReviewStep
    by: str


@dataclass(frozen=True)
class Sibling:
    """Another piece of the same submission: an asset, a neighbour, with what it is called."""

    id: UUID
    kind: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """One piece of evidence with everything that is known of it.

    Attributes
    ----------
    head_name
        Empty where the reader may not read the registry, unless the piece is his own.
    home_m
        Metres from the recorded place to the home on the roll; None without either.
    siblings
        Other pieces of the same submission that the reader may see.
    """

    piece: Evidence
    longitude: float | None
    latitude: float | None
    worker: str
    head_name: str
    home_m: int | None
    answers: Sequence[Answered]
    pictures: Sequence[Pictured]
    checks: Sequence[Check]
    state: str
    steps: Sequence[Step]
    siblings: Sequence[Sibling]


def tell_piece(session: Session, viewer: Viewer, evidence_id: UUID, language: str) -> Told:
    """Return one piece of evidence as a person reads it.

    Raises
    ------
    NotFound
        There is none, or none that this person may see.
    """
    return _told(session, viewer, find_evidence(session, viewer, evidence_id), language)


def tell_submission(session: Session, viewer: Viewer, submission_id: UUID, language: str) -> list[Told]:
    """Return all pieces of a submission that a person may see, in the order of the form; the visit first."""
    rows = session.execute(
        sa.select(Evidence, sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place))
        .where(visible_evidence(viewer), Evidence.submission_id == submission_id)
        .options(selectinload(Evidence.photos))
        .order_by(sa.case((Evidence.kind == "visit", 0), else_=1), Evidence.kind, Evidence.question)
        .limit(MOST_OF_HOUSEHOLD)
    )
    return [_told(session, viewer, Seen(*row), language) for row in rows.all()]


def tell_household(session: Session, viewer: Viewer, code: str, language: str) -> list[Told]:
    """Return all pieces of a household that a person may see, the newest first.

    Raises
    ------
    NotFound
        There are none that this person may see: whether there is such a household is not told.
    """
    rows = session.execute(
        sa.select(Evidence, sa.func.ST_X(Evidence.place), sa.func.ST_Y(Evidence.place))
        .where(visible_evidence(viewer), Evidence.household_code == code)
        .options(selectinload(Evidence.photos))
        .order_by(sa.func.coalesce(Evidence.collected_at, Evidence.received_at).desc(), Evidence.id)
        .limit(MOST_OF_HOUSEHOLD)
    )
    found = [_told(session, viewer, Seen(*row), language) for row in rows.all()]
    if not found:
        raise NotFound("没有您可以查看的、属于 {code} 的取证", where="code", code=code[:32])
    return found


def _told(session: Session, viewer: Viewer, seen: Seen, language: str) -> Told:
    piece = seen.evidence
    key = (piece.county_code, piece.submission_id)
    review = session.get(Review, key)
    metadata = {
        one.photo_id: one
        for one in session.scalars(
            sa.select(PhotoMetadata).where(
                PhotoMetadata.county_code == piece.county_code,
                PhotoMetadata.photo_id.in_([photo.id for photo in piece.photos]),
            )
        )
    }
    steps = session.execute(
        sa.select(ReviewStep, Account.display_name)
        .join(Account, Account.id == ReviewStep.account_id)
        .where(ReviewStep.county_code == piece.county_code, ReviewStep.submission_id == piece.submission_id)
        .order_by(ReviewStep.number)
    )
    head_name, home_m = _home(session, seen)
    if piece.account_id != viewer.account_id and not viewer.may(Permission.REGISTRY_READ, piece.village_code):
        head_name = ""
    return Told(
        piece=piece, longitude=seen.longitude, latitude=seen.latitude,
        worker=session.scalars(sa.select(Account.display_name).where(Account.id == piece.account_id)).one(),
        head_name=head_name, home_m=home_m,
        answers=answers_in_words(session, piece, language),
        pictures=[Pictured(photo, metadata.get(photo.id)) for photo in sorted(piece.photos, key=_photos_first)],
        checks=checks_for(session, viewer, piece.county_code, [piece.id]).get(piece.id, []),
        state=review.state if review is not None else "received",
        steps=[Step(*row) for row in steps],
        siblings=_siblings(session, viewer, piece),
    )  # fmt: skip


def _photos_first(photo: Photo) -> tuple[bool, UUID]:
    return is_signature(photo.question), photo.id


def _siblings(session: Session, viewer: Viewer, piece: Evidence) -> list[Sibling]:
    found = session.scalars(
        sa.select(Evidence)
        .where(
            visible_evidence(viewer), Evidence.county_code == piece.county_code,
            Evidence.submission_id == piece.submission_id, Evidence.id != piece.id,
        )
        .order_by(Evidence.question)
    ).all()  # fmt: skip
    masks = masks_of(session) if found else {}
    told = [(one, mask_content(one.kind, one.content, masks)) for one in found]
    return [Sibling(one.id, one.kind, str(says.get("name") or says.get("kind_other") or "")) for one, says in told]


def _home(session: Session, seen: Seen) -> tuple[str, int | None]:
    piece = seen.evidence
    if piece.household_id is None:
        return "", None
    home: Any = session.execute(
        sa.select(Household.head_name, sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place)).where(
            Household.county_code == piece.county_code, Household.id == piece.household_id
        )
    ).one_or_none()
    if home is None:
        return "", None
    if home[1] is None or seen.longitude is None or seen.latitude is None:
        return home[0], None
    return home[0], round(metres_between((seen.longitude, seen.latitude), (home[1], home[2])))


@dataclass(frozen=True)
class Beside:
    """One question as both visits answer it."""

    label: str
    township: str
    county: str

    @property
    def differs(self) -> bool:
        """Whether both answered, and not the same."""
        return bool(self.township and self.county) and self.township != self.county


def put_beside(told: Sequence[Told]) -> tuple[Told, Told, list[Beside]] | None:
    """Return the newest visit of the township, that of the county, and their answers side by side.

    None when one of them is missing among what the reader may see.
    """
    visits = [one for one in told if one.piece.kind == "visit"]
    township = next((one for one in visits if one.piece.purpose == "township_visit"), None)
    county = next((one for one in visits if one.piece.purpose == "spot_check"), None)
    if township is None or county is None:
        return None
    left = {one.field: one for one in township.answers}
    right = {one.field: one for one in county.answers}
    rows = [
        Beside(
            (left.get(field) or right[field]).label,
            left[field].value if field in left else "",
            right[field].value if field in right else "",
        )
        for field in dict.fromkeys([*left, *right])
    ]
    return township, county, rows

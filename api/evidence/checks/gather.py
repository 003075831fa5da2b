"""Bring together what the rules look at: the evidence of some workers of a county, with homes, photos and records."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt
import shapely
import sqlalchemy as sa
from geoalchemy2.shape import to_shape
from sqlalchemy.orm import Session

from api.database import now
from api.evidence.checks.order import Answering
from api.evidence.checks.tables import AnswerLog
from api.evidence.checks.thresholds import InForce, in_force
from api.evidence.kinds import is_signature
from api.evidence.tables import Evidence, Photo, PhotoMetadata
from api.registry.tables import DepartmentRecord, DivisionBoundary, Household, Member

Degrees = tuple[float, float]  # longitude, latitude, WGS 84
MET: Final = frozenset({"met_householder", "met_member"})
GROUNDED: Final = (9, 12)  # digits of the codes of divisions whose ground is asked: township, village
Key = TypeVar("Key")
OWNED: Final = ("vehicle", "machinery", "company", "property")  # kinds of department records that are seen at a visit


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A photo that a piece of evidence names."""

    question: str
    name: str
    sha256: str | None
    taken_at: datetime | None
    place: Degrees | None
    likeness: str | None = None
    screen_sign: str = ""

    @property
    def signature(self) -> bool:
        """Signatures are not photos of anything: they are alike, and missing ones are asked about elsewhere."""
        return is_signature(self.question)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of evidence as the rules see it."""

    id: UUID
    kind: str
    purpose: str
    account_id: UUID
    household_code: str | None
    household_id: UUID | None
    village_code: str
    began: datetime | None
    ended: datetime | None
    received_at: datetime
    place: Degrees | None
    accuracy_m: float | None
    home: Degrees | None
    content: dict[str, Any]
    pictures: tuple[Picture, ...]
    log: Answering | None = None

    @property
    def met(self) -> bool:
        """A visit at which somebody of the household was met."""
        return self.kind == "visit" and self.content.get("outcome") in MET

    @property
    def household(self) -> str:
        """The household's code, for sentences."""
        return self.household_code or "?"


class Like(NamedTuple):
    """Another household's photo that shows nearly the same."""

    spots: int  # in which they differ
    household: str
    evidence_id: UUID


@dataclass(frozen=True, kw_only=True)
class Matter:
    """Everything that is judged together.

    Attributes
    ----------
    pieces
        Of the workers asked for, in the order they were made in the field.
    around
        Others' evidence of the same households, to compare with; not judged here.
    users
        For the digest of a photo, the households for which it was used, anywhere in the county.
    alike
        By digest and household, which other household's photo shows nearly the same, and in how many spots it differs.
    grounds
        By code of village or township, where a boundary is loaded.
    records
        By household id, the kinds of property that departments know of.
    """

    county_code: str
    thresholds: InForce
    pieces: list[Piece]
    around: dict[UUID, list[Piece]]
    users: dict[str, set[str]]
    alike: dict[tuple[str, str], Like]
    grounds: dict[str, shapely.Geometry]
    records: dict[UUID, list[str]]
    first_day: date | None
    last_day: date | None
    at: datetime = field(default_factory=now)

    def limit(self, key: str) -> float:
        """Return a threshold in force."""
        return self.thresholds.limits[key]


def gather(session: Session, county_code: str, accounts: Collection[UUID]) -> Matter:
    """Read what is needed to judge all evidence of some workers."""
    thresholds = in_force(session, county_code)
    stages = thresholds.campaign.stages if thresholds.campaign is not None else []
    pieces = list(_pieces(session, county_code, Evidence.account_id.in_(accounts)))
    households = {piece.household_id for piece in pieces if piece.household_id is not None}
    around: dict[UUID, list[Piece]] = {}
    for part in _in_parts(households):
        for piece in _pieces(session, county_code, Evidence.household_id.in_(part)):
            if piece.household_id is not None:
                around.setdefault(piece.household_id, []).append(piece)
    return Matter(
        county_code=county_code,
        thresholds=thresholds,
        pieces=sorted(pieces, key=lambda piece: (piece.began or piece.received_at, piece.id)),
        around=around,
        users=_users(session, county_code, {shot.sha256 for one in pieces for shot in one.pictures if shot.sha256}),
        alike=_alike(session, county_code, pieces, round(thresholds.limits["alike_spots"])),
        grounds=_grounds(session, {piece.village_code[:length] for piece in pieces for length in GROUNDED}),
        records=_records(session, county_code, households),
        first_day=min((stage.starts_on for stage in stages), default=None),
        last_day=max((stage.ends_on for stage in stages), default=None),
    )


def _pieces(session: Session, county_code: str, condition: sa.ColumnElement[bool]) -> Iterator[Piece]:
    """Yield pieces; the photos come in a second statement, since a row a photo would repeat long answers."""
    mine = (Evidence.county_code == county_code, condition)
    pictures: dict[UUID, list[Picture]] = {}
    shots = session.execute(
        sa.select(Photo, PhotoMetadata)
        .join(Evidence, sa.and_(Evidence.county_code == Photo.county_code, Evidence.id == Photo.evidence_id))
        .outerjoin(
            PhotoMetadata,
            sa.and_(PhotoMetadata.county_code == Photo.county_code, PhotoMetadata.photo_id == Photo.id),
        )
        .where(*mine)
        .order_by(Photo.id)
    )
    for photo, told in shots:
        at = None
        if told is not None and told.longitude is not None and told.latitude is not None:
            at = (told.longitude, told.latitude)
        pictures.setdefault(photo.evidence_id, []).append(
            Picture(
                question=photo.question, name=photo.name, sha256=photo.sha256,
                taken_at=(told.gps_at or told.taken_at) if told is not None else None, place=at,
                likeness=told.likeness if told is not None else None,
                screen_sign=told.screen_sign if told is not None else "",
            )
        )  # fmt: skip
    x, y = sa.func.ST_X, sa.func.ST_Y
    rows = session.execute(
        sa.select(
            Evidence, x(Evidence.place), y(Evidence.place), x(Household.place), y(Household.place),
            AnswerLog.questions, AnswerLog.backward, AnswerLog.quick,
        )
        .outerjoin(
            Household,
            sa.and_(Household.county_code == Evidence.county_code, Household.id == Evidence.household_id),
        )
        .outerjoin(
            AnswerLog,
            sa.and_(
                AnswerLog.county_code == Evidence.county_code, AnswerLog.submission_id == Evidence.submission_id
            ),
        )
        .where(*mine)
    )  # fmt: skip
    for one, east, north, home_east, home_north, *logged in rows:
        yield Piece(
            id=one.id, kind=one.kind, purpose=one.purpose, account_id=one.account_id,
            household_code=one.household_code, household_id=one.household_id, village_code=one.village_code,
            began=one.collected_at, ended=_moment(one.content.get("ended_at")), received_at=one.received_at,
            place=None if east is None else (east, north), accuracy_m=one.accuracy_m,
            home=None if home_east is None else (home_east, home_north), content=one.content,
            pictures=tuple(pictures.get(one.id, ())), log=None if None in logged else Answering(*logged),
        )  # fmt: skip


def _moment(written: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _users(session: Session, county_code: str, digests: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for part in _in_parts(digests):
        rows = session.execute(
            sa.select(Photo.sha256, Evidence.household_code)
            .join(Evidence, sa.and_(Evidence.county_code == Photo.county_code, Evidence.id == Photo.evidence_id))
            .where(Photo.county_code == county_code, Photo.sha256.in_(part), Evidence.household_code.is_not(None))
        )
        for digest, code in rows:
            found.setdefault(str(digest), set()).add(str(code))
    return found


def _alike(session: Session, county_code: str, pieces: list[Piece], most: int) -> dict[tuple[str, str], Like]:
    """Find for each photo the one of another household in the county that shows nearly the same, if any does."""
    mine = {
        (shot.sha256, piece.household_code): shot.likeness
        for piece in pieces
        for shot in piece.pictures
        if shot.sha256 and shot.likeness and piece.household_code and not shot.signature
    }
    if not mine:
        return {}
    rows = session.execute(
        sa.select(Photo.sha256, Evidence.household_code, PhotoMetadata.likeness, Evidence.id)
        .join(
            PhotoMetadata,
            sa.and_(PhotoMetadata.county_code == Photo.county_code, PhotoMetadata.photo_id == Photo.id),
        )
        .join(Evidence, sa.and_(Evidence.county_code == Photo.county_code, Evidence.id == Photo.evidence_id))
        .where(
            Photo.county_code == county_code, PhotoMetadata.likeness.is_not(None),
            Evidence.household_code.is_not(None), Photo.question.not_like("%signature%"),
        )
        .order_by(Photo.id)
    ).all()  # fmt: skip
    every = _bits("".join(str(row[2]) for row in rows))
    found: dict[tuple[str, str], Like] = {}
    for (digest, code), likeness in mine.items():
        apart = np.bitwise_count(every ^ _bits(likeness)).sum(axis=1)
        near = [
            Like(int(apart[at]), str(rows[at][1]), rows[at][3])
            for at in np.flatnonzero(apart <= most).tolist()
            if rows[at][1] != code and rows[at][0] != digest
        ]
        if near:
            found[digest, code] = min(near)
    return found


def _bits(likenesses: str) -> npt.NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex(likenesses), dtype=np.uint64).reshape(-1, 4)


def _grounds(session: Session, divisions: Collection[str]) -> dict[str, shapely.Geometry]:
    rows = session.scalars(sa.select(DivisionBoundary).where(DivisionBoundary.division_code.in_(divisions)))
    return {row.division_code: to_shape(row.ground) for row in rows}


def _records(session: Session, county_code: str, households: Collection[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for part in _in_parts(households):
        rows = session.execute(
            sa.select(Member.household_id, DepartmentRecord.kind)
            .join(
                DepartmentRecord,
                sa.and_(
                    DepartmentRecord.county_code == Member.county_code,
                    DepartmentRecord.identity_hash == Member.identity_hash,
                ),
            )
            .where(
                Member.county_code == county_code, Member.household_id.in_(part), DepartmentRecord.kind.in_(OWNED)
            )
            .order_by(DepartmentRecord.kind)
        )  # fmt: skip
        for household_id, kind in rows:
            found.setdefault(household_id, []).append(kind)
    return found


def _in_parts(keys: Collection[Key], most: int = 500) -> Iterator[list[Key]]:
    """Yield the keys some hundred at a time: a statement takes no more parameters than the engine allows."""
    every = list(keys)
    yield from (every[at : at + most] for at in range(0, len(every), most))

"""Photos of the dice and the signed minutes: kept byte for byte, named in the audit log, shown without their EXIF."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.collection.blobs import Blobs
from api.collection.sniff import HEAD_BYTES, sniff
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Conflict, Invalid, NotFound, TooLarge, WrongMediaType
from api.spot_checks.publication.tables import DrawPhoto
from api.spot_checks.tables import Draw

KINDS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/heic": "heic", "image/heif": "heif"}
MOST_BYTES: Final = 20_000_000  # a phone's photo has 3 to 8 MB
MOST_PHOTOS: Final = 12


@dataclass(frozen=True, kw_only=True)
class KeptPhoto:
    """A photo whose bytes are durable, and which no row names yet."""

    sha256: str
    size: int
    media_type: str


def check_photo(data: bytes) -> str:
    """Return the media type of a photo.

    Raises
    ------
    Invalid
        An empty file.
    TooLarge
        Above `MOST_BYTES`.
    WrongMediaType
        Anything but JPEG, PNG and HEIC, whatever it is called.
    """
    if not data:
        raise Invalid("照片是空文件", where="photo")
    if len(data) > MOST_BYTES:
        raise TooLarge("照片不能超过 {most} MB，请缩小后再传", where="photo", most=MOST_BYTES // 1_000_000)
    kind = sniff(data[:HEAD_BYTES])
    if kind not in KINDS:
        raise WrongMediaType("照片须为 JPEG、PNG 或 HEIC", where="photo")
    return kind


def keep_photo(blobs: Blobs, data: bytes) -> KeptPhoto:
    """Keep the bytes of a photo; a row names them afterwards.

    Takes what is refused by `check_photo`.
    """
    kind = check_photo(data)
    blob = blobs.put(data)
    return KeptPhoto(sha256=blob.sha256, size=blob.size, media_type=kind)


def add_photo(session: Session, draw: Draw, photo: KeptPhoto, viewer: Viewer) -> DrawPhoto:
    """Add a photo to a draw for good.

    Raises
    ------
    Forbidden
        For whoever may not draw there.
    Conflict
        When it is there already, or there are enough.
    """
    viewer.demand(Permission.SPOT_CHECK_DRAW, draw.county_code)
    if len(photos_of(session, draw)) >= MOST_PHOTOS:
        raise Conflict("一次抽取最多 {most} 张照片", where="photo", most=MOST_PHOTOS)
    row = DrawPhoto(
        county_code=draw.county_code, draw_id=draw.id, sha256=photo.sha256, size=photo.size,
        media_type=photo.media_type, added_by=viewer.account_id,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict("这张照片已经在这次抽取里", where="photo") from None
    record(
        session, viewer, "draw.photo", "draw", draw.id, division_code=draw.county_code, number=draw.number,
        photo_sha256=photo.sha256, size=photo.size, media_type=photo.media_type,
    )  # fmt: skip
    return row


def photos_of(session: Session, draw: Draw) -> Sequence[DrawPhoto]:
    """Return the photos of a draw, the first first."""
    same = sa.and_(DrawPhoto.county_code == draw.county_code, DrawPhoto.draw_id == draw.id)
    return session.scalars(sa.select(DrawPhoto).where(same).order_by(DrawPhoto.added_at, DrawPhoto.sha256)).all()


def photo_of(session: Session, draw: Draw, sha256: str) -> DrawPhoto:
    """Return one photo of a draw.

    Raises
    ------
    NotFound
        When the draw has none of that fingerprint.
    """
    found = session.get(DrawPhoto, (draw.county_code, draw.id, sha256))
    if found is None:
        raise NotFound("这次抽取没有这张照片", where="sha256")
    return found

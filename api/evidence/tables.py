"""What is kept of evidence; every row can be made again from the submission it came from."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from geoalchemy2 import Geometry, WKBElement
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.database import Base, CountyRow, Json, UtcDateTime, county_reference


class Evidence(CountyRow, Base):
    """One thing seen in the field: a visit, an interview, an asset."""

    __tablename__ = "evidence"
    __table_args__ = (
        county_reference("submission_id", table="submission"),
        sa.Index("ix_evidence_village", "county_code", "village_code"),
        sa.Index("ix_evidence_household", "county_code", "household_code"),
        sa.UniqueConstraint("county_code", "submission_id", "question"),
        sa.Index("ix_evidence_account", "county_code", "account_id", "household_id"),
        sa.CheckConstraint("purpose in ('township_visit', 'spot_check')", name="purpose_known"),
    )

    kind: Mapped[str] = mapped_column(sa.String(32))  # visit, asset …
    purpose: Mapped[str] = mapped_column(sa.String(16))
    submission_id: Mapped[UUID] = mapped_column(sa.Uuid())
    question: Mapped[str] = mapped_column(sa.String(255))  # kind and row it was read from: visit, asset/2
    household_id: Mapped[UUID | None] = mapped_column(sa.Uuid())
    household_code: Mapped[str | None] = mapped_column(sa.String(32))
    village_code: Mapped[str] = mapped_column(sa.String(12))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    collected_at: Mapped[datetime | None] = mapped_column(UtcDateTime())  # by the phone's clock
    received_at: Mapped[datetime] = mapped_column(UtcDateTime())
    place: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326))
    accuracy_m: Mapped[float | None] = mapped_column()
    altitude_m: Mapped[float | None] = mapped_column()
    content: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # answers under their evidence names

    photos: Mapped[list["Photo"]] = relationship(
        back_populates="evidence", cascade="all, delete-orphan", passive_deletes=True
    )


UNSEEN = sa.text("looked_at is null and sha256 is not null")


class Photo(CountyRow, Base):
    """A photo named in a submission; without a digest it has not arrived yet."""

    __tablename__ = "photo"
    __table_args__ = (
        county_reference("evidence_id", table="evidence", ondelete="CASCADE"),
        # what nobody has looked at yet is found without walking through the rest
        sa.Index("ix_photo_unseen", "county_code", "id", sqlite_where=UNSEEN, postgresql_where=UNSEEN),
    )

    evidence_id: Mapped[UUID] = mapped_column(sa.Uuid(), index=True)
    question: Mapped[str] = mapped_column(sa.String(255))
    name: Mapped[str] = mapped_column(sa.String(255))
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    looked_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime()
    )  # when its metadata were read, or that was given up

    evidence: Mapped[Evidence] = relationship(back_populates="photos")


class PhotoMetadata(CountyRow, Base):
    """What a photo's file says of itself, kept apart from what was answered: neither proves the other.

    A camera's clock and place can be wrong or set on purpose; the time from the satellites cannot be set by hand.
    """

    __tablename__ = "photo_metadata"
    __table_args__ = (
        county_reference("photo_id", table="photo", ondelete="CASCADE"),
        sa.UniqueConstraint("county_code", "photo_id"),
        sa.CheckConstraint("state in ('begun', 'read', 'unreadable')", name="state_known"),
    )

    photo_id: Mapped[UUID] = mapped_column(sa.Uuid())
    state: Mapped[str] = mapped_column(sa.String(16), default="begun")  # begun and never ended: reading it killed us
    note: Mapped[str] = mapped_column(sa.String(255), default="")  # why it, or a part of it, could not be read
    width_px: Mapped[int | None] = mapped_column()
    height_px: Mapped[int | None] = mapped_column()
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime())  # by the camera's clock
    offset_written: Mapped[bool] = mapped_column(default=False)  # else the country's one clock was assumed
    gps_at: Mapped[datetime | None] = mapped_column(UtcDateTime())  # by the satellites
    longitude: Mapped[float | None] = mapped_column()
    latitude: Mapped[float | None] = mapped_column()
    altitude_m: Mapped[float | None] = mapped_column()
    camera: Mapped[str] = mapped_column(sa.String(120), default="")
    # why it is a picture of a screen rather than of a place: written, png; empty: nothing says so
    screen_sign: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    likeness: Mapped[str | None] = mapped_column(
        sa.String(64)
    )  # of what it shows, to find copies; empty: nothing in it


class EvidenceChange(Base):
    """How often evidence of a township, its checks or its reviews have changed: what was made of it before is old."""

    __tablename__ = "evidence_change"

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    township_code: Mapped[str] = mapped_column(sa.String(9), primary_key=True)
    version: Mapped[int] = mapped_column(sa.BigInteger(), default=1)

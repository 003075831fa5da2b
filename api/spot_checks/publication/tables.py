"""What is kept of the publication of draws: the upper level's decisions and the photos of dice; both written once."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, UtcDateTime, county_reference, now


class DrawApproval(Base):
    """What the level above said, once and for good, to a county that wants to draw the same households again."""

    __tablename__ = "draw_approval"
    __table_args__ = (county_reference("draw_id", table="draw"),)

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    draw_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    approved: Mapped[bool] = mapped_column()
    note: Mapped[str] = mapped_column(sa.Text())  # public, like the reason it answers
    office: Mapped[str] = mapped_column(sa.String(120))  # as it was called on the day, such as 日喀则市 市级督导
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))


class DrawPhoto(Base):
    """One photo of the dice or of the signed minutes; the bytes lie in the blob store under their SHA-256."""

    __tablename__ = "draw_photo"
    __table_args__ = (county_reference("draw_id", table="draw"),)

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    draw_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    size: Mapped[int] = mapped_column()
    media_type: Mapped[str] = mapped_column(sa.String(32))  # by its first bytes, whatever it was called
    added_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    added_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))

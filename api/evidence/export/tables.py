"""What is kept of exports; their files lie in the data folder, named by their fingerprint."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, Json, UtcDateTime, now


class Export(CountyRow, Base):
    """One export that a person asked for; finished when its file is there, gone with it when its days are over."""

    __tablename__ = "export"
    __table_args__ = (
        sa.Index("ix_export_account", "account_id", "created_at"),
        sa.Index("ix_export_fingerprint", "fingerprint"),
    )

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    job_id: Mapped[UUID | None] = mapped_column(sa.Uuid())  # empty when its file was there already
    form_id: Mapped[str] = mapped_column(sa.String(64))
    title: Mapped[str] = mapped_column(sa.String(120))  # of the form, when it was asked for
    wanted: Mapped[dict[str, Any]] = mapped_column(Json)  # filters and spelling, as `wanted.Wanted` keeps them
    # who may see what in it: a file made for other eyes is never given out (`fingerprint.visibility`)
    visibility: Mapped[str] = mapped_column(sa.String(64))
    # of everything that shapes the file: the data, the wish, the visibility; names the file and is its ETag
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    suffix: Mapped[str] = mapped_column(sa.String(8), default="")
    rows: Mapped[int] = mapped_column(default=0)  # submissions in it
    files: Mapped[int] = mapped_column(default=0)  # photos and other files in it
    missing: Mapped[int] = mapped_column(default=0)  # bytes that were not to be found when it was made
    bytes: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    message: Mapped[str] = mapped_column(sa.Text(), default="")  # why it was refused when it came to be made
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), index=True)

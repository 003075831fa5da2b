"""What is kept of background work."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, Json, UtcDateTime, now


class Job(CountyRow, Base):
    """One piece of background work, from being asked for to its result."""

    __tablename__ = "job"
    __table_args__ = (
        sa.Index("ix_job_state", "state", "lease_until"),
        sa.CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state_known"),
    )

    kind: Mapped[str] = mapped_column(sa.String(64))
    arguments: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[str] = mapped_column(sa.String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int | None] = mapped_column()
    message: Mapped[str] = mapped_column(sa.Text(), default="")
    result: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime())  # a running job without a live lease was lost
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime())  # when a failed try may be tried again
    created_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

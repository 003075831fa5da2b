"""What is kept of review: the state of a submission, every step that led there, and whose turn comes first."""

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, UtcDateTime, county_reference, now

STATES: Final = ("received", "in_review", "accepted", "returned", "rejected")
BATCHED: Final = sa.text("batch_id is not null")
STEPS: Final = ("opened", "accepted", "returned", "rejected", "reopened", "sent_again", "comment")


class Review(CountyRow, Base):
    """A submission (its own id) somebody has looked at: where it stands. Without a row it was only received."""

    __tablename__ = "review"
    __table_args__ = (
        county_reference("id", table="submission"),
        sa.CheckConstraint(f"state in {STATES!r}", name="state_known"),
        sa.Index("ix_review_state", "county_code", "state"),
    )

    state: Mapped[str] = mapped_column(sa.String(16))
    steps: Mapped[int] = mapped_column(default=0)  # how many have been taken; the next one's number is one more
    reviewer_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))  # who took the last deciding step
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)


class ReviewStep(CountyRow, Base):
    """One step of a review, or a comment; written once."""

    __tablename__ = "review_step"
    __table_args__ = (
        county_reference("submission_id", table="submission"),
        sa.UniqueConstraint("county_code", "submission_id", "number"),
        sa.CheckConstraint(f"step in {STEPS!r}", name="step_known"),
        # the few that were taken together are found without walking through the rest
        sa.Index("ix_review_step_batch", "batch_id", sqlite_where=BATCHED, postgresql_where=BATCHED),
    )

    submission_id: Mapped[UUID] = mapped_column(sa.Uuid())
    number: Mapped[int] = mapped_column()  # 1, 2 …
    step: Mapped[str] = mapped_column(sa.String(16))
    note: Mapped[str] = mapped_column(sa.String(1000), default="")  # the reason, as the surveyor's phone shows it
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    batch_id: Mapped[UUID | None] = mapped_column(sa.Uuid())  # the same for all that were accepted together


class HouseholdRisk(CountyRow, Base):
    """How likely a household (its own id) is on the roll wrongly, as spot checks last told; without a row, unknown."""

    __tablename__ = "household_risk"
    __table_args__ = (
        county_reference("id", table="household", ondelete="CASCADE"),
        sa.CheckConstraint("band between 0 and 3", name="band_known"),
    )

    band: Mapped[int] = mapped_column(sa.SmallInteger())  # 0 low … 3 visited whatever its score

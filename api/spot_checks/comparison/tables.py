"""What is kept of comparisons: how far two answers may differ, and what a supervisor decided. Both only ever grow."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, Json, UtcDateTime, county_reference, now


class ToleranceVersion(CountyRow, Base):
    """How a county compares two visits in one campaign, from one moment on; the one before stays."""

    __tablename__ = "tolerance_version"
    __table_args__ = (
        sa.UniqueConstraint("county_code", "campaign_id", "number"),
        sa.CheckConstraint("number >= 1", name="number_from_one"),  # 0 is the rules of the house, kept in the code
    )

    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id"))
    number: Mapped[int] = mapped_column()
    rules: Mapped[list[dict[str, Any]]] = mapped_column(Json)  # all of them, also those as the house has them
    note: Mapped[str] = mapped_column(sa.Text())  # why, in the supervisor's words
    by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)


class Verdict(CountyRow, Base):
    """What a supervisor decided of one drawn household after reading both visits; the newest counts, all stay."""

    __tablename__ = "verdict"
    __table_args__ = (
        county_reference("draw_id", table="draw"),
        sa.Index("ix_verdict_household", "county_code", "draw_id", "household_id"),
        sa.CheckConstraint(
            "verdict in ('right', 'amount_high', 'amount_low', 'not_eligible', 'cannot_tell')", name="verdict_known"
        ),
        sa.CheckConstraint("correct_fen_per_month >= 0", name="amount_not_negative"),
    )

    draw_id: Mapped[UUID] = mapped_column(sa.Uuid())
    household_id: Mapped[UUID] = mapped_column(sa.Uuid())
    household_code: Mapped[str] = mapped_column(sa.String(32))
    verdict: Mapped[str] = mapped_column(sa.String(16))
    error_kinds: Mapped[list[str]] = mapped_column(Json, default=list)
    correct_fen_per_month: Mapped[int | None] = mapped_column()  # empty: not said
    reason: Mapped[str] = mapped_column(sa.Text())
    basis: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # which version of each visit was read
    by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)

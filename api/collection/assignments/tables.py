"""What is kept of decisions about assignments, so that each can be looked up and undone as a whole."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, Json, UtcDateTime, county_reference, now

ACT_KINDS = ("give", "move", "withdraw", "deactivate")


class AssignmentAct(CountyRow, Base):
    """One decision of a supervisor: households given, moved, withdrawn, or a worker stopped."""

    __tablename__ = "assignment_act"
    __table_args__ = (
        sa.Index("ix_assignment_act_area", "county_code", "area_code"),
        sa.CheckConstraint("kind in ('give', 'move', 'withdraw', 'deactivate')", name="kind_known"),
    )

    kind: Mapped[str] = mapped_column(sa.String(16))
    area_code: Mapped[str] = mapped_column(sa.String(12))  # the smallest division that holds all its households
    checks: Mapped[bool] = mapped_column(default=False)  # whether spot checks are among them: not for a township's eyes
    worker_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))  # who was stopped
    by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # numbers, names, keys: what a page says of it


class ActItem(Base):
    """One assignment that an act began or ended."""

    __tablename__ = "assignment_act_item"
    __table_args__ = (
        county_reference("act_id", table="assignment_act"),
        county_reference("assignment_id", table="assignment"),
        sa.Index("ix_assignment_act_item_assignment", "county_code", "assignment_id"),
        sa.CheckConstraint("effect in ('begun', 'ended')", name="effect_known"),
    )

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    act_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    assignment_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    effect: Mapped[str] = mapped_column(sa.String(8))

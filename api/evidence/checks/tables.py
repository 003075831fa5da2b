"""What is kept of field checks: the thresholds as decided, what was found, and what has been judged already."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, Json, UtcDateTime, county_reference, new_id, now


class CheckThresholds(Base):
    """One decision about a campaign's thresholds; never changed, only followed by the next."""

    __tablename__ = "check_thresholds"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "number"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id"))
    number: Mapped[int] = mapped_column()  # 1, 2 …; before the first the rules' own values hold
    limits: Mapped[dict[str, Any]] = mapped_column(Json)  # every threshold, also those left as they were
    reason: Mapped[str] = mapped_column(sa.String(200))
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)


UNREAD = sa.text("read_at is null")


class FieldCheck(CountyRow, Base):
    """One rule that one piece of evidence does not pass."""

    __tablename__ = "field_check"
    __table_args__ = (
        county_reference("evidence_id", table="evidence", ondelete="CASCADE"),
        sa.UniqueConstraint("county_code", "evidence_id", "rule"),
        sa.Index("ix_field_check_rule", "county_code", "rule"),
    )

    evidence_id: Mapped[UUID] = mapped_column(sa.Uuid())
    rule: Mapped[str] = mapped_column(sa.String(32))
    numbers: Mapped[dict[str, Any]] = mapped_column(Json)  # what the rule's sentence is filled with
    thresholds: Mapped[str] = mapped_column(sa.String(64))  # which rules and which decision: see `in_force`
    found_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)


class JudgedEvidence(CountyRow, Base):
    """A piece of evidence (its own id) that all rules have looked at; without a row, or an old one, it waits."""

    __tablename__ = "judged_evidence"
    __table_args__ = (county_reference("id", table="evidence", ondelete="CASCADE"),)

    thresholds: Mapped[str] = mapped_column(sa.String(64))
    judged_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)


class AnswerLog(CountyRow, Base):
    """In which order and how fast a form was answered, from the phone's log; unread until `read_at`."""

    __tablename__ = "answer_log"
    __table_args__ = (
        county_reference("submission_id", table="submission"),
        sa.UniqueConstraint("county_code", "submission_id"),
        # what nobody has read yet is found without walking through the rest
        sa.Index("ix_answer_log_unread", "county_code", "id", sqlite_where=UNREAD, postgresql_where=UNREAD),
    )

    submission_id: Mapped[UUID] = mapped_column(sa.Uuid())
    sha256: Mapped[str] = mapped_column(sa.String(64))
    questions: Mapped[int | None] = mapped_column()
    backward: Mapped[int | None] = mapped_column()
    quick: Mapped[int | None] = mapped_column()
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

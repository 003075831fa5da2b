"""What is kept of proposals; open ones can be made again from the submission they came with, decisions stay."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, Json, UtcDateTime, county_reference

FIELDS = ("place", "phone", "persons", "address", "members")  # what can be proposed, in the order it is shown
STATES = ("open", "accepted", "rejected", "superseded")


class HouseholdProposal(CountyRow, Base):
    """What one version of a submission would have changed of one household, and what was decided."""

    __tablename__ = "household_proposal"
    __table_args__ = (
        county_reference("household_id", table="household"),
        # the same submission again, or its bytes read again, proposes nothing twice
        sa.UniqueConstraint("county_code", "instance_id", "household_id"),
        sa.Index("ix_household_proposal_submission", "county_code", "submission_id"),
        sa.Index("ix_household_proposal_household", "county_code", "household_id"),
        sa.Index("ix_household_proposal_state", "county_code", "state", "village_code"),
        sa.CheckConstraint("state in ('open', 'accepted', 'rejected', 'superseded')", name="state_known"),
        sa.CheckConstraint("(decided_at is not null) = (state in ('accepted', 'rejected'))", name="decided"),
    )

    household_id: Mapped[UUID] = mapped_column(sa.Uuid())
    household_code: Mapped[str] = mapped_column(sa.String(32))
    village_code: Mapped[str] = mapped_column(sa.String(12))
    # Whose visit, and which: the names of rows of collection, which is a higher room, so no foreign keys.
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    submission_id: Mapped[UUID] = mapped_column(sa.Uuid())
    instance_id: Mapped[str] = mapped_column(sa.String(255))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime())
    base_version: Mapped[int | None] = mapped_column()  # which the phone changed, its own offline changes included
    seen_version: Mapped[int] = mapped_column()  # the last of the roll's that the phone knew
    # By field: place is [longitude, latitude, accuracy in metres or none]; members are names added and gone.
    changes: Mapped[str] = mapped_column(sa.String(64))  # the fields, with spaces between
    before: Mapped[dict[str, Any]] = mapped_column(Json)  # what the roll said when the proposal arrived
    after: Mapped[dict[str, Any]] = mapped_column(Json)
    before_phone_sealed: Mapped[str | None] = mapped_column(sa.Text())
    phone_sealed: Mapped[str | None] = mapped_column(sa.Text())
    distance_m: Mapped[float | None] = mapped_column()  # between the old place and the new one
    state: Mapped[str] = mapped_column(sa.String(16), default="open")
    taken: Mapped[list[str]] = mapped_column(Json, default=list)  # the fields that were accepted
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")

    @property
    def fields(self) -> tuple[str, ...]:
        """What it would change, in the order of `FIELDS`."""
        return tuple(self.changes.split())

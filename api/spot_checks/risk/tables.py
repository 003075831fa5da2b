"""What is kept of risk: the weights that people have adopted, each version written once, and what review was told."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, Json, UtcDateTime, now


class RiskVersion(CountyRow, Base):
    """Weights and cuts that a person has put in force for a county's campaign; the newest holds."""

    __tablename__ = "risk_model"
    __table_args__ = (
        sa.UniqueConstraint("county_code", "campaign_id", "number"),
        sa.CheckConstraint("number >= 1", name="number_positive"),
    )

    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id"))
    number: Mapped[int] = mapped_column()
    weights: Mapped[dict[str, int]] = mapped_column(Json)
    cuts: Mapped[list[int]] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    note: Mapped[str] = mapped_column(sa.Text())  # why these
    made_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)


class RiskTold(Base):
    """From what the bands of a county's households were worked out that review orders its queue by."""

    __tablename__ = "risk_told"

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    mark: Mapped[str] = mapped_column(sa.String(64))  # SHA-256 of campaign, weights, and `keep.mark_of_signs`
    told_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)

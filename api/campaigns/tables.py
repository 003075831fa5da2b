"""What is kept of a campaign. Reference tables: few rows, the same on every machine."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.database import Base, UtcDateTime, new_id, now


class Campaign(Base):
    """One plan of a city or county to verify its roll."""

    __tablename__ = "campaign"
    __table_args__ = (
        sa.UniqueConstraint("area_code", "document_number"),
        sa.CheckConstraint("visit_floor_percent between 1 and 100", name="visit_floor_range"),
        # the statutory minimum cannot be lowered by a campaign
        sa.CheckConstraint("spot_check_floor_percent between 30 and 100", name="spot_check_floor_range"),
        sa.CheckConstraint("neighbour_interviews_per_household between 0 and 10", name="neighbour_interviews_range"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(120))
    document_number: Mapped[str] = mapped_column(sa.String(64))
    area_code: Mapped[str] = mapped_column(sa.ForeignKey("division.code"))
    visit_floor_percent: Mapped[int] = mapped_column(default=100)
    spot_check_floor_percent: Mapped[int] = mapped_column(default=30)
    # whether anybody may see its draws and download their public files, without an account
    publish_draws: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    # how many neighbours are to be asked about a household; nought: the campaign asks for none
    neighbour_interviews_per_household: Mapped[int] = mapped_column(default=2, server_default="2")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)

    stages: Mapped[list["Stage"]] = relationship(
        cascade="all, delete-orphan", order_by="Stage.position", passive_deletes=True
    )
    standards: Mapped[list["Standard"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    reporting_dates: Mapped[list["ReportingDate"]] = relationship(
        cascade="all, delete-orphan", order_by="ReportingDate.due_on", passive_deletes=True
    )
    forms: Mapped[list["CampaignForm"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class Stage(Base):
    """One stage of a campaign with its first and last day."""

    __tablename__ = "stage"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "position"),
        sa.CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(sa.String(64))
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date] = mapped_column()


class Standard(Base):
    """The income line of one scheme in one place and year."""

    __tablename__ = "standard"
    __table_args__ = (
        sa.UniqueConstraint("campaign_id", "area_code", "scheme", "year"),
        sa.CheckConstraint("scheme in ('urban', 'rural')", name="scheme_known"),
        sa.CheckConstraint("fen_per_person_year > 0", name="amount_positive"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    area_code: Mapped[str] = mapped_column(sa.String(12))
    scheme: Mapped[str] = mapped_column(sa.String(8))
    year: Mapped[int] = mapped_column()
    fen_per_person_year: Mapped[int] = mapped_column()


class ReportingDate(Base):
    """A day by which something must be reported upwards."""

    __tablename__ = "reporting_date"

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    due_on: Mapped[date] = mapped_column()


class CampaignForm(Base):
    """A form in use in a campaign."""

    __tablename__ = "campaign_form"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "form_id"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    form_id: Mapped[str] = mapped_column(sa.String(64))

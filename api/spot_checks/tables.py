"""What is kept of a spot check. Frames, units, draws and selections are written once; the database refuses changes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, Json, UtcDateTime, county_reference, now


class Frame(CountyRow, Base):
    """The roll of a county as it was on one day: what a draw is made from."""

    __tablename__ = "frame"
    __table_args__ = (sa.CheckConstraint("population in ('on_roll', 'missed')", name="population_known"),)

    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id"))
    population: Mapped[str] = mapped_column(sa.String(16), default="on_roll")
    # a city's sub-round: the frame is what this draw of the county chose, for its base list
    within_draw_id: Mapped[UUID | None] = mapped_column(sa.Uuid())
    # what the third column of the public frame.csv holds, see `api.spot_checks.numbers`
    numbered_by: Mapped[str] = mapped_column(sa.String(8), default="none", server_default="none")
    units: Mapped[int] = mapped_column()
    frame_sha256: Mapped[str] = mapped_column(sa.String(64))  # over the public frame.csv
    units_sha256: Mapped[str] = mapped_column(sa.String(64))  # over everything kept of the units, private parts too
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    frozen_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))


class FrameUnit(Base):
    """One household in a frozen frame: its public leaf with the private salt that opens it, and what the roll said."""

    __tablename__ = "frame_unit"
    __table_args__ = (
        county_reference("frame_id", table="frame"),
        sa.UniqueConstraint("county_code", "frame_id", "household_code"),
    )

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    frame_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    leaf: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    salt: Mapped[str] = mapped_column(sa.String(32))
    household_id: Mapped[UUID] = mapped_column(sa.Uuid())
    household_code: Mapped[str] = mapped_column(sa.String(32))
    head_name: Mapped[str] = mapped_column(sa.String(64))
    village_code: Mapped[str] = mapped_column(sa.String(12))
    stratum: Mapped[str] = mapped_column(sa.String(64))  # township code|scheme|band
    reasons: Mapped[list[Any]] = mapped_column(Json, default=list)  # why the household is in its band
    longitude: Mapped[float | None] = mapped_column()
    latitude: Mapped[float | None] = mapped_column()
    # what was paid on the day of freezing; empty in frames from before these were kept
    benefit_fen_per_month: Mapped[int | None] = mapped_column()
    persons: Mapped[int | None] = mapped_column()
    # the public whole number of `Frame.numbered_by`; empty without one
    size_or_order: Mapped[int | None] = mapped_column(sa.BigInteger())


class Draw(CountyRow, Base):
    """One draw from a frame: committed (published before the seed exists), then drawn; never changed, only followed."""

    __tablename__ = "draw"
    __table_args__ = (
        county_reference("frame_id", table="frame"),
        sa.UniqueConstraint("county_code", "campaign_id", "number"),
        sa.UniqueConstraint("county_code", "manifest_sha256"),
    )

    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id"))
    frame_id: Mapped[UUID] = mapped_column(sa.Uuid())
    number: Mapped[int] = mapped_column()
    plan_json: Mapped[str] = mapped_column(sa.Text())  # the exact canonical text
    plan_sha256: Mapped[str] = mapped_column(sa.String(64))
    manifest_json: Mapped[str] = mapped_column(sa.Text())
    manifest_sha256: Mapped[str] = mapped_column(sa.String(64))
    committed_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    committed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(sa.Text(), default="")  # why a second draw follows a first


class DrawResult(Base):
    """What the public entropy made of a committed draw."""

    __tablename__ = "draw_result"
    __table_args__ = (county_reference("draw_id", table="draw"),)

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    draw_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    entropy: Mapped[str] = mapped_column(sa.Text())
    witnesses: Mapped[str] = mapped_column(sa.Text(), default="")
    seed_hex: Mapped[str] = mapped_column(sa.String(64))
    draw_json: Mapped[str] = mapped_column(sa.Text())
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    drawn_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))


class Selection(Base):
    """One household that a draw chose, to be visited (base) or kept in order as a reserve."""

    __tablename__ = "selection"
    __table_args__ = (
        county_reference("draw_id", table="draw"),
        sa.Index("ix_selection_village", "county_code", "draw_id", "village_code"),
        sa.Index("ix_selection_household", "county_code", "household_id"),
        sa.CheckConstraint("role in ('base', 'reserve')", name="role_known"),
        sa.CheckConstraint("inclusion_n between 1 and inclusion_of", name="probability_range"),
    )

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    draw_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    leaf: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    household_id: Mapped[UUID] = mapped_column(sa.Uuid())
    household_code: Mapped[str] = mapped_column(sa.String(32))
    village_code: Mapped[str] = mapped_column(sa.String(12))
    stratum: Mapped[str] = mapped_column(sa.String(64))
    role: Mapped[str] = mapped_column(sa.String(8))
    position: Mapped[int] = mapped_column()  # in ticket order within the stratum, from 1
    # The chance of being in the base list, exact: inclusion_n / inclusion_of.
    inclusion_n: Mapped[int] = mapped_column()
    inclusion_of: Mapped[int] = mapped_column()


class Recheck(Base):
    """One household that the city gave to a checker of its own in its sub-round; never changed."""

    __tablename__ = "recheck"
    __table_args__ = (
        county_reference("assignment_id", table="assignment"),
        county_reference("draw_id", table="draw"),
        sa.Index("ix_recheck_household", "county_code", "household_id"),
    )

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    assignment_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    draw_id: Mapped[UUID] = mapped_column(sa.Uuid())
    household_id: Mapped[UUID] = mapped_column(sa.Uuid())
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))

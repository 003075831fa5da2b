"""What is kept of teams, conflicts, tours and replacements. Overrides and replacements are written once."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, UtcDateTime, county_reference, now

TIE_KINDS = ("relative", "home_village", "official")
MOST_PER_DAY = 60  # households one team can be asked to visit on one day


def drawn_reference(column: str) -> sa.ForeignKeyConstraint:
    """Return the foreign key to a household that a draw chose: nothing else can stand on a list."""
    return sa.ForeignKeyConstraint(
        ["county_code", "draw_id", column], ["selection.county_code", "selection.draw_id", "selection.leaf"]
    )


class CheckTeam(CountyRow, Base):
    """Checkers who go together in one car: where they set out, and how much they manage on one day."""

    __tablename__ = "check_team"
    __table_args__ = (
        sa.UniqueConstraint("county_code", "campaign_id", "name"),
        sa.CheckConstraint(f"capacity_per_day between 1 and {MOST_PER_DAY}", name="capacity_range"),
        sa.CheckConstraint("days_to >= days_from", name="days_in_order"),
    )

    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id"))
    name: Mapped[str] = mapped_column(sa.String(64))
    # where they set out: the point if there is one, else the middle of this division's households, else the county's
    start_code: Mapped[str] = mapped_column(sa.String(12), default="")
    start_longitude: Mapped[float | None] = mapped_column()
    start_latitude: Mapped[float | None] = mapped_column()
    capacity_per_day: Mapped[int] = mapped_column()
    days_from: Mapped[date] = mapped_column()
    days_to: Mapped[date] = mapped_column()
    active: Mapped[bool] = mapped_column(default=True)


class CheckTeamMember(Base):
    """One checker of a team; the first leads it."""

    __tablename__ = "check_team_member"
    __table_args__ = (county_reference("team_id", table="check_team"),)

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    team_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    position: Mapped[int] = mapped_column()


class CheckerTie(CountyRow, Base):
    """Why a checker must stay away: a household of his people, his home village, or the official that he is."""

    __tablename__ = "checker_tie"
    __table_args__ = (
        sa.Index("ix_checker_tie_account", "county_code", "account_id"),
        sa.CheckConstraint("kind in ('relative', 'home_village', 'official')", name="kind_known"),
        sa.CheckConstraint(
            "(kind = 'relative' and household_id is not null) or (kind = 'home_village' and village_code is not null)"
            " or (kind = 'official' and official_id is not null)",
            name="names_what",
        ),
    )

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    household_id: Mapped[UUID | None] = mapped_column(sa.Uuid())
    village_code: Mapped[str | None] = mapped_column(sa.String(12))
    official_id: Mapped[UUID | None] = mapped_column(sa.Uuid())
    note: Mapped[str] = mapped_column(sa.String(200), default="")  # cousin, wife's brother; who said so
    declared_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    ended_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class ConflictOverride(CountyRow, Base):
    """A checker allowed to visit one household all the same, with the reason. Never changed."""

    __tablename__ = "conflict_override"
    __table_args__ = (
        sa.UniqueConstraint(
            "county_code", "campaign_id", "account_id", "household_id", name="uq_conflict_override_pair"
        ),
    )

    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id"))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    household_id: Mapped[UUID] = mapped_column(sa.Uuid())
    kinds: Mapped[str] = mapped_column(sa.String(64))  # the conflicts it speaks of, joined by spaces
    reason: Mapped[str] = mapped_column(sa.Text())
    by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)


class TourPlan(Base):
    """How the days of a draw's list were last worked out; may be worked out again at any time."""

    __tablename__ = "tour_plan"
    __table_args__ = (county_reference("draw_id", table="draw"),)

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    draw_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    method: Mapped[str] = mapped_column(sa.String(16))  # solver, or plain: by code, then the nearest next
    distance_m: Mapped[int] = mapped_column(sa.BigInteger())
    plain_distance_m: Mapped[int] = mapped_column(sa.BigInteger())  # what the plain order would have cost
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    planned_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))


class Tour(CountyRow, Base):
    """One day of one team: out, from household to household, and back."""

    __tablename__ = "tour"
    __table_args__ = (
        county_reference("draw_id", table="draw"),
        county_reference("team_id", table="check_team"),
        sa.UniqueConstraint("county_code", "draw_id", "team_id", "day"),
    )

    draw_id: Mapped[UUID] = mapped_column(sa.Uuid())
    team_id: Mapped[UUID] = mapped_column(sa.Uuid())
    day: Mapped[int] = mapped_column()  # of this team, from 1
    start_longitude: Mapped[float | None] = mapped_column()
    start_latitude: Mapped[float | None] = mapped_column()
    distance_m: Mapped[int] = mapped_column(sa.BigInteger())


class TourStop(Base):
    """One household of a draw's list and its place on a tour; without a tour where no team may go."""

    __tablename__ = "tour_stop"
    __table_args__ = (
        drawn_reference("leaf"),
        county_reference("tour_id", table="tour"),
        sa.Index("ix_tour_stop_tour", "county_code", "tour_id"),
    )

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    draw_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    leaf: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    household_id: Mapped[UUID] = mapped_column(sa.Uuid())
    tour_id: Mapped[UUID | None] = mapped_column(sa.Uuid())
    position: Mapped[int | None] = mapped_column()  # on the tour, from 1
    leg_m: Mapped[int | None] = mapped_column()  # from the stop before
    # whose place stands here: the household's own, or for want of it the middle of its village, township or county
    placed: Mapped[str] = mapped_column(sa.String(12))
    longitude: Mapped[float | None] = mapped_column()
    latitude: Mapped[float | None] = mapped_column()


class Replacement(CountyRow, Base):
    """A reserve released because a drawn household could not be reached. Never changed, never taken back."""

    __tablename__ = "replacement"
    __table_args__ = (
        drawn_reference("replaced_leaf"),
        drawn_reference("released_leaf"),
        sa.UniqueConstraint("county_code", "draw_id", "replaced_leaf"),
        sa.UniqueConstraint("county_code", "draw_id", "released_leaf"),
        sa.CheckConstraint("replaced_leaf <> released_leaf", name="another_household"),
    )

    draw_id: Mapped[UUID] = mapped_column(sa.Uuid())
    replaced_leaf: Mapped[str] = mapped_column(sa.String(64))
    released_leaf: Mapped[str] = mapped_column(sa.String(64))
    outcome: Mapped[str] = mapped_column(sa.String(32))  # what the last check found at the replaced household
    attempts: Mapped[int] = mapped_column()
    reason: Mapped[str] = mapped_column(sa.Text())
    by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)

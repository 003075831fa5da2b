"""What is kept of people: accounts, grants, tokens, failed attempts, and the audit log with its chain."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.database import Base, CountyRow, Json, UtcDateTime, new_id, now
from api.people.roles import Role

TOKEN_KINDS = ("program", "phone")


class Account(Base):
    """A person who can sign in."""

    __tablename__ = "account"
    __table_args__ = (sa.CheckConstraint("name = lower(name)", name="name_lower"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(64))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(8), default="zh")
    active: Mapped[bool] = mapped_column(default=True)
    # Part of every session's cookie: changing it ends all sessions of the account.
    session_stamp: Mapped[str] = mapped_column(sa.String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)

    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="account", cascade="all, delete-orphan", lazy="selectin"
    )


class RoleGrant(Base):
    """A role that a person holds in an area (the prefix of a division code)."""

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "role", "area_code"),
        sa.CheckConstraint("length(area_code) in (2, 4, 6, 9, 12)", name="area_length"),
        sa.CheckConstraint("role in ({})".format(", ".join(f"'{role}'" for role in Role)), name="role_known"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(sa.String(32))
    area_code: Mapped[str] = mapped_column(sa.String(12))

    account: Mapped[Account] = relationship(back_populates="grants")


class Token(Base):
    """A secret that lets a program or a phone act as an account; only its hash is kept."""

    __tablename__ = "token"
    __table_args__ = (sa.CheckConstraint("kind in ('program', 'phone')", name="kind_known"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    label: Mapped[str] = mapped_column(sa.String(120))
    only_for: Mapped[str | None] = mapped_column(sa.String(16))  # the one thing it opens (draft); empty: everything
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    account: Mapped[Account] = relationship(lazy="joined")


class FailedAttempt(Base):
    """Failed sign-ins in a row, for one account name or one network address."""

    __tablename__ = "failed_attempt"

    subject: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    count: Mapped[int] = mapped_column()
    last_at: Mapped[datetime] = mapped_column(UtcDateTime())
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime())


class AuditEntry(CountyRow, Base):
    """One thing that somebody did. Never changed, never removed: the database refuses both."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_object", "county_code", "object_kind", "object_id"),)

    at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    # No foreign key: the log outlives the account.
    actor_id: Mapped[UUID | None] = mapped_column(sa.Uuid())
    actor_name: Mapped[str] = mapped_column(sa.String(64))
    action: Mapped[str] = mapped_column(sa.String(64))
    object_kind: Mapped[str] = mapped_column(sa.String(64))
    object_id: Mapped[str] = mapped_column(sa.String(128))
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class AuditLink(Base):
    """The place of one audit entry in its county's chain: each link's hash covers the entry and the link before."""

    __tablename__ = "audit_link"
    __table_args__ = (
        sa.UniqueConstraint("county_code", "entry_id"),
        sa.ForeignKeyConstraint(["county_code", "entry_id"], ["audit_entry.county_code", "audit_entry.id"]),
    )

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(sa.Uuid())
    entry_hash: Mapped[str] = mapped_column(sa.String(64))
    chain_hash: Mapped[str] = mapped_column(sa.String(64))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime())

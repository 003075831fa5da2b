"""What is kept of divisions and households."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from geoalchemy2 import Geometry, WKBElement
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.database import Base, CountyRow, UtcDateTime, county_reference, now

SCHEMES = ("urban", "rural")  # 城市低保，农村低保
LEVELS = ("region", "city", "county", "township", "village")
# what a phone's list shows of a household beside its code; a change of it makes a new version
LISTED = ("head_name", "village_code", "address", "persons", "scheme")


class Division(Base):
    """One administrative division; the prefix of its code is the division above."""

    __tablename__ = "division"
    __table_args__ = (
        sa.CheckConstraint("level in ('region', 'city', 'county', 'township', 'village')", name="level_known"),
    )

    code: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    level: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.String(64))
    parent_code: Mapped[str | None] = mapped_column(sa.ForeignKey("division.code"), index=True)
    source: Mapped[str] = mapped_column(sa.String(200))
    renamed: Mapped[int] = mapped_column(default=0, server_default="0")  # how often; phones' lists show the name


class DivisionBoundary(Base):
    """The ground a division covers, as far as anyone has said."""

    __tablename__ = "division_boundary"

    division_code: Mapped[str] = mapped_column(sa.ForeignKey("division.code"), primary_key=True)
    ground: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326))
    synthetic: Mapped[bool] = mapped_column()  # made from points for the demo, no survey behind it
    source: Mapped[str] = mapped_column(sa.String(200))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now, server_default="1970-01-01 00:00:00")


class Household(CountyRow, Base):
    """One household: on the roll (receiving the allowance), or registered poor and not on it."""

    __tablename__ = "household"
    __table_args__ = (
        sa.UniqueConstraint("county_code", "code"),
        sa.Index("ix_household_village", "county_code", "village_code"),
        sa.Index("ix_household_head_identity", "county_code", "head_identity_hash"),
        sa.CheckConstraint("scheme in ('urban', 'rural')", name="scheme_known"),
        sa.CheckConstraint("substr(village_code, 1, 6) = county_code", name="village_in_county"),
        sa.CheckConstraint("substr(village_code, 1, 9) = township_code", name="village_in_township"),
        sa.CheckConstraint("benefit_fen_per_month >= 0", name="benefit_not_negative"),
        sa.CheckConstraint("persons >= 1", name="persons_positive"),
    )

    code: Mapped[str] = mapped_column(sa.String(32))  # village code, a hyphen, a serial: 540222100201-0001
    township_code: Mapped[str] = mapped_column(sa.String(9), index=True)
    village_code: Mapped[str] = mapped_column(sa.ForeignKey("division.code"))
    scheme: Mapped[str] = mapped_column(sa.String(8))
    on_roll: Mapped[bool] = mapped_column(default=True)
    registered_poor: Mapped[bool] = mapped_column(default=False)  # 建档立卡
    head_name: Mapped[str] = mapped_column(sa.String(64))
    head_identity_sealed: Mapped[str | None] = mapped_column(sa.Text())
    head_identity_hash: Mapped[str | None] = mapped_column(sa.String(64))
    phone_sealed: Mapped[str | None] = mapped_column(sa.Text())
    bank_card_sealed: Mapped[str | None] = mapped_column(sa.Text())
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    persons: Mapped[int] = mapped_column()
    benefit_fen_per_month: Mapped[int] = mapped_column()
    benefit_since: Mapped[date | None] = mapped_column()
    income_fen_per_person_year: Mapped[int | None] = mapped_column()  # as the roll states it
    place: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326))
    # keyed hash of the household and its members as the last file had them; empty once changed otherwise
    roll_fingerprint: Mapped[str | None] = mapped_column(sa.String(64))
    # What phones' lists say of the household is its version; it never falls. It also grows when a phone must give up
    # what it entered itself: then nothing the list shows has changed since `content_version`.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    content_version: Mapped[int] = mapped_column(default=1, server_default="1")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now, onupdate=now)

    members: Mapped[list["Member"]] = relationship(
        back_populates="household",
        cascade="all, delete-orphan",
        order_by="Member.position",
        passive_deletes=True,
    )


class Member(CountyRow, Base):
    """One person of a household; the householder is position 1."""

    __tablename__ = "member"
    __table_args__ = (
        county_reference("household_id", table="household", ondelete="CASCADE"),
        sa.UniqueConstraint("county_code", "household_id", "position"),
        sa.Index("ix_member_identity", "county_code", "identity_hash"),
    )

    household_id: Mapped[UUID] = mapped_column(sa.Uuid())
    position: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(sa.String(64))
    relation: Mapped[str] = mapped_column(sa.String(16))  # to the householder: 本人，配偶，子，女 …
    identity_sealed: Mapped[str | None] = mapped_column(sa.Text())
    identity_hash: Mapped[str | None] = mapped_column(sa.String(64))
    birth_date: Mapped[date | None] = mapped_column()
    sex: Mapped[str | None] = mapped_column(sa.String(1))  # 男，女
    health: Mapped[str] = mapped_column(sa.String(32), default="")
    work: Mapped[str] = mapped_column(sa.String(64), default="")
    receives: Mapped[bool] = mapped_column(default=True)  # whether the allowance counts this person

    household: Mapped[Household] = relationship(back_populates="members")


class Official(CountyRow, Base):
    """A person on the public payroll, a village cadre or a case worker, whose relatives are declared (近亲属备案)."""

    __tablename__ = "official"
    __table_args__ = (sa.Index("ix_official_identity", "county_code", "identity_hash"),)

    name: Mapped[str] = mapped_column(sa.String(64))
    identity_sealed: Mapped[str | None] = mapped_column(sa.Text())
    identity_hash: Mapped[str | None] = mapped_column(sa.String(64))
    body: Mapped[str] = mapped_column(sa.String(120))  # where they work
    post: Mapped[str] = mapped_column(sa.String(64))
    division_code: Mapped[str] = mapped_column(sa.ForeignKey("division.code"))
    kind: Mapped[str] = mapped_column(sa.String(32))  # payroll, village_cadre, case_worker

    relatives: Mapped[list["DeclaredRelative"]] = relationship(
        back_populates="official", cascade="all, delete-orphan", passive_deletes=True
    )


class DeclaredRelative(CountyRow, Base):
    """A close relative that an official has declared, matched to a household by identity number."""

    __tablename__ = "declared_relative"
    __table_args__ = (
        county_reference("official_id", table="official", ondelete="CASCADE"),
        sa.Index("ix_declared_relative_identity", "county_code", "identity_hash"),
    )

    official_id: Mapped[UUID] = mapped_column(sa.Uuid())
    name: Mapped[str] = mapped_column(sa.String(64))
    relation: Mapped[str] = mapped_column(sa.String(16))
    identity_sealed: Mapped[str | None] = mapped_column(sa.Text())
    identity_hash: Mapped[str | None] = mapped_column(sa.String(64))

    official: Mapped[Official] = relationship(back_populates="relatives")


class DepartmentRecord(CountyRow, Base):
    """What another department says of one person: a vehicle, a company, a wage, a deed, a death."""

    __tablename__ = "department_record"
    __table_args__ = (sa.Index("ix_department_record_identity", "county_code", "identity_hash"),)

    department: Mapped[str] = mapped_column(sa.String(64))  # 公安，人社，住建，工商，财政，银行 …
    kind: Mapped[str] = mapped_column(sa.String(32))  # vehicle, machinery, company, payroll, property, death, subsidy
    name: Mapped[str] = mapped_column(sa.String(64))
    identity_sealed: Mapped[str | None] = mapped_column(sa.Text())
    identity_hash: Mapped[str | None] = mapped_column(sa.String(64))
    description: Mapped[str] = mapped_column(sa.String(200), default="")
    amount_fen: Mapped[int | None] = mapped_column(sa.BigInteger())
    recorded_on: Mapped[date | None] = mapped_column()


class MatchingKey(Base):
    """The one key by which equal identity numbers are found, encrypted with the field keys (`secrecy`)."""

    __tablename__ = "matching_key"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[str] = mapped_column(sa.Text())
    made_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)


@sa.event.listens_for(Household, "before_update")
def _notice_changes(_mapper: object, _connection: object, household: Household) -> None:
    """Whoever changes a household by hand makes it differ from the file it came from, and from phones' lists."""
    changed = {attribute.key for attribute in sa.inspect(household).attrs if attribute.history.has_changes()}
    if changed - {"roll_fingerprint", "updated_at", "members", "version", "content_version"}:
        household.roll_fingerprint = None
    if changed & {*LISTED, "place"}:
        household.version += 1
        household.content_version = household.version

"""What is kept of an import of the roll, and of its rows while they are judged."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, Json, UtcDateTime, county_reference, now

STATES = ("waiting", "staging", "refused", "ready", "applied", "failed")


class RollImport(CountyRow, Base):
    """One uploaded roll: staged, judged, and swapped in whole or not at all."""

    __tablename__ = "roll_import"
    __table_args__ = (
        sa.CheckConstraint(
            "state in ('waiting', 'staging', 'refused', 'ready', 'applied', 'failed')", name="state_known"
        ),
        sa.CheckConstraint("substr(area_code, 1, 6) = county_code", name="area_in_county"),
        sa.Index("ix_roll_import_state", "state", "seen_alive_at"),
    )

    area_code: Mapped[str] = mapped_column(sa.String(9))  # the county or township whose whole roll the file is
    file_name: Mapped[str] = mapped_column(sa.String(200))
    file_sha256: Mapped[str] = mapped_column(sa.String(64))
    dry_run: Mapped[bool] = mapped_column()
    state: Mapped[str] = mapped_column(sa.String(16), default="waiting")
    rows: Mapped[int] = mapped_column(default=0)  # read so far; in the end those of the file
    households: Mapped[int] = mapped_column(default=0)
    errors: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)  # households, as the four that follow
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)  # on the roll before, not in the file: kept, no longer on the roll
    message: Mapped[str] = mapped_column(sa.Text(), default="")
    job_id: Mapped[UUID | None] = mapped_column(sa.Uuid())  # the background job that does it
    created_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))  # empty: from the command line
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    seen_alive_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)  # the last chunk that was staged
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class RollImportHousehold(Base):
    """One household of an uploaded roll while it is judged; gone once the import has ended."""

    __tablename__ = "roll_import_household"
    __table_args__ = (
        county_reference("import_id", table="roll_import", ondelete="CASCADE"),
        sa.UniqueConstraint("county_code", "import_id", "code"),
    )

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    import_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of the householder
    new_id: Mapped[UUID] = mapped_column(sa.Uuid())  # its id if it is new
    outcome: Mapped[str | None] = mapped_column(sa.String(12))  # added, changed, unchanged
    code: Mapped[str] = mapped_column(sa.String(32))
    township_code: Mapped[str] = mapped_column(sa.String(9))
    village_code: Mapped[str] = mapped_column(sa.String(12))
    scheme: Mapped[str] = mapped_column(sa.String(8))
    registered_poor: Mapped[bool] = mapped_column()
    head_name: Mapped[str] = mapped_column(sa.String(64))
    head_identity_sealed: Mapped[str | None] = mapped_column(sa.Text())
    head_identity_hash: Mapped[str | None] = mapped_column(sa.String(64))
    phone_sealed: Mapped[str | None] = mapped_column(sa.Text())
    bank_card_sealed: Mapped[str | None] = mapped_column(sa.Text())
    address: Mapped[str] = mapped_column(sa.String(200))
    persons: Mapped[int] = mapped_column()
    benefit_fen_per_month: Mapped[int] = mapped_column()
    benefit_since: Mapped[date | None] = mapped_column()
    income_fen_per_person_year: Mapped[int | None] = mapped_column()
    place_text: Mapped[str | None] = mapped_column(sa.String(80))  # POINT(longitude latitude)
    roll_fingerprint: Mapped[str] = mapped_column(sa.String(64))


class RollImportMember(Base):
    """One person of an uploaded roll while it is judged; gone once the import has ended."""

    __tablename__ = "roll_import_member"
    __table_args__ = (
        county_reference("import_id", table="roll_import", ondelete="CASCADE"),
        sa.Index("ix_roll_import_member_identity", "county_code", "import_id", "identity_hash"),
    )

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    import_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # as Excel counts rows
    new_id: Mapped[UUID] = mapped_column(sa.Uuid())
    household_code: Mapped[str] = mapped_column(sa.String(32))
    position: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(sa.String(64))
    relation: Mapped[str] = mapped_column(sa.String(16))
    identity_sealed: Mapped[str | None] = mapped_column(sa.Text())
    identity_hash: Mapped[str | None] = mapped_column(sa.String(64))
    birth_date: Mapped[date | None] = mapped_column()
    sex: Mapped[str | None] = mapped_column(sa.String(1))
    health: Mapped[str] = mapped_column(sa.String(32))
    work: Mapped[str] = mapped_column(sa.String(64))
    receives: Mapped[bool] = mapped_column()


class RollImportError(CountyRow, Base):
    """One thing wrong with an uploaded roll; kept with the import, so that the sheet can be fetched again."""

    __tablename__ = "roll_import_error"
    __table_args__ = (
        county_reference("import_id", table="roll_import", ondelete="CASCADE"),
        sa.Index("ix_roll_import_error_import", "county_code", "import_id", "row_number"),
    )

    import_id: Mapped[UUID] = mapped_column(sa.Uuid())
    row_number: Mapped[int] = mapped_column()  # as Excel counts rows; the headings are row 1
    heading: Mapped[str] = mapped_column(sa.String(64))  # the file's own heading
    shown: Mapped[str] = mapped_column(sa.String(80))  # what stands there, masked where secret
    message: Mapped[str] = mapped_column(sa.Text())  # what is wrong and what to do, with {names}
    names: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

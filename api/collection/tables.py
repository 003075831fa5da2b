"""What is kept of forms and of what phones send. File bytes lie in the data folder, named by their SHA-256."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from api.database import Base, CountyRow, Json, UtcDateTime, county_reference, new_id, now

PURPOSES = ("township_visit", "spot_check")
OPEN_ASSIGNMENT = sa.text("withdrawn_at IS NULL AND completed_at IS NULL")


class FormVersion(Base):
    """One version of a form, its bytes frozen when it was published: the house's for everybody, or a county's own."""

    __tablename__ = "form_version"
    __table_args__ = (
        sa.UniqueConstraint("area_code", "form_id", "version"),
        sa.CheckConstraint("state in ('published', 'superseded', 'closed')", name="state_known"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True, default=new_id)
    # The county whose own it is; empty: the house's. In its county it takes the place of the house's of that form_id.
    area_code: Mapped[str] = mapped_column(sa.String(6), default="", server_default="")
    form_id: Mapped[str] = mapped_column(sa.String(64))
    version: Mapped[str] = mapped_column(sa.String(64))
    title: Mapped[str] = mapped_column(sa.String(120))
    evidence_kind: Mapped[str] = mapped_column(sa.String(32))
    xform_sha256: Mapped[str] = mapped_column(sa.String(64))
    md5: Mapped[str] = mapped_column(sa.String(32))
    xform: Mapped[bytes] = mapped_column(sa.LargeBinary(), deferred=True)
    source_name: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")  # file it was compiled from
    source_sha256: Mapped[str | None] = mapped_column(sa.String(64))  # its kept bytes; empty for the house's
    for_roles: Mapped[list[str]] = mapped_column(Json, default=list)  # whose phones get it; empty: every field worker's
    # The campaign it was published for: in use there even where the campaign's own list of forms does not name it.
    campaign_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("campaign.id"))
    state: Mapped[str] = mapped_column(sa.String(16), default="published")
    published_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))  # empty: from the command line
    published_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)


class FormMedia(Base):
    """A file that a form needs on the phone beside it (picture, sound, list of choices), frozen with the version."""

    __tablename__ = "form_media"

    form_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("form_version.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    md5: Mapped[str] = mapped_column(sa.String(32))  # what a manifest says: phones compare it with what they hold
    bytes: Mapped[int] = mapped_column(sa.BigInteger())
    media_type: Mapped[str] = mapped_column(sa.String(80))


class Assignment(CountyRow, Base):
    """A household given to a worker to visit: for the township, or as a blind spot check for the county."""

    __tablename__ = "assignment"
    __table_args__ = (
        county_reference("household_id", table="household"),
        sa.Index("ix_assignment_account", "county_code", "account_id", "household_id"),
        sa.Index("ix_assignment_household", "county_code", "household_id"),
        sa.Index("ix_assignment_account_id", "account_id"),  # a worker's progress, whatever his county
        sa.Index(
            "uq_assignment_open",
            "county_code",
            "campaign_id",
            "household_id",
            "purpose",
            unique=True,
            sqlite_where=OPEN_ASSIGNMENT,
            postgresql_where=OPEN_ASSIGNMENT,
        ),
        sa.CheckConstraint("purpose in ('township_visit', 'spot_check')", name="purpose_known"),
    )

    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id"))
    household_id: Mapped[UUID] = mapped_column(sa.Uuid())
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    purpose: Mapped[str] = mapped_column(sa.String(16))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())  # when the worker's own visit arrived
    # why his visit was returned to him, as his phone's list says it; empty: it was not, or it came again
    returned_note: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")


class Submission(CountyRow, Base):
    """One record from a phone, through all its edits."""

    __tablename__ = "submission"
    __table_args__ = (
        sa.UniqueConstraint("county_code", "instance_id"),
        sa.Index("ix_submission_household", "county_code", "household_code"),
        sa.Index("ix_submission_village", "county_code", "village_code"),
        sa.CheckConstraint("purpose in ('township_visit', 'spot_check')", name="purpose_known"),
    )

    # The current instance id: an edit brings a new one. All ids ever used are unique in submission_version.
    instance_id: Mapped[str] = mapped_column(sa.String(255))
    form_id: Mapped[str] = mapped_column(sa.String(64))
    purpose: Mapped[str] = mapped_column(sa.String(16), default="township_visit")
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    device_id: Mapped[str] = mapped_column(sa.String(128), default="")
    household_code: Mapped[str | None] = mapped_column(sa.String(32))  # as answered
    household_id: Mapped[UUID | None] = mapped_column(sa.Uuid())  # empty when the registry knows no such code
    # The village of the household, or the sender's area when no household is known: what the area rule looks at.
    village_code: Mapped[str] = mapped_column(sa.String(12))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    edited: Mapped[bool] = mapped_column(default=False)

    versions: Mapped[list["SubmissionVersion"]] = relationship(
        back_populates="submission", order_by="SubmissionVersion.number", passive_deletes=True
    )
    attachments: Mapped[list["Attachment"]] = relationship(back_populates="submission", passive_deletes=True)


class SubmissionVersion(CountyRow, Base):
    """One XML as it came: the first, or an edit. Its bytes never change.

    The first is number 1; an original that arrives after its own edit is number 0.
    """

    __tablename__ = "submission_version"
    __table_args__ = (
        county_reference("submission_id", table="submission"),
        # the rule that makes K identical postings one record
        sa.UniqueConstraint("county_code", "instance_id"),
        sa.UniqueConstraint("county_code", "submission_id", "number"),
        sa.Index("ix_submission_version_deprecated", "county_code", "deprecated_id"),
        sa.Index("ix_submission_version_sent", "county_code", "sent_sha256"),
        sa.Index("ix_submission_version_flag_kinds", "county_code", "flag_kinds"),
    )

    submission_id: Mapped[UUID] = mapped_column(sa.Uuid())
    number: Mapped[int] = mapped_column(default=1)
    instance_id: Mapped[str] = mapped_column(sa.String(255))
    deprecated_id: Mapped[str | None] = mapped_column(sa.String(255))
    form_version: Mapped[str] = mapped_column(sa.String(64))
    xml_sha256: Mapped[str] = mapped_column(sa.String(64))
    xml_bytes: Mapped[int] = mapped_column()
    # What the phone sent, where an operator's decision stored other bytes: the phone sends the old ones again.
    sent_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    named_files: Mapped[list[str]] = mapped_column(Json, default=list)  # files the XML names: what makes it complete
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    token_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("token.id"))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    # What could not be understood after acceptance; processed again once mended.
    flags: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    flag_kinds: Mapped[str] = mapped_column(sa.String(255), default="")  # of the flags, each once: to find them by
    derived_at: Mapped[datetime | None] = mapped_column(UtcDateTime())  # empty: the sweep derives it again

    submission: Mapped[Submission] = relationship(back_populates="versions")

    @validates("flags")
    def _name_kinds(self, _key: str, flags: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.flag_kinds = " ".join(sorted({flag["kind"] for flag in flags}))
        return flags


class Attachment(CountyRow, Base):
    """One file of a submission."""

    __tablename__ = "attachment"
    __table_args__ = (
        county_reference("submission_id", table="submission"),
        sa.UniqueConstraint("county_code", "submission_id", "name"),
        sa.Index("ix_attachment_sha256", "county_code", "sha256"),
    )

    submission_id: Mapped[UUID] = mapped_column(sa.Uuid())
    name: Mapped[str] = mapped_column(sa.String(255))
    sent_name: Mapped[str | None] = mapped_column(sa.String(255))  # the phone's, where an operator gave it another
    sha256: Mapped[str] = mapped_column(sa.String(64))
    bytes: Mapped[int] = mapped_column(sa.BigInteger())
    media_type: Mapped[str] = mapped_column(sa.String(80))  # sniffed, never as the phone says
    named: Mapped[bool] = mapped_column()  # whether the XML names it; a stray file is kept and flagged
    received_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)

    submission: Mapped[Submission] = relationship(back_populates="attachments")


class Quarantined(CountyRow, Base):
    """A posting that was refused after its token was accepted, kept once per content with a count."""

    __tablename__ = "quarantined"
    __table_args__ = (
        sa.UniqueConstraint("county_code", "token_id", "reason", "content_sha256"),
        sa.CheckConstraint("state in ('open', 'released', 'discarded')", name="state_known"),
    )

    token_id: Mapped[UUID] = mapped_column(sa.ForeignKey("token.id"))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    area_code: Mapped[str] = mapped_column(sa.String(12))
    device_id: Mapped[str] = mapped_column(sa.String(128), default="")
    reason: Mapped[str] = mapped_column(sa.String(64))
    message: Mapped[str] = mapped_column(sa.Text())
    # Where the fault is and what, in the library's words; empty when it is no fault of the XML.
    fault_where: Mapped[str] = mapped_column(sa.String(255), default="")
    fault_what: Mapped[str] = mapped_column(sa.String(255), default="")
    # What can be told of its answers, read as far as they can be read.
    form_id: Mapped[str | None] = mapped_column(sa.String(64))
    form_version: Mapped[str | None] = mapped_column(sa.String(64))
    instance_id: Mapped[str | None] = mapped_column(sa.String(255))
    household_code: Mapped[str | None] = mapped_column(sa.String(32))
    content_sha256: Mapped[str] = mapped_column(sa.String(64))
    files: Mapped[list[dict[str, Any]]] = mapped_column(Json)  # name, sha256, bytes of each part
    bytes: Mapped[int] = mapped_column(sa.BigInteger())
    times: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    state: Mapped[str] = mapped_column(sa.String(16), default="open")
    # Why it is not in now: the reason it came with, until an operator's try was refused for another.
    stands_for: Mapped[str] = mapped_column(sa.String(64))
    # What it became. No foreign key: whoever works in several counties files into the county the answers name.
    submission_id: Mapped[UUID | None] = mapped_column(sa.Uuid())

    acts: Mapped[list["QuarantineAct"]] = relationship(
        back_populates="quarantined", order_by="QuarantineAct.id", passive_deletes=True
    )


class QuarantineAct(CountyRow, Base):
    """One thing an operator did to a refused posting: tried it again, decided it, mended it, put it aside."""

    __tablename__ = "quarantine_act"
    __table_args__ = (
        county_reference("quarantined_id", table="quarantined"),
        sa.Index("ix_quarantine_act_quarantined", "county_code", "quarantined_id"),
        sa.CheckConstraint(
            "kind in ('release', 'as_edit', 'as_separate', 'beside', 'repair', 'discard', 'reopen')", name="kind_known"
        ),
    )

    quarantined_id: Mapped[UUID] = mapped_column(sa.Uuid())
    kind: Mapped[str] = mapped_column(sa.String(16))
    why: Mapped[str] = mapped_column(sa.Text())  # the operator's own words
    by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    # new, edit …, or refused and then why; what was neither tried nor refused is done
    outcome: Mapped[str] = mapped_column(sa.String(16), default="done")
    refused_for: Mapped[str] = mapped_column(sa.String(64), default="")
    message: Mapped[str] = mapped_column(sa.Text(), default="")
    # The mended answers; they are kept like those of a phone, and those of the phone beside them.
    xml_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    xml_bytes: Mapped[int | None] = mapped_column()
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # what was changed: identities, names of files

    quarantined: Mapped[Quarantined] = relationship(back_populates="acts")

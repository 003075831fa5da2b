"""What is kept of forms before they are published: drafts, their files, their keys, and what was sent to try them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, CountyRow, Json, UtcDateTime, county_reference, now
from api.problems import Conflict

OPEN_STATES = ("broken", "ready")  # still a draft


class FormDraft(CountyRow, Base):
    """A form that a county has uploaded and not yet published; uploading again replaces its content."""

    __tablename__ = "form_draft"
    __table_args__ = (
        sa.CheckConstraint("state in ('broken', 'ready', 'published', 'discarded')", name="state_known"),
        sa.CheckConstraint(
            "check_state in ('none', 'waiting', 'passed', 'refused', 'missing')", name="check_state_known"
        ),
        sa.Index("ix_form_draft_state", "county_code", "state"),
    )

    file_name: Mapped[str] = mapped_column(sa.String(200))
    file_type: Mapped[str] = mapped_column(sa.String(8))  # .xlsx, .xls, .csv, .md, .toml or .xml, by its bytes
    source_sha256: Mapped[str] = mapped_column(sa.String(64))  # its bytes are kept under this name
    state: Mapped[str] = mapped_column(sa.String(16))
    # ODK Validate's word: none while broken, missing where there is no Java
    check_state: Mapped[str] = mapped_column(sa.String(16), default="none")
    check_said: Mapped[str] = mapped_column(sa.Text(), default="")
    check_job_id: Mapped[UUID | None] = mapped_column(sa.Uuid())
    form_id: Mapped[str] = mapped_column(sa.String(64), default="")  # of the last content that compiled, as below
    version: Mapped[str] = mapped_column(sa.String(64), default="")
    title: Mapped[str] = mapped_column(sa.String(120), default="")
    xform: Mapped[bytes | None] = mapped_column(sa.LargeBinary(), deferred=True)
    xform_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    md5: Mapped[str | None] = mapped_column(sa.String(32))
    findings: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)  # what is wrong or doubtful, in place
    created_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)  # the present content
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    form_version_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("form_version.id"))  # what it became


def demand_open(draft: FormDraft) -> None:
    """Refuse what is asked of a draft that is none any more.

    Raises
    ------
    Conflict
        It is published or discarded.
    """
    if draft.state not in OPEN_STATES:
        raise Conflict("这份草稿已发布或删除，不能再修改，请重新上传一份")


class FormDraftMedia(Base):
    """A file that a draft needs on the phone beside it."""

    __tablename__ = "form_draft_media"
    __table_args__ = (county_reference("draft_id", table="form_draft", ondelete="CASCADE"),)

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    draft_id: Mapped[UUID] = mapped_column(sa.Uuid(), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    md5: Mapped[str] = mapped_column(sa.String(32))
    bytes: Mapped[int] = mapped_column(sa.BigInteger())
    media_type: Mapped[str] = mapped_column(sa.String(80))


class FormDraftKey(Base):
    """A key with which one person's phone tries one draft; it opens nothing else and ends with the draft."""

    __tablename__ = "form_draft_key"
    __table_args__ = (
        county_reference("draft_id", table="form_draft", ondelete="CASCADE"),
        sa.Index("ix_form_draft_key_draft", "county_code", "draft_id"),
    )

    token_id: Mapped[UUID] = mapped_column(sa.ForeignKey("token.id", ondelete="CASCADE"), primary_key=True)
    county_code: Mapped[str] = mapped_column(sa.String(6))
    draft_id: Mapped[UUID] = mapped_column(sa.Uuid())


class FormDraftSubmission(CountyRow, Base):
    """One record sent to try a draft: never evidence, its bytes in the draft's own folder, gone with the draft."""

    __tablename__ = "form_draft_submission"
    __table_args__ = (
        county_reference("draft_id", table="form_draft", ondelete="CASCADE"),
        sa.UniqueConstraint("county_code", "draft_id", "instance_id"),
    )

    draft_id: Mapped[UUID] = mapped_column(sa.Uuid())
    instance_id: Mapped[str] = mapped_column(sa.String(255))
    form_version: Mapped[str] = mapped_column(sa.String(64))
    xml_sha256: Mapped[str] = mapped_column(sa.String(64))
    files: Mapped[dict[str, dict[str, Any]]] = mapped_column(Json, default=dict)  # by name: sha256, bytes, media_type
    bytes: Mapped[int] = mapped_column(sa.BigInteger())  # of the XML and all files
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    device_id: Mapped[str] = mapped_column(sa.String(128), default="")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)

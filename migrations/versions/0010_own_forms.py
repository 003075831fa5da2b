"""What is kept of a county's own forms: whose a version is, its files, and drafts before they are published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_own_forms"
down_revision = "0009_field_work"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    # before anything refers to it: SQLite makes the table anew
    with op.batch_alter_table("form_version") as batch:
        batch.add_column(sa.Column("area_code", sa.String(length=6), server_default="", nullable=False))
        batch.add_column(sa.Column("source_name", sa.String(length=200), server_default="", nullable=False))
        batch.add_column(sa.Column("source_sha256", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("campaign_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("published_by", sa.Uuid(), nullable=True))
        batch.drop_constraint(op.f("uq_form_version_form_id_version"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_form_version_area_code_form_id_version"), ["area_code", "form_id", "version"]
        )
        batch.create_foreign_key(op.f("fk_form_version_published_by"), "account", ["published_by"], ["id"])
        batch.create_foreign_key(op.f("fk_form_version_campaign_id"), "campaign", ["campaign_id"], ["id"])
    op.create_table(
        "form_draft",
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_type", sa.String(length=8), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("check_state", sa.String(length=16), nullable=False),
        sa.Column("check_said", sa.Text(), nullable=False),
        sa.Column("check_job_id", sa.Uuid(), nullable=True),
        sa.Column("form_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("xform", sa.LargeBinary(), nullable=True),
        sa.Column("xform_sha256", sa.String(length=64), nullable=True),
        sa.Column("md5", sa.String(length=32), nullable=True),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("form_version_id", sa.Uuid(), nullable=True),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "check_state in ('none', 'waiting', 'passed', 'refused', 'missing')",
            name=op.f("ck_form_draft_check_state_known"),
        ),
        sa.CheckConstraint(
            "state in ('broken', 'ready', 'published', 'discarded')", name=op.f("ck_form_draft_state_known")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_form_draft_created_by")),
        sa.ForeignKeyConstraint(["form_version_id"], ["form_version.id"], name=op.f("fk_form_draft_form_version_id")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_form_draft")),
    )
    op.create_index("ix_form_draft_state", "form_draft", ["county_code", "state"], unique=False)
    op.create_table(
        "form_media",
        sa.Column("form_version_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("md5", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["form_version_id"], ["form_version.id"], name=op.f("fk_form_media_form_version_id")),
        sa.PrimaryKeyConstraint("form_version_id", "name", name=op.f("pk_form_media")),
    )
    op.create_table(
        "form_draft_key",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "draft_id"],
            ["form_draft.county_code", "form_draft.id"],
            name=op.f("fk_form_draft_key_county_code_draft_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["token_id"], ["token.id"], name=op.f("fk_form_draft_key_token_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_form_draft_key")),
    )
    op.create_index("ix_form_draft_key_draft", "form_draft_key", ["county_code", "draft_id"], unique=False)
    op.create_table(
        "form_draft_media",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("md5", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "draft_id"],
            ["form_draft.county_code", "form_draft.id"],
            name=op.f("fk_form_draft_media_county_code_draft_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "draft_id", "name", name=op.f("pk_form_draft_media")),
    )
    op.create_table(
        "form_draft_submission",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.String(length=255), nullable=False),
        sa.Column("form_version", sa.String(length=64), nullable=False),
        sa.Column("xml_sha256", sa.String(length=64), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.String(length=128), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_form_draft_submission_account_id")),
        sa.ForeignKeyConstraint(
            ["county_code", "draft_id"],
            ["form_draft.county_code", "form_draft.id"],
            name=op.f("fk_form_draft_submission_county_code_draft_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_form_draft_submission")),
        sa.UniqueConstraint(
            "county_code",
            "draft_id",
            "instance_id",
            name=op.f("uq_form_draft_submission_county_code_draft_id_instance_id"),
        ),
    )
    op.add_column("token", sa.Column("only_for", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("token", "only_for")
    op.drop_table("form_draft_submission")
    op.drop_table("form_draft_media")
    op.drop_index("ix_form_draft_key_draft", table_name="form_draft_key")
    op.drop_table("form_draft_key")
    op.drop_table("form_media")
    op.drop_index("ix_form_draft_state", table_name="form_draft")
    op.drop_table("form_draft")
    # a county's own versions have no place in the older shape
    op.execute("DELETE FROM form_version WHERE area_code <> ''")
    with op.batch_alter_table("form_version") as batch:
        batch.drop_constraint(op.f("fk_form_version_campaign_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_form_version_published_by"), type_="foreignkey")
        batch.drop_constraint(op.f("uq_form_version_area_code_form_id_version"), type_="unique")
        batch.create_unique_constraint(op.f("uq_form_version_form_id_version"), ["form_id", "version"])
        batch.drop_column("published_by")
        batch.drop_column("campaign_id")
        batch.drop_column("source_sha256")
        batch.drop_column("source_name")
        batch.drop_column("area_code")

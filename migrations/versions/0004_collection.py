"""What is kept of collection."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_collection"
down_revision = "0003_campaigns"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "form_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("evidence_kind", sa.String(length=32), nullable=False),
        sa.Column("xform_sha256", sa.String(length=64), nullable=False),
        sa.Column("md5", sa.String(length=32), nullable=False),
        sa.Column("xform", sa.LargeBinary(), nullable=False),
        sa.Column("for_roles", JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('published', 'superseded', 'closed')", name=op.f("ck_form_version_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("form_id", "version", name=op.f("uq_form_version_form_id_version")),
    )
    op.create_table(
        "submission",
        sa.Column("instance_id", sa.String(length=255), nullable=False),
        sa.Column("form_id", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.String(length=128), nullable=False),
        sa.Column("household_code", sa.String(length=32), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("village_code", sa.String(length=12), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("purpose in ('township_visit', 'spot_check')", name=op.f("ck_submission_purpose_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_submission_account_id")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_submission")),
        sa.UniqueConstraint("county_code", "instance_id", name=op.f("uq_submission_county_code_instance_id")),
    )
    op.create_index(op.f("ix_submission_account_id"), "submission", ["account_id"], unique=False)
    op.create_index("ix_submission_household", "submission", ["county_code", "household_code"], unique=False)
    op.create_index("ix_submission_village", "submission", ["county_code", "village_code"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("purpose in ('township_visit', 'spot_check')", name=op.f("ck_assignment_purpose_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_assignment_account_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_assignment_campaign_id")),
        sa.ForeignKeyConstraint(
            ["county_code", "household_id"],
            ["household.county_code", "household.id"],
            name=op.f("fk_assignment_county_code_household_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_account", "assignment", ["county_code", "account_id", "household_id"], unique=False)
    op.create_index("ix_assignment_household", "assignment", ["county_code", "household_id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "submission_id"],
            ["submission.county_code", "submission.id"],
            name=op.f("fk_attachment_county_code_submission_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_attachment")),
        sa.UniqueConstraint(
            "county_code", "submission_id", "name", name=op.f("uq_attachment_county_code_submission_id_name")
        ),
    )
    op.create_index("ix_attachment_sha256", "attachment", ["county_code", "sha256"], unique=False)
    op.create_table(
        "quarantined",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('open', 'released', 'discarded')", name=op.f("ck_quarantined_state_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_quarantined_account_id")),
        sa.ForeignKeyConstraint(["token_id"], ["token.id"], name=op.f("fk_quarantined_token_id")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_quarantined")),
        sa.UniqueConstraint(
            "county_code",
            "token_id",
            "reason",
            "content_sha256",
            name=op.f("uq_quarantined_county_code_token_id_reason_content_sha256"),
        ),
    )
    op.create_table(
        "submission_version",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.String(length=255), nullable=False),
        sa.Column("deprecated_id", sa.String(length=255), nullable=True),
        sa.Column("form_version", sa.String(length=64), nullable=False),
        sa.Column("xml_sha256", sa.String(length=64), nullable=False),
        sa.Column("xml_bytes", sa.Integer(), nullable=False),
        sa.Column("named_files", JSON, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flags", JSON, nullable=False),
        sa.Column("derived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_submission_version_account_id")),
        sa.ForeignKeyConstraint(
            ["county_code", "submission_id"],
            ["submission.county_code", "submission.id"],
            name=op.f("fk_submission_version_county_code_submission_id"),
        ),
        sa.ForeignKeyConstraint(["token_id"], ["token.id"], name=op.f("fk_submission_version_token_id")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_submission_version")),
        sa.UniqueConstraint("county_code", "instance_id", name=op.f("uq_submission_version_county_code_instance_id")),
        sa.UniqueConstraint(
            "county_code",
            "submission_id",
            "number",
            name=op.f("uq_submission_version_county_code_submission_id_number"),
        ),
    )
    op.create_index(
        "ix_submission_version_deprecated", "submission_version", ["county_code", "deprecated_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_submission_version_deprecated", table_name="submission_version")
    op.drop_table("submission_version")
    op.drop_table("quarantined")
    op.drop_index("ix_attachment_sha256", table_name="attachment")
    op.drop_table("attachment")
    op.drop_index("ix_assignment_household", table_name="assignment")
    op.drop_index("ix_assignment_account", table_name="assignment")
    op.drop_table("assignment")
    op.drop_index("ix_submission_village", table_name="submission")
    op.drop_index("ix_submission_household", table_name="submission")
    op.drop_index(op.f("ix_submission_account_id"), table_name="submission")
    op.drop_table("submission")
    op.drop_table("form_version")

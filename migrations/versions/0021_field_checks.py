"""Field checks: thresholds as decided, what was found, what has been judged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.append_only import allow_changes, forbid_changes

revision = "0021_field_checks"
down_revision = "0020_field_work_settings"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "check_thresholds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("limits", JSON, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_check_thresholds_campaign_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_check_thresholds_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_thresholds")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_check_thresholds_campaign_id_number")),
    )
    forbid_changes("check_thresholds")
    op.create_table(
        "field_check",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("numbers", JSON, nullable=False),
        sa.Column("thresholds", sa.String(length=64), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "evidence_id"],
            ["evidence.county_code", "evidence.id"],
            name=op.f("fk_field_check_county_code_evidence_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_field_check")),
        sa.UniqueConstraint(
            "county_code", "evidence_id", "rule", name=op.f("uq_field_check_county_code_evidence_id_rule")
        ),
    )
    op.create_index("ix_field_check_rule", "field_check", ["county_code", "rule"], unique=False)
    op.create_table(
        "judged_evidence",
        sa.Column("thresholds", sa.String(length=64), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "id"],
            ["evidence.county_code", "evidence.id"],
            name=op.f("fk_judged_evidence_county_code_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_judged_evidence")),
    )


def downgrade() -> None:
    op.drop_table("judged_evidence")
    op.drop_index("ix_field_check_rule", table_name="field_check")
    op.drop_table("field_check")
    allow_changes("check_thresholds")
    op.drop_table("check_thresholds")

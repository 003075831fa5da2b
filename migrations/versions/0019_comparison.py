"""How two visits are compared, and what a supervisor decided after reading both; neither is ever changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.append_only import allow_changes, forbid_changes

revision = "0019_comparison"
down_revision = "0018_lists_and_teams"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
WRITTEN_ONCE = ("tolerance_version", "verdict")


def upgrade() -> None:
    op.create_table(
        "tolerance_version",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_tolerance_version_number_from_one")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_tolerance_version_campaign_id")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_tolerance_version_by_id")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_tolerance_version")),
        sa.UniqueConstraint(
            "county_code", "campaign_id", "number", name=op.f("uq_tolerance_version_county_code_campaign_id_number")
        ),
    )
    op.create_table(
        "verdict",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("household_code", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("error_kinds", JSON, nullable=False),
        sa.Column("correct_fen_per_month", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", JSON, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "verdict in ('right', 'amount_high', 'amount_low', 'not_eligible', 'cannot_tell')",
            name=op.f("ck_verdict_verdict_known"),
        ),
        sa.CheckConstraint("correct_fen_per_month >= 0", name=op.f("ck_verdict_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id"],
            ["draw.county_code", "draw.id"],
            name=op.f("fk_verdict_county_code_draw_id"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_verdict_by_id")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_verdict")),
    )
    op.create_index("ix_verdict_household", "verdict", ["county_code", "draw_id", "household_id"], unique=False)
    for table in WRITTEN_ONCE:
        forbid_changes(table)


def downgrade() -> None:
    for table in reversed(WRITTEN_ONCE):
        allow_changes(table)
    op.drop_index("ix_verdict_household", table_name="verdict")
    op.drop_table("verdict")
    op.drop_table("tolerance_version")

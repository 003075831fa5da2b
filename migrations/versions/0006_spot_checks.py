"""What is kept of spot checks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.append_only import allow_changes, forbid_changes

revision = "0006_spot_checks"
down_revision = "0005_evidence"
branch_labels = None
depends_on = None

WRITTEN_ONCE = ("frame", "frame_unit", "draw", "draw_result", "selection")

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "frame",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("population", sa.String(length=16), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("frame_sha256", sa.String(length=64), nullable=False),
        sa.Column("units_sha256", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by", sa.Uuid(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("population in ('on_roll', 'missed')", name=op.f("ck_frame_population_known")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_frame_campaign_id")),
        sa.ForeignKeyConstraint(["frozen_by"], ["account.id"], name=op.f("fk_frame_frozen_by")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_frame")),
    )
    op.create_table(
        "draw",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("frame_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("plan_json", sa.Text(), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("manifest_json", sa.Text(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("committed_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_draw_campaign_id")),
        sa.ForeignKeyConstraint(["committed_by"], ["account.id"], name=op.f("fk_draw_committed_by")),
        sa.ForeignKeyConstraint(
            ["county_code", "frame_id"],
            ["frame.county_code", "frame.id"],
            name=op.f("fk_draw_county_code_frame_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_draw")),
        sa.UniqueConstraint(
            "county_code", "campaign_id", "number", name=op.f("uq_draw_county_code_campaign_id_number")
        ),
        sa.UniqueConstraint("county_code", "manifest_sha256", name=op.f("uq_draw_county_code_manifest_sha256")),
    )
    op.create_table(
        "frame_unit",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("frame_id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("household_code", sa.String(length=32), nullable=False),
        sa.Column("head_name", sa.String(length=64), nullable=False),
        sa.Column("village_code", sa.String(length=12), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_code", "frame_id"],
            ["frame.county_code", "frame.id"],
            name=op.f("fk_frame_unit_county_code_frame_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "frame_id", "leaf", name=op.f("pk_frame_unit")),
        sa.UniqueConstraint(
            "county_code",
            "frame_id",
            "household_code",
            name=op.f("uq_frame_unit_county_code_frame_id_household_code"),
        ),
    )
    op.create_table(
        "draw_result",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("entropy", sa.Text(), nullable=False),
        sa.Column("witnesses", sa.Text(), nullable=False),
        sa.Column("seed_hex", sa.String(length=64), nullable=False),
        sa.Column("draw_json", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id"],
            ["draw.county_code", "draw.id"],
            name=op.f("fk_draw_result_county_code_draw_id"),
        ),
        sa.ForeignKeyConstraint(["drawn_by"], ["account.id"], name=op.f("fk_draw_result_drawn_by")),
        sa.PrimaryKeyConstraint("county_code", "draw_id", name=op.f("pk_draw_result")),
    )
    op.create_table(
        "selection",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("household_code", sa.String(length=32), nullable=False),
        sa.Column("village_code", sa.String(length=12), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("inclusion_n", sa.Integer(), nullable=False),
        sa.Column("inclusion_of", sa.Integer(), nullable=False),
        sa.CheckConstraint("role in ('base', 'reserve')", name=op.f("ck_selection_role_known")),
        sa.CheckConstraint("inclusion_n between 1 and inclusion_of", name=op.f("ck_selection_probability_range")),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id"],
            ["draw.county_code", "draw.id"],
            name=op.f("fk_selection_county_code_draw_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "draw_id", "leaf", name=op.f("pk_selection")),
    )
    op.create_index("ix_selection_village", "selection", ["county_code", "draw_id", "village_code"], unique=False)

    for table in WRITTEN_ONCE:
        forbid_changes(table)


def downgrade() -> None:
    for table in WRITTEN_ONCE:
        allow_changes(table)
    op.drop_index("ix_selection_village", table_name="selection")
    op.drop_table("selection")
    op.drop_table("draw_result")
    op.drop_table("frame_unit")
    op.drop_table("draw")
    op.drop_table("frame")

"""Second draws are approved by the level above; photos of dice; whether a campaign's draws are public."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import allow_changes, forbid_changes

revision = "0017_publication"
down_revision = "0016_plans"
branch_labels = None
depends_on = None

WRITTEN_ONCE = ("draw_approval", "draw_photo")


def upgrade() -> None:
    op.add_column("campaign", sa.Column("publish_draws", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "draw_approval",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id"],
            ["draw.county_code", "draw.id"],
            name=op.f("fk_draw_approval_county_code_draw_id"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_draw_approval_decided_by")),
        sa.PrimaryKeyConstraint("county_code", "draw_id", name=op.f("pk_draw_approval")),
    )
    op.create_table(
        "draw_photo",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id"],
            ["draw.county_code", "draw.id"],
            name=op.f("fk_draw_photo_county_code_draw_id"),
        ),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_draw_photo_added_by")),
        sa.PrimaryKeyConstraint("county_code", "draw_id", "sha256", name=op.f("pk_draw_photo")),
    )
    for table in WRITTEN_ONCE:
        forbid_changes(table)


def downgrade() -> None:
    for table in WRITTEN_ONCE:
        allow_changes(table)
    op.drop_table("draw_photo")
    op.drop_table("draw_approval")
    op.drop_column("campaign", "publish_draws")

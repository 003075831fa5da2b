"""What photos say of themselves, kept apart."""

import sqlalchemy as sa
from alembic import op

revision = "0013_photo_metadata"
down_revision = "0012_quarantine_acts"
branch_labels = None
depends_on = None

UNSEEN = sa.text("looked_at is null and sha256 is not null")


def upgrade() -> None:
    op.add_column("photo", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_photo_unseen", "photo", ["county_code", "id"], unique=False, sqlite_where=UNSEEN, postgresql_where=UNSEEN
    )
    op.create_table(
        "photo_metadata",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=True),
        sa.Column("height_px", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offset_written", sa.Boolean(), nullable=False),
        sa.Column("gps_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("altitude_m", sa.Double(), nullable=True),
        sa.Column("camera", sa.String(length=120), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('begun', 'read', 'unreadable')", name=op.f("ck_photo_metadata_state_known")),
        sa.ForeignKeyConstraint(
            ["county_code", "photo_id"],
            ["photo.county_code", "photo.id"],
            name=op.f("fk_photo_metadata_county_code_photo_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_photo_metadata")),
        sa.UniqueConstraint("county_code", "photo_id", name=op.f("uq_photo_metadata_county_code_photo_id")),
    )


def downgrade() -> None:
    op.drop_table("photo_metadata")
    op.drop_index("ix_photo_unseen", table_name="photo")
    op.drop_column("photo", "looked_at")

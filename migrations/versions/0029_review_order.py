"""Risk of a household as review orders its queue by, and which steps were taken together."""

import sqlalchemy as sa
from alembic import op

revision = "0029_review_order"
down_revision = "0028_answer_log"
branch_labels = None
depends_on = None

BATCHED = sa.text("batch_id is not null")


def upgrade() -> None:
    op.create_table(
        "household_risk",
        sa.Column("band", sa.SmallInteger(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("band between 0 and 3", name=op.f("ck_household_risk_band_known")),
        sa.ForeignKeyConstraint(
            ["county_code", "id"],
            ["household.county_code", "household.id"],
            name=op.f("fk_household_risk_county_code_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_household_risk")),
    )
    op.create_table(
        "risk_told",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_code", name=op.f("pk_risk_told")),
    )
    op.add_column("review_step", sa.Column("batch_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_review_step_batch",
        "review_step",
        ["batch_id"],
        unique=False,
        sqlite_where=BATCHED,
        postgresql_where=BATCHED,
    )


def downgrade() -> None:
    op.drop_index("ix_review_step_batch", table_name="review_step")
    op.drop_column("review_step", "batch_id")
    op.drop_table("risk_told")
    op.drop_table("household_risk")

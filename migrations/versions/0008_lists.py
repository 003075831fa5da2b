"""Versions of what phones' lists show, and what phones would have changed of the roll."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_lists"
down_revision = "0007_jobs"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


INDEXES = {
    "ix_household_proposal_submission": ["submission_id"],
    "ix_household_proposal_household": ["household_id"],
    "ix_household_proposal_state": ["state", "village_code"],
}


def upgrade() -> None:
    op.add_column("division", sa.Column("renamed", sa.Integer(), server_default="0", nullable=False))
    op.add_column("household", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("household", sa.Column("content_version", sa.Integer(), server_default="1", nullable=False))
    op.create_index("ix_selection_household", "selection", ["county_code", "household_id"], unique=False)
    op.create_table(
        "household_proposal",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("household_code", sa.String(length=32), nullable=False),
        sa.Column("village_code", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.String(length=255), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("seen_version", sa.Integer(), nullable=False),
        sa.Column("changes", sa.String(length=64), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("before_phone_sealed", sa.Text(), nullable=True),
        sa.Column("phone_sealed", sa.Text(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("taken", JSON, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'accepted', 'rejected', 'superseded')", name=op.f("ck_household_proposal_state_known")
        ),
        sa.CheckConstraint(
            "(decided_at is not null) = (state in ('accepted', 'rejected'))", name=op.f("ck_household_proposal_decided")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_household_proposal_account_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_household_proposal_decided_by")),
        sa.ForeignKeyConstraint(
            ["county_code", "household_id"],
            ["household.county_code", "household.id"],
            name=op.f("fk_household_proposal_county_code_household_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_household_proposal")),
        sa.UniqueConstraint(
            "county_code",
            "instance_id",
            "household_id",
            name=op.f("uq_household_proposal_county_code_instance_id_household_id"),
        ),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "household_proposal", ["county_code", *columns], unique=False)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="household_proposal")
    op.drop_table("household_proposal")
    op.drop_index("ix_selection_household", table_name="selection")
    op.drop_column("household", "content_version")
    op.drop_column("household", "version")
    op.drop_column("division", "renamed")

"""Versions of what phones' lists show, and what phones would have changed of the roll."""

import sqlalchemy as sa
from alembic import op

revision = "0008_lists"
down_revision = "0007_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("division", sa.Column("renamed", sa.Integer(), server_default="0", nullable=False))
    op.add_column("household", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("household", sa.Column("content_version", sa.Integer(), server_default="1", nullable=False))
    op.create_index("ix_selection_household", "selection", ["county_code", "household_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_selection_household", table_name="selection")
    op.drop_column("household", "content_version")
    op.drop_column("household", "version")
    op.drop_column("division", "renamed")

"""When a division's ground was last replaced: what was made of it before is old."""

import sqlalchemy as sa
from alembic import op

revision = "0024_boundaries"
down_revision = "0023_cells"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "division_boundary",
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default="1970-01-01 00:00:00", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("division_boundary", "changed_at")

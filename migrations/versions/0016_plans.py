"""A frame may carry a public whole number per household, and may be a part of what an earlier draw chose."""

import sqlalchemy as sa
from alembic import op

revision = "0016_plans"
down_revision = "0015_risk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("frame", sa.Column("numbered_by", sa.String(length=8), server_default="none", nullable=False))
    op.add_column("frame", sa.Column("within_draw_id", sa.Uuid(), nullable=True))
    # null where the frame publishes no number: nought is a number
    op.add_column("frame_unit", sa.Column("size_or_order", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("frame_unit", "size_or_order")
    op.drop_column("frame", "within_draw_id")
    op.drop_column("frame", "numbered_by")

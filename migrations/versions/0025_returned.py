"""Why a visit was returned, as the surveyor's phone says it."""

import sqlalchemy as sa
from alembic import op

revision = "0025_returned"
down_revision = "0024_boundaries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "assignment", sa.Column("returned_note", sa.String(length=120), server_default="", nullable=False)
    )  # fmt: skip


def downgrade() -> None:
    op.drop_column("assignment", "returned_note")

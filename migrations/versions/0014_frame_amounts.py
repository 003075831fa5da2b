"""A frozen frame keeps what was paid, so that money is counted as of the day of the draw."""

import sqlalchemy as sa
from alembic import op

revision = "0014_frame_amounts"
down_revision = "0013_photo_metadata"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # frames frozen before know no amounts: null is not nought
    op.add_column("frame_unit", sa.Column("benefit_fen_per_month", sa.Integer(), nullable=True))
    op.add_column("frame_unit", sa.Column("persons", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("frame_unit", "persons")
    op.drop_column("frame_unit", "benefit_fen_per_month")

"""What a photo shows, as a fingerprint; photos read before are read again."""

import sqlalchemy as sa
from alembic import op

revision = "0027_likeness"
down_revision = "0026_rechecks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("photo_metadata", sa.Column("likeness", sa.String(length=64), nullable=True))
    op.execute("update photo set looked_at = null where sha256 is not null")


def downgrade() -> None:
    op.drop_column("photo_metadata", "likeness")

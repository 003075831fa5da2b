"""Rechecks: what a city gave to its own checkers within its sub-round."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import allow_changes, forbid_changes

revision = "0026_rechecks"
down_revision = "0025_returned"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recheck",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recheck_account_id")),
        sa.ForeignKeyConstraint(
            ["county_code", "assignment_id"],
            ["assignment.county_code", "assignment.id"],
            name=op.f("fk_recheck_county_code_assignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id"], ["draw.county_code", "draw.id"], name=op.f("fk_recheck_county_code_draw_id")
        ),
        sa.PrimaryKeyConstraint("county_code", "assignment_id", name=op.f("pk_recheck")),
    )
    op.create_index("ix_recheck_household", "recheck", ["county_code", "household_id"], unique=False)
    forbid_changes("recheck")


def downgrade() -> None:
    allow_changes("recheck")
    op.drop_index("ix_recheck_household", table_name="recheck")
    op.drop_table("recheck")

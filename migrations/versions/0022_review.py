"""Review of submissions step by step, and how often evidence of a township has changed."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import allow_changes, forbid_changes

revision = "0022_review"
down_revision = "0021_field_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('received', 'in_review', 'accepted', 'returned', 'rejected')",
            name=op.f("ck_review_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code", "id"],
            ["submission.county_code", "submission.id"],
            name=op.f("fk_review_county_code_id"),
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["account.id"], name=op.f("fk_review_reviewer_id")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_review")),
    )
    op.create_index("ix_review_state", "review", ["county_code", "state"], unique=False)
    op.create_table(
        "review_step",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "step in ('opened', 'accepted', 'returned', 'rejected', 'reopened', 'sent_again', 'comment')",
            name=op.f("ck_review_step_step_known"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_review_step_account_id")),
        sa.ForeignKeyConstraint(
            ["county_code", "submission_id"],
            ["submission.county_code", "submission.id"],
            name=op.f("fk_review_step_county_code_submission_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_review_step")),
        sa.UniqueConstraint(
            "county_code", "submission_id", "number", name=op.f("uq_review_step_county_code_submission_id_number")
        ),
    )
    forbid_changes("review_step")
    op.create_table(
        "evidence_change",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("township_code", sa.String(length=9), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "township_code", name=op.f("pk_evidence_change")),
    )


def downgrade() -> None:
    op.drop_table("evidence_change")
    allow_changes("review_step")
    op.drop_table("review_step")
    op.drop_index("ix_review_state", table_name="review")
    op.drop_table("review")

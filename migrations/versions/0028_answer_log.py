"""In which order a form was answered and how fast, from the phone's log; and whether a photo says it is a screen's."""

import sqlalchemy as sa
from alembic import op

revision = "0028_answer_log"
down_revision = "0027_likeness"
branch_labels = None
depends_on = None

UNREAD = sa.text("read_at is null")


def upgrade() -> None:
    op.create_table(
        "answer_log",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=True),
        sa.Column("backward", sa.Integer(), nullable=True),
        sa.Column("quick", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "submission_id"],
            ["submission.county_code", "submission.id"],
            name=op.f("fk_answer_log_county_code_submission_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_answer_log")),
        sa.UniqueConstraint("county_code", "submission_id", name=op.f("uq_answer_log_county_code_submission_id")),
    )
    op.create_index(
        "ix_answer_log_unread",
        "answer_log",
        ["county_code", "id"],
        unique=False,
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )
    op.add_column(
        "photo_metadata", sa.Column("screen_sign", sa.String(length=16), server_default="", nullable=False)
    )  # fmt: skip
    op.execute("update photo set looked_at = null where sha256 is not null")


def downgrade() -> None:
    op.drop_column("photo_metadata", "screen_sign")
    op.drop_index("ix_answer_log_unread", table_name="answer_log")
    op.drop_table("answer_log")

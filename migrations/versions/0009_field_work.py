"""Acts about assignments, one open assignment of a household at a time, and the phones' last contact."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_field_work"
down_revision = "0008_lists"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OPEN = sa.text("withdrawn_at IS NULL AND completed_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_assignment_account_id", "assignment", ["account_id"], unique=False)
    op.create_index(
        "uq_assignment_open",
        "assignment",
        ["county_code", "campaign_id", "household_id", "purpose"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "assignment_act",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("checks", sa.Boolean(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('give', 'move', 'withdraw', 'deactivate')", name=op.f("ck_assignment_act_kind_known")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_assignment_act_by_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["account.id"], name=op.f("fk_assignment_act_worker_id")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_assignment_act")),
    )
    op.create_index("ix_assignment_act_area", "assignment_act", ["county_code", "area_code"], unique=False)
    op.create_table(
        "assignment_act_item",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("effect", sa.String(length=8), nullable=False),
        sa.CheckConstraint("effect in ('begun', 'ended')", name=op.f("ck_assignment_act_item_effect_known")),
        sa.ForeignKeyConstraint(
            ["county_code", "act_id"],
            ["assignment_act.county_code", "assignment_act.id"],
            name=op.f("fk_assignment_act_item_county_code_act_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code", "assignment_id"],
            ["assignment.county_code", "assignment.id"],
            name=op.f("fk_assignment_act_item_county_code_assignment_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "act_id", "assignment_id", name=op.f("pk_assignment_act_item")),
    )
    op.create_index(
        "ix_assignment_act_item_assignment", "assignment_act_item", ["county_code", "assignment_id"], unique=False
    )
    op.create_table(
        "phone_contact",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.Column("device_id", sa.String(length=128), nullable=False),
        sa.Column("forms_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forms_hash", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["token.id"], name=op.f("fk_phone_contact_token_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_phone_contact")),
    )


def downgrade() -> None:
    op.drop_table("phone_contact")
    op.drop_index("ix_assignment_act_item_assignment", table_name="assignment_act_item")
    op.drop_table("assignment_act_item")
    op.drop_index("ix_assignment_act_area", table_name="assignment_act")
    op.drop_table("assignment_act")
    op.drop_index("uq_assignment_open", table_name="assignment")
    op.drop_index("ix_assignment_account_id", table_name="assignment")

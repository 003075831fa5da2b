"""What is kept of campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0003_campaigns"
down_revision = "0002_registry"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("document_number", sa.String(length=64), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("visit_floor_percent", sa.Integer(), nullable=False),
        sa.Column("spot_check_floor_percent", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "spot_check_floor_percent between 30 and 100", name=op.f("ck_campaign_spot_check_floor_range")
        ),
        sa.CheckConstraint("visit_floor_percent between 1 and 100", name=op.f("ck_campaign_visit_floor_range")),
        sa.ForeignKeyConstraint(["area_code"], ["division.code"], name=op.f("fk_campaign_area_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("area_code", "document_number", name=op.f("uq_campaign_area_code_document_number")),
    )
    op.create_table(
        "campaign_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_form_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_form")),
        sa.UniqueConstraint("campaign_id", "form_id", name=op.f("uq_campaign_form_campaign_id_form_id")),
    )
    op.create_table(
        "reporting_date",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_reporting_date_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_date")),
    )
    op.create_index(op.f("ix_reporting_date_campaign_id"), "reporting_date", ["campaign_id"], unique=False)
    op.create_table(
        "stage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_stage_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_stage_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("campaign_id", "position", name=op.f("uq_stage_campaign_id_position")),
    )
    op.create_table(
        "standard",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.Column("scheme", sa.String(length=8), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("fen_per_person_year", sa.Integer(), nullable=False),
        sa.CheckConstraint("scheme in ('urban', 'rural')", name=op.f("ck_standard_scheme_known")),
        sa.CheckConstraint("fen_per_person_year > 0", name=op.f("ck_standard_amount_positive")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_standard_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard")),
        sa.UniqueConstraint(
            "campaign_id",
            "area_code",
            "scheme",
            "year",
            name=op.f("uq_standard_campaign_id_area_code_scheme_year"),
        ),
    )


def downgrade() -> None:
    op.drop_table("standard")
    op.drop_table("stage")
    op.drop_index(op.f("ix_reporting_date_campaign_id"), table_name="reporting_date")
    op.drop_table("reporting_date")
    op.drop_table("campaign_form")
    op.drop_table("campaign")

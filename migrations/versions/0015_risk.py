"""The weights of risk that people have adopted, written once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.append_only import allow_changes, forbid_changes

revision = "0015_risk"
down_revision = "0014_frame_amounts"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "risk_model",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("weights", JSON, nullable=False),
        sa.Column("cuts", JSON, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_risk_model_number_positive")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_risk_model_campaign_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_risk_model_made_by")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_risk_model")),
        sa.UniqueConstraint(
            "county_code", "campaign_id", "number", name=op.f("uq_risk_model_county_code_campaign_id_number")
        ),
    )
    forbid_changes("risk_model")


def downgrade() -> None:
    allow_changes("risk_model")
    op.drop_table("risk_model")

"""What is kept of evidence."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0005_evidence"
down_revision = "0004_collection"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_geospatial_table(
        "evidence",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("household_code", sa.String(length=32), nullable=True),
        sa.Column("village_code", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "place",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("altitude_m", sa.Double(), nullable=True),
        sa.Column("content", JSON, nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("purpose in ('township_visit', 'spot_check')", name=op.f("ck_evidence_purpose_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_evidence_account_id")),
        sa.ForeignKeyConstraint(
            ["county_code", "submission_id"],
            ["submission.county_code", "submission.id"],
            name=op.f("fk_evidence_county_code_submission_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_evidence")),
        sa.UniqueConstraint(
            "county_code", "submission_id", "question", name=op.f("uq_evidence_county_code_submission_id_question")
        ),
    )
    op.create_geospatial_index(
        "idx_evidence_place", "evidence", ["place"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_evidence_household", "evidence", ["county_code", "household_code"], unique=False)
    op.create_index("ix_evidence_account", "evidence", ["county_code", "account_id", "household_id"], unique=False)
    op.create_index("ix_evidence_village", "evidence", ["county_code", "village_code"], unique=False)
    op.create_table(
        "photo",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "evidence_id"],
            ["evidence.county_code", "evidence.id"],
            name=op.f("fk_photo_county_code_evidence_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_photo")),
    )
    op.create_index(op.f("ix_photo_evidence_id"), "photo", ["evidence_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_photo_evidence_id"), table_name="photo")
    op.drop_table("photo")
    op.drop_index("ix_evidence_village", table_name="evidence")
    op.drop_index("ix_evidence_account", table_name="evidence")
    op.drop_index("ix_evidence_household", table_name="evidence")
    op.drop_geospatial_index("idx_evidence_place", table_name="evidence", postgresql_using="gist", column_name="place")
    op.drop_geospatial_table("evidence")

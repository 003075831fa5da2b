"""Counts of evidence by cell of the ground and township; all evidence there is counts as changed."""

import sqlalchemy as sa
from alembic import op

revision = "0023_cells"
down_revision = "0022_review"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_cell",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("township_code", sa.String(length=9), nullable=False),
        sa.Column("grid", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "county_code", "township_code", "grid", "x", "y", "kind", "purpose", "state", "severity",
            name=op.f("pk_evidence_cell"),
        ),
    )  # fmt: skip
    op.create_index("ix_evidence_cell_place", "evidence_cell", ["grid", "x", "y"], unique=False)
    op.create_table(
        "cells_counted",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("township_code", sa.String(length=9), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "township_code", name=op.f("pk_cells_counted")),
    )
    op.execute(
        "insert into evidence_change (county_code, township_code, version) "
        "select county_code, substr(village_code, 1, 9), 1 from evidence "
        "where not exists (select 1 from evidence_change c where c.county_code = evidence.county_code "
        "and c.township_code = substr(evidence.village_code, 1, 9)) "
        "group by county_code, substr(village_code, 1, 9)"
    )


def downgrade() -> None:
    op.drop_table("cells_counted")
    op.drop_index("ix_evidence_cell_place", table_name="evidence_cell")
    op.drop_table("evidence_cell")

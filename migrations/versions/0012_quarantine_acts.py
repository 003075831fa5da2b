"""What an operator does to refused postings; what is known of them; where the phone's own bytes and names are kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_quarantine_acts"
down_revision = "0011_exports"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

TEXT = ""  # rows that are there have none
EMPTY = None
ADDED = {
    "quarantined": (
        ("device_id", sa.String(length=128), TEXT),
        ("fault_where", sa.String(length=255), TEXT),
        ("fault_what", sa.String(length=255), TEXT),
        ("form_id", sa.String(length=64), EMPTY),
        ("form_version", sa.String(length=64), EMPTY),
        ("instance_id", sa.String(length=255), EMPTY),
        ("household_code", sa.String(length=32), EMPTY),
        ("stands_for", sa.String(length=64), TEXT),
        ("submission_id", sa.Uuid(), EMPTY),
    ),
    "submission_version": (
        ("sent_sha256", sa.String(length=64), EMPTY),
        ("flag_kinds", sa.String(length=255), TEXT),
    ),
    "attachment": (("sent_name", sa.String(length=255), EMPTY),),
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
    op.execute("update quarantined set stands_for = reason")
    _name_flags()
    op.create_index("ix_submission_version_sent", "submission_version", ["county_code", "sent_sha256"], unique=False)
    op.create_index(
        "ix_submission_version_flag_kinds", "submission_version", ["county_code", "flag_kinds"], unique=False
    )
    op.create_table(
        "quarantine_act",
        sa.Column("quarantined_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("refused_for", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("xml_sha256", sa.String(length=64), nullable=True),
        sa.Column("xml_bytes", sa.Integer(), nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('release', 'as_edit', 'as_separate', 'beside', 'repair', 'discard', 'reopen')",
            name=op.f("ck_quarantine_act_kind_known"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_quarantine_act_by_id")),
        sa.ForeignKeyConstraint(
            ["county_code", "quarantined_id"],
            ["quarantined.county_code", "quarantined.id"],
            name=op.f("fk_quarantine_act_county_code_quarantined_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_quarantine_act")),
    )
    op.create_index("ix_quarantine_act_quarantined", "quarantine_act", ["county_code", "quarantined_id"], unique=False)


def _name_flags() -> None:
    """Name the kinds of the flags that are there already."""
    version = sa.table(
        "submission_version",
        sa.column("county_code", sa.String()),
        sa.column("id", sa.Uuid()),
        sa.column("flags", JSON),
        sa.column("flag_kinds", sa.String()),
    )
    connection = op.get_bind()
    for county_code, key, flags in connection.execute(sa.select(version.c.county_code, version.c.id, version.c.flags)):
        if flags:
            connection.execute(
                sa.update(version)
                .where(version.c.county_code == county_code, version.c.id == key)
                .values(flag_kinds=" ".join(sorted({flag["kind"] for flag in flags})))
            )


def downgrade() -> None:
    op.drop_index("ix_quarantine_act_quarantined", table_name="quarantine_act")
    op.drop_table("quarantine_act")
    op.drop_index("ix_submission_version_flag_kinds", table_name="submission_version")
    op.drop_index("ix_submission_version_sent", table_name="submission_version")
    for table, columns in reversed(ADDED.items()):
        for name, _, _ in reversed(columns):
            op.drop_column(table, name)

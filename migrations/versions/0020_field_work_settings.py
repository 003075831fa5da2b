"""A campaign says how many neighbours are to be asked about each household."""

from alembic import op

revision = "0020_field_work_settings"
down_revision = "0019_comparison"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # in words, for SQLite takes a column with its CHECK but no CHECK afterwards, and copying the table costs more
    op.execute(
        "ALTER TABLE campaign ADD COLUMN neighbour_interviews_per_household INTEGER DEFAULT '2' NOT NULL "
        "CONSTRAINT ck_campaign_neighbour_interviews_range CHECK (neighbour_interviews_per_household BETWEEN 0 AND 10)"
    )


def downgrade() -> None:
    op.drop_column("campaign", "neighbour_interviews_per_household")

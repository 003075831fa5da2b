"""Lists: teams, from what a checker must stay away, tours by team and day, and reserves released in order."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import allow_changes, forbid_changes

revision = "0018_lists_and_teams"
down_revision = "0017_publication"
branch_labels = None
depends_on = None

WRITTEN_ONCE = ("conflict_override", "replacement")


def upgrade() -> None:
    op.create_table(
        "checker_tie",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("village_code", sa.String(length=12), nullable=True),
        sa.Column("official_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'relative' and household_id is not null) or (kind = 'home_village' and village_code is not null) or (kind = 'official' and official_id is not null)",
            name=op.f("ck_checker_tie_names_what"),
        ),
        sa.CheckConstraint("kind in ('relative', 'home_village', 'official')", name=op.f("ck_checker_tie_kind_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_checker_tie_account_id")),
        sa.ForeignKeyConstraint(["declared_by"], ["account.id"], name=op.f("fk_checker_tie_declared_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_checker_tie_ended_by")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_checker_tie")),
    )
    op.create_index("ix_checker_tie_account", "checker_tie", ["county_code", "account_id"], unique=False)
    op.create_table(
        "check_team",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("start_code", sa.String(length=12), nullable=False),
        sa.Column("start_longitude", sa.Double(), nullable=True),
        sa.Column("start_latitude", sa.Double(), nullable=True),
        sa.Column("capacity_per_day", sa.Integer(), nullable=False),
        sa.Column("days_from", sa.Date(), nullable=False),
        sa.Column("days_to", sa.Date(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("capacity_per_day between 1 and 60", name=op.f("ck_check_team_capacity_range")),
        sa.CheckConstraint("days_to >= days_from", name=op.f("ck_check_team_days_in_order")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_check_team_campaign_id")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_check_team")),
        sa.UniqueConstraint(
            "county_code", "campaign_id", "name", name=op.f("uq_check_team_county_code_campaign_id_name")
        ),
    )
    op.create_table(
        "conflict_override",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("kinds", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_conflict_override_account_id")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_conflict_override_by_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_conflict_override_campaign_id")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_conflict_override")),
        sa.UniqueConstraint(
            "county_code", "campaign_id", "account_id", "household_id", name="uq_conflict_override_pair"
        ),
    )
    op.create_table(
        "check_team_member",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_check_team_member_account_id")),
        sa.ForeignKeyConstraint(
            ["county_code", "team_id"],
            ["check_team.county_code", "check_team.id"],
            name=op.f("fk_check_team_member_county_code_team_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "team_id", "account_id", name=op.f("pk_check_team_member")),
    )
    op.create_table(
        "tour",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("start_longitude", sa.Double(), nullable=True),
        sa.Column("start_latitude", sa.Double(), nullable=True),
        sa.Column("distance_m", sa.BigInteger(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id"], ["draw.county_code", "draw.id"], name=op.f("fk_tour_county_code_draw_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_code", "team_id"],
            ["check_team.county_code", "check_team.id"],
            name=op.f("fk_tour_county_code_team_id"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_tour")),
        sa.UniqueConstraint(
            "county_code", "draw_id", "team_id", "day", name=op.f("uq_tour_county_code_draw_id_team_id_day")
        ),
    )
    op.create_table(
        "tour_plan",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("distance_m", sa.BigInteger(), nullable=False),
        sa.Column("plain_distance_m", sa.BigInteger(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id"], ["draw.county_code", "draw.id"], name=op.f("fk_tour_plan_county_code_draw_id")
        ),
        sa.ForeignKeyConstraint(["planned_by"], ["account.id"], name=op.f("fk_tour_plan_planned_by")),
        sa.PrimaryKeyConstraint("county_code", "draw_id", name=op.f("pk_tour_plan")),
    )
    op.create_table(
        "replacement",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("replaced_leaf", sa.String(length=64), nullable=False),
        sa.Column("released_leaf", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("replaced_leaf <> released_leaf", name=op.f("ck_replacement_another_household")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_replacement_by_id")),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id", "released_leaf"],
            ["selection.county_code", "selection.draw_id", "selection.leaf"],
            name=op.f("fk_replacement_county_code_draw_id_released_leaf"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id", "replaced_leaf"],
            ["selection.county_code", "selection.draw_id", "selection.leaf"],
            name=op.f("fk_replacement_county_code_draw_id_replaced_leaf"),
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_replacement")),
        sa.UniqueConstraint(
            "county_code", "draw_id", "released_leaf", name=op.f("uq_replacement_county_code_draw_id_released_leaf")
        ),
        sa.UniqueConstraint(
            "county_code", "draw_id", "replaced_leaf", name=op.f("uq_replacement_county_code_draw_id_replaced_leaf")
        ),
    )
    op.create_table(
        "tour_stop",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("tour_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("leg_m", sa.Integer(), nullable=True),
        sa.Column("placed", sa.String(length=12), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_code", "draw_id", "leaf"],
            ["selection.county_code", "selection.draw_id", "selection.leaf"],
            name=op.f("fk_tour_stop_county_code_draw_id_leaf"),
        ),
        sa.ForeignKeyConstraint(
            ["county_code", "tour_id"], ["tour.county_code", "tour.id"], name=op.f("fk_tour_stop_county_code_tour_id")
        ),
        sa.PrimaryKeyConstraint("county_code", "draw_id", "leaf", name=op.f("pk_tour_stop")),
    )
    op.create_index("ix_tour_stop_tour", "tour_stop", ["county_code", "tour_id"], unique=False)
    for table in WRITTEN_ONCE:
        forbid_changes(table)


def downgrade() -> None:
    for table in WRITTEN_ONCE:
        allow_changes(table)
    op.drop_index("ix_tour_stop_tour", table_name="tour_stop")
    op.drop_table("tour_stop")
    op.drop_table("replacement")
    op.drop_table("tour_plan")
    op.drop_table("tour")
    op.drop_table("check_team_member")
    op.drop_table("conflict_override")
    op.drop_table("check_team")
    op.drop_index("ix_checker_tie_account", table_name="checker_tie")
    op.drop_table("checker_tie")

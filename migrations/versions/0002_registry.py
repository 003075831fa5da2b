"""What is kept of registry."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0002_registry"
down_revision = "0001_people"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "department_record",
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("identity_sealed", sa.Text(), nullable=True),
        sa.Column("identity_hash", sa.String(length=64), nullable=True),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("recorded_on", sa.Date(), nullable=True),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_department_record")),
    )
    op.create_index(
        "ix_department_record_identity", "department_record", ["county_code", "identity_hash"], unique=False
    )
    op.create_table(
        "division",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("parent_code", sa.String(length=12), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "level in ('region', 'city', 'county', 'township', 'village')",
            name=op.f("ck_division_level_known"),
        ),
        sa.ForeignKeyConstraint(["parent_code"], ["division.code"], name=op.f("fk_division_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_division")),
    )
    op.create_index(op.f("ix_division_parent_code"), "division", ["parent_code"], unique=False)
    op.create_geospatial_table(
        "division_boundary",
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column(
            "ground",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["division_code"], ["division.code"], name=op.f("fk_division_boundary_division_code")),
        sa.PrimaryKeyConstraint("division_code", name=op.f("pk_division_boundary")),
    )
    op.create_geospatial_index(
        "idx_division_boundary_ground",
        "division_boundary",
        ["ground"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "household",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("township_code", sa.String(length=9), nullable=False),
        sa.Column("village_code", sa.String(length=12), nullable=False),
        sa.Column("scheme", sa.String(length=8), nullable=False),
        sa.Column("on_roll", sa.Boolean(), nullable=False),
        sa.Column("registered_poor", sa.Boolean(), nullable=False),
        sa.Column("head_name", sa.String(length=64), nullable=False),
        sa.Column("head_identity_sealed", sa.Text(), nullable=True),
        sa.Column("head_identity_hash", sa.String(length=64), nullable=True),
        sa.Column("phone_sealed", sa.Text(), nullable=True),
        sa.Column("bank_card_sealed", sa.Text(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("benefit_fen_per_month", sa.Integer(), nullable=False),
        sa.Column("benefit_since", sa.Date(), nullable=True),
        sa.Column("income_fen_per_person_year", sa.Integer(), nullable=True),
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
        sa.Column("roll_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("scheme in ('urban', 'rural')", name=op.f("ck_household_scheme_known")),
        sa.CheckConstraint("benefit_fen_per_month >= 0", name=op.f("ck_household_benefit_not_negative")),
        sa.CheckConstraint("persons >= 1", name=op.f("ck_household_persons_positive")),
        sa.CheckConstraint("substr(village_code, 1, 6) = county_code", name=op.f("ck_household_village_in_county")),
        sa.CheckConstraint("substr(village_code, 1, 9) = township_code", name=op.f("ck_household_village_in_township")),
        sa.ForeignKeyConstraint(["village_code"], ["division.code"], name=op.f("fk_household_village_code")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_household")),
        sa.UniqueConstraint("county_code", "code", name=op.f("uq_household_county_code_code")),
    )
    op.create_geospatial_index(
        "idx_household_place",
        "household",
        ["place"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index("ix_household_head_identity", "household", ["county_code", "head_identity_hash"], unique=False)
    op.create_index(op.f("ix_household_township_code"), "household", ["township_code"], unique=False)
    op.create_index("ix_household_village", "household", ["county_code", "village_code"], unique=False)
    op.create_table(
        "official",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("identity_sealed", sa.Text(), nullable=True),
        sa.Column("identity_hash", sa.String(length=64), nullable=True),
        sa.Column("body", sa.String(length=120), nullable=False),
        sa.Column("post", sa.String(length=64), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["division_code"], ["division.code"], name=op.f("fk_official_division_code")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_official")),
    )
    op.create_index("ix_official_identity", "official", ["county_code", "identity_hash"], unique=False)
    op.create_table(
        "matching_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_matching_key_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching_key")),
    )
    op.create_table(
        "roll_import",
        sa.Column("area_code", sa.String(length=9), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_alive_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("substr(area_code, 1, 6) = county_code", name=op.f("ck_roll_import_area_in_county")),
        sa.CheckConstraint(
            "state in ('waiting', 'staging', 'refused', 'ready', 'applied', 'failed')",
            name=op.f("ck_roll_import_state_known"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_roll_import_created_by")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_roll_import")),
    )
    op.create_index("ix_roll_import_state", "roll_import", ["state", "seen_alive_at"], unique=False)
    op.create_table(
        "declared_relative",
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("identity_sealed", sa.Text(), nullable=True),
        sa.Column("identity_hash", sa.String(length=64), nullable=True),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "official_id"],
            ["official.county_code", "official.id"],
            name=op.f("fk_declared_relative_county_code_official_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_declared_relative")),
    )
    op.create_index(
        "ix_declared_relative_identity", "declared_relative", ["county_code", "identity_hash"], unique=False
    )
    op.create_table(
        "member",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("identity_sealed", sa.Text(), nullable=True),
        sa.Column("identity_hash", sa.String(length=64), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("health", sa.String(length=32), nullable=False),
        sa.Column("work", sa.String(length=64), nullable=False),
        sa.Column("receives", sa.Boolean(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "household_id"],
            ["household.county_code", "household.id"],
            name=op.f("fk_member_county_code_household_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_member")),
        sa.UniqueConstraint(
            "county_code",
            "household_id",
            "position",
            name=op.f("uq_member_county_code_household_id_position"),
        ),
    )
    op.create_index("ix_member_identity", "member", ["county_code", "identity_hash"], unique=False)
    op.create_table(
        "roll_import_household",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("new_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("township_code", sa.String(length=9), nullable=False),
        sa.Column("village_code", sa.String(length=12), nullable=False),
        sa.Column("scheme", sa.String(length=8), nullable=False),
        sa.Column("registered_poor", sa.Boolean(), nullable=False),
        sa.Column("head_name", sa.String(length=64), nullable=False),
        sa.Column("head_identity_sealed", sa.Text(), nullable=True),
        sa.Column("head_identity_hash", sa.String(length=64), nullable=True),
        sa.Column("phone_sealed", sa.Text(), nullable=True),
        sa.Column("bank_card_sealed", sa.Text(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("benefit_fen_per_month", sa.Integer(), nullable=False),
        sa.Column("benefit_since", sa.Date(), nullable=True),
        sa.Column("income_fen_per_person_year", sa.Integer(), nullable=True),
        sa.Column("place_text", sa.String(length=80), nullable=True),
        sa.Column("roll_fingerprint", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "import_id"],
            ["roll_import.county_code", "roll_import.id"],
            name=op.f("fk_roll_import_household_county_code_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "import_id", "row_number", name=op.f("pk_roll_import_household")),
        sa.UniqueConstraint(
            "county_code", "import_id", "code", name=op.f("uq_roll_import_household_county_code_import_id_code")
        ),
    )
    op.create_table(
        "roll_import_member",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("new_id", sa.Uuid(), nullable=False),
        sa.Column("household_code", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("identity_sealed", sa.Text(), nullable=True),
        sa.Column("identity_hash", sa.String(length=64), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("health", sa.String(length=32), nullable=False),
        sa.Column("work", sa.String(length=64), nullable=False),
        sa.Column("receives", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "import_id"],
            ["roll_import.county_code", "roll_import.id"],
            name=op.f("fk_roll_import_member_county_code_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "import_id", "row_number", name=op.f("pk_roll_import_member")),
    )
    op.create_index(
        "ix_roll_import_member_identity",
        "roll_import_member",
        ["county_code", "import_id", "identity_hash"],
        unique=False,
    )
    op.create_table(
        "roll_import_error",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=80), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("names", JSON, nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_code", "import_id"],
            ["roll_import.county_code", "roll_import.id"],
            name=op.f("fk_roll_import_error_county_code_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f("pk_roll_import_error")),
    )
    op.create_index(
        "ix_roll_import_error_import",
        "roll_import_error",
        ["county_code", "import_id", "row_number"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_roll_import_error_import", table_name="roll_import_error")
    op.drop_table("roll_import_error")
    op.drop_index("ix_roll_import_member_identity", table_name="roll_import_member")
    op.drop_table("roll_import_member")
    op.drop_table("roll_import_household")
    op.drop_index("ix_member_identity", table_name="member")
    op.drop_table("member")
    op.drop_index("ix_declared_relative_identity", table_name="declared_relative")
    op.drop_table("declared_relative")
    op.drop_index("ix_roll_import_state", table_name="roll_import")
    op.drop_table("roll_import")
    op.drop_table("matching_key")
    op.drop_index("ix_official_identity", table_name="official")
    op.drop_table("official")
    op.drop_index("ix_household_village", table_name="household")
    op.drop_index(op.f("ix_household_township_code"), table_name="household")
    op.drop_index("ix_household_head_identity", table_name="household")
    op.drop_geospatial_index(
        "idx_household_place", table_name="household", postgresql_using="gist", column_name="place"
    )
    op.drop_geospatial_table("household")
    op.drop_geospatial_index(
        "idx_division_boundary_ground",
        table_name="division_boundary",
        postgresql_using="gist",
        column_name="ground",
    )
    op.drop_geospatial_table("division_boundary")
    op.drop_index(op.f("ix_division_parent_code"), table_name="division")
    op.drop_table("division")
    op.drop_index("ix_department_record_identity", table_name="department_record")
    op.drop_table("department_record")

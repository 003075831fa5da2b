"""How migrations run: on the address given by the caller, inside one transaction, on both databases."""

import sqlalchemy as sa
from alembic import context
from geoalchemy2 import alembic_helpers

import api.tables  # noqa: F401 - every table, for autogenerate
from api.database import Base, Database, UtcDateTime
from api.settings import Settings

# Tables that SpatiaLite and PostGIS keep for themselves are no business of ours.
OURS = frozenset(Base.metadata.tables)


def include(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    if kind == "table" and reflected and name not in OURS:
        return False
    return bool(alembic_helpers.include_object(thing, name, kind, reflected, compare_to))


def render(kind: str, thing: object, context_: object) -> object:
    """Write our own column types in the words of the library they stand on: migrations must not follow our code."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return alembic_helpers.render_item(kind, thing, context_)


def migrate(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include,
        process_revision_directives=alembic_helpers.writer,
        render_item=render,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    database = Database(context.config.get_main_option("sqlalchemy.url") or Settings.read().database_address)
    with database.engine.execution_options(ruhu_writes=True).begin() as connection:
        migrate(connection)
    database.dispose()

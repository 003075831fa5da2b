import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from api.database import Base, Database
from api.migrate import migrate, present_revision


def test_migrations_are_numbered_named_like_their_files_and_have_one_head(project):
    script = ScriptDirectory.from_config(Config(toml_file=str(project / "pyproject.toml")))
    assert len(script.get_heads()) == 1
    revisions = sorted(revision.revision for revision in script.walk_revisions())
    files = sorted(path.stem for path in (project / "migrations" / "versions").glob("[0-9]*.py"))
    assert revisions == files
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))


def test_the_tables_are_what_the_code_says_and_every_step_goes_down_and_up_again(database_address, project):
    database = Database(database_address)
    config = Config(toml_file=str(project / "pyproject.toml"))
    with database.engine.execution_options(ruhu_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)
    names = [revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()]
    for name in names[1:]:
        migrate(database, name)
        assert present_revision(database) == name
    migrate(database, "base")
    with database.engine.connect() as connection:
        assert not set(sa.inspect(connection).get_table_names()) & set(Base.metadata.tables)
    migrate(database)
    with database.engine.execution_options(ruhu_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)
    database.dispose()

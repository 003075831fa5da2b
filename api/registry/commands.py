"""Commands of the registry: divisions, the roll, and the keys that encrypt it."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from api.database import database
from api.registry.divisions import import_divisions, read_divisions


@click.command("import-divisions")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def import_divisions_command(file: Path | None) -> None:
    """Take in divisions from FILE (CSV: code, level, name, parent_code); by default those of Shigatse."""
    rows = None if file is None else read_divisions(file)
    with database().transaction() as session:
        done = import_divisions(session, rows) if file is None else import_divisions(session, rows, source=file.name)
    click.echo(f"新增 {done.added:,} · 更名 {done.renamed:,} · 未变 {done.unchanged:,} (added, renamed, unchanged)")


commands = [import_divisions_command]

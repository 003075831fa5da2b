"""Commands of the registry: divisions, the roll, and the keys that encrypt it."""

import sys
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from api.database import database, new_id
from api.registry.divisions import import_divisions, read_divisions
from api.registry.roll_import.carry_out import import_roll
from api.registry.roll_import.receive import file_of, keep_file, receive_roll
from api.registry.roll_import.tables import RollImport, RollImportError
from api.registry.rotation import rotate_keys
from api.settings import Settings

REFUSED = 3  # exit code: the file was read and is not right
SHOWN = 20


@click.command("import-divisions")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def import_divisions_command(file: Path | None) -> None:
    """Take in divisions from FILE (CSV: code, level, name, parent_code); by default those of Shigatse."""
    rows = None if file is None else read_divisions(file)
    with database().transaction() as session:
        done = import_divisions(session, rows) if file is None else import_divisions(session, rows, source=file.name)
    click.echo(f"新增 {done.added:,} · 更名 {done.renamed:,} · 未变 {done.unchanged:,} (added, renamed, unchanged)")


@click.command("import-roll")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--county", "area_code", required=True, help="code of the county or township whose whole roll FILE is")
@click.option("--dry-run", is_flag=True, help="judge the file and say what would change, change nothing")
@with_appcontext
def import_roll_command(file: Path, area_code: str, dry_run: bool) -> None:
    """Take in the roll of a county or township from FILE (XLSX, XLS or CSV), in whole or not at all."""
    settings: Settings = current_app.extensions["ruhu_settings"]
    import_id = new_id()
    path = file_of(settings.data_dir, import_id)
    with file.open("rb") as stream:
        sha256 = keep_file(stream, path, most_bytes=settings.upload_limit_bytes)
    try:
        with database().transaction() as session:
            wanted = receive_roll(
                session, area_code=area_code, file_name=file.name, file_sha256=sha256, dry_run=dry_run, by=None,
                import_id=import_id,
            )  # fmt: skip
        with click.progressbar(length=1, label="导入名册", file=sys.stderr) as bar:

            def show(done: int, total: int, _message: str) -> None:
                bar.length = max(total, 1)
                bar.update(done - bar.pos)

            done = import_roll(
                database(), wanted.county_code, import_id, path, keys=settings.encryption_keys(), on_progress=show
            )
    finally:
        path.unlink(missing_ok=True)
    _say(done)


def _say(done: RollImport) -> None:
    if done.message:
        click.echo(done.message)
    if done.state in {"applied", "ready"}:
        click.echo(
            f"{'已导入' if done.state == 'applied' else '试导入无误'}: {done.rows:,} 人 {done.households:,} 户 · "
            f"新增 {done.added:,} · 变更 {done.changed:,} · 未变 {done.unchanged:,} · 退出名册 {done.removed:,}"
        )
        return
    click.echo(f"没有导入，名册没有改变：{done.errors:,} 处错误 (refused, nothing changed)", err=True)
    with database().read() as session:
        statement = sa.select(RollImportError).where(RollImportError.import_id == done.id)
        for found in session.scalars(statement.order_by(RollImportError.row_number).limit(SHOWN)):
            message = found.message.format(**found.names)
            click.echo(f"  第 {found.row_number} 行 {found.heading} {found.shown!r}: {message}", err=True)
    sys.exit(REFUSED)


@click.command("rotate-keys")
@with_appcontext
def rotate_keys_command() -> None:
    """Encrypt all fields anew with the first key of RUHU_FIELD_KEYS; afterwards the others may be removed."""
    settings: Settings = current_app.extensions["ruhu_settings"]

    def show(table: str, done: int, total: int) -> None:
        click.echo(f"  {table}: {done:,} / {total:,}")

    written = rotate_keys(database(), settings.encryption_keys(), on_progress=show)
    click.echo(f"已用最新密钥重新加密 {written:,} 行；旧密钥可以移除 (all encrypted with the newest key)")


commands = [import_divisions_command, import_roll_command, rotate_keys_command]

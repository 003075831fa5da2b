"""Commands of the registry: divisions and their boundaries, the roll, and the keys that encrypt it."""

import sys
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from api.database import database, new_id
from api.registry.boundaries.take_in import SHIFTED, BoundariesTaken, read_boundaries, take_in_boundaries
from api.registry.divisions import import_divisions, read_divisions
from api.registry.roll_import.carry_out import import_roll
from api.registry.roll_import.receive import file_of, keep_file, receive_roll
from api.registry.roll_import.tables import RollImport, RollImportError
from api.registry.rotation import rotate_keys
from api.settings import Settings

LEVEL_NAMES = {"region": "自治区", "city": "市", "county": "县", "township": "乡镇", "village": "村"}
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


@click.command("import-boundaries")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", default="", help="which layer of a GeoPackage that has several")
@click.option("--code-field", default="", help="the field with the division codes; found by itself where only one fits")
@click.option("--source", default="", help="where the boundaries come from, kept with each; by default the file's name")
@click.option("--within", default="", help="only divisions whose code begins so, when the file holds more")
@click.option("--check-only", is_flag=True, help="say what would change, change nothing")
@click.option("--although-far", is_flag=True, help="take also ground off which most homes recorded there lie")
@with_appcontext
def import_boundaries_command(
    file: Path, layer: str, code_field: str, source: str, within: str, *, check_only: bool, although_far: bool
) -> None:
    """Take in the ground of divisions from FILE (GeoJSON or GeoPackage, WGS 84 or CGCS2000), all of it or nothing."""
    found = read_boundaries(file, layer=layer, asked_field=code_field, within=within)
    with database().read() if check_only else database().transaction() as session:
        taken = take_in_boundaries(session, found, source=source, check_only=check_only, although_far=although_far)
    _say_boundaries(taken, field=found.field, left_out=found.left_out, check_only=check_only)


def _say_boundaries(taken: BoundariesTaken, *, field: str, left_out: int, check_only: bool) -> None:
    click.echo(
        f"{'试导入无误，没有改变任何边界 (nothing changed)' if check_only else '已导入 (imported)'}: "
        f"新增 {len(taken.added):,} · 替换 {len(taken.replaced):,} (其中虚构 {taken.synthetic_replaced:,}) · "
        f"未变 {len(taken.unchanged):,} · 代码字段 {field}"
    )
    for title, codes in (
        ("新增", taken.added),
        ("替换", taken.replaced),
        ("已修正自相交的图形 (mended)", taken.mended),
    ):
        if codes:
            shown = "、".join(f"{taken.names[code]} {code}" for code in codes[:SHOWN])
            click.echo(f"  {title}：{shown}{' …' if len(codes) > SHOWN else ''}")
    for code, homes in taken.homes.items():
        if homes.outside:
            click.echo(f"  {taken.names[code]} {code}：{homes.all:,} 户有位置，其中 {homes.outside:,} 户在边界之外")
    if left_out:
        click.echo(f"  不在所选范围、未导入：{left_out:,} 个 (outside the area asked for)")
    for level, number in taken.still_synthetic.items():
        click.echo(f"  仍是演示用虚构边界：{LEVEL_NAMES[level]} {number:,} 个 (still made up)")
    if taken.shift is not None:
        click.echo("  注意 (warning): " + SHIFTED.format(**vars(taken.shift)), err=True)


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


commands = [import_divisions_command, import_boundaries_command, import_roll_command, rotate_keys_command]

"""Commands of collection: publish, export, close forms, derive again what submissions show, look after their bytes."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from api.collection.blobs import Blobs
from api.collection.derive import reprocess
from api.collection.form_media import missing_files
from api.collection.forms import HOUSE, close_form, publish_form
from api.collection.integrity import how_many_named, move_blobs, verify_blobs
from api.collection.object_store import ObjectStore
from api.database import database
from survey_forms.catalogue import CATALOGUE, compiled, source_of
from survey_forms.workbook import write_workbook

LEFT_UNDONE = 3  # exit code when something still cannot be derived, or bytes are not what they were
NAMED_BY = {
    "answers": "答卷 answers",
    "file": "附件 file",
    "dice": "掷骰照片 photo of the dice of draw",
    "mended": "修复的答卷 mended answers of posting",
    "posting": "留存 posting kept aside",
}
BLOB_WORDS = {"missing": "缺失 missing", "changed": "被改动 changed"}


@click.command("publish-forms")
@click.argument("form_ids", nargs=-1, metavar="[FORM]...")
@with_appcontext
def publish_forms(form_ids: tuple[str, ...]) -> None:
    """Publish the house's forms (or only FORM): phones get them, older versions stay accepted."""
    known = {entry.form_id: entry for entry in CATALOGUE}
    for form_id in _known(form_ids):
        with database().transaction() as session:
            form = publish_form(session, compiled(form_id), for_roles=known[form_id].for_roles)
            click.echo(f"{form.title} {form.form_id} {form.version} · 已发布 published")
            for name in missing_files(session, form, current_app.extensions["ruhu_form_media"]):
                click.echo(f"  {name} · 服务器上没有这个文件，手机打开表格时会缺少它 nothing here has it", err=True)


@click.group("forms")
def forms() -> None:
    """Work with the house's forms."""


@forms.command("export")
@click.argument("form_ids", nargs=-1, metavar="[FORM]...")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="a folder")
@click.option("--overwrite", is_flag=True, help="also over files that are there")
def export_forms(form_ids: tuple[str, ...], folder: Path, *, overwrite: bool) -> None:
    """Write the house's forms (or only FORM) as Excel workbooks, to be changed in Excel."""
    chosen = [(form_id, folder / f"{form_id}.xlsx") for form_id in _known(form_ids)]
    there = [path.name for _, path in chosen if path.exists()]
    if there and not overwrite:
        # somebody may have worked on them
        raise click.UsageError(f"{', '.join(there)}: 已在 {folder} 中，如要覆盖请加 --overwrite · already there")
    folder.mkdir(parents=True, exist_ok=True)
    for form_id, path in chosen:
        path.write_bytes(write_workbook(source_of(form_id)))
        click.echo(f"{compiled(form_id).title} {path} · 已导出 exported")


@click.command("close-form")
@click.argument("form_id")
@click.option("--county", default=HOUSE, help="the county's own versions, by its code; without it the house's")
@with_appcontext
def close_form_command(form_id: str, county: str) -> None:
    """Take no more submissions of FORM_ID; phones are told whom to ask."""
    with database().transaction() as session:
        count = close_form(session, form_id, area_code=county)
    click.echo(f"{form_id}: {count} 个版本已关闭 · versions closed")


@click.command("reprocess")
@click.option("--form", "form_id", help="only this form's submissions")
@click.option("--flagged", is_flag=True, help="also what was derived with something doubtful about it")
@click.option("--all", "everything", is_flag=True, help="also what was derived before")
@with_appcontext
def reprocess_command(*, form_id: str | None, flagged: bool, everything: bool) -> None:
    """Derive evidence again from the raw bytes of submissions, where it is missing or everywhere."""
    extensions = current_app.extensions
    done = failed = 0
    for good in reprocess(
        database(), extensions["ruhu_blobs"], extensions["ruhu_derivers"], form_id=form_id, flagged=flagged,
        everything=everything,
    ):  # fmt: skip
        done += good
        failed += not good
        if (done + failed) % 100 == 0:
            click.echo(f"{done + failed}…", err=True)
    click.echo(f"{done} 条已处理 derived, {failed} 条仍有问题 still failing")
    if failed:
        sys.exit(LEFT_UNDONE)


def _known(form_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms asked for, all of them when none is named."""
    known = tuple(entry.form_id for entry in CATALOGUE)
    if strays := sorted(set(form_ids) - set(known)):
        raise click.BadParameter(f"{', '.join(strays)}: forms are {', '.join(known)}")
    return form_ids or known


@click.command("verify-blobs")
@with_appcontext
def verify_blobs_command() -> None:
    """Hash again all bytes that the database names; say which are missing or changed, and whose they are."""
    with database().read() as session:
        total = how_many_named(session)
    counts = {"good": 0, "missing": 0, "changed": 0}
    for looked in verify_blobs(database(), current_app.extensions["ruhu_blobs"]):
        counts[looked.found] += 1
        if looked.found != "good":
            click.echo(f"{BLOB_WORDS[looked.found]} {looked.sha256}")
            for kind, one in looked.named_by:
                click.echo(f"    {NAMED_BY[kind]} {one}")
        _tell_progress(sum(counts.values()), total)
    click.echo(
        f"{counts['good']} 个完好 good, {counts['missing']} 个缺失 missing, {counts['changed']} 个被改动 changed"
    )
    if counts["missing"] or counts["changed"]:
        sys.exit(LEFT_UNDONE)


@click.command("move-blobs")
@click.option("--keep-local", is_flag=True, help="leave the folder's copies where they are")
@with_appcontext
def move_blobs_command(*, keep_local: bool) -> None:
    """Move the bytes of submissions from the data folder to the object store of RUHU_BLOB_STORE.

    Set the store and restart the server first: what has not been moved yet is still found in the folder. May be
    broken off and begun again.
    """
    store = current_app.extensions["ruhu_blobs"]
    if not isinstance(store, ObjectStore):
        raise click.UsageError("RUHU_BLOB_STORE is empty: name a store first, such as s3://bucket/ruhu")
    folder = Blobs(store.root)
    total = sum(1 for _ in folder.names())
    counts = {"good": 0, "changed": 0}
    for looked in move_blobs(folder, store, keep_local=keep_local):
        counts[looked.found] += 1
        if looked.found == "changed":
            click.echo(f"{BLOB_WORDS['changed']} {looked.sha256}: 留在原处 left where it is")
        _tell_progress(sum(counts.values()), total)
    click.echo(f"{counts['good']} 个已在对象存储 in the store, {counts['changed']} 个未移动 not moved")
    if counts["changed"]:
        sys.exit(LEFT_UNDONE)


def _tell_progress(done: int, total: int) -> None:
    if done % 1_000 == 0:
        click.echo(f"{done} / {total}…", err=True)


commands = [publish_forms, forms, close_form_command, reprocess_command, verify_blobs_command, move_blobs_command]

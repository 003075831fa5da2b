"""Commands of collection: publish and close forms, derive again what submissions show."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from api.collection.derive import reprocess
from api.collection.forms import HOUSE, close_form, publish_form
from api.database import database
from survey_forms.catalogue import CATALOGUE, compiled

LEFT_UNDONE = 3  # exit code of reprocess when something still cannot be derived


@click.command("publish-forms")
@click.argument("form_ids", nargs=-1, metavar="[FORM]...")
@with_appcontext
def publish_forms(form_ids: tuple[str, ...]) -> None:
    """Publish the house's forms (or only FORM): phones get them, older versions stay accepted."""
    known = {entry.form_id: entry for entry in CATALOGUE}
    if strays := sorted(set(form_ids) - set(known)):
        raise click.BadParameter(f"{', '.join(strays)}: forms are {', '.join(known)}")
    for form_id in form_ids or known:
        with database().transaction() as session:
            form = publish_form(session, compiled(form_id), for_roles=known[form_id].for_roles)
            click.echo(f"{form.title} {form.form_id} {form.version} · 已发布 published")


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
@click.option("--all", "everything", is_flag=True, help="also what was derived before")
@with_appcontext
def reprocess_command(*, form_id: str | None, everything: bool) -> None:
    """Derive evidence again from the raw bytes of submissions, where it is missing or everywhere."""
    extensions = current_app.extensions
    done = failed = 0
    for good in reprocess(
        database(), extensions["ruhu_blobs"], extensions["ruhu_derivers"], form_id=form_id, everything=everything
    ):
        done += good
        failed += not good
        if (done + failed) % 100 == 0:
            click.echo(f"{done + failed}…", err=True)
    click.echo(f"{done} 条已处理 derived, {failed} 条仍有问题 still failing")
    if failed:
        sys.exit(LEFT_UNDONE)


commands = [publish_forms, close_form_command, reprocess_command]

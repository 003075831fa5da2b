"""Commands of evidence: look at photos again."""

import click
from flask import current_app
from flask.cli import with_appcontext

from api.database import database
from api.evidence.look import look_again, look_at_photos

A_LONG_TIME = 365 * 24 * 3600.0  # seconds; until nothing is left


@click.command("read-photos")
@click.option("--again", is_flag=True, help="also those that were looked at before")
@with_appcontext
def read_photos(*, again: bool) -> None:
    """Read time, place and camera of photos, and make small copies; the background work does it as they arrive."""
    if again:
        with database().transaction() as session:
            look_again(session)
    extensions = current_app.extensions
    done = look_at_photos(
        database(), extensions["ruhu_blobs"], extensions["ruhu_thumbnails"], seconds=A_LONG_TIME
    )  # fmt: skip
    click.echo(f"{done} 张照片已读取 photos looked at")


commands = [read_photos]

"""The command that loads the demo county."""

import click
from flask import current_app
from flask.cli import with_appcontext

from api.database import database
from api.demo.accounts import choose_password, password_file, write_secret
from api.demo.county import FEWEST
from api.demo.load import HOUSEHOLDS, load_demo
from api.demo.progress import Bars
from api.migrate import migrate
from api.settings import Settings


@click.command("demo")
@click.option(
    "--households",
    type=click.IntRange(FEWEST, 20_000),
    default=HOUSEHOLDS,
    show_default=True,
    help="households on the roll",
)
@with_appcontext
def demo(*, households: int) -> None:
    """Load the demo county into an empty database (江孜县, nobody in it is real)."""
    settings: Settings = current_app.extensions["ruhu_settings"]
    migrate(database())
    password = choose_password(settings)
    with Bars() as bars:
        loaded = load_demo(
            database(),
            settings,
            password=password,
            households=households,
            on_progress=bars,
            derivers=current_app.extensions["ruhu_derivers"],
        )
    write_secret(password_file(settings), password + "\n")
    click.echo(
        f"演示县已载入：{loaded.households} 户，{loaded.members} 人，入户 {loaded.visits} 次，"
        f"访问、取证、评议、公示 {loaded.inquiries} 次，抽查 {loaded.checks} 次"
        f" · the demo county is loaded; password {password}"
    )


commands = [demo]

"""The command line: ``ruhu``, one command for each thing an operator does."""

import sys
from dataclasses import fields
from importlib import import_module
from importlib.util import find_spec

import click
from flask.cli import FlaskGroup, with_appcontext

from api import create_app
from api.database import database
from api.databases.embedded import SpatialiteMissing
from api.migrate import migrate, present_revision
from api.problems import Refusal
from api.serve import serve
from api.settings import SettingError, Settings

FEATURES = ("people", "registry", "campaigns", "collection", "evidence", "spot_checks", "jobs", "demo")
USAGE_ERROR = 2


@click.group(cls=FlaskGroup, create_app=create_app, add_default_commands=False)
def ruhu() -> None:
    """Ruhu 入户: verify, household by household, that social assistance reaches the right people."""


@ruhu.command("migrate")
@click.argument("revision", default="head")
@with_appcontext
def migrate_command(revision: str) -> None:
    """Bring the database to the newest shape (or to REVISION)."""
    migrate(database(), revision)
    click.echo(f"数据库已是 {present_revision(database())} · the database is there")


@ruhu.command("settings")
def settings_command() -> None:
    """List every setting with its value, default and meaning."""
    present = Settings.read()
    secret = {"secret_key", "field_keys", "demo_password"}
    for item in fields(Settings):
        value = getattr(present, item.name)
        shown = "(set)" if item.name in secret and value else value
        click.echo(f"RUHU_{item.name.upper()}={shown}\n    {item.metadata['meaning']}")


def _collect() -> None:
    ruhu.add_command(serve)
    for feature in FEATURES:
        name = f"api.{feature}.commands"
        if find_spec(f"api.{feature}") and find_spec(name):
            for command in import_module(name).commands:
                ruhu.add_command(command)


def main() -> None:
    """Run a command; refusals and wrong settings end with a sentence, not a traceback."""
    try:
        _collect()
        ruhu(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (Refusal, SettingError, SpatialiteMissing) as refusal:
        click.echo(str(refusal), err=True)
        for finding in getattr(refusal, "errors", []):
            message = finding["message"].format(**finding.get("values", {}))
            click.echo(f"  {finding['where']}: {message}", err=True)
        sys.exit(USAGE_ERROR)


if __name__ == "__main__":
    main()

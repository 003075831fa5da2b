"""Commands of people: accounts and the audit log."""

import sys

import click
import sqlalchemy as sa
from cryptography.fernet import Fernet
from flask import current_app
from flask.cli import with_appcontext

from api.database import database
from api.people.accounts import create_account
from api.people.audit import NO_COUNTY
from api.people.roles import ROLE_NAMES, Role
from api.people.sealing import Anchor, head, seal_everything, verify
from api.people.tables import AuditEntry, AuditLink
from api.settings import Settings

FAULTS_FOUND = 3  # exit code of verify-audit when the log is not what was sealed


@click.command("create-user")
@click.argument("name")
@click.option("--display-name", prompt="姓名 display name")
@click.option(
    "--grant",
    "grants",
    multiple=True,
    required=True,
    metavar="ROLE:AREA",
    help="a role in an area, such as county_supervisor:540222; may be given several times",
)
@click.password_option()
@with_appcontext
def create_user(name: str, display_name: str, grants: tuple[str, ...], password: str) -> None:
    """Make an account with its roles."""
    settings: Settings = current_app.extensions["ruhu_settings"]
    pairs = []
    for grant in grants:
        role, _, area = grant.partition(":")
        if role not in set(Role) or not area.isdigit():
            raise click.BadParameter(
                f"{grant!r}: use ROLE:AREA; roles are " + ", ".join(f"{r} {ROLE_NAMES[r]}" for r in Role)
            )
        pairs.append((Role(role), area))
    with database().transaction() as session:
        create_account(
            session, name=name, display_name=display_name, password=password, grants=pairs,
            cost_kib=settings.password_cost,
        )  # fmt: skip
    click.echo(f"账号 {name} 已建立 · account {name} made")


@click.command("make-key")
def make_key() -> None:
    """Print a new key for RUHU_FIELD_KEYS."""
    click.echo(Fernet.generate_key().decode())


@click.command("seal-audit")
@with_appcontext
def seal_audit() -> None:
    """Seal the audit log now and print each county's head, to be kept outside as an anchor."""
    seal_everything(database())
    with database().read() as session:
        for county in session.scalars(sa.select(AuditLink.county_code).distinct().order_by(AuditLink.county_code)):
            click.echo(str(head(session, county)))


@click.command("verify-audit")
@click.option("--anchor", "anchors", multiple=True, help="a head kept outside: county:position:hash")
@click.option("--county", help="only this county")
@with_appcontext
def verify_audit(anchors: tuple[str, ...], county: str | None) -> None:
    """Recompute the audit chains; name every row that was changed, removed, reordered or cut off."""
    try:
        kept = [Anchor.parse(text) for text in anchors]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--anchor") from None
    faults = 0
    with database().read() as session:
        sealed = set(session.scalars(sa.select(AuditLink.county_code).distinct()))
        entries = set(session.scalars(sa.select(AuditEntry.county_code).distinct()))
        for code in [county] if county else sorted(sealed | entries | {anchor.county_code for anchor in kept}):
            for fault in verify(session, code, kept):
                faults += 1
                click.echo(f"{code} #{fault.position} {fault.kind}: {fault.what}")
            label = "系统 system" if code == NO_COUNTY else code
            click.echo(f"{label}: {head(session, code).position} 条已封存 sealed")
    if faults:
        click.echo(f"发现 {faults} 处异常 · {faults} faults found", err=True)
        sys.exit(FAULTS_FOUND)
    click.echo("审计日志完整 · the audit log is whole")


commands = [create_user, make_key, seal_audit, verify_audit]

"""Commands of campaigns."""

import click
from flask.cli import with_appcontext

from api.campaigns.create import create_campaign
from api.campaigns.plans import plan_names, read_plan
from api.database import database


@click.command("create-campaign")
@click.argument("plan", type=click.Choice(plan_names()))
@click.option("--area", help="division code of the issuing government; by default the plan's own")
@click.option("--year", type=int, help="the year in which the first stage begins; by default the plan's own")
@click.option("--month", type=click.IntRange(1, 12), help="the month in which it begins; by default the plan's own")
@with_appcontext
def create_campaign_command(plan: str, area: str | None, year: int | None, month: int | None) -> None:
    """Make a campaign from a shipped PLAN, its dates moved to the year in which it is carried out."""
    parts = read_plan(plan, year=year, month=month)
    if area:
        parts["area_code"] = area
        parts["standards"] = [{**row, "area_code": area} for row in parts["standards"]]
    with database().transaction() as session:
        campaign = create_campaign(session, **parts)
    click.echo(f"{campaign.name} {campaign.document_number} · {campaign.id}")
    for stage in campaign.stages:
        click.echo(f"  {stage.starts_on} – {stage.ends_on} {stage.name}")


commands = [create_campaign_command]

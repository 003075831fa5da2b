"""The demo's campaign: the plan of 2018 as it is, its dates moved so that today lies in stage two."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from api.campaigns.create import change_campaign, create_campaign
from api.campaigns.plans import read_plan
from api.campaigns.tables import Campaign

PLAN = "shigatse_2018_95"
MONTHS = 12
SETTLED_DAY = 26  # from here on stage two, begun on the 16th, is old enough to have visits behind it


def demo_plan(today: date) -> dict[str, Any]:
    """Return the plan with dates around a day, saying in its name that it is a demo.

    Stage two runs from the 16th of the first month to the end of the second: it begins this month when at least ten
    days of it have passed, else last month.

    Examples
    --------
    >>> [str(demo_plan(date(2026, 11, day))["stages"][1]["starts_on"]) for day in (5, 26)]
    ['2026-10-16', '2026-11-16']
    """
    months = today.year * MONTHS + today.month - 1 - (today.day < SETTLED_DAY)
    plan = read_plan(PLAN, year=months // MONTHS, month=months % MONTHS + 1)
    plan["name"] = f"{plan['name']} (演示)"
    return plan


def standards_of(plan: dict[str, Any]) -> dict[str, int]:
    """Return fen per person and year, by scheme."""
    return {row["scheme"]: row["fen_per_person_year"] for row in plan["standards"]}


def make_campaign(session: Session, plan: dict[str, Any]) -> Campaign:
    """Make the demo's campaign; its draws are public."""
    return change_campaign(session, create_campaign(session, **plan), publish_draws=True)

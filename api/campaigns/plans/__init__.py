"""Government plans shipped as data, moved to the year in which they are carried out."""

import json
from calendar import monthrange
from datetime import date
from importlib import resources
from typing import Any

from api.problems import NotFound

MONTHS = 12


def plan_names() -> list[str]:
    """Return the names of the shipped plans.

    Examples
    --------
    >>> plan_names()
    ['shigatse_2018_95']
    """
    files = resources.files(__name__).iterdir()
    return sorted(file.name.removesuffix(".json") for file in files if file.name.endswith(".json"))


def read_plan(name: str, *, year: int | None = None, month: int | None = None) -> dict[str, Any]:
    """Return a plan, its dates moved so that it begins in another year or month.

    Parameters
    ----------
    name : str
        One of `plan_names`.
    year : int, optional
        The year in which the first stage begins; by default the plan's own.
    month : int, optional
        The month in which it begins, 1 to 12; by default the plan's own. The last day of a month stays the last day.

    Returns
    -------
    dict
        What `api.campaigns.create.create_campaign` takes, with real dates.

    Raises
    ------
    NotFound
        Naming the plans there are.

    Examples
    --------
    >>> read_plan("shigatse_2018_95", year=2026)["stages"][1]["ends_on"]
    datetime.date(2026, 7, 31)
    >>> read_plan("shigatse_2018_95", year=2026, month=11)["stages"][3]["ends_on"]
    datetime.date(2027, 2, 28)
    """
    if name not in plan_names():
        raise NotFound("没有名为 {name} 的方案，现有：{names}", where="plan", name=name, names=", ".join(plan_names()))
    plan: dict[str, Any] = json.loads(resources.files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
    first = date.fromisoformat(plan["stages"][0]["starts_on"])
    moved = MONTHS * ((year or first.year) - first.year) + (month or first.month) - first.month
    for kind, fields in (("stages", ("starts_on", "ends_on")), ("reporting_dates", ("due_on",))):
        for row in plan[kind]:
            for field in fields:
                row[field] = _move(date.fromisoformat(row[field]), moved)
    for standard in plan["standards"]:
        standard["year"] = plan["stages"][0]["starts_on"].year
    return {key: value for key, value in plan.items() if key not in {"source", "standards_note"}}


def _move(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, MONTHS)
    year, month = day.year + years, month + 1
    last = monthrange(year, month)[1]
    stays_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month, last if stays_last else min(day.day, last))

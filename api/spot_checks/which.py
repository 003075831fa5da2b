"""Which county a page of spot checks speaks of, and the tabs that lead from one page of it to the next."""

from typing import Final, NamedTuple

import sqlalchemy as sa
from flask import current_app, request, url_for

from api.people.access import COUNTY_LENGTH, inside
from api.people.guard import session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.registry.tables import Division
from api.settings import Settings

# In the order of a supervisor's morning. A page that is not built yet has no tab.
TABS: Final = (
    ("spot_checks_pages.rounds", "进度与抽取"),
    ("spot_check_risk_pages.risk", "风险评分"),
    ("spot_check_planning_pages.plan", "抽查方案"),
    ("spot_check_lists_pages.lists", "名单与分工"),
    ("spot_check_comparison_pages.comparison", "两次入户比对"),
    ("spot_check_estimates_pages.estimates", "差错估计"),
)


def attempts_demanded() -> int:
    """Return how often a checker must have stood before a closed door until the household counts as not reached."""
    settings: Settings = current_app.extensions["ruhu_settings"]
    return settings.check_attempts


class Tab(NamedTuple):
    """One page of a county's spot check."""

    address: str
    name: str
    here: bool


def tabs_of(county: str) -> list[Tab]:
    """Return the pages of a county's spot check that there are; each takes ``?county=``."""
    return [
        Tab(url_for(endpoint, county=county), name, request.blueprint == endpoint.partition(".")[0])
        for endpoint, name in TABS
        if endpoint in current_app.view_functions
    ]


def counties_to_read(permission: Permission = Permission.SPOT_CHECK_READ) -> dict[str, str]:
    """Return the counties in which whoever is asking holds a permission, code → name."""
    statement = sa.select(Division.code, Division.name).where(
        inside(Division.code, viewer().areas(permission)), sa.func.length(Division.code) == COUNTY_LENGTH
    )
    return dict(session_now().execute(statement.order_by(Division.code)).all())


def county_asked(permission: Permission = Permission.SPOT_CHECK_READ) -> str:
    """Return the county that the address names with ``?county=``, or the only one; empty when there is a choice.

    Raises
    ------
    NotFound
        When the address names one that does not exist or lies outside.
    """
    counties = counties_to_read(permission)
    asked = request.args.get("county", "")
    if asked and asked not in counties:
        raise NotFound("没有县 {code}，或不在您的管辖范围内", where="county", code=asked)
    return asked or (next(iter(counties)) if len(counties) == 1 else "")

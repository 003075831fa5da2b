"""Where one can go from every page: one line each, shown to whoever may go there."""

from dataclasses import dataclass

from flask import current_app, request, url_for

from api.people.guard import access_of, somebody


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; the route's own access rule says who sees it."""

    endpoint: str
    name: str
    icon: str


PLACES = (
    Place("home.home", "首页", "home"),
    Place("registry_pages.roll", "名册", "list-details"),
    Place("proposals_pages.page", "名册变更", "edit"),
    Place("registry_pages.imports", "导入名册", "upload"),
    Place("assignments_pages.overview", "任务", "checklist"),
    Place("workers_pages.workers", "调查员", "users"),
    Place("spot_checks_pages.rounds", "抽查", "dice-5"),
    Place("map_pages.map_page", "地图", "map"),
    Place("review_pages.queue_page", "审核", "clipboard-check"),
    Place("checks_pages.doubtful_list", "疑点", "alert-triangle"),
    Place("forms_pages.forms", "表格", "checklist"),
    Place("export_pages.exports", "导出", "download"),
    Place("quarantine_pages.postings", "待处理上报", "alert-triangle"),
)


def places() -> list[Place]:
    """Return the places that whoever is asking may go to."""
    found = somebody()
    if found is None:
        return []
    reachable = []
    for place in PLACES:
        if place.endpoint in current_app.view_functions:
            access = access_of(current_app, place.endpoint, "GET")
            if access is not None and found.may(access.permission):
                reachable.append(place)
    return reachable


def here(offered: list[Place]) -> str:
    """Return the endpoint of the place that the page asked for lies under; empty when it lies under none.

    The longest address wins: what lies under ``/roll/imports`` belongs to it and not to ``/roll``.
    """
    addresses = {url_for(place.endpoint): place.endpoint for place in offered}
    under = [one for one in addresses if request.path == one or request.path.startswith(f"{one.rstrip('/')}/")]
    found = max(under, key=len, default="")
    return addresses[found] if found != "/" or request.path == "/" else ""

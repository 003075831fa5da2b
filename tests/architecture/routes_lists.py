"""Examples of the routes of lists and teams, for the walk."""

from datetime import date
from typing import Any
from uuid import UUID

import field
import world
from example import Example, by_county

from api.spot_checks.lists.team import TeamWanted, make_team
from api.spot_checks.lists.tie import declare_tie

WHY = "没有别人可派 (虚构)"
HELD = {world.COUNTY: ("county", "checker"), world.OTHER_COUNTY: ("county-outside", "checker-outside")}
HOMES = {county: next(code for code in world.VILLAGES if code[:6] == county) + "-0012" for county in HELD}
DAYS = {"days_from": "2026-07-06", "days_to": "2026-07-10"}


def teams_and_ties(session: Any, campaigns: dict[str, UUID]) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """A team and a declaration in each county."""
    teams, ties = {}, {}
    for county, (supervisor, checker) in HELD.items():
        by, member = world.viewer(session, supervisor), field.account(session, checker).id
        wanted = TeamWanted(
            name=f"{county}组", members=[member], capacity_per_day=4, days_from=date(2026, 7, 6),
            days_to=date(2026, 7, 10),
        )  # fmt: skip
        teams[county] = make_team(session, by, county, campaigns[county], wanted).id
        note = f"虚构亲属{county}"
        ties[county] = declare_tie(session, by, county, member, kind="relative", of=HOMES[county], note=note).id
    return teams, ties


DRAW = by_county("draw_id", lambda built, county: built.draws[county])
TEAM = by_county("team_id", lambda built, county: built.teams[county])
TIE = by_county("tie_id", lambda built, county: built.ties[county])
HERE = {"county": world.COUNTY}
NOBODY = "00000000-0000-4000-8000-000000000000"
A_TEAM = {"name": "新组", "members": [NOBODY], "capacity_per_day": 4, **DAYS}
A_TIE = {"kind": "relative", "of": HOMES[world.COUNTY]}

LISTS: dict[tuple[str, str], Example] = {
    ("GET", "spot_check_lists.progress_one"): Example(**DRAW),
    ("GET", "spot_check_lists.replacement_list"): Example(**DRAW),
    ("POST", "spot_check_lists.replacement_make"): Example(
        **DRAW, json={"household_code": HOMES[world.COUNTY], "reason": WHY}, also=(404, 409)
    ),
    ("GET", "spot_check_lists.team_list"): Example(query=HERE, secrets=(f"{world.COUNTY}组",)),
    ("POST", "spot_check_lists.team_make"): Example(query=HERE, json=A_TEAM, also=(404, 422)),
    ("PUT", "spot_check_lists.team_change"): Example(**TEAM, json=A_TEAM, also=(404, 422)),
    ("POST", "spot_check_lists.team_rest"): Example(**TEAM, json={"active": True}),
    ("GET", "spot_check_lists.tie_list"): Example(query=HERE, secrets=("虚构亲属",)),
    ("POST", "spot_check_lists.tie_declare"): Example(query=HERE, json=A_TIE | {"account_id": NOBODY}, also=(404,)),
    ("DELETE", "spot_check_lists.tie_end"): Example(**TIE, also=(409,)),  # ended once
    ("GET", "spot_check_lists.override_list"): Example(**DRAW),
    ("POST", "spot_check_lists.override_make"): Example(
        **DRAW, json={"account_id": NOBODY, "household_code": HOMES[world.COUNTY], "reason": WHY}, also=(404,)
    ),
    ("GET", "spot_check_lists.tour_list"): Example(**DRAW),
    ("POST", "spot_check_lists.tour_plan"): Example(**DRAW),
    ("POST", "spot_check_lists.tour_hand_out"): Example(**DRAW, json={}, also=(409,)),  # no days yet
    ("GET", "spot_check_lists_pages.lists"): Example(query=HERE, secrets=("江孜镇",)),
    ("GET", "spot_check_lists_pages.tours"): Example(query=HERE),
    ("GET", "spot_check_lists_pages.teams"): Example(query=HERE, secrets=(f"{world.COUNTY}组",)),
    ("GET", "spot_check_lists_pages.ties"): Example(query=HERE),
    ("GET", "spot_check_paper_pages.tours_paper"): Example(**DRAW, also=(409,)),  # no days yet
    ("GET", "spot_check_paper_pages.tour_paper"): Example(inside={"tour_id": NOBODY}, also=(404,)),
    ("GET", "spot_check_paper_pages.tour_sheet"): Example(inside={"tour_id": NOBODY}, also=(404,)),
    ("POST", "spot_check_lists_pages.release"): Example(
        **DRAW, form={"household_code": HOMES[world.COUNTY], "reason": WHY}, also=(404, 409)
    ),
    ("POST", "spot_check_lists_pages.plan_days"): Example(**DRAW),
    ("POST", "spot_check_lists_pages.hand_out"): Example(**DRAW, form={}, also=(409,)),
    ("POST", "spot_check_lists_pages.keep_team"): Example(
        form={"county": world.COUNTY, "name": "新组", "member": NOBODY, "capacity": "4", **DAYS}, also=(404, 422)
    ),
    ("POST", "spot_check_lists_pages.rest"): Example(**TEAM, form={"active": "1"}),
    ("POST", "spot_check_lists_pages.declare"): Example(
        form=A_TIE | {"county": world.COUNTY, "account": NOBODY}, also=(404,)
    ),
    ("POST", "spot_check_lists_pages.end"): Example(**TIE, also=(409,)),
    ("POST", "spot_check_lists_pages.override"): Example(
        **DRAW, form={"account": NOBODY, "household_code": HOMES[world.COUNTY], "reason": WHY}, also=(404,)
    ),
}

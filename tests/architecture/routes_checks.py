"""Examples of the routes of field checks, for the walk."""

import world
from example import Example

COUNTY = {"county": world.COUNTY}
SEEN = (f"{world.VILLAGE}-0001",)  # its visits are judged in the world of the walk, and some rule doubts them

CHECKS: dict[tuple[str, str], Example] = {
    ("GET", "checks.check_list"): Example(query=COUNTY, secrets=SEEN, also=(404,)),
    ("GET", "checks.check_rules"): Example(query=COUNTY, also=(404,)),
    ("POST", "checks.threshold_change"): Example(
        json={**COUNTY, "limits": {"far_m": 1500}, "reason": "虚构理由"},
        also=(404, 409),  # the second caller finds it changed
    ),
    ("GET", "checks_pages.doubtful_list"): Example(query=COUNTY, secrets=SEEN, also=(404,)),
    ("GET", "checks_pages.export"): Example(query=COUNTY, secrets=SEEN, also=(404,)),
    ("GET", "checks_pages.rules"): Example(query=COUNTY, also=(404,)),
    ("GET", "checks_pages.rule_page"): Example(inside={"rule": "far-from-home"}, query=COUNTY, also=(404,)),
    ("POST", "checks_pages.thresholds"): Example(
        form={**COUNTY, "far_m": "1600", "reason": "虚构理由"}, also=(404, 409)
    ),
}

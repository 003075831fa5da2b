"""Examples of the routes of the estimates, for the walk."""

import world
from example import Example, by_county

DRAW = by_county("draw_id", lambda built, county: built.draws[county])

ESTIMATES: dict[tuple[str, str], Example] = {
    ("GET", "spot_check_estimates.draw_estimates"): Example(**DRAW),
    ("GET", "spot_check_estimates_pages.estimates"): Example(secrets=("江孜",)),
    ("GET", "spot_check_estimates_pages.export"): Example(
        inside=lambda built: {"draw_id": built.draws[world.COUNTY], "kind": "csv"},
        outside=lambda built: {"draw_id": built.draws[world.OTHER_COUNTY], "kind": "csv"},
    ),
}

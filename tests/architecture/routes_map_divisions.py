"""Examples of the routes of boundaries and figures by division, and of the base map, for the walk."""

import world
from example import Example

IN_COUNTY = {"within": world.COUNTY, "level": "village"}
PLACES = ("第1村", "江孜镇", world.VILLAGE)

MAP_DIVISIONS: dict[tuple[str, str], Example] = {
    ("GET", "base_map_pages.base_pmtiles"): Example(also=(404,)),  # the walk has no base map
    ("GET", "map_divisions.ground_list"): Example(query=IN_COUNTY, secrets=PLACES),
    ("GET", "map_divisions.figure_list"): Example(query=IN_COUNTY, secrets=PLACES),
    ("GET", "map_divisions_pages.figures_page"): Example(query=IN_COUNTY, secrets=PLACES),
    ("GET", "map_divisions_pages.export"): Example(query=IN_COUNTY, secrets=PLACES),
}

"""Examples of the routes of boundaries and figures by division, and of the base map, for the walk."""

from example import Example

MAP_DIVISIONS: dict[tuple[str, str], Example] = {
    ("GET", "base_map_pages.base_pmtiles"): Example(also=(404,)),  # the walk has no base map
}

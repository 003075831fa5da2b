"""Examples of the routes of tiles, for the walk."""

import world
from example import Example

TILES: dict[tuple[str, str], Example] = {
    ("GET", "tiles.tile"): Example(inside={"zoom": 0, "x": 0, "y": 0}),
    ("GET", "tiles.summary"): Example(query={"area": world.TOWNSHIP}),
}

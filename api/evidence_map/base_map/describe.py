"""Tell the map page what lies under it, in the words of the map library."""

import logging
from typing import Any, Final

from api.base_maps import pmtiles_path, read_header, template
from api.settings import Settings

log = logging.getLogger(__name__)

ADDRESS: Final = "/map/base.pmtiles"
TILE_PIXELS: Final = 256  # as raster tiles in web Mercator are cut everywhere


def base_map(settings: Settings) -> dict[str, Any]:
    """Return what the map page needs to know of the base map.

    Returns
    -------
    dict
        ``kind`` (none, pmtiles or raster), ``url`` (of the PMTiles file, or a template with {z}, {x} and {y}),
        ``attribution``, ``max_zoom``; of a PMTiles file also ``vector`` (else its tiles are pictures), ``min_zoom``
        and ``bounds``; of raster tiles ``tile_size``. Of a PMTiles file that was there at the start and is gone, or
        is no archive any more, ``kind`` is none and ``broken`` is true: the map must say so, and shows the evidence.

    Examples
    --------
    >>> base_map(Settings())
    {'kind': 'none', 'url': '', 'attribution': '', 'max_zoom': 0}
    >>> base_map(Settings(base_map="https://tiles.example.org/{z}/{x}/{y}.png"))["kind"]
    'raster'
    """
    told: dict[str, Any] = {"kind": "none", "url": "", "attribution": settings.base_map_attribution, "max_zoom": 0}
    if (path := pmtiles_path(settings.base_map)) is not None:
        try:
            header = read_header(path)
        except (OSError, ValueError):
            log.exception("the base map %s cannot be read any more", path)
            return told | {"broken": True}
        return told | {
            "kind": "pmtiles",
            "url": ADDRESS,
            "max_zoom": min(header.max_zoom, settings.base_map_max_zoom),
            "min_zoom": header.min_zoom,
            "bounds": list(header.bounds),
            "vector": header.vector,
        }
    if settings.base_map:
        return told | {
            "kind": "raster",
            "url": template(settings.base_map),
            "max_zoom": settings.base_map_max_zoom,
            "tile_size": TILE_PIXELS,
        }
    return told

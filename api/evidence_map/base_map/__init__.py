"""What lies under the map: nothing, a PMTiles file that we serve, or tiles of another host, as the settings say."""

from api.evidence_map.base_map.describe import base_map

__all__ = ["base_map"]

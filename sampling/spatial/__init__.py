"""Which units, spread over the ground and balanced on what is known of the frame."""

from sampling.spatial.balance import (
    SpreadIndices,
    moran_balance,
    spread_indices,
    total_deviation,
    voronoi_balance,
    voronoi_shares,
)
from sampling.spatial.cube import cube
from sampling.spatial.hilbert import hilbert_order
from sampling.spatial.local_cube import local_cube
from sampling.spatial.local_pivotal import local_pivotal

__all__ = [
    "SpreadIndices",
    "cube",
    "hilbert_order",
    "local_cube",
    "local_pivotal",
    "moran_balance",
    "spread_indices",
    "total_deviation",
    "voronoi_balance",
    "voronoi_shares",
]

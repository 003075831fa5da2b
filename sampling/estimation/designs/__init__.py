"""How the sample came about: each design knows its weights and the variance of a weighted sum."""

from sampling.estimation.designs.clustered import ClusteredDesign, clustered
from sampling.estimation.designs.protocol import Design
from sampling.estimation.designs.spatial import (
    SpatialDesign,
    nearest_neighbour_variance,
    spatial,
    stevens_olsen_variance,
)
from sampling.estimation.designs.stratified import StratifiedDesign, stratified
from sampling.estimation.designs.unequal import (
    UnequalDesign,
    deville_variance,
    horvitz_thompson_variance,
    sen_yates_grundy_variance,
    unequal,
)

__all__ = [
    "ClusteredDesign",
    "Design",
    "SpatialDesign",
    "StratifiedDesign",
    "UnequalDesign",
    "clustered",
    "deville_variance",
    "horvitz_thompson_variance",
    "nearest_neighbour_variance",
    "sen_yates_grundy_variance",
    "spatial",
    "stevens_olsen_variance",
    "stratified",
    "unequal",
]

"""How many where: floors, certainty, proportional, Neyman, exact integers under floors in a nest."""

from sampling.allocation.floors import LEAST_PERCENT, floor_of, statutory_percent, stratum_minimum
from sampling.allocation.nested import Allocation, Binding, Group, allocate
from sampling.allocation.refusals import (
    AllocationRefused,
    BudgetBelowFloors,
    FloorAboveSize,
    FloorBelowLaw,
    GroupsNotNested,
    MalformedStrata,
    PrecisionOutOfReach,
    TotalAboveSize,
    TotalBelowFloors,
)
from sampling.allocation.statutory import Bound, StatutoryAllocation, allocate_statutory

__all__ = [
    "LEAST_PERCENT",
    "Allocation",
    "AllocationRefused",
    "Binding",
    "Bound",
    "BudgetBelowFloors",
    "FloorAboveSize",
    "FloorBelowLaw",
    "Group",
    "GroupsNotNested",
    "MalformedStrata",
    "PrecisionOutOfReach",
    "StatutoryAllocation",
    "TotalAboveSize",
    "TotalBelowFloors",
    "allocate",
    "allocate_statutory",
    "floor_of",
    "statutory_percent",
    "stratum_minimum",
]

"""How many where: floors, certainty, proportional, Neyman, exact integers under floors in a nest."""

from sampling.allocation.floors import LEAST_PERCENT, floor_of, statutory_percent, stratum_minimum
from sampling.allocation.nested import Allocation, Binding, Group, allocate
from sampling.allocation.real import equal, least_cost, neyman, power, proportional
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
from sampling.allocation.rounding import round_largest_remainder, round_optimally
from sampling.allocation.several import BalancedDomains, balance_domains, satisfy_all
from sampling.allocation.statutory import Bound, StatutoryAllocation, allocate_statutory

__all__ = [
    "LEAST_PERCENT",
    "Allocation",
    "AllocationRefused",
    "BalancedDomains",
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
    "balance_domains",
    "equal",
    "floor_of",
    "least_cost",
    "neyman",
    "power",
    "proportional",
    "round_largest_remainder",
    "round_optimally",
    "satisfy_all",
    "statutory_percent",
    "stratum_minimum",
]

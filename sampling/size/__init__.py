"""How many visits: for a wanted precision, to see anything at all, for two phases, for money; and the way back.

Examples
--------
>>> size_for_rate(0.03, 0.05, 2000).n
213
>>> size_to_discover(2000, 0.01)
277
"""

from sampling.size.detection import (
    Power,
    chance_to_discover,
    power_of_rate,
    size_for_power,
    size_to_discover,
    smallest_rate_seen,
)
from sampling.size.monetary import MonetaryPlan, size_for_money
from sampling.size.precision import (
    Precision,
    Size,
    expected_half_width_of_rate,
    precision_of_allocation,
    precision_of_mean,
    size_for_mean,
    size_for_rate,
    size_for_stratified_rate,
    size_for_total,
)
from sampling.size.two_phase import TwoPhaseSize, plan_two_phase, size_after_full_visit

__all__ = [
    "MonetaryPlan",
    "Power",
    "Precision",
    "Size",
    "TwoPhaseSize",
    "chance_to_discover",
    "expected_half_width_of_rate",
    "plan_two_phase",
    "power_of_rate",
    "precision_of_allocation",
    "precision_of_mean",
    "size_after_full_visit",
    "size_for_mean",
    "size_for_money",
    "size_for_power",
    "size_for_rate",
    "size_for_stratified_rate",
    "size_for_total",
    "size_to_discover",
    "smallest_rate_seen",
]

"""How many where: floors, certainty, proportional, Neyman, exact integers."""

from sampling.allocation.floors import LEAST_PERCENT, floor_of, statutory_percent, stratum_minimum

__all__ = ["LEAST_PERCENT", "floor_of", "statutory_percent", "stratum_minimum"]

"""Which units: simple, systematic, proportional to size, with reserves, continuation and coordination of rounds."""

from sampling.selection.continuation import continued, shortened
from sampling.selection.coordination import Overlap, expected_overlap, next_start, overlap, shifted
from sampling.selection.order import pareto, ranks, sequential_poisson, successive
from sampling.selection.pivotal import ordered_pivotal
from sampling.selection.proportional import inclusion_probabilities
from sampling.selection.rejective import (
    conditional_poisson,
    conditional_poisson_joint,
    pareto_joint,
    sampford,
    sampford_joint,
    working_probabilities,
)
from sampling.selection.result import Selection
from sampling.selection.simple import simple_random
from sampling.selection.strata import Strata
from sampling.selection.systematic import madow, madow_joint, systematic

__all__ = [
    "Overlap",
    "Selection",
    "Strata",
    "conditional_poisson",
    "conditional_poisson_joint",
    "continued",
    "expected_overlap",
    "inclusion_probabilities",
    "madow",
    "madow_joint",
    "next_start",
    "ordered_pivotal",
    "overlap",
    "pareto",
    "pareto_joint",
    "ranks",
    "sampford",
    "sampford_joint",
    "sequential_poisson",
    "shifted",
    "shortened",
    "simple_random",
    "successive",
    "systematic",
    "working_probabilities",
]

"""Cost of the selection designs per million units, because a county must not wait for its list.

Run ``python benchmarks/selection.py [units …]``. CPU seconds on one core, 200 strata, 30 %, frame sorted by stratum;
medians of three. The marks were measured by others per million units on a core that runs a bare SHA-256 loop in 0.65 s
a million; they are scaled by that loop as measured here, in the same minute.
"""

import sys
from collections.abc import Callable

import numpy as np
from hash_loop import REFERENCE_S, per_million, timed

from sampling.selection import (
    Selection,
    Strata,
    conditional_poisson,
    inclusion_probabilities,
    madow,
    ordered_pivotal,
    pareto,
    sampford,
    sequential_poisson,
    simple_random,
    systematic,
)

STRATA = 200
RATE = 30
# seconds per million of the quickest Python package on PyPI that has the design, and which; samplics needs 1.2 and 150
MARKS = {
    "simple random": (0.14, "svy"),
    "systematic": (0.14, "svy, simple"),
    "Pareto": (0.25, "svy, systematic PPS"),
    "sequential Poisson": (0.25, "svy, systematic PPS"),
    "Madow": (0.25, "svy, systematic PPS"),
    "ordered pivotal": (0.25, "svy, systematic PPS"),
    "Sampford": (2.9, "svy, Brewer; its Sampford refuses"),
}
SLOW = {"conditional Poisson"}


def main(units: int) -> None:
    rng = np.random.default_rng(1)
    label = np.sort(rng.integers(0, STRATA, units))
    size = rng.lognormal(0, 0.5, units)
    strata = Strata.of(label)
    n = -(-RATE * strata.sizes // 100)
    pi = inclusion_probabilities(size, n, strata)
    print(f"\n{units:,} units, {STRATA} strata, {RATE} %; bare loop {per_million():.2f} s per million here", flush=True)
    programs: dict[str, Callable[[], object]] = {
        "grouping by stratum": lambda: Strata.of(label),
        "inclusion probabilities": lambda: inclusion_probabilities(size, n, strata),
    }
    designs: dict[str, Callable[[], Selection]] = {
        "simple random": lambda: simple_random(label, n, rng=rng),
        "systematic": lambda: systematic(label, n, rng=rng),
        "Pareto": lambda: pareto(pi, strata, rng=rng),
        "sequential Poisson": lambda: sequential_poisson(pi, strata, rng=rng),
        "Madow": lambda: madow(pi, strata, rng=rng),
        "ordered pivotal": lambda: ordered_pivotal(pi, strata, rng=rng),
        "Sampford": lambda: sampford(pi, strata, rng=rng),
        "conditional Poisson": lambda: conditional_poisson(pi, strata, rng=rng),
    }
    print(f"{'':28}{'s':>8}{'s/million':>11}{'× bare loop':>13}{'mark':>7}{'× mark':>8}")
    for name, run in (programs | designs).items():
        if name in SLOW and units > 1_000_000:
            continue
        cost = timed(run, 1 if name in SLOW else 3)
        million = cost.seconds / units * 1e6
        line = f"{name:28}{cost.seconds:8.3f}{million:11.3f}{cost.loops / units * 1e6:13.2f}"
        if name in MARKS:
            mark, whose = MARKS[name]
            line += f"{mark:7.2f}{cost.against(mark) / units * 1e6:8.2f}  {whose}"
        print(line, flush=True)


if __name__ == "__main__":
    print(f"marks are for a bare loop of {REFERENCE_S} s per million")
    for wanted in sys.argv[1:] or ["10000", "100000", "1000000"]:
        main(int(wanted))

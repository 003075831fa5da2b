"""Cost of the selection designs per million units, because a county must not wait for its list.

Run ``python -m benchmarks.selection [units …]``. CPU seconds on one core, 200 strata, 30 %, frame sorted by
stratum; best of three. Measured by others on one core per million units: samplics simple 1.2, systematic
proportional to size over 150; svy simple 0.14, systematic proportional to size 0.25, Brewer 2.9.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

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
AHEAD_OF = {
    "simple random": "svy 0.14, samplics 1.2",
    "systematic": "",
    "Madow": "svy 0.25, samplics > 150",
    "Sampford": "svy refuses (its Brewer: 2.9)",
}


def cpu(run: Callable[[], Selection], times: int = 3) -> float:
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        run()
        best = min(best, time.process_time() - began)
    return best


def main(units: int) -> None:
    rng = np.random.default_rng(1)
    label = np.sort(rng.integers(0, STRATA, units))
    size = rng.lognormal(0, 0.5, units)
    began = time.process_time()
    strata = Strata.of(label)
    grouped = time.process_time() - began
    n = -(-RATE * strata.sizes // 100)
    began = time.process_time()
    pi = inclusion_probabilities(size, n, strata)
    scaled = time.process_time() - began
    print(f"\n{units:,} units, {STRATA} strata, {RATE} %")
    print(f"{'grouping by stratum':32}{grouped:9.3f} s")
    print(f"{'inclusion probabilities':32}{scaled:9.3f} s")
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
    for name, run in designs.items():
        slow = name in {"Sampford", "conditional Poisson"}
        if slow and units > 1_000_000:
            continue
        spent = cpu(run, 1 if slow else 3)
        print(f"{name:32}{spent:9.3f} s {spent / units * 1e6:9.3f} s per million   {AHEAD_OF.get(name, '')}")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["10000", "100000", "1000000"]:
        main(int(wanted))

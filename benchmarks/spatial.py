"""Cost and spread of the spatial designs, because a better spread is only worth a price one knows.

Run ``python -m benchmarks.spatial [units …]``. CPU seconds on one core, 200 strata, 30 %, frame sorted by stratum.
Measured by others on one core per million units within strata: R's BalancedSampling local pivotal 0.63, cube 0.29.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from sampling.selection import Selection, Strata, inclusion_probabilities, ordered_pivotal, simple_random
from sampling.spatial import cube, hilbert_order, local_cube, local_pivotal, total_deviation, voronoi_balance

STRATA = 200
RATE = 30
OTHERS = {"local pivotal": "BalancedSampling 0.63", "cube": "BalancedSampling 0.29"}


def cpu(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def cost(units: int) -> None:
    rng = np.random.default_rng(1)
    strata = Strata.of(np.sort(rng.integers(0, STRATA, units)))
    pi = inclusion_probabilities(np.ones(units), -(-RATE * strata.sizes // 100), strata)
    xy, x = rng.random((units, 2)), np.c_[rng.integers(1, 8, units), rng.lognormal(7, 0.5, units)]
    print(f"\n{units:,} units, {STRATA} strata, {RATE} %, two balancing variables")
    along = hilbert_order(xy)
    designs: dict[str, Callable[[], object]] = {
        "Hilbert order": lambda: hilbert_order(xy),
        "ordered pivotal along it": lambda: ordered_pivotal(pi, strata, order=along, rng=rng),
        "local pivotal": lambda: local_pivotal(pi, xy, strata, rng=rng),
        "cube": lambda: cube(pi, x, strata, rng=rng),
        "cube along Hilbert order": lambda: cube(pi, x, strata, rng=rng, order=along),
        "local cube": lambda: local_cube(pi, x, xy, strata, rng=rng),
    }
    for name, run in designs.items():
        spent = min(cpu(run) for _ in range(1 if name == "local cube" else 3))
        print(f"{name:32}{spent:9.3f} s {spent / units * 1e6:9.3f} s per million   {OTHERS.get(name, '')}")


def spread(times: int = 200) -> None:
    rng = np.random.default_rng(2)
    xy, x = rng.random((400, 2)), rng.lognormal(0, 0.5, 400)
    pi = np.full(400, 0.15)
    along = hilbert_order(xy)
    print("\n60 of 400 places: Voronoi balance (lower is better), relative error of a balanced total")
    designs: dict[str, Callable[[], Selection]] = {
        "simple random": lambda: simple_random(400, 60, rng=rng),
        "ordered pivotal along Hilbert": lambda: ordered_pivotal(pi, order=along, rng=rng),
        "local pivotal": lambda: local_pivotal(pi, xy, rng=rng),
        "cube": lambda: cube(pi, x, rng=rng),
        "cube along Hilbert order": lambda: cube(pi, x, rng=rng, order=along),
        "local cube": lambda: local_cube(pi, x, xy, rng=rng),
    }
    for name, run in designs.items():
        draws = [run() for _ in range(times)]
        balance = np.mean([voronoi_balance(pi, xy, draw.sample) for draw in draws])
        off = np.sqrt(np.mean([total_deviation(draw, x)[0] ** 2 for draw in draws]))
        print(f"{name:32}{balance:9.3f}{off:12.4f}")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["10000", "100000", "1000000"]:
        cost(int(wanted))
    spread()

"""Cost and spread of the spatial designs, because a better spread is only worth a price one knows.

Run ``python benchmarks/spatial.py [units …]``. CPU seconds on one core, 200 strata, 30 %, frame sorted by stratum;
medians of three. The marks are R's BalancedSampling (compiled C++) within strata, per million units, on a core that
runs a bare SHA-256 loop in 0.65 s a million; they are scaled by that loop as measured here, in the same minute.
"""

import sys
from collections.abc import Callable

import numpy as np
from hash_loop import REFERENCE_S, per_million, timed

from sampling.selection import Selection, Strata, inclusion_probabilities, ordered_pivotal, simple_random
from sampling.spatial import cube, hilbert_order, local_cube, local_pivotal, total_deviation, voronoi_balance

STRATA = 200
RATE = 30
MARKS = {"local pivotal": 0.63, "local pivotal, villages": 0.63, "cube": 0.29}
SLOW = {"local cube"}


def villages(units: int, rng: np.random.Generator) -> np.ndarray:
    """Places in three thousand villages of very different size."""
    weight = rng.lognormal(0, 1, 3000)
    return rng.random((3000, 2))[rng.choice(3000, units, p=weight / weight.sum())] + rng.normal(0, 0.002, (units, 2))


def cost(units: int) -> None:
    rng = np.random.default_rng(1)
    strata = Strata.of(np.sort(rng.integers(0, STRATA, units)))
    pi = inclusion_probabilities(np.ones(units), -(-RATE * strata.sizes // 100), strata)
    xy, x = rng.random((units, 2)), np.c_[rng.integers(1, 8, units), rng.lognormal(7, 0.5, units)]
    settled = villages(units, rng)
    along = hilbert_order(xy)
    print(
        f"\n{units:,} units, {STRATA} strata, {RATE} %, two variables; bare loop {per_million():.2f} s per million here"
    )
    designs: dict[str, Callable[[], object]] = {
        "Hilbert order": lambda: hilbert_order(xy),
        "ordered pivotal along it": lambda: ordered_pivotal(pi, strata, order=along, rng=rng),
        "local pivotal": lambda: local_pivotal(pi, xy, strata, rng=rng),
        "local pivotal, villages": lambda: local_pivotal(pi, settled, strata, rng=rng),
        "cube": lambda: cube(pi, x, strata, rng=rng),
        "cube along Hilbert order": lambda: cube(pi, x, strata, rng=rng, order=along),
        "local cube": lambda: local_cube(pi, x, xy, strata, rng=rng),
    }
    print(f"{'':28}{'s':>8}{'s/million':>11}{'× bare loop':>13}{'mark':>7}{'× mark':>8}  (at most 3)", flush=True)
    for name, run in designs.items():
        cost = timed(run, 1 if name in SLOW else 3)
        line = f"{name:28}{cost.seconds:8.3f}{cost.seconds / units * 1e6:11.3f}{cost.loops / units * 1e6:13.2f}"
        if name in MARKS:
            line += f"{MARKS[name]:7.2f}{cost.against(MARKS[name]) / units * 1e6:8.2f}"
        print(line, flush=True)


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
    print(f"marks are for a bare loop of {REFERENCE_S} s per million")
    for wanted in sys.argv[1:] or ["10000", "100000", "1000000"]:
        cost(int(wanted))
    spread()

"""How often the intervals hold the truth: an exact table, and which is the narrowest that does.

Run ``python benchmarks/intervals.py`` for the published grid, ``--corners 2000`` for random populations besides.
Every figure is computed from hypergeometric distributions, none is simulated.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sampling.estimation import RATE_INTERVALS, Coverage, rate_interval_coverage

# three bands (certain suspicion, some, none) of a small, a tiny and a large township
POPULATIONS = ((12, 60, 230), (5, 20, 60), (30, 200, 1200))
# rates of error per band: the two of the requirements, then rarer, commoner, flat, and upside down
RATES = (
    (0.12, 0.04, 0.01),
    (0.30, 0.15, 0.08),
    (0.05, 0.02, 0.005),
    (0.50, 0.30, 0.10),
    (0.90, 0.50, 0.05),
    (0.10, 0.10, 0.10),
    (0.40, 0.02, 0.00),
    (0.00, 0.00, 0.05),
    (0.05, 0.05, 0.30),
)
PERCENT = 30  # the statutory floor
PROMISE = 0.94  # the default must not fall below it at a nominal 95 %
NOMINAL = 0.95
WIDTH = 1.25  # nor be wider than this times the narrowest interval that covers as often as it says


@dataclass(frozen=True)
class Case:
    """One population, its plan and what every interval does there."""

    sizes: tuple[int, ...]
    counts: tuple[int, ...]
    marked: tuple[int, ...]
    answers: tuple[Coverage, ...]

    def excess(self, i: int) -> float:
        """Width of one interval over the narrowest that covers at the nominal 95 %; 0 where nothing is marked.

        There an interval without width is "right", which is no merit.
        """
        kept = [a.mean_width for a in self.answers if a.coverage >= NOMINAL]
        return self.answers[i].mean_width / min(kept) if sum(self.marked) and kept else 0.0


def floors(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Thirty percent of every band, rounded up in integers, and at least two where there are two."""
    return tuple(max(-(-PERCENT * size // 100), min(2, size)) for size in sizes)


def case(sizes: tuple[int, ...], counts: tuple[int, ...], marked: tuple[int, ...]) -> Case:
    answers = tuple(rate_interval_coverage(sizes, counts, marked, method=m, neglect=1e-8) for m in RATE_INTERVALS)
    return Case(sizes, counts, marked, answers)


def grid() -> Iterator[Case]:
    """The published grid."""
    for sizes in POPULATIONS:
        for rates in RATES:
            marked = tuple(round(size * rate) for size, rate in zip(sizes, rates, strict=True))
            yield case(sizes, floors(sizes), marked)


def corners(repeats: int, seed: int = 20180610) -> Iterator[Case]:
    """Random populations of two or three strata, sampled at 30 to 60 %, some bands nearly all wrong."""
    rng = np.random.default_rng(seed)
    made = 0
    while made < repeats:
        strata = rng.integers(2, 4)
        sizes = np.exp(rng.uniform(np.log(5), np.log(300), strata)).astype(int)
        share = rng.choice([0.3, 0.3, 0.3, 0.45, 0.6], strata)
        counts = np.maximum(np.ceil(share * sizes - 1e-9).astype(int), 2)
        marked = np.rint(sizes * rng.choice([0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8], strata)).astype(int)
        if np.prod(np.minimum(counts, marked) + 1) < 100_000:
            made += 1
            yield case(tuple(sizes.tolist()), tuple(counts.tolist()), tuple(marked.tolist()))


def table(cases: list[Case]) -> None:
    print(f"{'sizes':>16} {'marked':>14}  " + "".join(f"{m:>22}" for m in RATE_INTERVALS))
    for one in cases:
        cells = "".join(f"{a.coverage:>12.1%} ±{a.mean_width / 2:>8.3%}" for a in one.answers)
        sizes, marked = ("/".join(map(str, values)) for values in (one.sizes, one.marked))
        print(f"{sizes:>16} {marked:>14}  {cells}")


def summary(cases: list[Case]) -> None:
    print(f"\n{len(cases)} populations; nominal 95 %")
    print(f"{'interval':<22}{'lowest':>9}{'below 94 %':>12}{'mean width':>12}{'width / narrowest':>19}")
    for i, method in enumerate(RATE_INTERVALS):
        covered = np.array([c.answers[i].coverage for c in cases])
        width = np.array([c.answers[i].mean_width for c in cases])
        ratio = max(c.excess(i) for c in cases)
        print(f"{method:<22}{covered.min():>9.1%}{(covered < PROMISE).sum():>12}{width.mean():>12.3%}{ratio:>19.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corners", type=int, default=0, help="random populations to add, a separate table")
    asked = parser.parse_args()
    cases = list(grid())
    table(cases)
    summary(cases)
    if asked.corners:
        summary(list(corners(asked.corners)))
    default = [c.answers[0] for c in cases]
    kept = min(a.coverage for a in default) >= PROMISE
    narrow = all(c.excess(0) <= WIDTH for c in cases)
    print(f"\npromise: at least 94 % {'kept' if kept else 'BROKEN'}; within 25 % {'kept' if narrow else 'BROKEN'}")
    raise SystemExit(0 if kept and narrow else 1)


if __name__ == "__main__":
    main()

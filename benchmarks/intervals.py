"""How often the intervals hold the truth: exact tables, and which interval is the narrowest that does.

Run ``python benchmarks/intervals.py`` for the published grid: townships of three bands, the corners that random search
found hardest, and every possible population of some designs. ``--corners 2000`` adds random populations, ``--many 300``
simulated ones of 6 to 40 strata. All but the last are computed from hypergeometric distributions, not simulated.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sampling.estimation import (
    RATE_INTERVALS,
    Coverage,
    lowest_rate_coverage,
    rate_interval_coverage,
    stratified_rate_limits,
)

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
# sizes, visits and marks where an effective size alone covered 89 to 94 %: few visits that may all agree
CORNERS = (
    ((15, 146), (5, 88), (4, 1)),
    ((5, 6, 61), (3, 2, 37), (4, 3, 1)),
    ((14, 40, 9), (7, 18, 6), (0, 4, 0)),
    ((11, 28, 21), (7, 17, 10), (1, 1, 1)),
    ((12, 6, 24), (8, 2, 15), (4, 3, 19)),
    ((35, 7), (16, 5), (4, 0)),
    ((14, 16, 41), (7, 10, 19), (4, 0, 0)),
    ((13, 5, 6), (6, 2, 4), (4, 0, 0)),
    ((28, 24, 10), (13, 15, 3), (0, 0, 2)),
    ((26, 6, 83), (8, 4, 50), (13, 2, 0)),
    ((68, 9), (41, 6), (14, 0)),
    ((10, 106, 95), (6, 64, 29), (2, 1, 5)),
)
# sizes and visits looked at in every population there can be: thirty percent, two visits, strata nearly all seen
DESIGNS = (
    ((5, 20), (2, 6)),
    ((12, 60), (4, 18)),
    ((20, 60), (6, 18)),
    ((60, 230), (18, 69)),
    ((30, 200), (9, 60)),
    ((40, 100), (2, 2)),
    ((20, 150), (2, 45)),
    ((100, 20), (2, 6)),
    ((2, 89), (2, 27)),
    ((3, 100), (2, 30)),
    ((7, 4), (5, 3)),
    ((11, 3), (7, 2)),
    ((35, 7), (16, 5)),
    ((15, 146), (5, 88)),
    ((9, 57), (6, 46)),
    ((80, 28), (64, 9)),
    ((13, 22), (4, 18)),
    ((80, 9), (36, 8)),
    ((77, 86), (8, 52)),
    ((75, 82), (45, 25)),
    ((55, 107), (33, 65)),
    ((110, 4), (88, 2)),
    ((24, 24), (20, 20)),
    ((9, 32), (2, 26)),
    ((5, 20, 12), (2, 6, 4)),
    ((12, 6, 24), (8, 2, 15)),
    ((8, 3, 21), (5, 2, 13)),
    ((14, 9, 12), (7, 6, 4)),
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
    """The published grid of single populations."""
    for sizes in POPULATIONS:
        for rates in RATES:
            marked = tuple(round(size * rate) for size, rate in zip(sizes, rates, strict=True))
            yield case(sizes, floors(sizes), marked)
    for corner in CORNERS:
        yield case(*corner)


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


def every_population() -> tuple[float, float]:
    """Print the lowest coverage among all populations of the designs; return the default's, and its widest excess.

    The narrowest that covers is here the narrowest on average of those that never fall below 94 % in the design.
    """
    lowest: dict[str, list[float]] = {m: [] for m in RATE_INTERVALS}
    excess, populations = 0.0, 0
    for sizes, counts in DESIGNS:
        answers = {m: lowest_rate_coverage(sizes, counts, method=m) for m in RATE_INTERVALS}
        for method, answer in answers.items():
            lowest[method].append(answer.coverage)
        ours = answers["korn-graubard"]
        populations += ours.populations
        kept = [a.mean_width for a in answers.values() if a.coverage >= PROMISE]
        excess = max(excess, ours.mean_width / min(kept, default=np.inf))
    print(f"\nevery one of the {populations:,} populations of {len(DESIGNS)} designs of two and three strata")
    print(f"{'interval':<22}{'lowest':>9}{'designs that fall below 94 %':>30}")
    for method, found in lowest.items():
        print(f"{method:<22}{min(found):>9.1%}{sum(c < PROMISE for c in found):>30}")
    print(f"widest mean width of the default over the narrowest that never falls below 94 % in a design: {excess:.2f}")
    return min(lowest["korn-graubard"]), excess


def many(repeats: int, draws: int = 1500, seed: int = 21) -> None:
    """Simulate populations of 6 to 40 strata, many with two visits each."""
    rng = np.random.default_rng(seed)
    covered: dict[str, list[float]] = {"korn-graubard": [], "korn-graubard-plain": []}
    for _ in range(repeats):
        strata = int(rng.integers(6, 41))
        sizes = np.exp(rng.uniform(np.log(2), np.log(rng.choice([10, 50, 300])), strata)).astype(int)
        share = rng.choice([0.02, 0.1, 0.3, 0.3, 0.6])
        counts = np.minimum(np.maximum(np.ceil(share * sizes - 1e-9).astype(int), 2), sizes)
        rates = rng.choice([0, 0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1], strata, p=rng.dirichlet([0.5] * 11))
        marked = np.rint(sizes * rates).astype(int)
        found = rng.hypergeometric(marked, sizes - marked, counts, (draws, strata)).astype(float)
        truth = marked.sum() / sizes.sum()
        for method, seen in covered.items():
            lower, upper = stratified_rate_limits(sizes, counts, found, method=method)
            seen.append(float(((lower <= truth + 1e-12) & (upper >= truth - 1e-12)).mean()))
    print(f"\n{repeats} simulated populations of 6 to 40 strata, {draws} draws each")
    for method, seen in covered.items():
        print(f"{method:<22}{min(seen):>9.1%}{sum(c < PROMISE for c in seen):>12} below 94 %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corners", type=int, default=0, help="random populations to add, a separate table")
    parser.add_argument("--many", type=int, default=0, help="simulated populations of many strata to add")
    asked = parser.parse_args()
    cases = list(grid())
    table(cases)
    summary(cases)
    lowest, excess = every_population()
    if asked.corners:
        summary(list(corners(asked.corners)))
    if asked.many:
        many(asked.many)
    kept = min(lowest, *(c.answers[0].coverage for c in cases)) >= PROMISE
    narrow = max(excess, *(c.excess(0) for c in cases)) <= WIDTH
    print(f"\npromise: at least 94 % {'kept' if kept else 'BROKEN'}; within 25 % {'kept' if narrow else 'BROKEN'}")
    raise SystemExit(0 if kept and narrow else 1)


if __name__ == "__main__":
    main()

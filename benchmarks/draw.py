"""How long a verifiable draw takes against a bare SHA-256 loop over the same ids, and how much memory per unit.

Run ``python benchmarks/draw.py``; ``--large`` adds 10 and 20 million units (about 4 GB of memory), ``--units`` asks
for others. CPU seconds of one core, 200 strata at 30 %, medians; each size in a process of its own. The ratio is the
median of draws over loops, each pair measured one after the other. Memory is what the draw needs beside the frame.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time

import numpy as np
from hash_loop import SEED, bare_loop

from sampling import Frame
from sampling.tickets import Ask, draw_strata

STRATA = 200
MARK = 1.3  # times a bare loop
ENOUGH = 3_000_000  # units in all repeats together, but three repeats at least up to ten million
CHUNK = 1 << 16


def frame_of(units: int) -> Frame:
    """Make a frame the cheap way: counted leaves, sorted as they are."""
    leaves = np.empty(units, dtype="S64")
    for start in range(0, units, CHUNK):
        stop = min(units, start + CHUNK)
        leaves[start:stop] = [b"%064x" % i for i in range(start, stop)]
    names = tuple(f"{540222000 + i}|rural|1" for i in range(STRATA))
    chance = np.random.default_rng(1)
    return Frame(leaves, chance.integers(0, STRATA, units, dtype=np.int32), names)


def loop_over(leaves: np.ndarray) -> float:
    """The bare loop, on ids that are Python bytes already."""
    return sum(bare_loop(leaves[start : start + CHUNK].tolist()) for start in range(0, leaves.size, CHUNK))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(units: int) -> None:
    frame = frame_of(units)
    wanted = {name: Ask(-(-30 * size // 100), size // 10) for name, size in frame.counts.items()}
    draw_strata(frame_of(1000), {}, SEED)  # what is loaded on first use is not the draw's memory
    before = peak_mb()
    draws, bares = [], []
    for _ in range(min(60, max(ENOUGH // units, 3 if units <= 10_000_000 else 1))):
        began = time.process_time()
        drawn = draw_strata(frame, wanted, SEED)
        draws.append(time.process_time() - began)
        bares.append(loop_over(frame.leaf))
    extra = peak_mb() - before
    began = time.process_time()
    fingerprint = frame.fingerprint
    hashing = time.process_time() - began
    count = sum(d.sample.size for d in drawn.values())
    draw, bare = statistics.median(draws), statistics.median(bares)
    ratio = statistics.median(d / b for d, b in zip(draws, bares, strict=True))
    print(
        f"{units:>11,}  {count:>10,}  {draw:8.3f}  {bare:8.3f}  {ratio:6.2f}  {hashing:11.3f}  {extra:9.1f}  "
        f"{extra * 1024 * 1024 / units:10.0f}  {fingerprint[:8]}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="also 10 and 20 million units")
    parser.add_argument("--units", type=int, nargs="+", help="these numbers of units, in this process")
    asked = parser.parse_args()
    if asked.units:
        for units in asked.units:
            measure(units)
        return
    print(
        f"{'units':>11}  {'drawn':>10}  {'draw s':>8}  {'bare s':>8}  {'ratio':>6}  "
        f"{'fingerpr. s':>11}  {'memory MB':>9}  {'bytes/unit':>10}  (mark: ratio ≤ {MARK})",
        flush=True,
    )
    for units in [10_000, 100_000, 1_000_000] + [10_000_000, 20_000_000] * asked.large:
        subprocess.run([sys.executable, __file__, "--units", str(units)], check=True)


if __name__ == "__main__":
    main()

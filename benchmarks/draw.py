"""How long a verifiable draw takes against a bare SHA-256 loop over the same ids, and how much memory per unit.

Run ``python benchmarks/draw.py``; ``--large`` adds 10 and 20 million units (about 4 GB of memory).
Prints CPU seconds of one core, 200 strata at 30 %.
"""

import argparse
import hashlib
import resource
import time

import numpy as np

from sampling import Frame
from sampling.tickets import Ask, draw_strata

STRATA = 200
SEED = bytes(range(32))


def frame_of(units: int) -> Frame:
    """Make a frame the cheap way: counted leaves, sorted as they are."""
    leaves = np.empty(units, dtype="S64")
    for start in range(0, units, 1 << 16):
        stop = min(units, start + (1 << 16))
        leaves[start:stop] = [b"%064x" % i for i in range(start, stop)]
    names = tuple(f"{540222000 + i}|rural|1" for i in range(STRATA))
    chance = np.random.default_rng(1)
    return Frame(leaves, chance.integers(0, STRATA, units, dtype=np.int32), names)


def bare_loop(leaves: np.ndarray) -> float:
    """One hash per id and nothing else, on ids that are Python bytes already."""
    spent = 0.0
    sha256 = hashlib.sha256
    for start in range(0, leaves.size, 1 << 16):
        ids = leaves[start : start + (1 << 16)].tolist()
        began = time.process_time()
        for unit in ids:
            sha256(SEED + unit).digest()
        spent += time.process_time() - began
    return spent


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(units: int) -> None:
    frame = frame_of(units)
    wanted = {name: Ask(-(-30 * size // 100), size // 10) for name, size in frame.counts.items()}
    before = peak_mb()
    draws, bares = [], []
    for _ in range(max(1, min(20, 3_000_000 // units))):
        began = time.process_time()
        drawn = draw_strata(frame, wanted, SEED)
        draws.append(time.process_time() - began)
        bares.append(bare_loop(frame.leaf))
    draw, bare = min(draws), min(bares)
    began = time.process_time()
    fingerprint = frame.fingerprint
    hashing = time.process_time() - began
    count = sum(d.sample.size for d in drawn.values())
    extra = (peak_mb() - before) * 1024 * 1024 / units
    print(
        f"{units:>11,}  {count:>10,}  {draw:8.3f}  {bare:8.3f}  {draw / bare:6.2f}  {hashing:11.3f}  "
        f"{extra:10.0f}  {fingerprint[:8]}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 10 and 20 million units")
    sizes = [10_000, 100_000, 1_000_000]
    if parser.parse_args().large:
        sizes += [10_000_000, 20_000_000]
    print(
        f"{'units':>11}  {'drawn':>10}  {'draw s':>8}  {'bare s':>8}  {'ratio':>6}  "
        f"{'fingerpr. s':>11}  {'bytes/unit':>10}"
    )
    for units in sizes:
        measure(units)


if __name__ == "__main__":
    main()

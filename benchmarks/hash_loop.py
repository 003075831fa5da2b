"""How fast this machine is, as the marks of the others count it: a bare SHA-256 loop over household leaves.

Run ``python benchmarks/hash_loop.py``. The marks of `draw.py`, `selection.py` and `spatial.py` were measured by others
on a core that needs 0.65 s for a million hashes. Each program measures the loop next to what it times and scales the
marks by the two, since a borrowed or busy core may be half as fast.
"""

import hashlib
import statistics
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

REFERENCE_S = 0.65  # a million hashes on one 2020s Xeon core, on which the marks were measured
SEED = bytes(range(32))


class Timed(NamedTuple):
    """Medians over some repeats: CPU seconds, and how often the loop over a million ids would have fitted in."""

    seconds: float
    loops: float

    def against(self, mark_s: float) -> float:
        """Return the ratio to a mark measured on the reference core."""
        return self.loops * REFERENCE_S / mark_s


def bare_loop(ids: Iterable[bytes]) -> float:
    """One hash per id and nothing else; CPU seconds."""
    sha256 = hashlib.sha256
    began = time.process_time()
    for unit in ids:
        sha256(SEED + unit).digest()
    return time.process_time() - began


def per_million(units: int = 200_000) -> float:
    """CPU seconds a million hashes take now."""
    return bare_loop([b"%064x" % unit for unit in range(units)]) / units * 1e6


def timed(run: Callable[[], object], repeats: int) -> Timed:
    """Time a program between two loops, so that both see the same machine."""
    seconds, loops = [], []
    before = per_million()
    for _ in range(repeats):
        began = time.process_time()
        run()
        seconds.append(time.process_time() - began)
        after = per_million()
        loops.append(2 * seconds[-1] / (before + after))
        before = after
    return Timed(statistics.median(seconds), statistics.median(loops))


def main() -> None:
    now = statistics.median(per_million() for _ in range(5))
    print(
        f"bare SHA-256 loop: {now:.2f} s per million ids, {now / REFERENCE_S:.2f} × the reference core's {REFERENCE_S}"
    )


if __name__ == "__main__":
    main()

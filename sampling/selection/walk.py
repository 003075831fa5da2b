"""A list of units with cumulated probabilities, the ground both systematic and ordered pivotal sampling walk on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sampling.selection.strata import Floats, Integers, Strata


@dataclass(frozen=True, slots=True)
class Walk:
    """The uncertain units of all strata laid end to end.

    Certainties are taken out first: they shift the cumulated probability by a whole number and so change nothing
    for the others. Each stratum begins and ends exactly on a whole number, so strata never mix.

    Attributes
    ----------
    unit : ndarray of int, shape (M,)
        Positions of the uncertain units in the frame, stratum after stratum, along the list.
    total : ndarray, shape (M,)
        Cumulated probability up to and including each unit, over all strata.
    n : ndarray of int, shape (H,)
        Units to draw among them per stratum.
    certain : ndarray of int
        Positions of the certainties.
    """

    unit: Integers
    total: Floats
    n: Integers
    certain: Integers

    @classmethod
    def along(cls, parts: Strata, pi: Floats, n: Integers, order: npt.ArrayLike | None) -> "Walk":
        """Lay the uncertain units out along `order` within each stratum (None keeps frame order)."""
        arranged = parts.arranged(order)
        fixed = pi[arranged] >= 1
        unit = arranged[~fixed]
        certain = arranged[fixed]
        code = parts.code[unit]
        rest = n - np.bincount(parts.code[certain], minlength=parts.count)
        count = np.bincount(code, minlength=parts.count)
        running = np.cumsum(pi[unit])
        end = np.cumsum(count)
        filled = count > 0
        last = end[filled] - 1
        before = np.zeros(parts.count)
        before[filled] = np.concatenate(([0.0], running[last][:-1])) if last.size else []
        whole = np.zeros(parts.count)
        whole[filled] = running[last] - before[filled]
        scale = np.divide(rest, whole, out=np.ones(parts.count), where=whole > 0)
        base = np.cumsum(rest) - rest
        total = base[code] + np.minimum((running - before[code]) * scale[code], rest[code])
        total[last] = (base + rest)[filled]
        return cls(unit, total, rest, certain)

    def previous(self) -> Floats:
        """Cumulated probability before each unit."""
        return np.concatenate(([0.0], self.total[:-1])) if self.total.size else self.total

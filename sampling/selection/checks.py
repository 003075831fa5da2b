"""What every design asks of its numbers before it draws: finite, in range, one per unit."""

import numpy as np
import numpy.typing as npt

from sampling.selection.errors import (
    FractionalTotal,
    NoSourceOfChance,
    NotFinite,
    ProbabilityOutOfRange,
    UniformOutOfRange,
    WrongLength,
)
from sampling.selection.strata import Floats, Integers, Strata

# a sum of a million probabilities errs by about 1e-10; a wrong plan errs by far more
WHOLE_WITHIN = 1e-6
# a probability this near 1 is a certainty that lost bits in arithmetic; the walks below rely on the gap
CERTAIN_WITHIN = 1e-9


def numbers(values: npt.ArrayLike, units: int, where: str) -> Floats:
    """One finite number per unit, as float64."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (units,):
        raise WrongLength(where, f"has shape {array.shape} for {units} units", "give one number per unit")
    if not np.isfinite(array.sum()) and not np.all(finite := np.isfinite(array)):
        rows = np.flatnonzero(~finite)
        raise NotFinite(
            where, f"is not finite in {rows.size} rows, first row {rows[0]}", "fill in or leave out these units"
        )
    return array


def probabilities(pi: npt.ArrayLike, strata: Strata) -> tuple[Floats, Integers]:
    """Inclusion probabilities in (0, 1] and the whole number they add up to in each stratum."""
    array = numbers(pi, strata.units, "pi")
    if array.min() <= 0 or array.max() > 1 + CERTAIN_WITHIN:
        rows = np.flatnonzero((array <= 0) | (array > 1 + CERTAIN_WITHIN))
        raise ProbabilityOutOfRange(
            "pi",
            f"is {array[rows[0]]:g} in row {rows[0]} ({rows.size} rows outside 0 < pi ≤ 1)",
            "give every unit a chance above 0 and at most 1; take units off the frame rather than giving them 0",
        )
    total = strata.totals(array)
    n = np.rint(total).astype(np.int64)
    if np.any(off := np.abs(total - n) > WHOLE_WITHIN):
        first = int(np.flatnonzero(off)[0])
        raise FractionalTotal(
            "pi",
            f"adds up to {total[first]:.9g} in stratum {strata.labels[first]!s} ({int(off.sum())} strata so)",
            "scale the probabilities to whole totals, for instance with inclusion_probabilities",
        )
    return np.where(array >= 1 - CERTAIN_WITHIN, 1.0, array), n


def chances(
    count: int,
    rng: np.random.Generator | None,
    uniforms: npt.ArrayLike | None,
    *,
    where: str = "uniforms",
) -> Floats:
    """Numbers in [0, 1): those given, or fresh ones from the generator; exactly one source."""
    if (rng is None) == (uniforms is None):
        raise NoSourceOfChance(
            where, "and rng are both given or both missing", f"give either rng or {where}, so that the draw says why"
        )
    if rng is not None:
        return rng.random(count)
    array = np.asarray(uniforms, dtype=np.float64)
    if array.shape != (count,):
        raise WrongLength(where, f"has shape {array.shape}, {count} are needed", "give one random number for each")
    if not np.all(np.isfinite(array)):
        raise NotFinite(where, f"is not finite in row {int(np.flatnonzero(~np.isfinite(array))[0])}", "draw it again")
    if count and (array.min() < 0 or array.max() >= 1):
        row = int(np.flatnonzero((array < 0) | (array >= 1))[0])
        raise UniformOutOfRange(where, f"is {array[row]:g} in row {row}", "give numbers in [0, 1)")
    return array

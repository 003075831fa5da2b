"""What every question about size checks before it computes."""

import math

from scipy import stats

from sampling.arrays import confidence_level, whole
from sampling.size.refusals import ImpossibleTarget, SampleAbovePopulation


def z_value(confidence: float) -> float:
    """Two-sided normal quantile.

    Examples
    --------
    >>> round(z_value(0.95), 6)
    1.959964
    """
    return float(stats.norm.ppf((1 + confidence_level(confidence)) / 2))


def share(where: str, value: float, *, open_ends: bool = False) -> float:
    """Return a rate between 0 and 1, or refuse.

    Examples
    --------
    >>> share("rate", 0.05)
    0.05
    """
    inside = 0 < value < 1 if open_ends else 0 <= value <= 1
    if not (math.isfinite(value) and inside):
        ends = "strictly between 0 and 1" if open_ends else "between 0 and 1"
        raise ImpossibleTarget(where, f"is {value}", f"give a share {ends}, for example 0.05 for 5 %")
    return float(value)


def positive(where: str, value: float) -> float:
    """Return a finite number above zero, or refuse.

    Examples
    --------
    >>> positive("half_width", 0.02)
    0.02
    """
    if not (math.isfinite(value) and value > 0):
        raise ImpossibleTarget(where, f"is {value}", "give a finite number above zero")
    return float(value)


def population(N: int | None) -> float:  # noqa: N803 - N is the field's letter
    """Return the population's size, infinite when none is given, or refuse.

    Examples
    --------
    >>> population(None)
    inf
    """
    return math.inf if N is None else float(whole("N", N, low=1))


def sample(n: int, N: float) -> int:  # noqa: N803 - N is the field's letter
    """Return a sample size between 1 and N, or refuse.

    Examples
    --------
    >>> sample(30, 100.0)
    30
    """
    size = whole("n", n, low=1)
    if size > N:
        raise SampleAbovePopulation("n", f"is {size} but N is {N:g}", f"ask for at most {N:g}")
    return size


def up(n: float) -> int:
    """Round up to whole units; a billionth of a unit is rounding, not a household.

    Examples
    --------
    >>> up(30.0000000001), up(30.2)
    (30, 31)
    """
    return math.ceil(n - 1e-9 * max(1.0, abs(n)))

"""How wide an interval a plan will give, and how many visits a wanted width asks for."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.spot_checks.risk import EXPECTED_WRONG
from sampling.size import precision_of_allocation

Integers = NDArray[np.int64]
FEWEST_TO_SAY: Final = 10  # visits below which a township's rate is not spoken of, unless everybody is visited
TOO_WIDE: Final = 0.2  # nor is one that may lie anywhere within twenty points to either side
UNKNOWN_WRONG: Final = 0.5  # the widest a rate can vary, for a band of which nothing is expected


class Sized(NamedTuple):
    """An allocation: strata, how many there are in each, how many of them are visited."""

    names: Sequence[str]
    size: Integers
    n: Integers


class Width(NamedTuple):
    """What a plan will tell of the error rate.

    Attributes
    ----------
    rate, half_width : float
        Expected; half of the interval that will be reported, 0 where everybody is visited.
    says : bool
        Whether that is worth saying.
    """

    rate: float
    half_width: float
    says: bool


def wrong_expected(stratum: str) -> float:
    """Return the share of wrong households expected in a stratum."""
    return EXPECTED_WRONG.get(stratum.rpartition("|")[2], UNKNOWN_WRONG)


def width_of(found: Sized) -> Width:
    """Return what an allocation will tell of the rate of its strata together.

    Notes
    -----
    `sampling.size.precision_of_allocation` with the shares expected in each band: stratified, finite population
    correction, Korn and Graubard's limits moved out where visits are few. For designs other than simple random
    within strata it is an approximation.

    Examples
    --------
    >>> few = width_of(Sized(["a|rural|low"], np.array([20]), np.array([6])))
    >>> few.says, round(few.half_width, 2)
    (False, 0.17)
    """
    visited, everybody = int(found.n.sum()), int(found.size.sum())
    rates = tuple(map(wrong_expected, found.names))
    if visited == everybody:
        rate = float(np.average(rates, weights=found.size))
        return Width(rate, 0.0, says=True)
    rate, half = _precision(tuple(found.size.tolist()), tuple(found.n.tolist()), rates)
    return Width(rate, half, says=visited >= FEWEST_TO_SAY and half <= TOO_WIDE)


@lru_cache(maxsize=4096)
def _precision(size: tuple[int, ...], n: tuple[int, ...], rates: tuple[float, ...]) -> tuple[float, float]:
    found = precision_of_allocation(size, n, rates)
    return found.rate, found.half_width


def smallest_for_width(at: Callable[[int], Sized], wanted: float, low: int, high: int) -> int:
    """Return the fewest visits, from `low` to `high`, whose expected half-width is at most the wanted one.

    Widths fall about as √(1/n − 1/N), which gives the next guess between two known ends; visiting everybody always
    reaches it.

    Examples
    --------
    >>> size = np.array([400])
    >>> at = lambda many: Sized(["a|rural|low"], size, np.array([many]))
    >>> many = smallest_for_width(at, 0.03, 2, 400)
    >>> width_of(at(many)).half_width <= 0.03 < width_of(at(many - 1)).half_width
    True
    """
    if width_of(at(low)).half_width <= wanted:
        return low
    short, enough = low, high  # the first does not reach it, the second does
    while enough - short > 1:
        have = width_of(at(short)).half_width
        drop = 1 / short - 1 / high
        guess = 1 / (1 / high + drop * (wanted / have) ** 2) if have > 0 and drop > 0 else (short + enough) / 2
        step = max(1, (enough - short) // 8)
        guess = int(min(max(guess, short + 1), enough - 1))
        if width_of(at(guess)).half_width > wanted:
            short = guess
            again = min(guess + step, enough - 1)
            if again > short and width_of(at(again)).half_width <= wanted:
                enough = again
        else:
            enough = guess
            again = max(guess - step, short + 1)
            if again < enough and width_of(at(again)).half_width > wanted:
                short = again
    return enough

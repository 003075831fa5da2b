"""How many to see at all: discovery samples, and the power to tell one rate from another."""

# ruff: noqa: N803 - N and M are the letters every book of this field uses

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from sampling.arrays import confidence_level, whole
from sampling.estimation.proportions import hypergeometric
from sampling.refusals import UnknownMethod
from sampling.size.refusals import ImpossibleTarget, OutOfReach
from sampling.size.targets import population, sample, share

Side = Literal["above", "below", "two"]


def _marked(N: int, rate: float) -> int:
    # round half up, and never none: a rate above zero means somebody
    return max(1, math.floor(N * rate + 0.5))


def chance_to_discover(n: int, N: int, marked: int) -> float:
    """Probability that a simple sample of n finds at least one of the marked units.

    Parameters
    ----------
    n, N : int
        Units visited, units there are.
    marked : int
        Marked units among the N.

    Returns
    -------
    float
        1 − C(N − marked, n) / C(N, n).

    Raises
    ------
    ImpossibleCount, SampleAbovePopulation

    Examples
    --------
    >>> round(chance_to_discover(60, 200, 5), 4)
    0.8356
    """
    held = population(N)
    size = sample(n, held)
    return float(stats.hypergeom.sf(0, int(held), whole("marked", marked, high=held), size))


def size_to_discover(N: int, rate: float, confidence: float = 0.95, allowed: int = 0) -> int:
    """How many to visit so that "at most `allowed` found" rules out a rate: the auditor's discovery sample.

    Parameters
    ----------
    N : int
        Units there are.
    rate : float
        The rate to rule out, above 0 and at most 1; the number of marked units is N·rate, rounded half up, at
        least 1.
    confidence : float
        Probability of finding more than ``allowed`` when the rate is that high.
    allowed : int
        Findings still accepted.

    Returns
    -------
    int
        The smallest such n.

    Raises
    ------
    ImpossibleTarget, ImpossibleCount, ImpossibleConfidence
    OutOfReach
        When there are no more marked units than findings allowed.

    Notes
    -----
    Hypergeometric: smallest n with P(X ≤ allowed) ≤ 1 − confidence. Touw & Hoogduin (2011), Statistiek voor
    audit en controlling, ch. 5; AICPA Audit Guide "Audit Sampling", appendix A (with the binomial).

    Examples
    --------
    >>> size_to_discover(500, 0.08, 0.90)
    27
    >>> size_to_discover(500, 0.02, 0.90)
    102
    """
    size = whole("N", N, low=1)
    if not 0 < rate <= 1:
        raise ImpossibleTarget("rate", f"is {rate}", "give a share above 0 and at most 1")
    marked, accepted = _marked(size, rate), whole("allowed", allowed)
    risk = (1 - confidence_level(confidence)) * (1 + 1e-10)
    if accepted >= marked:
        raise OutOfReach(
            "allowed", f"is {accepted} but only {marked} are marked at this rate", f"allow at most {marked - 1}"
        )
    low, high = accepted, size
    while high - low > 1:
        middle = (low + high) // 2
        enough = stats.hypergeom.cdf(accepted, size, marked, middle) <= risk
        low, high = (low, middle) if enough else (middle, high)
    return high


@dataclass(frozen=True)
class Power:
    """What a test of a rate can see.

    Attributes
    ----------
    n : int
        Units visited.
    power : float
        Probability of rejecting the standard rate when the other one is true.
    risk : float
        Probability of rejecting the standard rate when it is true; at most the nominal one.
    limits : tuple of int
        Reject when fewer than the first or more than the second are found.
    """

    n: int
    power: float
    risk: float
    limits: tuple[int, int]


def _chances(n: int, rate: float, N: int | None) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    k = np.arange(n + 1)
    if N is None:
        return np.asarray(stats.binom.pmf(k, n, rate), dtype=np.float64)
    return np.asarray(stats.hypergeom.pmf(k, N, round(N * rate), n), dtype=np.float64)


def power_of_rate(
    n: int, standard: float, true: float, N: int | None = None, *, risk: float = 0.05, side: Side = "above"
) -> Power:
    """Probability that n visits show a rate to differ from a standard, by the exact test.

    Parameters
    ----------
    n : int
        Units visited.
    standard : float
        The rate to be refuted (for example what the township reports).
    true : float
        The rate that is supposed to hold.
    N : int, optional
        Units there are; then both rates are rounded to whole units. None means without limit.
    risk : float
        Nominal probability of a false alarm, 0 to 1.
    side : {"above", "below", "two"}
        Whether higher, lower or both count as different.

    Returns
    -------
    Power

    Raises
    ------
    ImpossibleTarget, ImpossibleCount, SampleAbovePopulation, ImpossibleConfidence, UnknownMethod

    Notes
    -----
    Exact binomial or hypergeometric test with equal tails; Lehmann & Romano (2005), sec. 3.4.

    Examples
    --------
    >>> answer = power_of_rate(60, 0.02, 0.10)
    >>> round(answer.power, 3), answer.limits
    (0.863, (0, 3))
    """
    held = population(N)
    size = sample(n, held)
    null, other = share("standard", standard), share("true", true)
    alarm = 1 - confidence_level(1 - risk)
    if side not in {"above", "below", "two"}:
        raise UnknownMethod("side", f"is {side!r}", "choose above, below or two")
    tail = (alarm / 2 if side == "two" else alarm) * (1 + 1e-10)
    chance = _chances(size, null, N)
    below, above = 0, size
    if side != "above":
        # fewer than `below` rejects
        below = int(np.searchsorted(np.cumsum(chance), tail, side="right"))
    if side != "below":
        above = size - int(np.searchsorted(np.cumsum(chance[::-1]), tail, side="right"))
    k = np.arange(size + 1)
    rejected = (k < below) | (k > above)
    return Power(size, float(_chances(size, other, N)[rejected].sum()), float(chance[rejected].sum()), (below, above))


def size_for_power(
    standard: float,
    true: float,
    power: float = 0.80,
    N: int | None = None,
    *,
    risk: float = 0.05,
    side: Side = "above",
) -> Power:
    """How many visits show a rate to differ from a standard with a wanted probability.

    Parameters
    ----------
    standard, true : float
        As in :func:`power_of_rate`.
    power : float
        Wanted probability, strictly between 0 and 1.
    N, risk, side : int, float, str
        As in :func:`power_of_rate`.

    Returns
    -------
    Power
        At the smallest n from which the power stays reached for the next ten (exact power saws up and down).

    Raises
    ------
    OutOfReach
        When the rates are the same, lie on the wrong side, or all N visits do not suffice.

    Examples
    --------
    >>> size_for_power(0.02, 0.10).n
    54
    """
    wanted = share("power", power, open_ends=True)
    wrong_side = (side == "above" and true <= standard) or (side == "below" and true >= standard)
    if true == standard or wrong_side:
        raise OutOfReach("true", f"{true} is not {side} the standard {standard}", "give a rate that differs")
    held = population(N)
    high = 2
    while high < held and _reaches(high, wanted, standard, true, N, risk, side) is None:
        if high > 10**6:
            raise OutOfReach("power", "needs over a million visits", "choose rates further apart")
        high = int(min(2 * high, held))
    last = _reaches(high, wanted, standard, true, N, risk, side)
    if last is None:
        raise OutOfReach("power", f"is not reached by all {held:g} visits", "choose rates further apart")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        found = _reaches(middle, wanted, standard, true, N, risk, side)
        low, high, last = (low, middle, found) if found is not None else (middle, high, last)
    return last


def _reaches(  # noqa: PLR0917 - the caller's own arguments, in its order
    n: int, wanted: float, standard: float, true: float, N: int | None, risk: float, side: Side
) -> Power | None:
    last = n + 10 if N is None else min(n + 10, N)
    answers = [power_of_rate(m, standard, true, N, risk=risk, side=side) for m in range(n, last + 1)]
    return answers[0] if min(a.power for a in answers) >= wanted else None


def smallest_rate_seen(n: int, N: int, confidence: float = 0.95) -> float:
    """The rate that "none found" rules out: what a given number of visits can detect.

    Parameters
    ----------
    n, N : int
        Units visited, units there are.
    confidence : float
        One-sided confidence.

    Returns
    -------
    float
        Upper limit of the rate when none is found.

    Examples
    --------
    >>> smallest_rate_seen(60, 200)
    0.04
    """
    return hypergeometric(0, n, N, confidence, sides="upper")[1] / N

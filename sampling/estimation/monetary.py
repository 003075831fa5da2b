"""Money at risk: upper bounds on the amount wrongly paid, from a sample of yuan rather than of households."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from sampling.arrays import FloatArray, confidence_level, vector, whole
from sampling.estimation.proportions import hypergeometric
from sampling.refusals import (
    EmptySample,
    ImpossibleCount,
    ImpossibleTaint,
    NegativeValues,
    UnknownMethod,
)

Factors = Literal["binomial", "poisson", "hypergeometric"]
FACTORS: tuple[Factors, ...] = ("binomial", "poisson", "hypergeometric")


@dataclass(frozen=True)
class MonetaryBound:
    """An upper bound on an amount, as an auditor states it.

    Attributes
    ----------
    method : str
        How it was made.
    n : int
        Monetary units sampled.
    errors : int
        Those with a taint above zero.
    most_likely : float
        Projected amount: mean taint times the book value.
    upper : float
        The bound, at most the book value.
    rate : float
        The bound over the book value.
    confidence : float
        One-sided confidence.
    book_value : float
        The amount the sample speaks for.
    """

    method: str
    n: int
    errors: int
    most_likely: float
    upper: float
    rate: float
    confidence: float
    book_value: float


def reliability_factor(errors: int, confidence: float = 0.95) -> float:
    """Poisson upper limit of the expected number of errors when some were found.

    Parameters
    ----------
    errors : int
        Errors found, 0 or more.
    confidence : float
        One-sided confidence.

    Returns
    -------
    float
        Over n it is the upper limit of a rare rate.

    Notes
    -----
    Quantile of a Gamma(errors + 1); the factors of the AICPA Audit Guide "Audit Sampling", appendix C.

    Examples
    --------
    >>> round(reliability_factor(0), 10), round(reliability_factor(1), 8)
    (2.9957322736, 4.74386452)
    """
    return float(special.gammaincinv(whole("errors", errors) + 1, confidence_level(confidence)))


def _taints(n: int, taints: ArrayLike) -> FloatArray:
    array = np.asarray(taints, dtype=np.float64)
    if array.size == 0:
        return array.reshape(0)
    array = vector("taints", array)
    if ((array < 0) | (array > 1)).any():
        raise ImpossibleTaint("taints", "leave 0 to 1", "give (paid − due) / paid, overpayments only")
    array = np.sort(array[array > 0])[::-1]
    if len(array) > n:
        raise ImpossibleCount("taints", f"{len(array)} found among {n}", f"give at most {n}")
    return array


def _upper_shares(errors: int, n: int, confidence: float, factors: Factors, book_value: float) -> FloatArray:
    """Upper limit of the error share for 0 … errors errors found, shape (errors + 1,)."""
    found = np.arange(errors + 1)
    if factors == "poisson":
        return np.asarray(special.gammaincinv(found + 1, confidence) / n)
    if factors == "binomial":
        rest = np.maximum(n - found, 1)
        return np.where(found < n, special.betaincinv(found + 1, rest, confidence), 1.0)
    units = round(book_value)
    # auditors state the smallest amount that the sample rejects, one unit above the largest it does not
    limits = [hypergeometric(int(k), n, units, confidence, sides="upper")[1] + 1 for k in found]
    return np.minimum(np.array(limits, dtype=np.float64) / units, 1.0)


def _checked(n: int, book_value: float, factors: str) -> int:
    if factors not in FACTORS:
        raise UnknownMethod("factors", f"is {factors!r}", f"choose one of {', '.join(FACTORS)}")
    if not (np.isfinite(book_value) and book_value > 0):
        raise NegativeValues("book_value", f"is {book_value}", "give the amount the sample was drawn from")
    return whole("n", n, low=1)


def stringer_bound(
    n: int,
    taints: ArrayLike,
    book_value: float = 1.0,
    confidence: float = 0.95,
    factors: Factors = "binomial",
) -> MonetaryBound:
    """Stringer's upper bound on overpayment, from a sample drawn with probability proportional to amount.

    Parameters
    ----------
    n : int
        Monetary units sampled.
    taints : array_like
        Share of each sampled unit's payment that was wrong, 0 to 1; zeros may be left out.
    book_value : float
        Amount the sample speaks for; 1 gives the bound as a share.
    confidence : float
        One-sided confidence.
    factors : {"binomial", "poisson", "hypergeometric"}
        Distribution of the number of errors; the last needs ``book_value`` in monetary units, at least n.

    Returns
    -------
    MonetaryBound

    Raises
    ------
    ImpossibleTaint, ImpossibleCount, NegativeValues, ImpossibleConfidence, UnknownMethod

    Notes
    -----
    p(0) + Σ_j [p(j) − p(j−1)]·t_j with taints in falling order; Stringer (1963); Bickel (1992),
    International Statistical Review 60:197. Conservative in every case ever simulated, though unproven.

    Examples
    --------
    >>> round(stringer_bound(100, [0.4, 0.2]).rate, 12)
    0.039343632134
    >>> round(stringer_bound(100, []).rate, 4)
    0.0295
    """
    size = _checked(n, book_value, factors)
    level = confidence_level(confidence)
    found = _taints(size, taints)
    shares = _upper_shares(len(found), size, level, factors, book_value)
    rate = float(min(1.0, shares[0] + np.diff(shares) @ found))
    return MonetaryBound(
        f"stringer bound, {factors} factors",
        size,
        len(found),
        float(found.sum()) / size * book_value,
        rate * book_value,
        rate,
        level,
        book_value,
    )


def cell_bound(
    n: int,
    taints: ArrayLike,
    book_value: float,
    confidence: float = 0.95,
    factors: Factors = "poisson",
    *,
    digits: int | None = None,
) -> MonetaryBound:
    """Compute the cell bound of monetary-unit sampling, tighter than Stringer's for fixed-interval draws.

    Parameters
    ----------
    n, taints, book_value, confidence, factors : int, array_like, float, float, str
        As in :func:`stringer_bound`; the sampling interval is book_value / n.
    digits : int, optional
        Round factors and mean taints to so many digits, as printed audit tables do.

    Returns
    -------
    MonetaryBound

    Raises
    ------
    ImpossibleTaint, ImpossibleCount, NegativeValues, ImpossibleConfidence, UnknownMethod

    Notes
    -----
    Stage by stage, the larger of "load" (last stage + this taint) and "spread" (factor × mean taint so far).
    Leslie, Teitlebaum & Anderson (1979), Dollar-Unit Sampling, ch. 7.

    Examples
    --------
    >>> round(cell_bound(79, [1.0, 0.5, 0.2], 1_313_572.59).upper)
    90518
    """
    size = _checked(n, book_value, factors)
    level = confidence_level(confidence)
    found = _taints(size, taints)
    expected = _upper_shares(len(found), size, level, factors, book_value) * size
    means = np.cumsum(found) / np.arange(1, len(found) + 1)
    if digits is not None:
        found, expected, means = found.round(digits), expected.round(digits), means.round(digits)
    stage = float(expected[0])
    for factor, mean, taint in zip(expected[1:], means, found, strict=True):
        stage = max(stage + float(taint), float(factor * mean))
    rate = min(1.0, stage / size)
    return MonetaryBound(
        f"cell bound, {factors} factors",
        size,
        len(found),
        float(found.sum()) / size * book_value,
        rate * book_value,
        rate,
        level,
        book_value,
    )


def mean_taint_bound(taints: ArrayLike, book_value: float, confidence: float = 0.95) -> MonetaryBound:
    """Upper bound from the mean taint and its spread, for samples with many errors (twenty or more).

    Parameters
    ----------
    taints : array_like, shape (n,)
        Taint of every sampled unit, zeros included; here understatements may be negative.
    book_value, confidence : float
        As in :func:`stringer_bound`.

    Returns
    -------
    MonetaryBound
        ``upper`` is not cut at the book value's ends; degrees of freedom are errors − 1, at least 1.

    Raises
    ------
    EmptySample, NonFiniteValues, ImpossibleConfidence

    Notes
    -----
    Cochran (1977), sec. 2.8, on taints; the conservative degrees of freedom are those auditors use
    (AICPA Audit Guide, ch. 7).

    Examples
    --------
    >>> taints = [1.0, 0.5, 0.2] + [0.0] * 76
    >>> round(mean_taint_bound(taints, 1_313_572.59).upper)
    82971
    """
    every = vector("taints", taints)
    if len(every) < 2:  # noqa: PLR2004 - a spread needs two
        raise EmptySample("taints", "holds one value", "give at least two")
    size = _checked(len(every), book_value, "poisson")
    level = confidence_level(confidence)
    errors = int(np.count_nonzero(every))
    mean, spread = float(every.mean()), float(every.std(ddof=1))
    t = float(stats.t.ppf(level, max(1, errors - 1)))
    upper = (mean + t * spread / np.sqrt(size)) * book_value
    return MonetaryBound(
        "mean taint with t limit", size, errors, mean * book_value, upper, upper / book_value, level, book_value
    )

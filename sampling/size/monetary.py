"""How many yuan to draw, so that the amount wrongly paid is shown to stay below what can be tolerated."""

from dataclasses import dataclass

from scipy import stats

from sampling.arrays import confidence_level
from sampling.size.refusals import ImpossibleTarget, OutOfReach
from sampling.size.targets import positive, up


@dataclass(frozen=True)
class MonetaryPlan:
    """A plan for drawing with probability proportional to amount.

    Attributes
    ----------
    n : int
        Monetary units to draw.
    interval : float
        book_value / n: a payment at least this large is drawn with certainty.
    tolerated_taint : float
        Sum of taints up to which the result stays acceptable.
    """

    n: int
    interval: float
    tolerated_taint: float


def _size_for(errors: int, tolerable: int, units: int, risk: float) -> int:
    """Smallest n at which so many errors still rule out the tolerable amount."""
    low, high = errors, units
    while high - low > 1:
        middle = (low + high) // 2
        enough = stats.hypergeom.cdf(errors, units, tolerable, middle) <= risk
        low, high = (low, middle) if enough else (middle, high)
    return high


def size_for_money(
    book_value: float, tolerable: float, expected: float = 0.0, confidence: float = 0.95
) -> MonetaryPlan:
    """How many monetary units to draw.

    Parameters
    ----------
    book_value : float
        Amount paid in all, in monetary units (yuan).
    tolerable : float
        Wrong amount that must be ruled out, above 0 and below ``book_value``.
    expected : float
        Wrong amount expected, below ``tolerable``.
    confidence : float
        One-sided confidence.

    Returns
    -------
    MonetaryPlan

    Raises
    ------
    ImpossibleTarget
        When an amount is not above zero, or out of order.
    OutOfReach
        When expected and tolerable are so close that no sample can tell them apart.

    Notes
    -----
    n where the sample's allowance for errors meets the errors expected in it, interpolated between whole numbers of
    errors; hypergeometric on monetary units. Leslie, Teitlebaum & Anderson (1979), Dollar-Unit Sampling, ch. 6.

    Examples
    --------
    >>> plan = size_for_money(1_313_572.59, 60_000, 6_000)
    >>> plan.n, round(plan.interval, 2)
    (79, 16627.5)
    """
    book, limit = positive("book_value", book_value), positive("tolerable", tolerable)
    if limit >= book:
        raise ImpossibleTarget("tolerable", f"{limit:g} is not below the book value {book:g}", "give less")
    if not 0 <= expected < limit:
        raise ImpossibleTarget("expected", f"is {expected}", f"give an amount from 0 up to below {limit:g}")
    risk = (1 - confidence_level(confidence)) * (1 + 1e-10)
    units, bad, rate = round(book), round(limit), expected / book
    errors, before = 0, None
    n = _size_for(0, bad, units, risk)
    while n * rate > errors:
        errors, before = errors + 1, n
        n = _size_for(errors, bad, units, risk)
        if errors > 1000:  # noqa: PLR2004 - beyond any audit
            raise OutOfReach("expected", f"{expected:g} is too near {limit:g}", "lower one, raise the other")
    if before is not None:
        step = n - before
        # where the line through (before, errors − 1) and (n, errors) meets the expected errors
        meeting = (before / step - (errors - 1)) / (1 / step - rate)
        n = min(n, up(meeting))
    return MonetaryPlan(n, book / n, rate * n)

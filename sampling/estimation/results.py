"""What an estimate says: a number, how sure, by which method, from how many."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from sampling.arrays import FloatArray


@dataclass(frozen=True)
class Interval:
    """Two ends that hold the truth with a stated confidence.

    Attributes
    ----------
    lower, upper : float
        The ends, in the unit of the estimate.
    confidence : float
        Nominal two-sided confidence, for example 0.95.
    method : str
        The interval's name, for example ``"korn-graubard"``.
    warning : str
        Why it may hold the truth less often than it says (``""`` where that was measured and it does).
    """

    lower: float
    upper: float
    confidence: float
    method: str
    warning: str = ""

    @property
    def half_width(self) -> float:
        """Half the distance between the ends."""
        return (self.upper - self.lower) / 2


@dataclass(frozen=True, eq=False)
class Estimate:
    """One estimate with everything a report must say about it.

    Attributes
    ----------
    quantity : str
        ``"rate"``, ``"mean"``, ``"total"``, ``"ratio"`` or a caller's word.
    value : float
        The estimate.
    standard_error : float
        Root of the estimated variance under the design; 0 where nothing varied, which is no proof of certainty.
    interval : Interval
        The ends, their confidence and their method.
    method : str
        The estimator and its variance, in words.
    n : int
        Units the estimate was made from.
    N : float
        Units it speaks for (known, or the sum of their weights).
    weights : ndarray of float, shape (n,)
        The weight each unit was given.
    found : int or None
        For a rate, the units with the mark; otherwise None.
    effective_n : float or None
        For a rate, the size of a simple sample with replacement that would be as sure.
    note : str
        What the reader must know (``""`` where nothing).
    """

    quantity: str
    value: float
    standard_error: float
    interval: Interval
    method: str
    n: int
    N: float
    weights: FloatArray = field(repr=False)
    found: int | None = None
    effective_n: float | None = None
    note: str = ""

    @property
    def lower(self) -> float:
        """Lower end of the interval."""
        return self.interval.lower

    @property
    def upper(self) -> float:
        """Upper end of the interval."""
        return self.interval.upper

    @property
    def enough(self) -> bool:
        """True: this estimate says something; :class:`TooFew` answers False."""
        return True

    def times(self, factor: float, quantity: str) -> "Estimate":
        """Return the same estimate in another unit, for example a rate times N as a number of households.

        Parameters
        ----------
        factor : float
            A known positive number.
        quantity : str
            What the product is.

        Examples
        --------
        >>> from sampling.estimation import estimate_rate, stratified
        >>> rate = estimate_rate(stratified(["a"] * 4, {"a": 10}), [1, 0, 0, 0])
        >>> rate.times(10, "households").value
        2.5
        """
        ends = replace(self.interval, lower=self.lower * factor, upper=self.upper * factor)
        return replace(
            self,
            quantity=quantity,
            value=self.value * factor,
            standard_error=self.standard_error * factor,
            interval=ends,
        )

    def __str__(self) -> str:
        words = [w for w in (self.note, self.interval.warning) if w]
        note = "".join(f"; {w}" for w in dict.fromkeys(words))
        return (
            f"{self.quantity} {self.value:.6g} [{self.lower:.6g}, {self.upper:.6g}] "
            f"({self.interval.confidence:.0%} {self.interval.method}; {self.method}; "
            f"n {self.n}, N {self.N:g}{note})"
        )


@dataclass(frozen=True)
class TooFew:
    """The honest answer where a part of the population was visited too little to say anything.

    Attributes
    ----------
    quantity : str
        What was asked for.
    label : Hashable
        The domain or group.
    n : int
        Units seen there.
    needed : int
        Units asked for before a number is given.
    reason : str
        Why no number is given.
    """

    quantity: str
    label: Hashable
    n: int
    needed: int
    reason: str

    @property
    def enough(self) -> bool:
        """False: no number is given."""
        return False

    def __str__(self) -> str:
        return f"{self.label}: too few to say ({self.reason})"

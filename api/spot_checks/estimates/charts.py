"""Where the marks of a range bar stand: drawn by the server, so that it prints and needs no program."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.spot_checks.estimates.figures import Figure


@dataclass(frozen=True)
class Bar:
    """One range on a scale from 0 to 100.

    Attributes
    ----------
    low, point, high : float
    open : bool
        Whether there is no upper end.
    """

    low: float
    point: float
    high: float
    open: bool

    @property
    def width(self) -> float:
        """At least so much that it is seen."""
        return max(self.high - self.low, 0.6)


def top_of(figures: Iterable[Figure]) -> float:
    """Return a round end of the scale on which all figures stand; 0 where there is none.

    Examples
    --------
    >>> top_of([Figure(measure="x", value=0.03, lower=0.01, upper=0.072)])
    0.08
    """
    ends = [
        max(abs(end) for end in (one.lower, one.value, one.upper) if end is not None) for one in figures if one.says
    ]
    largest = max(ends, default=0.0)
    if largest <= 0:
        return 0.0
    step = 10.0 ** math.floor(math.log10(largest))
    return next(round(times * step, 12) for times in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if times * step >= largest - 1e-12)


def tops_of(parts: Iterable[Mapping[str, Figure]], measures: Iterable[str]) -> dict[str, float]:
    """Return the end of each measure's scale over several parts.

    Examples
    --------
    >>> tops_of([{"x": Figure(measure="x", value=3.0, lower=1.0, upper=7.0)}], ["x"])
    {'x': 8.0}
    """
    every = list(parts)
    return {name: top_of(one[name] for one in every) for name in measures}


def bar_of(figure: Figure, top: float) -> Bar | None:
    """Return where a figure's marks stand; None where there is nothing to draw.

    Examples
    --------
    >>> bar_of(Figure(measure="x", value=0.05, lower=0.02, upper=0.08), 0.1)
    Bar(low=20.0, point=50.0, high=80.0, open=False)
    """
    if figure.value is None or figure.lower is None or top <= 0 or (figure.upper is None and not figure.value):
        return None

    def place(value: float) -> float:
        return round(min(max(value / top, 0.0), 1.0) * 100, 3)

    return Bar(
        place(figure.lower),
        place(figure.value),
        100.0 if figure.upper is None else place(figure.upper),
        figure.upper is None,
    )

"""How many second visits, when first visits were made to all or are cheap."""

# ruff: noqa: N803 - N is the field's letter

import math
from dataclasses import dataclass
from typing import Literal

from sampling.size.precision import Size, size_for_mean
from sampling.size.refusals import ImpossibleTarget, OutOfReach
from sampling.size.targets import population, positive, z_value


@dataclass(frozen=True)
class TwoPhaseSize:
    """A plan of first and second visits.

    Attributes
    ----------
    first, second : int
        Visits of each phase, second at most first.
    cost : float
        What the plan costs.
    half_width : float
        Expected half-width of the mean (or rate).
    single_half_width : float
        What the same money would give with second visits only.
    worthwhile : bool
        Whether two phases beat one.
    """

    first: int
    second: int
    cost: float
    half_width: float
    single_half_width: float
    worthwhile: bool


def _correlation(value: float) -> float:
    if not (math.isfinite(value) and -1 < value < 1):
        raise ImpossibleTarget("correlation", f"is {value}", "give a number strictly between −1 and 1")
    return float(value)


def size_after_full_visit(
    half_width: float,
    sd: float,
    correlation: float,
    N: int,
    *,
    confidence: float = 0.95,
    slope: Literal["regression", "difference"] = "regression",
    sd_first: float | None = None,
) -> Size:
    """How many second visits, when the township has visited everybody.

    Parameters
    ----------
    half_width : float
        Wanted half-width of the mean of the true answers.
    sd : float
        Standard deviation of the true answers.
    correlation : float
        Between first and true answers.
    N : int
        Units there are.
    confidence : float
        Two-sided confidence.
    slope : {"regression", "difference"}
        The estimator that will be used.
    sd_first : float, optional
        Standard deviation of the first answers, for the difference; by default that of the true ones.

    Returns
    -------
    Size

    Raises
    ------
    ImpossibleTarget, ImpossibleCount, ImpossibleConfidence

    Notes
    -----
    Residual spread S√(1 − ρ²) for regression, √(S² + S₁² − 2ρSS₁) for the difference (Cochran 1977, sec. 7.3 and
    7.7), then as :func:`size_for_mean`.

    Examples
    --------
    >>> size_after_full_visit(10, 50, 0.9, 1000).n
    21
    >>> size_for_mean(10, 50, 1000).n
    90
    """
    rho, spread = _correlation(correlation), positive("sd", sd)
    if slope == "regression":
        rest = spread * math.sqrt(1 - rho**2)
    else:
        other = spread if sd_first is None else positive("sd_first", sd_first)
        rest = math.sqrt(max(spread**2 + other**2 - 2 * rho * spread * other, 1e-12))
    answer = size_for_mean(half_width, rest, N, confidence)
    return Size(answer.n, answer.N, answer.half_width, confidence, f"second visits, {slope}")


def plan_two_phase(
    budget: float,
    cost_first: float,
    cost_second: float,
    sd: float,
    correlation: float,
    *,
    N: int | None = None,
    confidence: float = 0.95,
) -> TwoPhaseSize:
    """Divide a budget between cheap first visits and dear second ones.

    Parameters
    ----------
    budget, cost_first, cost_second : float
        Money (or days), all in one unit; a second visit's cost is on top of the first's.
    sd : float
        Standard deviation of the true answers.
    correlation : float
        Between first and true answers.
    N : int, optional
        Units there are.
    confidence : float
        Two-sided confidence.

    Returns
    -------
    TwoPhaseSize

    Raises
    ------
    ImpossibleTarget
        When a cost or spread is not above zero.
    OutOfReach
        When the budget does not pay two second visits.

    Notes
    -----
    n₂ / n₁ = √(c₁ (1 − ρ²) / (c₂ ρ²)), variance S²[(1 − ρ²)/n₂ + ρ²/n₁ − 1/N] (Cochran 1977, eq. 12.57 to 12.60).

    Examples
    --------
    >>> plan = plan_two_phase(1000, 1, 20, 50, 0.9)
    >>> plan.first, plan.second, plan.worthwhile
    (315, 34, True)
    """
    money = positive("budget", budget)
    c1, c2 = positive("cost_first", cost_first), positive("cost_second", cost_second)
    rho, spread, held = _correlation(correlation), positive("sd", sd), population(N)
    if money < 2 * (c1 + c2):
        raise OutOfReach("budget", f"{money:g} pays no two second visits", f"give at least {2 * (c1 + c2):g}")
    ratio = min(1.0, math.sqrt(c1 * (1 - rho**2) / (c2 * rho**2))) if rho else 1.0
    first = int(min(money / (c1 + c2 * ratio), held))
    second = int(min(first, (money - c1 * first) / c2))
    single = int(min(money / c2, held))
    z = z_value(confidence)

    def width(n1: int, n2: int) -> float:
        variance = (1 - rho**2) / n2 + rho**2 / n1 - 1 / held
        return z * spread * math.sqrt(max(variance, 0.0))

    alone = z * spread * math.sqrt(max(1 / single - 1 / held, 0.0))
    both = width(first, second)
    return TwoPhaseSize(first, second, c1 * first + c2 * second, both, alone, both < alone)

"""One number of the page: a range with everything that must be said about it, or the reason why there is none."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sampling.estimation import Estimate, TooFew

CONFIDENCE: Final = 0.95
TOO_FEW: Final = "样本太少，不下结论：有结论的 {n} 户，至少要 {needed} 户"
NOT_YET: Final = "还有 {n} 个乡镇没有足够的抽查结果，全县不下结论"
NONE_FOUND: Final = "已查 {n} 户中没有发现，不等于没有"
ALL_FOUND: Final = "已查 {n} 户全部如此，不等于户户如此"
NO_BOUND: Final = "已查 {n} 户中没有发现金额，样本给不出上限"
FEW_AMOUNTS: Final = "只有 {n} 户有金额，区间放宽为：已查实的数到保守上限"
FEW_FOR_NET: Final = "有金额的只有 {n} 户，不给净数"
SKEWED: Final = "有金额的只有 {n} 户，区间可能偏窄"
UNPROVEN: Final = "发现很少或合并了层，区间的把握度未经逐一验证"
# what the library calls its intervals → what people read
INTERVALS: Final[Mapping[str, str]] = {
    "korn-graubard": "Korn–Graubard 区间，有效样本量含有限总体修正",
    "exact hypergeometric": "超几何分布精确区间",
    "seen entirely": "全部入户，没有抽样误差",
    "t with": "学生 t 区间 (线性化方差)",
    "bound": "已查实金额到保守上限",
    "none": "没有区间",
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One estimate.

    Attributes
    ----------
    measure : str
        What is measured, such as ``wrongly_included`` or ``over``.
    unit : {'share', 'fen'}
    value, lower, upper : float or None
        None where too little was seen, or where there is no upper end.
    n, size : int
        Households the number was made from, and those it speaks for.
    found : int or None
        Households with the mark, or with an amount.
    interval, method : str
        How the range, and the number, were made: in people's words and the library's.
    confidence : float
    reason : str
        Why there is no number; with ``{names}`` of `values`.
    note : str
        What the reader must know.
    widest : tuple of float or None
        The range if every household that could not be judged were right, or wrong.
    """

    measure: str
    unit: str = "share"
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    n: int = 0
    size: int = 0
    found: int | None = None
    standard_error: float | None = None
    interval: str = ""
    method: str = ""
    confidence: float = CONFIDENCE
    reason: str = ""
    note: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    widest: tuple[float, float] | None = None

    @property
    def says(self) -> bool:
        """Whether there is a number."""
        return self.value is not None

    @property
    def words(self) -> str:
        """The reason, or the note; empty where there is nothing to add."""
        return self.reason or self.note

    @property
    def exact(self) -> bool:
        """Whether everybody was seen."""
        return self.says and self.lower == self.upper


def interval_name(method: str) -> str:
    """Return what people call an interval of the library.

    Examples
    --------
    >>> interval_name("t with 12 degrees of freedom")
    '学生 t 区间 (线性化方差)'
    """
    return next((words for name, words in INTERVALS.items() if method.startswith(name)), method)


def figure_of_rate(measure: str, found: Estimate | TooFew, *, size: int) -> Figure:
    """Return the figure of a rate."""
    if isinstance(found, TooFew):
        return too_few(measure, found.n, found.needed, size=size)
    note, marked = "", found.found or 0
    exact = found.lower == found.upper
    if not exact and marked == 0:
        note = NONE_FOUND
    elif not exact and marked == found.n:
        note = ALL_FOUND
    elif found.interval.warning:
        note = UNPROVEN
    return Figure(
        measure=measure,
        value=found.value,
        lower=max(0.0, found.lower),
        upper=min(1.0, found.upper),
        n=found.n,
        size=size,
        found=marked,
        standard_error=found.standard_error,
        interval="seen entirely" if exact else found.interval.method,
        method=found.method,
        confidence=found.interval.confidence,
        note=note,
        values={"n": found.n},
    )


def figure_of_money(
    measure: str, found: Estimate, *, size: int, seen_fen: float, amounts: int, bound_fen: float | None
) -> Figure:
    """Return the figure of a total in fen.

    Parameters
    ----------
    seen_fen : float
        What the visits themselves found: the total is no less, where nothing is negative.
    amounts : int
        Households with an amount.
    bound_fen : float or None
        An upper bound that holds however skew the amounts are; asked for where amounts are few.
    """
    lower, upper, how, note = found.lower, found.upper, found.interval.method, ""
    exact = lower == upper and found.n == size
    if not exact and bound_fen is not None:
        lower, upper, how, note = seen_fen, max(bound_fen, found.value), "bound", FEW_AMOUNTS
    elif not exact and amounts < MANY_AMOUNTS:
        note = SKEWED
    if measure != "net":
        lower = max(lower, seen_fen)
    if not exact and not amounts:
        note = NONE_FOUND if math.isfinite(upper) and upper > 0 else NO_BOUND
    finite = math.isfinite(upper) and not (amounts == 0 and not exact and upper == lower)
    return Figure(
        measure=measure,
        unit="fen",
        value=found.value,
        lower=lower,
        upper=upper if finite else None,
        n=found.n,
        size=size,
        found=amounts,
        standard_error=found.standard_error,
        interval="seen entirely" if exact else how,
        method=found.method,
        confidence=found.interval.confidence,
        note=note,
        values={"n": amounts or found.n},
    )


MANY_AMOUNTS: Final = 30  # below it a sum of rare amounts is skew (sampling.estimation.totals)
SOME_AMOUNTS: Final = 10  # below it no t interval is shown at all


def too_few(measure: str, n: int, needed: int, *, size: int, unit: str = "share") -> Figure:
    """Return a figure without a number."""
    return Figure(measure=measure, unit=unit, n=n, size=size, reason=TOO_FEW, values={"n": n, "needed": needed})

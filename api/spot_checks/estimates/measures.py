"""What is measured of each household that was checked: marks for rates, yuan for totals."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.spot_checks.comparison.verdicts import MONTHS
from api.spot_checks.estimates.sample import REFUSED, Drawn

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

AMOUNT: Final = frozenset({"amount_high", "amount_low"})


def wrongly_included(unit: Drawn) -> bool:
    """Say whether the household should not be on the roll, one that is gone included."""
    return unit.state == "gone" or (unit.judged is not None and unit.judged.verdict == "not_eligible")


def wrong_amount(unit: Drawn) -> bool:
    """Say whether it is eligible but is paid too much or too little."""
    return not wrongly_included(unit) and unit.judged is not None and unit.judged.verdict in AMOUNT


def any_error(unit: Drawn) -> bool:
    """Say whether anything at all is wrong: eligibility, the amount, or how the money reaches the household."""
    return wrongly_included(unit) or wrong_amount(unit) or bool(unit.judged and unit.judged.error_kinds)


RATES: Final[Mapping[str, tuple[str, Callable[[Drawn], bool]]]] = {
    "wrongly_included": ("错保率", wrongly_included),
    "wrong_amount": ("金额有误率", wrong_amount),
    "any_error": ("有任何问题的比例", any_error),
}
# the same verdicts, one by one
VERDICT_RATES: Final[Mapping[str, tuple[str, Callable[[Drawn], bool]]]] = {
    "amount_high": ("金额偏高", lambda unit: wrong_amount(unit) and _says(unit, "amount_high")),
    "amount_low": ("金额偏低", lambda unit: wrong_amount(unit) and _says(unit, "amount_low")),
}
ATTEMPT_RATES: Final[Mapping[str, tuple[str, Callable[[Drawn], bool]]]] = {
    "unreached": ("未见到人", lambda unit: unit.state == "unreached" and unit.outcome != REFUSED),
    "refused": ("拒绝入户", lambda unit: unit.state == "unreached" and unit.outcome == REFUSED),
    "gone": ("查实已不在", lambda unit: unit.state == "gone"),
}
# as the checker's form names them
KINDS: Final[Mapping[str, str]] = {
    "wrongly_included": "错保", "wrongly_excluded": "漏保", "favour": "人情保", "connection": "关系保",
    "person_not_household": "保人不保户", "rotation": "轮流坐庄", "equal_shares": "平均发放",
    "false_claim": "虚报冒领", "withheld": "截留挪用", "card_kept": "扣压代管", "kin_favoured": "优亲厚友",
    "paid_after_death": "死亡未退", "assets_above_limit": "超标准财产", "public_payroll": "财政供养",
}  # fmt: skip
MONEY: Final[Mapping[str, str]] = {
    "over": "每年多发",
    "under": "每年少发",
    "net": "每年净多发",
    "withheld": "被截留 (合计)",
}
BY_TOWNSHIP: Final = "over"  # the money that is also said per township


def _says(unit: Drawn, verdict: str) -> bool:
    return unit.judged is not None and unit.judged.verdict == verdict


def marks(units: Sequence[Drawn], marked: Callable[[Drawn], bool]) -> Floats:
    """Return 1 for each unit with a mark, else 0, shape (n,)."""
    return np.array([marked(unit) for unit in units], dtype=np.float64)


def kind_marks(units: Sequence[Drawn], kind: str) -> Floats:
    """Return 1 for each unit in which one kind of error was found, shape (n,)."""
    return np.array([unit.judged is not None and kind in unit.judged.error_kinds for unit in units], dtype=np.float64)


def amounts(units: Sequence[Drawn], what: str) -> tuple[Floats, Flags]:
    """Return fen per unit (a year, or in all for what was withheld) and for which units they are known, shape (n,).

    Notes
    -----
    The verdict says in which direction: a household whose amount was judged too high was never paid too little.
    """
    values, known = np.zeros(len(units)), np.zeros(len(units), dtype=np.bool_)
    for at, unit in enumerate(units):
        found = unit.withheld_fen if what == "withheld" and unit.tells else _yearly(unit, what)
        if found is not None:
            values[at], known[at] = found, True
    return values, known


def _yearly(unit: Drawn, what: str) -> int | None:
    if not unit.tells or unit.judged is None or what == "withheld":
        return None
    verdict = "not_eligible" if unit.state == "gone" else unit.judged.verdict
    paid, correct = unit.paid_fen_per_month, unit.judged.correct_fen_per_month
    if verdict == "right":
        return 0
    if paid is None or correct is None:
        return None
    over = max(0, paid - correct) if verdict in {"not_eligible", "amount_high"} else 0
    under = max(0, correct - paid) if verdict == "amount_low" else 0
    return MONTHS * {"over": over, "under": under, "net": over - under}[what]

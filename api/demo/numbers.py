"""Names and numbers of people who do not exist: right in form, and impossible to belong to anybody."""

import random
from datetime import date

from api.registry.identity import check_character

# No region of GB/T 2260 begins with 99, so nobody was ever given such a number.
UNASSIGNED_REGION = "990222"

# 虚构 ("made up") stands where a family name would; the rest are plain things and no names of anybody.
FIRST = "云山水石田禾麦雪风月星日泉林草木花松柏桥"
SECOND = "青白红黄紫蓝墨金银玉东南西北春夏秋冬晨暮"


class Numbers:
    """Hands out names and numbers, each number once.

    Parameters
    ----------
    rng : random.Random
        Where names come from.
    first_serial : int
        Of those born on one day, at most 499: another set of people starts elsewhere, and shares no number.

    Examples
    --------
    >>> numbers = Numbers(random.Random(1))
    >>> first, second = (numbers.identity(date(1980, 5, 1), "女") for _ in range(2))
    >>> first, first == second
    ('990222198005010027', False)
    >>> numbers.phone(), numbers.card()
    ('15400000001', '9999990000000000014')
    """

    def __init__(self, rng: random.Random, *, first_serial: int = 1) -> None:
        self._rng = rng
        self._first = first_serial
        self._born: dict[tuple[date, str], int] = {}
        self._phones = 0
        self._cards = 0

    def name(self) -> str:
        """Return a name that nobody bears."""
        return "虚构" + self._rng.choice(FIRST) + self._rng.choice(SECOND)

    def identity(self, born: date, sex: str) -> str:
        """Return an identity number of GB 11643 form: odd serials are men's, the last sign checks the others."""
        serial = self._born[born, sex] = self._born.get((born, sex), self._first - 1) + 1
        digits = f"{UNASSIGNED_REGION}{born:%Y%m%d}{2 * serial - (sex == '男'):03d}"
        return digits + check_character(digits)

    def phone(self) -> str:
        """Return a mobile number of the prefix 154, which no operator holds."""
        self._phones += 1
        return f"154{self._phones:08d}"

    def card(self) -> str:
        """Return a card number whose issuer 999999 is no bank, with a right last digit (ISO/IEC 7812-1, Luhn)."""
        self._cards += 1
        digits = f"999999{self._cards:012d}"
        doubled = (int(digit) * (1 + (place % 2 == 0)) for place, digit in enumerate(reversed(digits)))
        return digits + str(-sum(value - 9 * (value > 9) for value in doubled) % 10)  # noqa: PLR2004 - digits add up

"""Who saw the dice: at least two people from outside, by name (SAMPLING.md, the order of events)."""

import re
from typing import Final

from api.problems import Invalid

FEWEST: Final = 2  # "thrown in public by two outside people"
LONGEST: Final = 400  # characters of all names together
_BETWEEN: Final = re.compile(r"[，、,;；\r\n]+")


def witness_names(text: str) -> list[str]:
    r"""Return the names in a text: one a line, or with commas between; each once, in their order.

    Examples
    --------
    >>> witness_names("虚构甲 (人大代表)\n虚构乙，虚构甲 (人大代表)")
    ['虚构甲 (人大代表)', '虚构乙']
    """
    return list(dict.fromkeys(name for part in _BETWEEN.split(text) if (name := " ".join(part.split()))))


def check_witnesses(text: str) -> list[str]:
    """Return the names, or refuse when they are too few to be witnesses.

    Raises
    ------
    Invalid
        Saying how many there are.
    """
    names = witness_names(text)
    if len(names) < FEWEST:
        raise Invalid(
            "至少要有 {least} 位本单位以外的见证人，一行一位；现有 {given} 位", where="witnesses", least=FEWEST,
            given=len(names),
        )  # fmt: skip
    if len(text) > LONGEST:
        raise Invalid("见证人过长，最多 {most} 个字符", where="witnesses", most=LONGEST)
    return names

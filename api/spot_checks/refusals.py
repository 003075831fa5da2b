"""What the sampling library refuses, said in the words of the campaign."""

from collections.abc import Iterator
from contextlib import contextmanager

from api.problems import Conflict, Invalid, Refusal
from sampling.allocation import FloorBelowLaw, TotalAboveSize, TotalBelowFloors
from sampling.certificate import FloorNotKept, NotWhatWasPublished, PlanDoesNotFit
from sampling.errors import SamplingError
from sampling.frame import DuplicateUnits, MalformedHousehold
from sampling.tickets import MalformedEntropy, MalformedEntropyRule, TooFewDigits

# The first class that fits says it; the library's own words, which name the values, follow in English.
WORDS: tuple[tuple[type[SamplingError], type[Refusal], str, str], ...] = (
    (TooFewDigits, Invalid, "entropy", "骰子位数不足，请继续掷；开头的 0 也要照录"),
    (MalformedEntropy, Invalid, "entropy", "随机数只能由数字组成，多个来源之间用 | 分开，次序与公布的规则一致"),
    (MalformedEntropyRule, Invalid, "entropy_rule", "随机数规则须以公开掷骰结束，例如 dice:20，且不少于 20 位"),
    (FloorBelowLaw, Invalid, "floors", "抽查比例不得低于 30%，也不能超过 100%"),
    (TotalBelowFloors, Invalid, "total", "总户数低于法定下限"),
    (TotalAboveSize, Invalid, "total", "总户数超过名册户数"),
    (FloorNotKept, Invalid, "plan", "方案没有达到下限"),
    (DuplicateUnits, Conflict, "household_code", "名册中有重复的家庭编码，请先更正名册"),
    (MalformedHousehold, Conflict, "household_code", "名册中有不合规范的家庭编码，请先更正名册"),
    (PlanDoesNotFit, Conflict, "plan", "方案与冻结的名册不符"),
    (NotWhatWasPublished, Conflict, "frame", "冻结的名册或方案与公布的指纹不符，不能抽取；请立即封存数据库并查明原因"),
    (SamplingError, Invalid, "", "抽样方案不能成立"),
)


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn a refusal of the sampling library into one of ours.

    Examples
    --------
    >>> with in_our_words():
    ...     raise TooFewDigits("entropy, dice", "3 digits of 20", "throw on")
    Traceback (most recent call last):
    ...
    api.problems.Invalid: 骰子位数不足，请继续掷；开头的 0 也要照录 (entropy, dice: 3 digits of 20; throw on)
    """
    try:
        yield
    except SamplingError as error:
        kind, where, words = next(row[1:] for row in WORDS if isinstance(error, row[0]))
        raise kind(words + " ({said})", where=where, said=str(error)) from error

"""The public chances of a draw: composed into a rule before they exist, and read and checked when they are there."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from api.evidence.reading import CHINA
from api.problems import Invalid
from sampling.tickets import FEWEST_DICE, EntropyRule, normalise_entropy
from sampling.tickets.beacons import QUICKNET, DrandChain, drand_randomness
from sampling.tickets.entropy import Source

CHAINS: Final[Mapping[str, DrandChain]] = {QUICKNET.name: QUICKNET}
LONGEST_WAIT: Final = timedelta(days=60)  # a round next year is a typing error
KINDS: Final = {"dice": "只掷骰", "drand": "先取 drand 信标，再掷骰", "lottery": "先取彩票开奖号码，再掷骰"}
LOTTERIES: Final = {"ssq": "双色球", "dlt": "大乐透", "3d": "福彩3D", "pls": "排列三", "plw": "排列五"}
MOST_DICE: Final = 200
LONGEST_PASTED: Final = 2_000
HASH_DIGITS: Final = re.compile(r"[0-9a-f]{64}")
ISSUE: Final = re.compile(r"[1-9][0-9]{0,18}")
DIGITS: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, kw_only=True)
class SourceWords:
    """One source of a rule in words.

    Attributes
    ----------
    text
        As it stands in the rule.
    words, values
        In Chinese with ``{names}``.
    at
        When it is published; None where nobody can know (dice, lotteries).
    """

    source: Source
    words: str
    values: dict[str, Any]
    at: datetime | None = None

    @property
    def text(self) -> str:
        """As it stands in the rule."""
        return self.source.text


@dataclass(frozen=True, kw_only=True)
class ReadSource:
    """What was typed or pasted for one source, brought to the form the draw reads, and what was checked of it."""

    digits: str
    checked: str
    values: dict[str, Any] = field(default_factory=dict)


def compose_rule(
    kind: str, moment: datetime, *, dice: int = FEWEST_DICE, at: datetime | None = None, lottery: str = "",
    issue: str = "",
) -> str:  # fmt: skip
    """Return the text of a rule from what a person chose.

    Parameters
    ----------
    kind : {'dice', 'drand', 'lottery'}
        What comes before the dice.
    moment : datetime
        Now; every source must lie after it.
    dice : int
        Digits at least.
    at : datetime, optional
        When the drand round is wanted: the first round published then or later is named.
    lottery, issue : str
        Which lottery, which issue.

    Raises
    ------
    Invalid
        Nothing chosen, a time that has passed, an issue that is no number.

    Examples
    --------
    >>> now = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
    >>> compose_rule("drand", now, at=datetime(2026, 7, 1, 8, 0, tzinfo=UTC))
    'drand:quicknet:30029812|dice:20'
    >>> compose_rule("lottery", now, lottery="ssq", issue="2026140", dice=25)
    'lottery:ssq:2026140|dice:25'
    """
    if kind not in KINDS:
        raise Invalid("请选择随机数的来源", where="source")
    if not FEWEST_DICE <= dice <= MOST_DICE:
        raise Invalid("骰子须为 {least} 至 {most} 位", where="dice", least=FEWEST_DICE, most=MOST_DICE)
    thrown = f"dice:{dice}"
    if kind == "dice":
        return thrown
    if kind == "lottery":
        if not re.fullmatch(r"[a-z0-9-]{1,32}", lottery):
            raise Invalid("请选择彩票", where="lottery")
        if not ISSUE.fullmatch(normalise_entropy(issue).text):
            raise Invalid("请填写彩票期号，例如 2026140", where="issue")
        return f"lottery:{lottery}:{normalise_entropy(issue).text}|{thrown}"
    if at is None:
        raise Invalid("请填写信标发布的时间", where="at")
    number = round_from(at)
    rule = f"drand:{QUICKNET.name}:{number}|{thrown}"
    refuse_known_sources(EntropyRule.parse(rule), moment)
    return rule


def round_from(at: datetime) -> int:
    """Return the first drand round that is published at a moment or after it.

    Raises
    ------
    Invalid
        Before the beacon began.
    """
    seconds = -int(-at.timestamp() // 1)
    if seconds < QUICKNET.genesis:
        raise Invalid("信标发布的时间不对", where="at")
    number = QUICKNET.round_at(seconds)
    return number if QUICKNET.time_of(number) >= seconds else number + 1


def refuse_known_sources(rule: EntropyRule, moment: datetime) -> None:
    """Refuse a rule with a source that is known already: whoever knows it can shape the plan to fit.

    Raises
    ------
    Invalid
        A drand round that is out, one too far away, or a chain whose clock is not known here.
    """
    for source in rule.sources:
        if source.kind != "drand":
            continue
        at = time_of(source)
        if at <= moment:
            raise Invalid(
                "drand 第 {round} 轮已于 {at} 公布，不能再作承诺；请选以后的时间", where="entropy_rule",
                round=source.number, at=_local(at),
            )  # fmt: skip
        if at > moment + LONGEST_WAIT:
            raise Invalid(
                "drand 第 {round} 轮要到 {at} 才公布，最远只能选 {days} 天以后", where="entropy_rule",
                round=source.number, at=_local(at), days=LONGEST_WAIT.days,
            )  # fmt: skip


def refuse_early(rule: EntropyRule, moment: datetime) -> None:
    """Refuse to draw while a source of the rule is not published: a value given for it would be invented.

    Raises
    ------
    Invalid
        Saying when it will be.
    """
    for source in rule.sources:
        if source.kind == "drand" and (at := time_of(source)) > moment:
            raise Invalid(
                "drand 第 {round} 轮要到 {at} 才公布，现在还不能抽取",
                where="entropy",
                round=source.number,
                at=_local(at),
            )


def time_of(source: Source) -> datetime:
    """Return when a drand round is published.

    Raises
    ------
    Invalid
        When the chain's clock is not known here, or the round lies beyond any calendar.
    """
    chain = CHAINS.get(source.name)
    if chain is None:
        raise Invalid(
            "不认识 drand 链 {name}，请用 {known}", where="entropy_rule", name=source.name, known=QUICKNET.name
        )
    try:
        return datetime.fromtimestamp(chain.time_of(source.number), UTC)
    except (ValueError, OverflowError, OSError):
        raise Invalid("drand 轮次 {round} 过大", where="entropy_rule", round=source.number) from None


def words_of(rule: str) -> list[SourceWords]:
    """Return the sources of a rule in words, in their order.

    Examples
    --------
    >>> [(one.text, one.words.format(**one.values)) for one in words_of("dice:20")]
    [('dice:20', '当众掷十面骰，至少 20 位数字')]
    """
    return [_words(source) for source in EntropyRule.parse(rule).sources]


def _words(source: Source) -> SourceWords:
    if source.kind == "dice":
        return SourceWords(source=source, words="当众掷十面骰，至少 {n} 位数字", values={"n": source.number})
    if source.kind == "lottery":
        return SourceWords(
            source=source,
            words="彩票“{name}”第 {issue} 期开奖号码",
            values={"name": LOTTERIES.get(source.name, source.name), "issue": source.number},
        )
    try:
        at = time_of(source)
    except Invalid:  # promised before this was looked at
        return SourceWords(
            source=source,
            words="drand 信标 {chain} 第 {round} 轮",
            values={"chain": source.name, "round": source.number},
        )
    values = {"chain": source.name, "round": source.number, "at": _local(at)}
    return SourceWords(source=source, words="drand 信标 {chain} 第 {round} 轮，{at} 公布", values=values, at=at)


def read_source(source: Source, text: str, moment: datetime) -> ReadSource:
    """Read what was typed for one source, and say plainly what was checked and what was not.

    Parameters
    ----------
    source : Source
        Of the rule.
    text : str
        Digits; for drand the 64 digits of the randomness, or the beacon's JSON pasted whole.

    Raises
    ------
    Invalid
        Not digits, too few, another round, a randomness that is not the SHA-256 of its signature, a round to come.
    """
    if len(text) > LONGEST_PASTED:
        raise Invalid("随机数过长，最多 {most} 个字符", where="entropy", most=LONGEST_PASTED)
    if source.kind == "drand":
        return _beacon(source, text, moment)
    digits = normalise_entropy(text).text
    if not DIGITS.fullmatch(digits):
        raise Invalid("这里只能是数字", where="entropy")
    if source.kind == "lottery":
        return ReadSource(
            digits=digits, checked="共 {n} 位；请对照开奖公告核对，系统不能代为查询", values={"n": len(digits)}
        )
    if len(digits) < source.number:
        raise Invalid("已录入 {n} 位，至少 {least} 位", where="entropy", n=len(digits), least=source.number)
    return ReadSource(digits=digits, checked="共 {n} 位，够了；请与见证人逐位核对", values={"n": len(digits)})


def _beacon(source: Source, text: str, moment: datetime) -> ReadSource:
    refuse_early(EntropyRule((source,)), moment)
    plain = normalise_entropy(text).text
    if HASH_DIGITS.fullmatch(plain):
        return ReadSource(digits=plain, checked="只核对了格式 (64 位十六进制)；粘贴信标的 JSON 可以再核对签名的哈希")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("signature"), str):
        raise Invalid("请粘贴信标的 JSON，或其中 randomness 的 64 位十六进制数字", where="entropy")
    if given.get("round") != source.number:
        raise Invalid(
            "粘贴的是第 {given} 轮，规则里是第 {round} 轮", where="entropy", given=str(given.get("round"))[:20],
            round=source.number,
        )  # fmt: skip
    try:
        computed = drand_randomness(given["signature"])
    except ValueError:
        raise Invalid("信标的签名不是十六进制数字", where="entropy") from None
    if given.get("randomness", computed) != computed:
        raise Invalid("信标的 randomness 不等于签名的 SHA-256，请重新复制", where="entropy")
    return ReadSource(
        digits=computed,
        checked="已核对：轮次相符，randomness 等于签名的 SHA-256；没有核对签名本身 (BLS)，任何人可用 drand 工具核对",
    )


def _local(at: datetime) -> str:
    """Return a moment to the second, as people in the county read it."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")

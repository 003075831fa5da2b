"""Read single cells of a roll: text, money, dates, yes and no; each refusal says what to do."""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from api.degrees import rounded

MOST_FEN = 100_000_000  # a million yuan: more than any household's allowance or income per person
FEN_PER_YUAN = 100
DECIMALS_OF_YUAN = 2
EXACT_NUMBER = 2**53  # above this a spreadsheet's number has lost digits
SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")  # how a spreadsheet saves a long number as CSV
DEFUSED = re.compile(r"'(?=[=+\-@\t\r])")  # what `writing.defuse` puts in front

HEAD_WORDS = frozenset({"户主", "本人", "户主本人", "head", "householder", "self"})
SCHEMES = {
    **dict.fromkeys(("城市", "城市低保", "城镇", "城镇低保", "城", "urban"), "urban"),
    **dict.fromkeys(("农村", "农村低保", "乡村", "农", "rural"), "rural"),
}
SEXES = {**dict.fromkeys(("男", "男性", "m", "male"), "男"), **dict.fromkeys(("女", "女性", "f", "female"), "女")}
TRUTHS = {
    **dict.fromkeys(("是", "有", "√", "1", "y", "yes", "true"), True),
    **dict.fromkeys(("否", "无", "×", "0", "n", "no", "false"), False),
}


class CellError(ValueError):
    """A cell that cannot be read: what is wrong and what to do, in Chinese, with ``{names}`` for values."""

    def __init__(self, message: str, **names: Any) -> None:
        super().__init__(message.format(**names) if names else message)
        self.message = message
        self.names = names


def read_text(cell: Any, *, most: int) -> str:
    """Return a cell as text without spaces at its ends; a whole number is written without a decimal point.

    Raises
    ------
    CellError
        If it is longer than `most` characters or holds what no person types.

    Examples
    --------
    >>> read_text("  江孜镇 ", most=64), read_text(3.0, most=64), read_text("'=1+1", most=64), read_text(None, most=64)
    ('江孜镇', '3', '=1+1', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date()
    text = DEFUSED.sub("", unicodedata.normalize("NFC", str(cell)).strip(), count=1)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise CellError("含有换行或看不见的字符，请清除后重试")
    if len(text) > most:
        raise CellError("超过 {most} 个字，请缩短", most=most)
    return text


def read_digits(cell: Any, *, most: int, what: str) -> str:
    """Return a long number as text; refuse one that the spreadsheet has kept as a number and so cut short.

    Raises
    ------
    CellError
        If digits were lost.

    Examples
    --------
    >>> read_digits("6200 0000 0000 1234", most=30, what="卡号")
    '6200000000001234'
    """
    cut_short = isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= EXACT_NUMBER
    if cut_short or (isinstance(cell, str) and SCIENTIFIC.fullmatch(cell.strip())):
        raise CellError("{what}被表格存成了数字，末几位已丢失；请把该列设为文本格式后重新填写", what=what)
    text = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", read_text(cell, most=80)))
    if "*" in text:
        raise CellError("{what}是遮蔽过的，不能导入；请使用含完整号码的文件", what=what)
    if len(text) > most:
        raise CellError("{what}超过 {most} 位，请核对", what=what, most=most)
    return text


def read_yuan(cell: Any) -> int | None:
    """Return an amount in yuan as whole fen, exactly; an empty cell is None.

    A spreadsheet keeps 425.1 as the nearest binary number; its shortest decimal form is what the person typed.

    Raises
    ------
    CellError
        If it is no amount, negative, finer than a fen or above a million yuan.

    Examples
    --------
    >>> read_yuan("1,234.50元"), read_yuan(425.1), read_yuan("￥３６０"), read_yuan("")
    (123450, 42510, 36000, None)
    >>> read_yuan("-5")
    Traceback (most recent call last):
    ...
    api.registry.roll_file.cells.CellError: 金额不能为负数，请核对
    """
    text = unicodedata.normalize("NFKC", repr(cell) if isinstance(cell, float) else read_text(cell, most=40))
    text = re.sub(r"[,\s¥]|元$", "", text)
    if not text:
        return None
    try:
        yuan = Decimal(text)
    except InvalidOperation:
        yuan = Decimal("NaN")
    if not yuan.is_finite():
        raise CellError("应为以元为单位的金额，如 425.50")
    if yuan < 0:
        raise CellError("金额不能为负数，请核对")
    if yuan * FEN_PER_YUAN > MOST_FEN:
        raise CellError("金额超过一百万元，请核对单位是否为元")
    fen = yuan.scaleb(DECIMALS_OF_YUAN)
    if fen != fen.to_integral_value():
        raise CellError("金额最多两位小数 (精确到分)")
    return int(fen)


def read_whole(cell: Any, *, least: int, most: int) -> int | None:
    """Return a whole number within limits; an empty cell is None.

    Raises
    ------
    CellError
        If it is none or lies outside.

    Examples
    --------
    >>> read_whole("3 人", least=1, most=99), read_whole(4.0, least=1, most=99)
    (3, 4)
    """
    text = re.sub(r"\s|[人口户]$", "", unicodedata.normalize("NFKC", read_text(cell, most=40)))
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise CellError("应为 {least} 到 {most} 的整数", least=least, most=most)
    return int(text)


def read_date(cell: Any) -> date | None:
    """Return a day; a month alone means its first day; an empty cell is None.

    Raises
    ------
    CellError
        If there is no such day.

    Examples
    --------
    >>> read_date("2018年6月"), read_date("2018/6/10"), read_date("20180610"), read_date(201806.0)
    (datetime.date(2018, 6, 1), datetime.date(2018, 6, 10), datetime.date(2018, 6, 10), datetime.date(2018, 6, 1))
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", read_text(cell, most=40)))
    if not text:
        return None
    found = re.fullmatch(r"(\d{4})(\d{2})(\d{2})?", text) or re.fullmatch(
        r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})?日?)?(?:T?00:00(?::00)?)?", text
    )
    try:
        return date(int(found[1]), int(found[2]), int(found[3] or 1))  # type: ignore[index]
    except (TypeError, ValueError):  # no date at all, or no such day
        raise CellError("日期应写作 2018-06-10，请核对") from None


def read_choice(cell: Any, choices: Mapping[str, Any], words: str) -> Any:
    """Return what a word stands for; an empty cell is None.

    Raises
    ------
    CellError
        Naming the words that are understood.

    Examples
    --------
    >>> read_choice("农村低保", SCHEMES, "城市、农村"), read_choice(1.0, TRUTHS, "是、否")
    ('rural', True)
    """
    text = unicodedata.normalize("NFKC", read_text(cell, most=40)).lower()
    if not text:
        return None
    if text not in choices:
        raise CellError("应为：{words}", words=words)
    return choices[text]


def read_degrees(cell: Any, *, least: float, most: float) -> float | None:
    """Return a coordinate in degrees (WGS 84); an empty cell is None.

    Raises
    ------
    CellError
        If it lies outside China's range, as exchanged coordinates do.

    Examples
    --------
    >>> read_degrees("89.6123", least=73, most=136)
    89.6123
    """
    text = unicodedata.normalize("NFKC", repr(cell) if isinstance(cell, float) else read_text(cell, most=40))
    if not text:
        return None
    try:
        degrees = float(text)
    except ValueError:
        degrees = math.nan
    if not least <= degrees <= most:
        raise CellError("坐标应为 {least} 到 {most} 之间的十进制度，请检查经纬度是否填反", least=least, most=most)
    return rounded(degrees)

"""What marshmallow and webargs say of wrong input, in our words: they speak English, and people here do not."""

import re
from typing import Any, Final

# The library's sentence → ours; what stands for a value in the one stands for it in the other.
WORDS: Final = {
    "Missing data for required field.": "必须填写",
    "Field may not be null.": "不能为空 (null)",
    "Unknown field.": "没有这个字段，请检查拼写",
    "Invalid value.": "内容无效",
    "Invalid input.": "内容无效",
    "Invalid type.": "须为一组字段 (对象)",
    "Invalid input type.": "须为一组字段 (对象)",
    "Invalid JSON body.": "不是有效的 JSON",
    "Not a valid list.": "须为列表",
    "Not a valid mapping type.": "须为一组字段 (对象)",
    "Not a valid string.": "须为文字",
    "Not a valid utf-8 string.": "须为 UTF-8 编码的文字",
    "Not a valid UUID.": "须为编号 (UUID)",
    "Not a valid number.": "须为数字",
    "Not a valid integer.": "须为整数",
    "Number too large.": "数字过大",
    "Special numeric values (nan or infinity) are not permitted.": "须为有限的数字",
    "Not a valid boolean.": "须为 true 或 false",
    "Not a valid {obj_type}.": "须为有效的日期或时间，例如 2026-07-01 或 2026-07-01T08:00:00+08:00",
    "Not a valid {awareness} {obj_type}.": "时间须写明时区，例如 2026-07-01T08:00:00+08:00",
    "Not a valid URL.": "须为网址",
    "Must be one of: {choices}.": "须为以下之一：{choices}",
    "One or more of the choices you made was not in: {choices}.": "只能从以下选择：{choices}",
    "Must be equal to {other}.": "须为 {other}",
    "String does not match expected pattern.": "格式不对，请按接口说明填写",
    "Shorter than minimum length {min}.": "长度至少为 {min}",
    "Longer than maximum length {max}.": "长度最多为 {max}",
    "Length must be between {min} and {max}.": "长度须在 {min} 到 {max} 之间",
    "Length must be {equal}.": "长度须为 {equal}",
    "Must be greater than or equal to {min}.": "须不小于 {min}",
    "Must be greater than {min}.": "须大于 {min}",
    "Must be less than or equal to {max}.": "须不大于 {max}",
    "Must be less than {max}.": "须小于 {max}",
    "Must be greater than or equal to {min} and less than or equal to {max}.": "须在 {min} 到 {max} 之间",
}


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL)


# the longest first: some sentences begin as others do
_PATTERNS: Final = [(_pattern(sentence), WORDS[sentence]) for sentence in sorted(WORDS, key=len, reverse=True)]


def in_our_words(sentence: str) -> tuple[str, dict[str, Any]]:
    """Return a library's sentence in Chinese, its values apart so that it can be translated; ours as it is.

    Examples
    --------
    >>> in_our_words("Must be one of: base, reserve.")
    ('须为以下之一：{choices}', {'choices': 'base, reserve'})
    >>> in_our_words("年份须在 2000 到 2199 之间")
    ('年份须在 2000 到 2199 之间', {})
    """
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            return words, {name: value for name, value in found.groupdict().items() if f"{{{name}}}" in words}
    return sentence, {}

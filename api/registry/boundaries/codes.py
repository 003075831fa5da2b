"""Find the official codes in a file of boundaries: which field holds them, and what they are called here."""

from collections.abc import Sequence
from typing import Any, Final

from api.problems import Invalid
from api.registry.boundaries.features import Feature
from api.registry.boundaries.field_names import USUAL_NAMES

LENGTHS: Final = (6, 9, 12)  # as the statistics bureau writes them: to the county, the township, in full
STEPS: Final = (2, 4, 6, 9, 12)  # where a code of any level may end


def official_code(written: Any) -> str | None:
    """Return a division's code as it is kept here, without the zeros that stand for lower levels; None if it is none.

    Examples
    --------
    >>> official_code("540222100000"), official_code(540222.0), official_code("540222100201"), official_code("54022")
    ('540222100', '540222', '540222100201', None)
    """
    if isinstance(written, float) and written.is_integer():
        written = int(written)
    text = str(written).strip() if isinstance(written, str | int) and not isinstance(written, bool) else ""
    if len(text) not in LENGTHS or not (text.isascii() and text.isdigit()) or not text.strip("0"):
        return None
    shortest = len(text.rstrip("0"))
    return text[: min(step for step in STEPS if step >= shortest)]


def code_field(features: Sequence[Feature], asked: str = "") -> str:
    """Return the field that holds the codes: the one asked for, or the one that holds nothing else.

    Raises
    ------
    Invalid
        If there is no such field, or several could be meant.
    """
    names = list(dict.fromkeys(name for feature in features for name in feature.properties))
    listed = "、".join(map(str, names[:30])) or "—"
    if asked:
        if asked not in names:
            raise Invalid("文件中没有字段 {field}；有：{names}", where="code-field", field=asked, names=listed)
        return asked
    holding = [
        name for name in names
        if all(official_code(feature.properties.get(name)) is not None for feature in features)
    ]  # fmt: skip
    usual = [name for wanted in USUAL_NAMES for name in holding if str(name).lower() == wanted]
    if usual or len(holding) == 1:
        return (usual or holding)[0]
    if holding:
        raise Invalid(
            "有多个字段都像区划代码，请用 --code-field 指定一个：{names}", where="code-field", names="、".join(holding)
        )
    raise Invalid(
        "没有哪个字段每行都是 6、9 或 12 位区划代码，请用 --code-field 指定；文件中有：{names}",
        where="code-field",
        names=listed,
    )

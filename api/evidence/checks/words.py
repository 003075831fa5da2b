"""Say a check in the reader's language."""

from typing import Any, Final

from api.edge import text
from api.evidence import kinds
from api.evidence.checks.reading import Check

TOLD: Final = {
    "vehicle": "机动车辆",
    "shop": "店铺",
    "machinery": "大型农机具",
    "company": "企业登记",
    "property": "房产",
    "written": "自称截屏",
    "png": "是没有相机信息的 PNG 图",
}
KINDS: Final = kinds.KINDS


def reason(check: Check) -> str:
    """Return the reason in words and numbers."""
    return text(check.rule.says, **{name: _plain(value) for name, value in check.numbers.items()})


def check_row(check: Check) -> dict[str, Any]:
    """Return a check as programs see it."""
    return {
        "rule": check.rule.key, "name": text(check.rule.name), "severity": check.rule.severity,
        "reason": reason(check), "numbers": dict(check.numbers), "found_at": check.found_at,
    }  # fmt: skip


def _plain(value: Any) -> str:
    match value:
        case list():
            return "、".join(text(TOLD[one]) if one in TOLD else str(one) for one in value)
        case None:  # a household of which the reader may see nothing
            return text("另一户")
        case float() if value.is_integer():
            return f"{int(value):,}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)

"""What the field with the division codes is usually called, in files of the offices that draw boundaries."""

from typing import Final

# of several fields that all hold codes, the first of these: ours, the surveying offices', the map services'
USUAL_NAMES: Final = (
    "code",
    "division_code",
    "区划代码",
    "行政区划代码",
    "统计用区划代码",
    "xzqdm",
    "zldwdm",
    "pac",
    "adcode",
)

"""The signs there are, their points until somebody adopts others, and the bands that points lead to."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from api.problems import Invalid
from sampling.certificate import canonical_json
from sampling.risk import Indicator, RiskModel

# One table of signs, with their points. A point is a step of suspicion, not of guilt: it only moves a visit forward.
MODEL: Final = RiskModel(
    (
        Indicator("relative", 10, "家庭成员是干部或经办人员申报的近亲属"),  # 人情保，关系保: always visited
        Indicator("official", 10, "家庭成员本人是登记在册的干部或经办人员"),
        Indicator("payroll", 6, "家庭成员有财政供养记录"),  # excluded by rule, so one sign suffices for the high band
        Indicator("death", 6, "家庭成员有死亡登记，可能死亡未退"),
        Indicator("income_over", 6, "申报人均收入达到或超过保障标准"),
        Indicator("company", 5, "家庭成员有工商登记"),
        Indicator("vehicle", 4, "家庭成员名下有机动车"),
        Indicator("property", 4, "家庭成员名下另有房产"),
        Indicator("machinery", 3, "家庭成员名下有大型农机具"),  # common on farms, and many are shared
        Indicator("income_near", 2, "申报人均收入接近保障标准"),
        Indicator("unchanged", 2, "保障待遇多年未调整"),  # dynamic management may have been forgotten
        Indicator("subsidy", 1, "家庭成员领取其他财政补贴"),  # counts as income, seldom decides
        Indicator("above_gap", 3, "发放金额高于按差额测算的金额"),  # 差额补助
        Indicator("part_paid", 3, "只保障了部分家庭成员 (保人不保户)"),
        Indicator("paid_apart", 4, "同一人同时出现在两户"),  # counted twice, or split from the household
        Indicator("equal_shares", 2, "村内多户金额相同而收入或人口不同 (平均发放)"),
        Indicator("same_start", 2, "村内多户近年同日起享受 (轮流坐庄)"),
        Indicator("visit_income", 5, "乡镇入户查到的人均收入达到或超过标准"),
        Indicator("visit_gone", 5, "乡镇入户反映已搬走、去世或查无此户"),
        Indicator("visit_money", 4, "入户时称钱被扣留，或没有领到"),
        Indicator("visit_card", 3, "入户时一卡通由干部保管"),
        Indicator("visit_members", 2, "入户看到的人口少于名册人数"),
        Indicator("visit_unmet", 1, "乡镇入户没有见到人"),
        Indicator("asset_seen", 3, "入户或取证时看到车辆、店铺等财产"),
        Indicator("neighbours", 3, "邻里反映与申报不符"),
        Indicator("check_error", 5, "以前的抽查发现差错"),
        Indicator("check_unreached", 2, "以前的抽查没有见到人"),
    )
)
# How people read the table of signs: where each comes from.
GROUPS: Final = (
    ("关系 (必查)", ("relative", "official")),
    ("部门数据", ("payroll", "death", "company", "vehicle", "property", "machinery", "subsidy")),
    (
        "名册",
        (
            "income_over", "income_near", "above_gap", "unchanged", "part_paid", "paid_apart", "equal_shares",
            "same_start",
        ),
    ),
    (
        "乡镇入户与取证",
        (
            "visit_income", "visit_gone", "visit_money", "visit_card", "visit_members", "visit_unmet", "asset_seen",
            "neighbours",
        ),
    ),
    ("以前的抽查", ("check_error", "check_unreached")),
)  # fmt: skip
CERTAIN_SIGNS: Final = frozenset({"relative", "official"})

CERTAIN: Final = "certain"
BANDS: Final = ("low", "middle", "high")  # from below; the certain band stands apart and is taken whole
CUTS: Final = (2, 5)  # points from which a household is middle, high
BAND_NAMES: Final = {CERTAIN: "必查", "high": "高", "middle": "中", "low": "低"}
# The share of wrong households expected in a band before anything is known: what moves visits towards risk.
EXPECTED_WRONG: Final = {"low": 0.05, "middle": 0.15, "high": 0.35}

HEAVIEST: Final = 20
HIGHEST_CUT: Final = 999
DEFAULT_WEIGHTS: Final = MappingProxyType({one.name: int(one.weight) for one in MODEL.indicators})
LABELS: Final = MappingProxyType({one.name: one.label for one in MODEL.indicators})


@dataclass(frozen=True, kw_only=True)
class RiskWeights:
    """Points per sign and the points from which a household is middle or high.

    Attributes
    ----------
    weights : mapping of str to int
        Every sign of `MODEL`, 0 … 20. A sign that came with a newer program than the adopted version weighs 0 until
        a person gives it points.
    cuts : (int, int)
        Rising; a score equal to a cut belongs to the band above it.
    number : int
        Of the adopted version; 0 for the house's own, which hold until somebody adopts others.
    """

    weights: Mapping[str, int]
    cuts: tuple[int, int]
    number: int = 0

    @property
    def vector(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The weights in the order of `MODEL`, shape (k,)."""
        return np.array([self.weights[name] for name in MODEL.names], dtype=np.int64)

    @property
    def sha256(self) -> str:
        """The fingerprint of weights and cuts, whatever their number."""
        return hashlib.sha256(canonical_json({"cuts": list(self.cuts), "weights": dict(self.weights)})).hexdigest()

    def same_as(self, other: "RiskWeights") -> bool:
        """Tell whether another has the same points and cuts."""
        return dict(self.weights) == dict(other.weights) and self.cuts == other.cuts


DEFAULTS: Final = RiskWeights(weights=DEFAULT_WEIGHTS, cuts=CUTS)


def weights_of(given: Mapping[str, int], cuts: tuple[int, ...] | list[int], *, base: RiskWeights) -> RiskWeights:
    """Return weights that somebody wants to try; what is not given stays as it is in the base.

    Raises
    ------
    Invalid
        For an unknown sign, points outside 0 … 20, or cuts that do not rise.

    Examples
    --------
    >>> weights_of({"vehicle": 7}, (3, 8), base=DEFAULTS).weights["vehicle"]
    7
    """
    for name, points in given.items():
        if name not in DEFAULT_WEIGHTS:
            raise Invalid("没有风险指标 {name}", where="weights", name=name)
        if not 0 <= points <= HEAVIEST:
            raise Invalid(
                "指标“{label}”的分值须为 0 到 {most} 的整数", where=f"weights.{name}", label=LABELS[name], most=HEAVIEST
            )
    if len(cuts) != len(BANDS) - 1 or not 1 <= cuts[0] < cuts[1] <= HIGHEST_CUT:
        raise Invalid("分段的起点须是两个递增的整数，例如 2 分起为中、5 分起为高", where="cuts")
    return RiskWeights(weights={**base.weights, **given}, cuts=(cuts[0], cuts[1]))

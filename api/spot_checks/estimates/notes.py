"""How the numbers were made, in plain words with the formal names beside them."""

from collections.abc import Iterator
from typing import Any, Final

from api.spot_checks.estimates.report import Report

Note = tuple[str, dict[str, Any]]

METHODS: Final = {"srs": "分层简单随机抽样", "pareto": "分层 Pareto 与规模成比例抽样", "systematic": "分层系统抽样"}


def notes_of(report: Report) -> Iterator[Note]:
    """Yield the notes, each with the values that stand in it."""
    estimates = report.estimates
    yield (
        "数字来自第 {number} 次抽取：名册冻结时 N = {size} 户，抽取 {drawn} 户，有明确结论 {judged} 户。",
        {
            "number": report.draw.number,
            "size": estimates.whole.size,
            "drawn": estimates.whole.drawn,
            "judged": estimates.whole.judged,
        },
    )
    yield (
        (
            "每一层 (乡镇 × 城乡 × 风险段) 查到的户代表本层全部户，再合计成乡镇和全县 (分层 Horvitz–Thompson 估计，"
            "含有限总体修正)。"
        ),
        {},
    )
    if "srs" in report.methods:
        yield (
            (
                "比例的区间用 Korn–Graubard 方法，有效样本量含有限总体修正；"
                "只剩一层时用超几何分布精确区间；全部入户的层没有抽样误差。"
            ),
            {},
        )
    if set(report.methods) - {"srs"}:
        yield "不等概率或系统抽取的层按各户的入选概率加权，方差用 Deville 近似。", {}
    yield (
        "区间的把握度为 95%：同样的抽查做一百次，约九十五次的区间会包住真实的数。区间越宽，越不能只看中间的数。",
        {},
    )
    yield (
        (
            "错保：结论为不符合条件，或查实已迁出、死亡、无此户。"
            "金额有误：符合条件但偏高或偏低。任何问题：以上两类，或发现截留、扣卡等问题。"
        ),
        {},
    )
    yield (
        (
            "多发 = 在发金额 − 应发金额，乘以 12 个月；在发金额以名册冻结时为准。"
            "应发金额：符合条件且金额对的为在发金额，不符合条件的为 0，其余按入户查到的收入、人口和保障标准计算。"
        ),
        {},
    )
    yield (
        (
            "没见到人、拒绝入户的户，由同一层查到的户代表 (层内无回答调整)；"
            "释放的备选按签号顺序入户，与正选同样计算。当场不能判断的户不计入估计；"
            "把它们全算作没有问题或全算作有问题，得到「最宽范围」。"
        ),
        {},
    )
    yield (
        (
            "一层有结论的不足两户时，与同乡镇相邻风险段合并；一个乡镇有结论的不足五户时不下结论。"
            "有金额的不足十户时，多发金额的区间从已查实的数到保守上限。"
        ),
        {},
    )
    yield (
        (
            "两相估计用掷骰以前收到的乡镇入户结果作辅助 (合并回归估计，Särndal–Swensson–Wretman 第 9 章)，"
            "只让数字更准，不会用乡镇的结论代替县里的结论。"
        ),
        {},
    )

"""The words of reviews, in Chinese, to be translated."""

from typing import Final

PURPOSES: Final = {"township_visit": "乡镇入户", "spot_check": "县级抽查"}
STATES: Final = {
    "received": "已收到，待审核",
    "in_review": "审核中",
    "accepted": "已通过",
    "returned": "已退回",
    "rejected": "不采用",
}
STEPS: Final = {
    "opened": "开始审核",
    "accepted": "通过",
    "returned": "退回",
    "rejected": "不采用",
    "reopened": "重新审核",
    "sent_again": "改后重新上报",
    "comment": "意见",
}
ORDERS: Final = {"doubt": "疑点多的在前", "risk": "风险高的在前", "oldest": "先收到的在前", "newest": "后收到的在前"}
#: Ready-made reasons for returning: choose one, and add what is meant.
REASONS: Final = (
    "照片不清楚或不是本户，请重新拍摄",
    "没有记录位置，请到户后重新记录",
    "收入填写不完整，请补充",
    "家庭成员与名册不一致，请核实",
    "邻里访问不足，请补访",
    "答案前后矛盾，请核实",
)

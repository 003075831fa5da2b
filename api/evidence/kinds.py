"""The kinds of evidence that the house's forms yield, with their names in Chinese."""

from typing import Final

KINDS: Final = {
    "visit": "入户调查",
    "interview": "邻里访问",
    "inspection": "财产取证",
    "asset": "财产",
    "member": "成员",
    "certificate": "单位取证",
    "letter": "信函索证",
    "appraisal": "民主评议",
    "vote": "表决",
    "posting": "张榜公示",
    "objection": "异议",
    "missed": "漏保排查",
}


def is_signature(question: str) -> bool:
    """Tell whether a photo's question asks for a signature.

    Examples
    --------
    >>> is_signature("/home_visit/signs/surveyor_signature"), is_signature("/home_visit/house_photo")
    (True, False)
    """
    return "signature" in question.rsplit("/", 1)[-1]

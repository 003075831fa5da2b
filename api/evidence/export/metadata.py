"""The columns before the answers: which household, who sent it and when, and whether it is whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.reading import CHINA
from api.people.access import Viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.registry.tables import Division
from api.translations import translate
from survey_forms.tabulate import Cell

TOWNSHIP_LENGTH = 9

# name → words; the names begin with a line, so that none is a question's
COLUMNS: dict[str, str] = {
    "_key": "记录编号",
    "_household": "家庭编码",
    "_head": "户主",
    "_township": "乡镇",
    "_village": "村",
    "_village_code": "村编码",
    "_purpose": "调查类别",
    "_worker": "调查人",
    "_device": "手机编号",
    "_received_at": "收到时间",
    "_form_version": "表格版本",
    "_edited": "是否修改过",
    "_files_arrived": "已到附件",
    "_files_expected": "应有附件",
    "_doubts": "疑点",
}
LINKS: dict[str, str] = {"_key": "记录编号", "_parent_key": "上级记录编号"}  # of a repeat's rows

PURPOSES = {"township_visit": "入户调查", "spot_check": "入户抽查"}
DOUBTS = {
    "unknown-household": "名册中没有此户",
    "no-household": "没有家庭编码",
    "outside-area": "不在调查人辖区",
    "unreadable-answer": "有答案无法读取",
    "no-evidence": "没有取证内容",
    "stray-file": "有多余的附件",
    "original-missing": "原记录未到",
    "failed": "处理失败",
    "bytes-missing": "原始文件缺失",
}


@dataclass(frozen=True)
class Words:
    """How values that are not answers are written: as codes, or in a language."""

    language: str | None

    def __call__(self, code: str, words: Mapping[str, str]) -> str:
        """Return a code's words; the code where there are none or codes are wanted."""
        return translate(self.language, words[code]) if self.language and code in words else code

    def yes_no(self, value: bool) -> str:
        """Return yes or no."""
        if self.language is None:
            return "1" if value else "0"
        return translate(self.language, "是" if value else "否")


def headings(columns: Mapping[str, str], language: str | None) -> list[str]:
    """Return the headings of these columns, in a language or as names."""
    return [translate(language, words) if language else name for name, words in columns.items()]


def describer(session: Session, viewer: Viewer, words: Words) -> Callable[[Any, int, str], list[Cell]]:
    """Return what makes the first cells of a submission's row, from the row, its arrived files and one more doubt.

    A householder's name is given to whoever may read the registry where the household lies.
    """
    workers = {key: name for key, name in session.execute(sa.select(Account.id, Account.display_name))}  # noqa: C416 - rows are no pairs to a type checker
    here = viewer.within(Division.code, Permission.EVIDENCE_EXPORT)
    places = {code: name for code, name in session.execute(sa.select(Division.code, Division.name).where(here))}  # noqa: C416 - the same
    names_allowed = viewer.areas(Permission.REGISTRY_READ)

    def describe(row: Any, arrived: int, doubt: str = "") -> list[Cell]:
        village, township = row.village_code, row.village_code[:TOWNSHIP_LENGTH]
        doubts = dict.fromkeys(flag["kind"] for flag in row.flags)
        if doubt:
            doubts[doubt] = None
        return [
            row.instance_id,
            row.household_code,
            row.head_name if village.startswith(names_allowed) else None,
            places.get(township, township),
            places.get(village) if len(village) > TOWNSHIP_LENGTH else None,
            village,
            words(row.purpose, PURPOSES),
            workers.get(row.account_id),
            row.device_id,
            row.received_at.astimezone(CHINA).isoformat(sep=" ", timespec="seconds")[:19],
            row.form_version,
            words.yes_no(row.edited),
            arrived,
            len(row.named_files),
            ";".join([words(kind, DOUBTS) for kind in doubts]) or None,
        ]

    return describe

"""Find flagged submissions: for operators of the area, none of a household they are to check themselves."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from api.collection.blindness import check_is_open
from api.collection.tables import Attachment, Submission, SubmissionVersion
from api.people.access import Viewer, inside
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import NotFound

# What each kind of flag is called, and what an operator can do about it.
KINDS: Final[dict[str, tuple[str, str]]] = {
    "unknown-household": ("名册没有这户", "核对户编码；把这户导入名册后，点“重新处理”。"),
    "no-household": ("没有填写家庭", "请调查员打开这条记录，补填家庭后重新发送。"),
    "outside-area": ("不在上报人辖区", "核对是否走错村或编码填错；属实则无需处理。"),
    "unreadable-answer": ("有答案无法读取", "看清是哪一题；改正表格并发布新版本，或请调查员修改后重新发送。"),
    "no-evidence": ("没有可用的取证内容", "表格没有声明取证含义，或全部题目空白。核对表格后重新处理。"),
    "failed": ("处理失败", "服务器没能处理这份答卷。请联系系统管理员，改正后点“重新处理”。"),
    "stray-file": ("多出的附件", "答卷没有提到这个附件。附件已保存，可下载查看。"),
    "original-missing": ("原始记录未到", "先收到了修改。原始记录到达后自动补齐，无需处理。"),
}
ORDERS: Final[dict[str, Any]] = {
    "received": SubmissionVersion.received_at,
    "form": Submission.form_id,
    "sender": Account.display_name,
    "household": Submission.household_code,
}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which flagged submissions; empty means all."""

    kind: str = ""
    form: str = ""
    area: str = ""
    text: str = ""


def flagged(
    viewer: Viewer, filters: Filters, *, order: str = "-received"
) -> sa.Select[Submission, SubmissionVersion, Account]:
    """Return the statement of the flagged submissions that an operator may see, each with its present version."""
    column = ORDERS.get(order.removeprefix("-"), SubmissionVersion.received_at)
    statement = (
        sa.select(Submission, SubmissionVersion, Account)
        .join(SubmissionVersion, _is_present())
        .join(Account, Account.id == Submission.account_id)
        .where(_may_see(viewer), SubmissionVersion.flag_kinds > "")
        .order_by(column.desc() if order.startswith("-") else column.asc(), Submission.id)
    )
    if filters.kind:
        kinds = sa.literal(" ") + SubmissionVersion.flag_kinds + sa.literal(" ")
        statement = statement.where(kinds.contains(f" {filters.kind} ", autoescape=True))
    if filters.form:
        statement = statement.where(Submission.form_id == filters.form)
    if filters.area:
        statement = statement.where(inside(Submission.village_code, [filters.area]))
    if filters.text:
        statement = statement.where(
            sa.or_(
                Account.display_name.contains(filters.text, autoescape=True),
                Submission.household_code.startswith(filters.text, autoescape=True),
                Submission.instance_id.startswith(filters.text, autoescape=True),
            )
        )
    return statement


def how_many(session: Session, viewer: Viewer, filters: Filters) -> int:
    """Return how many there are."""
    rows = flagged(viewer, filters).order_by(None).with_only_columns(Submission.id).subquery()
    return session.scalars(sa.select(sa.func.count()).select_from(rows)).one()


def by_kind(session: Session, viewer: Viewer) -> list[tuple[str, int]]:
    """Return how many submissions have each kind of flag, the most frequent first."""
    statement = flagged(viewer, Filters()).order_by(None)
    counted: Counter[str] = Counter()
    for kinds, count in session.execute(
        statement.with_only_columns(SubmissionVersion.flag_kinds, sa.func.count()).group_by(
            SubmissionVersion.flag_kinds
        )
    ):
        counted.update(dict.fromkeys(kinds.split(), count))
    return counted.most_common()


def forms_flagged(session: Session, viewer: Viewer) -> list[str]:
    """Return the forms that have flagged submissions."""
    statement = flagged(viewer, Filters()).order_by(None).with_only_columns(Submission.form_id).distinct()
    return sorted(session.scalars(statement))


def find_submission(session: Session, viewer: Viewer, submission_id: UUID) -> tuple[Submission, SubmissionVersion]:
    """Return a submission of the operator's area, flagged or not any more, with its present version.

    Raises
    ------
    NotFound
        There is none, or none that he may see.
    """
    row = session.execute(
        sa.select(Submission, SubmissionVersion)
        .join(SubmissionVersion, _is_present())
        .where(_may_see(viewer), Submission.id == submission_id)
        .options(selectinload(Submission.versions), selectinload(Submission.attachments))
    ).one_or_none()
    if row is None:
        raise NotFound("找不到这份答卷", where="submission_id")
    return row.Submission, row.SubmissionVersion


def find_stray(session: Session, viewer: Viewer, submission_id: UUID, name: str) -> Attachment:
    """Return a file that came with a submission and that its answers do not name.

    Raises
    ------
    NotFound
        There is none that the operator may see; what the answers name belongs to the evidence.
    """
    submission, _ = find_submission(session, viewer, submission_id)
    found = next((file for file in submission.attachments if file.name == name and not file.named), None)
    if found is None:
        raise NotFound("这份答卷没有多出的附件 {name}", name=name)
    return found


def _is_present() -> sa.ColumnElement[bool]:
    return sa.and_(
        SubmissionVersion.county_code == Submission.county_code,
        SubmissionVersion.instance_id == Submission.instance_id,
    )


def _may_see(viewer: Viewer) -> sa.ColumnElement[bool]:
    blind = check_is_open(viewer, Submission.county_code, Submission.household_id)
    return sa.and_(
        viewer.within(Submission.village_code, Permission.QUARANTINE),
        sa.or_(Submission.account_id == viewer.account_id, sa.not_(blind)),
    )

"""Look over a form that compiles: what would go wrong with it here, and what its answers would be worth."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.collection.form_drafts.findings import ERROR, WARNING, Finding, placed
from survey_forms.apart import Row
from survey_forms.compiled import CompiledForm
from survey_forms.hardened import ODK, ORX, local, parse
from survey_forms.schema import FormSchema

LONGEST_ID: Final = 64
LONGEST_TITLE: Final = 120
HOUSEHOLD: Final = "household"
# A form's id and version stand in addresses: what would change an address, or could not be seen, is refused.
_NO_NAME: Final = re.compile(r"^\s|\s$|[^\S ]|[/\\?#%\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Looked:
    """A compiled form with what is looked at."""

    form: CompiledForm
    schema: FormSchema
    rows: Sequence[Row]
    root: Any
    known_roles: frozenset[str]


def look_over(
    form: CompiledForm, schema: FormSchema, rows: Sequence[Row], *, known_roles: Iterable[str]
) -> list[Finding]:
    """Return what keeps a form from being used here, and what is doubtful.

    Parameters
    ----------
    schema
        What `form` asks.
    rows
        Of its survey sheet; empty for an XForm.
    known_roles
        Evidence roles that the house's forms use.
    """
    looked = Looked(form, schema, rows, parse(form.xml), frozenset(known_roles))
    looks = (_names, _instance_id, _submission, _hidden_doings, _entities, _evidence, _languages)
    return [finding for look in looks for finding in look(looked)]


def _names(looked: Looked) -> Iterator[Finding]:
    for text, called in ((looked.form.form_id, "form_id"), (looked.form.version, "version")):
        if not text or len(text) > LONGEST_ID or _NO_NAME.search(text):
            message = "settings 里的 {column} 不能用：最多 {most} 个字符，首尾不能有空格，不能有 / \\ ? # %"
            yield Finding(
                level=ERROR, message=message, names={"column": called, "most": LONGEST_ID}, sheet="settings", row=2,
                said=text[:LONGEST_ID],
            )  # fmt: skip
    if len(looked.form.title) > LONGEST_TITLE:
        message = "表格标题 (form_title) 超过 {most} 个字，请缩短"
        yield Finding(level=ERROR, message=message, names={"most": LONGEST_TITLE}, sheet="settings", row=2)


def _instance_id(looked: Looked) -> Iterator[Finding]:
    answers = next(looked.root.iterfind("{*}head/{*}model/{*}instance/*"))
    if not any(local(block) == "meta" and local(child) == "instanceID" for block in answers for child in block):
        yield Finding(
            level=ERROR, message="表格没有 meta/instanceID，手机发来的每条记录都会被拒收，请补上或改用 XLSForm"
        )


def _submission(looked: Looked) -> Iterator[Finding]:
    if looked.schema.encrypted:
        message = "表格设置了加密 (public_key)，本系统读不了加密的答卷，请删去这一设置；传输和存储由系统加密"
        yield Finding(level=ERROR, message=message, sheet="settings", row=2)
    for element in looked.root.iterfind("{*}head/{*}model/{*}submission"):
        if address := element.get("action"):
            message = "表格设置了 submission_url，手机会把答卷发到别处，请删去这一设置"
            yield Finding(level=ERROR, message=message, sheet="settings", row=2, said=address[:200])
        if (element.get(f"{{{ORX}}}auto-delete") or "").strip() == "true":
            message = "表格设置了发送后自动删除 (auto_delete)，手机上不再留底，建议删去这一设置"
            yield Finding(level=WARNING, message=message, sheet="settings", row=2)


def _hidden_doings(looked: Looked) -> Iterator[Finding]:
    """What the phone would do that nobody at the door sees."""
    for instance in looked.root.iterfind("{*}head/{*}model/{*}instance"):
        source = instance.get("src") or ""
        if source == "jr://instance/last-saved":
            message = "表格会带出上一户的答案 (last-saved)，容易把上一户的情况照抄到这一户，请确认确有必要"
            yield Finding(level=WARNING, message=message)
        elif source and not source.startswith("jr://"):
            message = "表格要从外部地址取数据，手机取不到，请改成随表附件"
            yield Finding(level=ERROR, message=message, said=source[:200])
    if any(local(element) == "recordaudio" and element.tag.startswith(f"{{{ODK}}}") for element in looked.root.iter()):
        message = "表格会在后台录音 (background-audio)，请先告知被访家庭并确认确有必要"
        yield Finding(level=WARNING, message=message)


def _entities(looked: Looked) -> Iterator[Finding]:
    for dataset in looked.schema.datasets:
        message = "表格会新建或更新实体列表 {name}：只作为建议保存，不会改动名册"
        yield Finding(level=WARNING, message=message, names={"name": dataset or "-"}, sheet="entities")


def _evidence(looked: Looked) -> Iterator[Finding]:
    roles = [(question, question.evidence) for question in looked.schema.questions if question.evidence]
    if not roles:
        message = "没有一道题标明证据角色 (evidence)，答卷会照常保存，但不会成为证据"
        yield Finding(level=WARNING, message=message)
        return
    if not any(role.partition(".")[2] == HOUSEHOLD for _, role in roles):
        message = "没有标明哪一题是户编码 (如 visit.household)，答卷不知道属于哪一户"
        yield Finding(level=WARNING, message=message)
    for question, role in roles:
        if role in looked.known_roles:
            continue
        near = difflib.get_close_matches(role, sorted(looked.known_roles), n=1, cutoff=0.85)
        if near:
            message = "证据角色 {role} 统一表格里没有，是不是 {near}？"
            told = {"role": role, "near": near[0]}
            yield placed(looked.rows, question.name, level=WARNING, message=message, names=told)


def _languages(looked: Looked) -> Iterator[Finding]:
    if looked.schema.languages and "zh" not in looked.schema.languages:
        message = "表格没有中文：语言列应写成 label::中文 (zh)"
        yield Finding(
            level=WARNING, message=message, said=", ".join(looked.schema.languages)[:200]
        )  # fmt: skip

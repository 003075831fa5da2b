"""Postings that are refused and yet kept aside for a person, each with a reason that stays the same for ever."""

from typing import Any, ClassVar, Final

from api.problems import Refusal
from survey_forms import errors


class KeptAside(Refusal):
    """A posting that is refused; its bytes go to the quarantine under a reason."""

    reason: ClassVar[str] = "refused"


class BrokenXml(KeptAside):
    """The XML is not a whole submission; the reason is the fault's own name."""

    slug = "bad-request"

    def __init__(
        self, reason: str, message: str, *, fault: errors.SubmissionRefused | None = None, **values: Any
    ) -> None:
        super().__init__(message, **values)
        self.reason = reason  # type: ignore[misc]  # of this refusal, not of its class
        self.fault = fault


class NoXml(KeptAside):
    """Files came without the XML that they belong to."""

    slug = "bad-request"
    reason = "no-xml"


class UnknownForm(KeptAside):
    """Nobody published this form, or this version of it."""

    slug = "not-found"
    reason = "unknown-form"


class FormClosed(KeptAside):
    """The form no longer takes submissions."""

    slug = "conflict"
    reason = "form-closed"


class OtherXml(KeptAside):
    """The same instanceID as before with other answers."""

    slug = "conflict"
    reason = "other-xml"


class OtherFile(KeptAside):
    """The same answers, and under a name already stored other bytes."""

    slug = "conflict"
    reason = "other-file"


class OldEdit(KeptAside):
    """An edit of a version that another edit has already replaced."""

    slug = "conflict"
    reason = "old-edit"


class ForeignEdit(KeptAside):
    """An edit of what another person sent, or of another form."""

    slug = "conflict"
    reason = "foreign-edit"


# How each fault of the XML is told to field staff; the operator also sees the library's exact words.
_FAULTS: Final = {
    errors.TooLarge.slug: "答卷文字过大，服务器无法接收，请联系乡镇管理员",
    errors.WrongEncoding.slug: "答卷的文字编码不是 UTF-8，请联系乡镇管理员",
    errors.CutOff.slug: "答卷不完整，在传送或保存时被截断，请重新发送；若仍不成功请联系乡镇管理员",
    errors.NotWellFormed.slug: "答卷内容已损坏，无法读取，请重新发送；若仍不成功请联系乡镇管理员",
    errors.ForbiddenMarkup.slug: "答卷中含有不允许的内容，请联系乡镇管理员",
    errors.TooDeep.slug: "答卷结构不正常，请联系乡镇管理员",
    errors.NoRootId.slug: "答卷没有写明是哪一张表，请联系乡镇管理员",
    errors.NoInstanceId.slug: "答卷没有编号 (instanceID), 无法接收，请联系乡镇管理员",
    errors.ContradictoryInstanceId.slug: "答卷有两个不同的编号 (instanceID), 无法接收，请联系乡镇管理员",
    errors.Encrypted.slug: "答卷已加密，本系统不接收加密的答卷，请联系乡镇管理员更换表格",
}


def broken(fault: errors.SubmissionRefused) -> BrokenXml:
    """Turn a fault of the XML into a refusal in the field's words."""
    message = _FAULTS.get(fault.slug, "答卷无法读取，请联系乡镇管理员")
    return BrokenXml(fault.slug.removeprefix("submission-"), message, fault=fault)


# Not a refusal: the answers have been mended by an operator and wait to be taken in.
MENDED: Final = "mended"

# What each reason is called on the operator's pages.
NAMES: Final = {
    "unknown-form": "表格或版本未发布",
    "form-closed": "表格已停止接收",
    "other-xml": "同一编号，答卷不同",
    "other-file": "同名附件内容不同",
    "old-edit": "修改的是旧版本",
    "foreign-edit": "修改的是他人的记录",
    "no-xml": "只有附件没有答卷",
    "cut-off": "答卷被截断",
    "not-well-formed": "答卷已损坏",
    "no-instance-id": "答卷没有编号",
    "two-instance-ids": "答卷有两个编号",
    "no-form-id": "答卷没有写明表格",
    "encoding": "文字编码不对",
    "forbidden-markup": "含有不允许的内容",
    "too-deep": "答卷结构不正常",
    "too-large": "答卷文字过大",
    "encrypted": "答卷已加密",
    "quota": "超过留存上限",
    MENDED: "已修复，待接收",
}

# What an operator is told to do about each reason.
ADVICE: Final = {
    "no-xml": "只有附件没有答卷。请手机端重新发送整份记录。",
    "unknown-form": "表格或版本未发布。发布该版本后，在这里重新接收，手机无需重发。",
    "form-closed": "表格已停止接收。如需接收，请重新开放表格，再在这里重新接收。",
    "other-xml": "同一编号下出现不同的答卷。请与调查员核对，再决定作为修改、作为另一份记录，还是作废。",
    "other-file": "同一答卷的同名附件内容不同。请与调查员核对，再决定另存为一个附件，还是作废。",
    "old-edit": "修改的是旧版本。请与调查员核对，再决定作为最新修改、作为另一份记录，还是作废。",
    "foreign-edit": "修改的是他人的记录或另一张表。请与调查员核对，再决定作为另一份记录，还是作废。",
    "quota": "这部手机被留存的内容已达上限，之后的不再保留。请先处理较早的留存。",
    "encrypted": "表格带有加密设置。请更换不加密的表格版本。",
    "too-large": "答卷文字过大。请核对表格，并让调查员减少文字后重新发送。",
    MENDED: "答卷已由操作员修复。请核对修复后的内容，再重新接收。",
}
OTHER_ADVICE: Final = (
    "答卷已损坏或不完整。手机上若还有完整的记录，请让调查员重新发送；没有时才下载查看并在这里修复，原件不会改动。"
)

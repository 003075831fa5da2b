"""Every refusal is one class with one slug; this page gives each slug its status and its title.

A refusal has three voices: a phone hears it as an OpenRosa message, a program as RFC 9457 problem details, a person
as a page. All three say where, what, and what to do, in the reader's language. The text is written in Chinese and
translated when it is shown.
"""

from typing import Any, ClassVar

from api.library_words import in_our_words

# slug → (HTTP status, title). The title says the kind; the refusal's own text says the case.
CATALOGUE: dict[str, tuple[int, str]] = {
    "bad-request": (400, "请求无法理解"),
    "nul-byte": (400, "请求含有空字符"),
    "bad-encoding": (400, "文字编码不是 UTF-8"),
    "not-signed-in": (401, "请先登录"),
    "forbidden": (403, "没有权限"),
    "csrf": (403, "页面已过期"),
    "phone-token": (403, "手机凭证无效"),
    "not-found": (404, "找不到"),
    "method": (405, "不支持这种请求方式"),
    "not-acceptable": (406, "没有这种格式"),
    "conflict": (409, "与已有内容冲突"),
    "gone": (410, "已不存在"),
    "precondition": (412, "内容已被他人更改"),
    "too-large": (413, "内容过大"),
    "media-type": (415, "不支持这种文件"),
    "range": (416, "请求范围无效"),
    "invalid": (422, "填写有误"),
    "locked": (429, "尝试次数过多"),
    "unexpected": (500, "服务器出错"),
    "unavailable": (503, "暂时无法处理"),
}


class Refusal(Exception):  # noqa: N818 - the field says refusal, and so do we
    """Something that was asked for and will not be done.

    Parameters
    ----------
    message : str
        What is wrong and what to do, in Chinese, with ``{names}`` for values.
    where : str, optional
        The field, row, file or question looked at.
    errors : list of dict, optional
        Single findings, each with ``where`` and ``message``.
    **values
        What to put in place of the names.

    Examples
    --------
    >>> NotFound("没有编码为 {code} 的家庭", code="540222100201-0001").status
    404
    """

    slug: ClassVar[str] = "bad-request"

    def __init__(
        self, message: str = "", *, where: str = "", errors: list[dict[str, Any]] | None = None, **values: Any
    ) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message = message
        self.where = where
        self.values = values
        self.errors = errors or []

    @property
    def status(self) -> int:
        """The HTTP status of this kind of refusal."""
        return CATALOGUE[self.slug][0]

    @property
    def title(self) -> str:
        """The name of this kind of refusal, in Chinese."""
        return CATALOGUE[self.slug][1]


class BadRequest(Refusal):
    """What was sent cannot be read."""

    slug = "bad-request"


class NulByte(Refusal):
    """A NUL byte in text: no form or person writes one, and databases differ in what they make of it."""

    slug = "nul-byte"


class BadEncoding(Refusal):
    """Text that is not UTF-8."""

    slug = "bad-encoding"


class NotSignedIn(Refusal):
    """Nobody is signed in."""

    slug = "not-signed-in"


class Forbidden(Refusal):
    """The role or the area does not reach this."""

    slug = "forbidden"


class StalePage(Refusal):
    """The page's protection against forged requests has run out or is missing."""

    slug = "csrf"


class PhoneTokenRefused(Refusal):
    """A phone's token is unknown or revoked."""

    slug = "phone-token"


class NotFound(Refusal):
    """There is no such thing, or none that the reader may know of."""

    slug = "not-found"


class Conflict(Refusal):
    """What is asked contradicts what is kept."""

    slug = "conflict"


class ChangedMeanwhile(Refusal):
    """Somebody else changed it since it was read."""

    slug = "precondition"


class TooLarge(Refusal):
    """More bytes or files than the limit."""

    slug = "too-large"


class WrongMediaType(Refusal):
    """A file of a kind that is not accepted here."""

    slug = "media-type"


class Invalid(Refusal):
    """Readable, but wrong: ``errors`` says where."""

    slug = "invalid"


class Locked(Refusal):
    """Too many failed attempts; ``seconds`` says how long to wait."""

    slug = "locked"


class Unavailable(Refusal):
    """The database or the disk cannot take it now; nothing was acknowledged."""

    slug = "unavailable"


def invalid_from(messages: Any) -> Invalid:
    """Turn webargs' nested messages into one refusal that lists each field, in our words."""
    errors: list[dict[str, Any]] = []

    def walk(found: Any, path: list[str]) -> None:
        if isinstance(found, dict):
            for key, value in found.items():
                walk(value, [*path, str(key)])
            return
        for item in found if isinstance(found, list) else [found]:
            message, values = in_our_words(str(item))
            errors.append({"where": ".".join(path), "message": message, "values": values})

    walk(messages, [])
    return Invalid("提交的内容有 {count} 处错误，请按提示修改后重试", errors=errors, count=len(errors))

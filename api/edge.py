"""The edge between HTTP and the verbs: one commit per request, before the answer; every refusal in the right voice."""

import errno
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

import sqlalchemy as sa
from flask import Flask, Response, g, request, session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from api.base_maps import origin
from api.people.guard import somebody
from api.problems import (
    CATALOGUE,
    BadEncoding,
    BadRequest,
    Conflict,
    Invalid,
    NulByte,
    Refusal,
    Unavailable,
    invalid_from,
)
from api.translations import LANGUAGES, catalogue, translate

log = logging.getLogger(__name__)

Voice = Callable[["Answer"], Response]
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})


def protection(map_origin: str = "") -> dict[str, str]:
    """Return the headers that every answer carries.

    The host of a base map learns from which server its tiles are asked for, since keys are often bound to that; it
    never learns which page.
    """
    return {
        "Content-Security-Policy": content_policy(map_origin),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin" if map_origin else "same-origin",
    }


def content_policy(map_origin: str = "") -> str:
    """Return what our pages may load: only our own, and the tiles of the host that the base map comes from.

    Only our own scripts; styles may stand in attributes, where coverage bars carry their figures.
    """
    tiles = f" {map_origin}" if map_origin else ""
    return (
        f"default-src 'self'; img-src 'self' data: blob:{tiles}; connect-src 'self'{tiles}; "
        "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


class Answer:
    """A refusal in the reader's language, ready to be voiced."""

    def __init__(self, refusal: Refusal | None, *, slug: str, detail: str, headers: dict[str, str]) -> None:
        self.slug = slug
        self.status, title = CATALOGUE[slug]
        self.title = translate(language(), title)
        self.detail = detail
        self.where = refusal.where if refusal else ""
        self.errors = [
            {**error, "message": translate(language(), error["message"], **error.get("values", {}))}
            for error in (refusal.errors if refusal else [])
        ]
        self.values = refusal.values if refusal else {}
        self.headers = headers


class LateRule(Rule):
    """A rule that compiles how its addresses are written when the first is: most of a process's rules never are.

    Compiling all of them takes two thirds of the time that an application takes to begin, and tests begin thousands.
    Should the library name the method otherwise one day, this does nothing.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder
        compiled: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:  # a value may be called rule
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](rule, **values)

        return build


class RuhuFlask(Flask):
    """Flask that commits once per request, after the view and before the answer leaves."""

    url_rule_class = LateRule

    def dispatch_request(self) -> Response:
        """Run the view; commit if it answered, leave everything undone if it raised."""
        response = self.make_response(super().dispatch_request())
        if "session" in g and not g.session.info.get("glance"):
            g.session.commit()
        return response


def language() -> str:
    """Return the reader's language: chosen on the page, or asked for by a program; else the account's, else Chinese."""
    access = g.get("access") if request else None
    phone = access is not None and "phone" in access.ways  # has no session: its answers vary by no cookie
    chosen = session.get("language") if request and not phone else None
    if chosen in LANGUAGES:
        return str(chosen)
    found = somebody()
    # a browser always says which languages it prefers; a program with a token only when it means it
    own = found.language if found is not None and found.language in LANGUAGES else None
    if request and request.path.startswith("/api/") and (own is None or request.authorization):
        return request.accept_languages.best_match(list(LANGUAGES), own or "zh") or "zh"
    return own or "zh"


def language_answered() -> str:
    """Return the language an answer is really in: a reader of one that has no translations yet is told in Chinese."""
    found = language()
    return found if found == "zh" or catalogue(found) else "zh"


def text(message: str, **values: Any) -> str:
    """Return a Chinese text in the reader's language."""
    return translate(language(), message, **values)


def refuse_unstorable_bytes(content: bytes, *, where: str) -> None:
    """Refuse text that is not UTF-8 or holds a NUL byte, before any view sees it.

    Raises
    ------
    NulByte, BadEncoding
        Naming the part of the request.
    """
    if b"\0" in content:
        raise NulByte("请求中含有空字符，请删除后重试", where=where)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise BadEncoding("请求中的文字不是 UTF-8 编码，请转换后重试", where=where) from None


def init_app(app: Flask, voices: dict[str, Voice], default: Voice) -> None:  # noqa: C901 - a list of handlers
    """Wire refusals to voices by the beginning of the path, and refuse what no text may hold."""

    def voice(answer: Answer) -> Response:
        speak = next((speak for prefix, speak in voices.items() if request.path.startswith(prefix)), default)
        response = speak(answer)
        response.headers.update(answer.headers)
        return response

    @app.before_request
    def refuse_bad_text() -> None:
        path = request.environ["PATH_INFO"].encode("latin-1")
        refuse_unstorable_bytes(path, where="path")
        refuse_unstorable_bytes(unquote_to_bytes(request.query_string), where="query")
        if request.mimetype == "application/x-www-form-urlencoded":
            refuse_unstorable_bytes(unquote_to_bytes(request.get_data()), where="form")

    headers_always = protection(origin(app.extensions["ruhu_settings"].base_map))

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in headers_always.items():
            response.headers.setdefault(name, value)
        return response

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        headers = {}
        if refusal.slug in {"locked", "unavailable"}:
            headers["Retry-After"] = str(refusal.values.get("seconds", 30))
        if refusal.slug == "not-signed-in":
            headers["WWW-Authenticate"] = 'Bearer realm="ruhu"'
        return voice(
            Answer(refusal, slug=refusal.slug, detail=text(refusal.message, **refusal.values), headers=headers)
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.code is not None and error.code < HTTPStatus.BAD_REQUEST and error.response is None:
            return Response(status=error.code, headers=[(k, v) for k, v in error.get_headers() if k == "Location"])
        if messages := getattr(error, "data", {}).get("messages"):
            found = invalid_from(messages)
            unreadable = error.code == HTTPStatus.BAD_REQUEST  # not even JSON
            return refused(BadRequest("提交的内容无法读取", errors=found.errors) if unreadable else found)
        slug = next((slug for slug, (status, _) in CATALOGUE.items() if status == error.code), "bad-request")
        if error.code is not None and error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            slug = "unexpected"
        headers = {
            name: value for name, value in error.get_headers() if name in {"Allow", "Content-Range", "Retry-After"}
        }
        return voice(Answer(None, slug=slug, detail=text(CATALOGUE[slug][1]), headers=headers))

    @app.errorhandler(sa.exc.OperationalError)
    @app.errorhandler(sa.exc.TimeoutError)
    def database_busy(error: Exception) -> Response:
        log.error("database unavailable", exc_info=error)
        return refused(Unavailable("数据库暂时繁忙，没有保存任何内容，请稍后重试"))

    @app.errorhandler(sa.exc.IntegrityError)
    def done_meanwhile(error: Exception) -> Response:
        # two asked for the same at once, both were told to go on, and the database let in the first
        log.warning("second of two at %s %s", request.method, request.path, exc_info=error)
        return refused(Conflict("有人同时做了同样的操作，这一次没有保存，请刷新页面后再看"))

    @app.errorhandler(sa.exc.DataError)
    @app.errorhandler(OverflowError)
    def out_of_range(error: Exception) -> Response:
        # what a schema let through and no column can hold: a number beyond 64 bits, a date before the year 1
        log.warning("value out of range at %s %s", request.method, request.path, exc_info=error)
        return refused(Invalid("有数值超出可接受的范围，请检查后重试"))

    @app.errorhandler(OSError)
    def disk(error: OSError) -> Response:
        if error.errno not in NO_SPACE:
            return unexpected(error)
        log.error("disk unavailable", exc_info=error)
        return refused(Unavailable("服务器磁盘已满或不可写，没有保存任何内容，请联系管理员"))

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.error("unexpected error at %s %s", request.method, request.path, exc_info=error)
        return voice(
            Answer(
                None,
                slug="unexpected",
                detail=text("服务器出错，请稍后重试；若仍出错请联系管理员"),
                headers={},
            )
        )

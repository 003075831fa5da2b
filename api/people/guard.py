"""The door: who is asking, by which way in, and whether this route is for them; denied unless it says otherwise."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from api.database import database, request_session
from api.people.access import Viewer
from api.people.accounts import viewer_of
from api.people.roles import Permission
from api.people.sign_in import count_failure, refuse_while_locked
from api.people.tables import Account
from api.people.tokens import find_token, was_issued
from api.problems import Forbidden, NotSignedIn, PhoneTokenRefused, StalePage

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PHONE_WAYS: dict[str, str | None] = {"phone": None, "draft": "draft"}  # ways in by a phone's key → what it is only for
TOKEN_FREE_ATTEMPTS = 20  # invented tokens from one address before it has to wait

# Routes that need nobody signed in, each with the reason. Nothing else is open.
OPEN_ROUTES: dict[str, str] = {
    "static": "styles and scripts of the sign-in page",
    "health.alive": "the supervisor process asks whether the server lives; it learns nothing else",
    "people_pages.sign_in": "the way in",
    "pages.language": "choosing a language before signing in",
    "api-docs.openapi_json": "the description of the programming interface holds no data",
    "api_docs.page": "the same, to read",
    "public_draws.index": "draws of campaigns that publish them, for anybody to see",
    "public_draws.draw_page": "what was promised and drawn, without any household in it",
    "public_draws.check": "whether a code and its salt make a leaf; the code alone finds nothing",
    "public_draws.file": "frame of salted leaves, plan, manifest, draw, and the verifier that recomputes them",
}

# Open routes that are the same for everybody: they leave the session alone, so that caches may share their answers.
IMPERSONAL = frozenset({"static", "health.alive", "api-docs.openapi_json", "public_draws.file"})

csrf = CSRFProtect()


@dataclass(frozen=True)
class Access:
    """What a route demands.

    Attributes
    ----------
    permission
        Held by the asker somewhere.
    area
        How the area rule is kept: ``rows`` (lists and objects are filtered by the asker's areas, outside is not
        found), ``path:<argument>`` (a division code in the address must lie within), ``own`` (only the asker's own
        things), ``any`` (the same for everybody who holds the permission; holds nothing of any area).
    ways
        Ways in that are accepted: ``session``, ``bearer``, ``phone``, ``draft`` (a phone's key that opens one draft),
        ``basic`` (a program's token as the password, for programs that know no other way; never offered to browsers,
        which would send it along unasked, and only for reading).
    writes
        Whether the request's database session writes; by default what the method says.
    """

    permission: Permission
    area: str
    ways: tuple[str, ...] = ("session", "bearer")
    writes: bool | None = None


View = TypeVar("View", bound=Callable[..., Any])


def allow(
    permission: Permission, *, area: str, ways: tuple[str, ...] = ("session", "bearer"), writes: bool | None = None
) -> Callable[[View], View]:
    """Declare who may call a view; place it directly under the route's decorator.

    Examples
    --------
    >>> @allow(Permission.EVIDENCE_READ, area="rows")
    ... def evidence_list(): ...
    """

    def declare(view: View) -> View:
        view.__dict__["ruhu_access"] = Access(permission, area, ways, writes)
        return view

    return declare


def access_of(app: Flask, endpoint: str, method: str) -> Access | None:
    """Return what a route demands for a method; None when it says nothing."""
    view = app.view_functions[endpoint]
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        view = getattr(view_class, (method if method != "HEAD" else "GET").lower(), view)
    found = getattr(view, "ruhu_access", None)
    return found if isinstance(found, Access) else None


def own_methods(rule: Rule) -> list[str]:
    """Return the methods a route answers to of its own: not those that Flask adds."""
    methods = rule.methods or set()
    return sorted(methods - {"OPTIONS"} - ({"HEAD"} if "GET" in methods else set()))


def unguarded(app: Flask) -> Iterator[str]:
    """Yield the routes that neither declare what they demand nor stand in the list of open routes."""
    for rule in app.url_map.iter_rules():
        for method in own_methods(rule):
            if rule.endpoint not in OPEN_ROUTES and access_of(app, rule.endpoint, method) is None:
                yield f"{method} {rule.rule} ({rule.endpoint})"


def viewer() -> Viewer:
    """Return whoever is asking.

    Raises
    ------
    NotSignedIn
        On an open route, when nobody is signed in.
    """
    if (found := somebody()) is None:
        raise NotSignedIn("请先登录再继续")
    return found


def somebody() -> Viewer | None:
    """Return whoever is asking, or None."""
    found: Viewer | None = g.get("viewer")
    return found


def session_now() -> Session:
    """Return the request's database session, writing or reading as the route says."""
    access: Access | None = g.get("access")
    return request_session(writes=_writes(), short=access is not None and "phone" in access.ways)


def _writes() -> bool:
    access: Access | None = g.get("access")
    return access.writes if access is not None and access.writes is not None else request.method not in SAFE_METHODS


def _reading() -> AbstractContextManager[Session]:
    """Return a session to look up who asks: the request's own where it only reads, so that one transaction does."""
    return database().glance() if _writes() else nullcontext(session_now())


def caller_address() -> str:
    """Return the network address of whoever calls."""
    return request.remote_addr or "unknown"


def init_app(app: Flask) -> None:
    """Guard every request, and refuse to start with a route that has no rule."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # checked below, where the way in is known
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a page lives as long as its session
    csrf.init_app(app)
    app.before_request(_guard)


def check_routes(app: Flask) -> None:
    """Stop the start when a route has no access rule.

    Raises
    ------
    RuntimeError
        Naming the routes.
    """
    if missing := list(unguarded(app)):
        raise RuntimeError("routes without an access rule (use @allow): " + "; ".join(missing))


def _guard() -> None:
    if request.endpoint is None:
        return  # no such route or method: the answer says so to everybody alike
    if request.endpoint in IMPERSONAL:
        return
    if request.endpoint in OPEN_ROUTES:
        g.viewer = _by_session()
        if request.method not in SAFE_METHODS:
            _refuse_forged()
        return
    access = access_of(current_app, request.endpoint, request.method)
    if access is None:
        if request.method == "OPTIONS":
            return
        raise Forbidden("此功能未开放")
    g.access = access
    g.viewer = _identify(access)
    found = viewer()
    if not found.may(access.permission):
        raise Forbidden("您的账号没有此项权限，请向上级管理员申请", where=access.permission)
    kind, _, argument = access.area.partition(":")
    if kind == "path":
        found.demand(access.permission, (request.view_args or {})[argument])


def _identify(access: Access) -> Viewer | None:
    if by_key := [way for way in access.ways if way in PHONE_WAYS]:
        text = (request.view_args or {}).get("token", "")
        with _reading() as reading:
            found = find_token(reading, text, kind="phone", only_for=PHONE_WAYS[by_key[0]])
        if found is None:
            _count_guess(text)
            raise PhoneTokenRefused("手机凭证无效或已停用，请向乡镇管理员重新领取二维码")
        return found
    header = request.headers.get("Authorization", "")
    if "bearer" in access.ways and header[:7].lower() == "bearer ":
        return _by_bearer(header[7:].strip())
    if "basic" in access.ways and (given := request.authorization) is not None and given.type == "basic":
        return _by_bearer(given.password or "")
    if "session" in access.ways and (found := _by_session()) is not None:
        if request.method not in SAFE_METHODS:
            _refuse_forged()
        return found
    raise NotSignedIn("请先登录再继续")


def _by_bearer(text: str) -> Viewer:
    with _reading() as reading:
        found = find_token(reading, text, kind="program")
    if found is not None:
        return found
    _count_guess(text)
    raise NotSignedIn("访问凭证无效、已过期或已停用，请重新申请")


def _count_guess(text: str) -> None:
    """Count a token that never existed against the caller's address, and make it wait after too many.

    A revoked or expired one is no guess: a phone tries again at every sync, and a township shares one address.
    """
    subject = f"token:{caller_address()}"
    with database().read() as reading:
        if was_issued(reading, text):
            return
    with database().transaction() as counting:
        refuse_while_locked(counting, subject)
        count_failure(counting, subject, free=TOKEN_FREE_ATTEMPTS)


def _by_session() -> Viewer | None:
    kept = session.get("account")
    if not kept:
        return None
    with database().read() as reading:
        account = reading.get(Account, UUID(kept))
    if account is None or not account.active or account.session_stamp != session.get("stamp"):
        session.clear()
        return None
    return viewer_of(account)


def _refuse_forged() -> None:
    try:
        csrf.protect()
    except CSRFError:
        raise StalePage("页面已过期，请刷新后再提交") from None

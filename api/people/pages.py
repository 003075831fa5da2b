"""The way in and out, for people with a browser."""

from datetime import timedelta

from flask import Blueprint, Flask, current_app, redirect, render_template, request, session
from werkzeug.wrappers import Response

from api.database import now
from api.pages.views import inner_address
from api.people.audit import record
from api.people.guard import allow, caller_address, session_now, somebody, viewer
from api.people.roles import Permission
from api.people.sign_in import sign_in as check
from api.settings import Settings

blueprint = Blueprint("people_pages", __name__, template_folder="templates")


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | str | tuple[str, int]:
    """Ask for name and password, and let in whoever has both."""
    target = inner_address(request.values.get("next", "")) or "/"
    if request.method == "GET":
        return redirect(target) if somebody() else render_template("people/sign_in.html", target=target)
    settings: Settings = current_app.extensions["ruhu_settings"]
    account = check(
        session_now(),
        name=request.form.get("name", "")[:64],
        password=request.form.get("password", ""),
        address=caller_address(),
        cost_kib=settings.password_cost,
    )
    if account is None:
        name = request.form.get("name", "")[:64]
        return render_template("people/sign_in.html", target=target, failed=True, name=name), 401
    chosen = session.get("language")
    session.clear()  # a new session for a new person: nothing set before signing in survives
    session.permanent = True
    session.update(account=str(account.id), stamp=account.session_stamp, since=now().isoformat())
    if chosen:
        session["language"] = chosen
    return redirect(target)


@blueprint.post("/sign-out")
@allow(Permission.HOME, area="own", ways=("session",))
def sign_out() -> Response:
    """End this browser's session."""
    found = viewer()
    area = found.grants[0][1] if found.grants else ""
    record(session_now(), found, "account.sign_out", "account", found.account_id, division_code=area)
    session.clear()
    return redirect("/sign-in")


def init_app(app: Flask, settings: Settings) -> None:
    """Register the pages and set how long a sign-in lasts."""
    app.config.update(
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        SESSION_COOKIE_NAME="ruhu",
        # a sign-in ends when it was said it would; and no public file carries anybody's cookie
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.register_blueprint(blueprint)

"""The pages' blueprint: choosing a language, refusals as pages, and what every template may use."""

from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Flask,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from api.database import now
from api.edge import Answer, language, text
from api.pages.navigation import here, places
from api.people.guard import somebody
from api.people.roles import ROLE_NAMES
from api.settings import Settings
from api.translations import LANGUAGES

LOCAL_TIME = ZoneInfo("Asia/Shanghai")  # one clock for the whole country

blueprint = Blueprint("pages", __name__, template_folder="templates")


@blueprint.post("/language", endpoint="language")
def set_language() -> AnyResponse:
    """Choose the language of the pages for this browser."""
    if (code := request.form.get("code", "")) in LANGUAGES:
        session["language"] = code
    return redirect(inner_address(request.form.get("next", "")) or "/")


def inner_address(address: str) -> str:
    """Return an address only if it stays on this server: an open redirect helps phishers."""
    parts = urlsplit(address)
    return address if address.startswith("/") and not address.startswith("//") and not parts.netloc else ""


def speak_page(answer: Answer) -> Response:
    """Voice a refusal as a page; whoever is not signed in is taken to the way in."""
    if answer.slug == "not-signed-in" and request.method == "GET":
        return make_response(redirect(url_for("people_pages.sign_in", next=request.full_path.rstrip("?"))))
    return make_response(render_template("refusal.html", answer=answer), answer.status)


def local_time(moment: datetime) -> str:
    """Return a moment as people in the county read it."""
    return moment.astimezone(LOCAL_TIME).strftime("%Y-%m-%d %H:%M")


def clock() -> str:
    """Return the present moment as people in the county read it."""
    return local_time(now())


def init_app(app: Flask, settings: Settings) -> None:
    """Register the blueprint and give templates their words."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        _=text,
        language=language,
        languages=LANGUAGES,
        somebody=somebody,
        place_here=here,
        places=places,
        clock=clock,
        url_exists=app.view_functions.__contains__,
        role_names=ROLE_NAMES,
        synthetic=(settings.data_dir / "demo").is_dir,
    )
    app.jinja_env.filters.update(day=lambda day: day.strftime("%Y-%m-%d"), local=local_time)

"""The pages' blueprint: choosing a language, refusals as pages, and what every template may use."""

from urllib.parse import urlsplit

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

from api.edge import Answer, language, text
from api.people.guard import somebody
from api.people.roles import ROLE_NAMES, Permission
from api.translations import LANGUAGES

blueprint = Blueprint("pages", __name__, template_folder="templates")


@blueprint.post("/language/<code>", endpoint="language")
def set_language(code: str) -> AnyResponse:
    """Choose the language of the pages for this browser."""
    if code in LANGUAGES:
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


def init_app(app: Flask) -> None:
    """Register the blueprint and give templates their words."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        _=text, language=language, languages=LANGUAGES, somebody=somebody, Permission=Permission,
        role_names=ROLE_NAMES,
    )  # fmt: skip

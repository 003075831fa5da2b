"""The pages of published draws that need no account: what was promised when, what came of it, files, one's proof."""

from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, current_app, make_response, render_template, request, send_file

from api.collection.workers.code import drawn as qr_code
from api.people.guard import session_now, somebody
from api.problems import NotFound, Refusal
from api.registry.reading import division_names
from api.settings import Settings
from api.spot_checks.publication.bundle import MEDIA_TYPES, PublicFiles, file_bytes, fingerprint_of
from api.spot_checks.publication.describe import chain_of, describe_draw
from api.spot_checks.publication.proof import check_leaf
from api.spot_checks.publication.publish import (
    MOST_DRAWS,
    PATH,
    managed_campaigns,
    published_draw,
    published_draws,
    publishing_counties,
    reference_of,
)
from api.spot_checks.risk import BAND_NAMES
from api.spot_checks.tables import Draw

A_DAY: Final = 86_400  # seconds; a campaign that closes its draws again is heard of within a day
SCHEMES: Final = {"urban": "城市", "rural": "农村"}

blueprint = Blueprint("public_draws", __name__, template_folder="templates", url_prefix=PATH)


@blueprint.get("")
def index() -> str:
    """Show the published draws, of one county or of all."""
    session = session_now()
    counties = publishing_counties(session)
    names = division_names(session, set(counties))
    county = request.args.get("county", "")
    if county and county not in names:
        raise NotFound("没有公开这样的抽取，请核对网址或指纹", where="county")
    draws = published_draws(session, county_code=county)
    links: dict[Any, Any] = {}
    for draw in draws:
        if reference_of(draw) not in links:
            links |= {link.reference: link for link in chain_of(session, draw)}
    return render_template(
        "publication/index.html",
        draws=[(draw, links[reference_of(draw)]) for draw in draws],
        names=names,
        county=county,
        most=MOST_DRAWS,
        managed=managed_campaigns(session, found) if (found := somebody()) else [],
    )


@blueprint.get("/<string:reference>")
def draw_page(reference: str) -> Response:
    """Show one published draw."""
    return _page(published_draw(session_now(), reference))


@blueprint.post("/<string:reference>")
def check(reference: str) -> Response:
    """Say whether a household's code and salt make a leaf of the draw; posted, so that no log of addresses keeps it."""
    draw = published_draw(session_now(), reference)
    code, salt = request.form.get("household_code", ""), request.form.get("salt", "")
    try:
        found = check_leaf(session_now(), draw, code[:200], salt[:200])
    except Refusal as refusal:
        answer = _page(draw, refusal=refusal, typed={"household_code": code[:200], "salt": salt[:200]})
        answer.status_code = refusal.status
        return answer
    return _page(draw, checked=True, found=found, typed={"household_code": code[:200], "salt": salt[:200]})


@blueprint.get("/<string:reference>/<string:name>")
def file(reference: str, name: str) -> Response:
    """Give out one public file; unchanged, it costs a 304."""
    session = session_now()
    draw = published_draw(session, reference)
    tag = fingerprint_of(session, draw, name)
    answer = Response(status=304)
    if not request.if_none_match.contains(tag):
        kept = files_now().path(tag, name, lambda: file_bytes(session, draw, name))
        answer = send_file(kept, mimetype=MEDIA_TYPES[name.rpartition(".")[2]], etag=tag, max_age=A_DAY)
        answer.headers["Content-Disposition"] = f'attachment; filename="{_saved_as(draw, name)}"'
        # what the file says of itself, not when this server happened to make it
        answer.last_modified = datetime.fromtimestamp(int(draw.committed_at.timestamp()), UTC)
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = f"public, max-age={A_DAY}"
    return answer


def files_now() -> PublicFiles:
    """Return where the running application keeps the public files it has made."""
    found: PublicFiles = current_app.extensions["ruhu_public_files"]
    return found


def public_url() -> str:
    """Return the address under which the public reaches the server."""
    settings: Settings = current_app.extensions["ruhu_settings"]
    return settings.public_url


def _page(draw: Draw, **given: Any) -> Response:
    told = describe_draw(session_now(), draw, public_url())
    page = render_template(
        "publication/public.html", told=told, qr=qr_code(told.address), schemes=SCHEMES, bands=BAND_NAMES,
        **given,
    )  # fmt: skip
    answer = make_response(page)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _saved_as(draw: Draw, name: str) -> str:
    """Return the name to save a file under; the verifier wants the plain ones, only the archive is told apart."""
    return f"draw-{draw.county_code}-{draw.number}-{reference_of(draw)}.zip" if name.endswith(".zip") else name

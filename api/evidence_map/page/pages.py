"""The page of the map: what its reader may choose, and what its script must know."""

import json
from typing import Any, Final

from flask import Blueprint, current_app, render_template, url_for
from markupsafe import Markup

from api.edge import text
from api.evidence.checks.rules import RULES
from api.evidence.checks.words import KINDS
from api.evidence.review.words import PURPOSES, STATES
from api.evidence_map.base_map import base_map
from api.evidence_map.page.choices import find_choices
from api.evidence_map.page.words import SIGNS, WORDS
from api.evidence_map.selection import BANDS, Selection
from api.evidence_map.tiles.summary import summarise
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.spot_checks.risk import BAND_NAMES

READ: Final = Permission.EVIDENCE_READ
DOUBTS: Final = {"doubt": "存疑", "look": "留意", "any": "存疑或留意", "none": "未发现疑点"}
DRAWN: Final = {"yes": "抽中的户", "no": "未抽中的户"}
TILES: Final = "/api/evidence/map/tiles/{z}/{x}/{y}.mvt"
ADDRESSES: Final = {
    "list": "map_panel_pages.pieces", "evidence": "map_panel_pages.piece", "household": "map_panel_pages.household",
    "search": "map_panel_pages.search",
}  # fmt: skip

blueprint = Blueprint("map_pages", __name__, template_folder="templates", url_prefix="/map")


@blueprint.get("")
@allow(READ, area="rows", ways=("session",))
def map_page() -> str:
    """Show the map; what is chosen stands in the address."""
    session, reader = session_now(), viewer()
    draws = bool(reader.areas(Permission.SPOT_CHECK_READ))
    return render_template(
        "evidence_map/map.html",
        choices=find_choices(session, reader), kinds=KINDS, purposes=PURPOSES, states=STATES, rules=RULES,
        doubts=DOUBTS, drawn=DRAWN if draws else {}, bands={key: BAND_NAMES[key] for key in BANDS} if draws else {},
        given=Markup(_json(_given(draws=draws))),  # noqa: S704 - written by _json, which leaves no < in it
    )  # fmt: skip


def _given(*, draws: bool) -> dict[str, Any]:
    """Return what the script must know."""
    views = current_app.view_functions
    return {
        "tiles": TILES,
        "summary": url_for("tiles.summary"),
        "divisions": url_for("map_divisions.ground_list"),
        "table": url_for("map_divisions_pages.figures_page"),
        "panel": {name: _prefix(endpoint) for name, endpoint in ADDRESSES.items() if endpoint in views},
        "base": base_map(current_app.extensions["ruhu_settings"]),
        "extent": summarise(session_now(), viewer(), Selection())["bbox"],
        "areas": list(viewer().areas(READ)),
        "measures": ["coverage", "doubt_share", *(["error_rate"] if draws else [])],
        "words": {key: text(words) for key, words in WORDS.items()},
        "signs": {key: text(sign) for key, sign in SIGNS.items()},
        "kinds": {key: text(name) for key, name in KINDS.items()},
        "purposes": {key: text(name) for key, name in PURPOSES.items()},
        "states": {key: text(name) for key, name in STATES.items()},
    }


def _prefix(endpoint: str) -> str:
    """Return the address of a route up to its argument."""
    rule = next(rule for rule in current_app.url_map.iter_rules() if rule.endpoint == endpoint)
    return rule.rule.split("<")[0]


def _json(given: Any) -> str:
    """Return JSON that may stand in a page: no tag can begin in it."""
    return json.dumps(given, ensure_ascii=False).replace("<", "\\u003c")

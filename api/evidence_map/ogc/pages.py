"""The addresses of OGC API – Features, and the page that tells people how to use them."""

import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.database import now
from api.edge import Answer
from api.evidence_map.ogc.asked import CRS84, Asked, read_asked, refuse_unknown
from api.evidence_map.ogc.columns import Column
from api.evidence_map.ogc.describe import CONFORMS, GEOJSON, OPENAPI, SCHEMA, describe
from api.evidence_map.ogc.extent import Extent, extents_of
from api.evidence_map.ogc.layers import (
    EVIDENCE_FILTERS,
    LAYERS,
    Layer,
    columns_of,
    find_feature,
    find_layer,
    layers_of,
    read_page,
)
from api.evidence_map.ogc.rows import moment
from api.evidence_map.ogc.schemas import with_selection
from api.evidence_map.ogc.unchanged import tag_for, tag_of_page
from api.pages.views import speak_page
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account, Token
from api.people.tokens import issue_token, revoke_token
from api.smorest import speak_problem

JSON: Final = "application/json"
HTML: Final = "text/html"
READ: Final = Permission.EVIDENCE_READ
WAYS: Final = ("session", "bearer", "basic")  # QGIS asks for a name and a password before anything else
PREFIX: Final = "/ogc"
PROGRAM: Final = "program"
LABEL: Final = "GIS"
TOKEN_LIVES: Final = timedelta(days=365)

blueprint = Blueprint("ogc", __name__, template_folder="templates", url_prefix=PREFIX)


def speak_ogc(answer: Answer) -> Response:
    """Voice a refusal: to programs as problem details, to a browser at the help page as a page."""
    of_page = request.path.startswith(f"{PREFIX}/tokens") or (request.path.rstrip("/") == PREFIX and _wants_html())
    return speak_page(answer) if of_page else speak_problem(answer)


@blueprint.get("")
@blueprint.get("/")
@allow(READ, area="any", ways=WAYS)
def landing() -> Response:
    """Show where everything is: to browsers as a page that explains itself."""
    refuse_unknown(request.args.to_dict(flat=False), ("f",), ("json", "html"))
    if _wants_html():
        return _help()
    base = _address()
    return _json(
        {
            "title": "入户 · OGC API – Features",
            "description": "Evidence of field work, and where households live, for GIS programs.",
            "links": [
                _link("self", base, JSON),
                _link("alternate", f"{base}?f=html", HTML),
                _link("service-desc", f"{base}/api", OPENAPI),
                _link("service-doc", f"{base}?f=html", HTML),
                _link("conformance", f"{base}/conformance", JSON),
                _link("data", f"{base}/collections", JSON),
            ],
        }
    )


@blueprint.post("/tokens")
@allow(Permission.TOKEN_OWN, area="own", ways=("session",))
def token_issue() -> Response:
    """Make a token for GIS programs, and show it this once."""
    session = session_now()
    account = session.get_one(Account, viewer().account_id)
    until = now() + TOKEN_LIVES
    _, text = issue_token(session, account, kind=PROGRAM, label=LABEL, by=viewer(), expires_at=until)
    return _help(text)


@blueprint.post("/tokens/<uuid:token_id>/end")
@allow(Permission.TOKEN_OWN, area="own", ways=("session",))
def token_end(token_id: UUID) -> AnyResponse:
    """End a token of one's own, now."""
    revoke_token(session_now(), token_id, by=viewer())
    return redirect(f"{url_for('ogc.landing', f='html')}#tokens")


@blueprint.get("/conformance")
@allow(READ, area="any", ways=WAYS)
def conformance() -> Response:
    """Say what of the standard holds."""
    _plain()
    return _json({"conformsTo": list(CONFORMS)})


@blueprint.get("/api")
@allow(READ, area="any", ways=WAYS)
def description() -> Response:
    """Describe the service in OpenAPI 3.0."""
    _plain()
    return _json(describe(LAYERS.values(), address=_address()), OPENAPI)


@blueprint.get("/collections")
@allow(READ, area="rows", ways=WAYS)
def collections() -> Response:
    """List the layers."""
    _plain()
    layers = layers_of(viewer())
    extents = extents_of(session_now(), viewer(), layers)
    found = [_described(layer, extents[layer.name]) for layer in layers]
    return _json({"links": [_link("self", f"{_address()}/collections", JSON)], "collections": found})


@blueprint.get("/collections/<string:collection>")
@allow(READ, area="rows", ways=WAYS)
def collection_one(collection: str) -> Response:
    """Describe one layer."""
    _plain()
    layer = find_layer(viewer(), collection)
    return _json(_described(layer, extents_of(session_now(), viewer(), [layer])[layer.name]))


@blueprint.get("/collections/<string:collection>/schema")
@allow(READ, area="rows", ways=WAYS)
def schema(collection: str) -> Response:
    """Say which columns a layer has, as JSON Schema: the same for each feature."""
    _plain()
    layer = find_layer(viewer(), collection)
    return _json(_schema(layer, columns_of(session_now(), viewer(), layer)), SCHEMA)


@blueprint.get("/collections/<string:collection>/items")
@allow(READ, area="rows", ways=WAYS)
def items(collection: str) -> Response:
    """Give a page of features; `next` among the links leads on."""
    layer = find_layer(viewer(), collection)
    asked = read_asked(request.args.to_dict(flat=False), layer.filters)
    if layer.filters == EVIDENCE_FILTERS:
        asked = with_selection(asked)
    tag = tag_of_page(session_now(), viewer(), layer, asked, address=_public() + request.full_path)
    if _has(tag):
        return _marked(Response(status=HTTPStatus.NOT_MODIFIED), tag)
    page = read_page(session_now(), viewer(), layer, asked, address=_public())
    here = f"{_address()}/collections/{layer.name}/items"
    given = request.args.to_dict()
    links = [_link("self", _with(here, given), GEOJSON), _link("collection", here.removesuffix("/items"), JSON)]
    if page.following:
        links.append(_link("next", _with(here, {**given, "after": page.following}), GEOJSON))
    counted = {} if page.matched is None else {"numberMatched": page.matched}
    return _json(
        {
            "type": "FeatureCollection",
            "timeStamp": moment(now()),
            **counted,
            "numberReturned": len(page.features),
            "links": links,
            "features": page.features,
        },
        GEOJSON,
        tag=tag,
    )


@blueprint.get("/collections/<string:collection>/items/<string:feature_id>")
@allow(READ, area="rows", ways=WAYS)
def item(collection: str, feature_id: str) -> Response:
    """Give one feature."""
    _plain()
    layer = find_layer(viewer(), collection)
    tag = tag_of_page(session_now(), viewer(), layer, Asked(), address=_public() + request.full_path)
    if _has(tag):
        return _marked(Response(status=HTTPStatus.NOT_MODIFIED), tag)
    found = find_feature(session_now(), viewer(), layer, feature_id, address=_public())
    here = f"{_address()}/collections/{layer.name}"
    links = [_link("self", f"{here}/items/{found['id']}", GEOJSON), _link("collection", here, JSON)]
    return _json({**found, "links": links}, GEOJSON, tag=tag)


def _described(layer: Layer, box: Extent) -> dict[str, Any]:
    here = f"{_address()}/collections/{layer.name}"
    extent = {} if box is None else {"extent": {"spatial": {"bbox": [box], "crs": CRS84}}}
    return {
        "id": layer.name,
        "title": layer.title,
        "description": layer.about,
        "itemType": "feature",
        "crs": [CRS84],
        **extent,
        "links": [
            _link("self", here, JSON),
            _link("items", f"{here}/items", GEOJSON),
            _link("describedby", f"{here}/schema", SCHEMA),
        ],
    }


def _schema(layer: Layer, columns: list[Column]) -> dict[str, Any]:
    geometry = {"x-ogc-role": "primary-geometry", "format": f"geometry-{layer.geometry}"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{_address()}/collections/{layer.name}/schema",
        "type": "object",
        "title": layer.title,
        "description": layer.about,
        "properties": {"geometry": geometry, **{column.name: column.schema() for column in columns}},
    }


def _help(token: str = "") -> Response:
    """Return the page that explains everything, with a token that is shown nowhere else."""
    own = sa.select(Token).where(
        Token.account_id == viewer().account_id, Token.kind == PROGRAM, Token.revoked_at.is_(None)
    )
    found = session_now().scalars(own.order_by(Token.created_at.desc())).all()
    page = render_template(
        "ogc/help.html", address=_address(), layers=layers_of(viewer()), token=token, now=now(),
        tokens=[one for one in found if one.expires_at is None or one.expires_at > now()],
    )  # fmt: skip
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _plain() -> None:
    refuse_unknown(request.args.to_dict(flat=False), ("f",))


def _wants_html() -> bool:
    asked = request.args.get("f")
    best = request.accept_mimetypes.best_match([JSON, HTML], JSON)
    return asked == "html" or (asked is None and best == HTML)


def _public() -> str:
    return str(current_app.extensions["ruhu_settings"].public_url).rstrip("/")


def _address() -> str:
    return _public() + PREFIX


def _with(address: str, query: dict[str, str]) -> str:
    return f"{address}?{urlencode(query)}" if query else address


def _link(rel: str, href: str, media_type: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": media_type}


def _json(body: dict[str, Any], media_type: str = JSON, *, tag: str = "") -> Response:
    content = json.dumps(body, ensure_ascii=False)
    tag = tag or tag_for(viewer(), content)
    if _has(tag):
        return _marked(Response(status=HTTPStatus.NOT_MODIFIED), tag)
    return _marked(Response(content, content_type=media_type), tag)


def _has(tag: str) -> bool:
    """Tell whether the program says that it has this answer; one that takes any (``*``) has not said so."""
    return request.if_none_match.contains_weak(tag) and not request.if_none_match.star_tag


def _marked(response: Response, tag: str) -> Response:
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept", "Authorization", "Cookie"))
    return response

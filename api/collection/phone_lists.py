"""What a phone fetches beside a form: its manifest, the worker's lists, and word of what has left them."""

import gzip
import hashlib
import re
from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, current_app, request

from api.collection import openrosa
from api.collection.entity_lists import EntityList
from api.collection.form_media import Source, media_for
from api.collection.forms import file_of, form_version
from api.collection.plain_lists import PLAIN_LISTS
from api.collection.serving import serve_blob
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import BadRequest, NotFound

PHONE: Final = ("phone",)
CSV_TYPE: Final = "text/csv; charset=utf-8"
QUICK: Final = 4  # gzip's level: a list shrinks to a quarter in some milliseconds
MOST_IDS: Final = 500  # asked for at once; more do not fit into an address anyway
ID: Final = re.compile(r"[!-~]{1,64}")  # it stands in the answer's XML again

blueprint = Blueprint("phone_lists", __name__, url_prefix="/key/<token>")


@blueprint.get("/forms/<form_id>/<version>/manifest")
@allow(Permission.FORM_READ, area="own", ways=PHONE)
def manifest(token: str, form_id: str, version: str) -> Response:
    """The files that belong to a form, as this worker gets them."""
    form = form_version(session_now(), form_id, version, viewer().areas(Permission.FORM_READ))
    sources: list[Source] = current_app.extensions["ruhu_form_media"]
    found = media_for(session_now(), viewer(), form, sources)
    return openrosa.cacheable(openrosa.manifest(found, openrosa.key_address(token)))


@blueprint.get("/forms/<form_id>/<version>/media/<name>")
@allow(Permission.FORM_READ, area="own", ways=PHONE)
def form_file(token: str, form_id: str, version: str, name: str) -> Response:  # noqa: ARG001 - the same
    """One file that was frozen with a form."""
    form = form_version(session_now(), form_id, version, viewer().areas(Permission.FORM_READ))
    file = file_of(session_now(), form, name)
    return serve_blob(current_app.extensions["ruhu_blobs"], file.sha256, name=file.name, media_type=file.media_type)


@blueprint.get("/lists/<name>.csv")
@allow(Permission.FORM_READ, area="own", ways=PHONE)
def list_file(token: str, name: str) -> Response:  # noqa: ARG001 - the guard has looked at the token
    """One list of this worker; an unchanged list of households is not even made."""
    session, worker = session_now(), viewer()
    if (entities := _entity_lists().get(name)) is not None:
        return _packed(entities.token(session, worker), lambda: entities.content(session, worker))
    if (plain := PLAIN_LISTS.get(f"{name}.csv")) is not None:
        content = plain(session, worker)
        return _packed(hashlib.md5(content, usedforsecurity=False).hexdigest(), lambda: content)
    raise NotFound("没有名单 {name}，请更新手机上的表格", name=name)


@blueprint.get("/lists/<name>/integrity")
@allow(Permission.FORM_READ, area="own", ways=PHONE)
def integrity(token: str, name: str) -> Response:  # noqa: ARG001 - the same
    """Which of the entities asked for have left this worker's list; what was never on it counts as gone."""
    entities = _entity_lists().get(name)
    if entities is None:
        raise NotFound("没有名单 {name}，请更新手机上的表格", name=name)
    wanted = dict.fromkeys(part for part in request.args.get("id", "").split(",") if part)
    if len(wanted) > MOST_IDS or not all(map(ID.fullmatch, wanted)):
        raise BadRequest("一次最多查询 {most} 户，编号不能含有空格和特殊字符", where="id", most=MOST_IDS)
    present = entities.ids(session_now(), viewer())
    return openrosa.cacheable(openrosa.integrity({one: one.lower() not in present for one in wanted}))


def _packed(tag: str, content: Callable[[], bytes]) -> Response:
    """Return a list, small for weak links where the phone unpacks; made only if the phone has another one."""
    response = openrosa.PhoneResponse(content_type=CSV_TYPE, headers={"Vary": "Accept-Encoding"})
    response.set_etag(tag, weak=True)  # packed or not, it is the same list
    if openrosa.unchanged(response):
        return response
    data = content()
    if request.accept_encodings["gzip"]:
        data = gzip.compress(data, QUICK, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(data)
    return response


def _entity_lists() -> dict[str, EntityList]:
    found: dict[str, EntityList] = current_app.extensions["ruhu_entity_lists"]
    return found

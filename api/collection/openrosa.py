"""The phones' dialect, OpenRosa 1.0: its XML, and the headers that every answer carries, refusals included.

Source: OpenRosa HTTP Request API, Form Discovery API, Form Submission API and Metadata Schema
(docs.getodk.org/openrosa-http, -form-list, -form-submission), and what Collect 2026.3 makes of them.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request
from lxml import etree
from werkzeug.datastructures import Headers
from werkzeug.wsgi import get_input_stream

from api.collection.form_media import Media
from api.collection.forms import OfferedForm
from api.collection.posting import Stream, discard
from api.edge import Answer, language_answered
from api.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PREFIX = "/key/"
# Collect takes application/xml for a captive portal's page
XML_TYPE = "text/xml; charset=utf-8"
RESPONSE = "http://openrosa.org/http/response"
FORM_LIST = "http://openrosa.org/xforms/xformsList"
MANIFEST = "http://openrosa.org/xforms/xformsManifest"
KEPT_TEXTS = 512  # lists of forms of as many phones, some kilobytes each
DISCARDED_BATCHES = 3  # a refused body is read and forgotten up to this many postings of the size phones keep to


class PhoneResponse(Response):
    """An answer that says its language even where it only says that nothing has changed: phones want to hear it."""

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:
        """Return the headers to send; werkzeug takes the language away from a 304."""
        headers = super().get_wsgi_headers(environ)
        if spoken := self.headers.get("Content-Language"):
            headers["Content-Language"] = spoken
        return headers


def init_app(app: Flask) -> None:
    """Put OpenRosa's headers on every answer to a phone."""

    @app.after_request
    def mark(response: Response) -> Response:
        if request.path.startswith(PREFIX):
            limit = current_app.extensions["ruhu_settings"].submission_batch_bytes
            response.headers["X-OpenRosa-Version"] = "1.0"
            response.headers["X-OpenRosa-Accept-Content-Length"] = str(limit)
            response.headers["Content-Language"] = language_answered()
            response.headers["Cache-Control"] = "private, no-cache"  # ask again each time, a 304 is cheap
        return response


def speak_openrosa(answer: Answer) -> Response:
    """Voice a refusal for a phone; what is left of a refused body is read and forgotten first."""
    if request.method == "POST":
        settings: Settings = current_app.extensions["ruhu_settings"]
        discard(body(), DISCARDED_BATCHES * settings.submission_batch_bytes)
    detail = answer.detail
    if answer.where and answer.where not in detail:
        detail = f"{detail} ({answer.where})"
    return message(answer.status, detail, nature="error")


def body() -> Stream:
    """Return the request's body, unlimited and the same each time: limits are kept by whoever reads it."""
    if "phone_body" not in g:
        g.phone_body = get_input_stream(request.environ)
    found: Stream = g.phone_body
    return found


def message(status: int, words: str, *, nature: str) -> Response:
    """Return an OpenRosa answer; Collect shows the words to the worker."""
    root = etree.Element(f"{{{RESPONSE}}}OpenRosaResponse", nsmap={None: RESPONSE})
    etree.SubElement(root, f"{{{RESPONSE}}}message", nature=nature).text = words
    return xml(root, status)


def form_list(forms: Iterable[tuple[OfferedForm, bool]], address: str) -> Response:
    """Return the list of forms, each with whether it needs files beside it.

    Parameters
    ----------
    address
        Public address of the worker's key, see `key_address`.
    """
    return PhoneResponse(_form_list_text(tuple(forms), address), content_type=XML_TYPE)


@lru_cache(maxsize=KEPT_TEXTS)
def _form_list_text(forms: tuple[tuple[OfferedForm, bool], ...], address: str) -> bytes:
    """Write a list of forms; phones ask for the same one at every sync."""
    root = etree.Element(f"{{{FORM_LIST}}}xforms", nsmap={None: FORM_LIST})
    for form, needs_files in forms:
        entry = etree.SubElement(root, f"{{{FORM_LIST}}}xform")
        download = f"{address}/forms/{quote(form.form_id, safe='')}/{quote(form.version, safe='')}"
        for tag, words in (
            ("formID", form.form_id),
            ("name", form.title),
            ("version", form.version),
            ("hash", f"md5:{form.md5}"),
            ("downloadUrl", download),
        ):
            etree.SubElement(entry, f"{{{FORM_LIST}}}{tag}").text = words
        if needs_files:
            etree.SubElement(entry, f"{{{FORM_LIST}}}manifestUrl").text = f"{download}/manifest"
    return _written(root)


def manifest(files: Iterable[Media], address: str) -> Response:
    """Return the list of a form's files; every entry is whole, or Collect would drop them all.

    Parameters
    ----------
    address
        Public address of the worker's key.
    """
    root = etree.Element(f"{{{MANIFEST}}}manifest", nsmap={None: MANIFEST})
    for file in files:
        entry = etree.SubElement(root, f"{{{MANIFEST}}}mediaFile")
        etree.SubElement(entry, f"{{{MANIFEST}}}filename").text = file.name
        etree.SubElement(entry, f"{{{MANIFEST}}}hash").text = file.hash
        etree.SubElement(entry, f"{{{MANIFEST}}}downloadUrl").text = f"{address}/{file.path}"
        if file.integrity:
            entry.set("type", "entityList")
            etree.SubElement(entry, f"{{{MANIFEST}}}integrityUrl").text = f"{address}/{file.integrity}"
    return xml(root)


def integrity(deleted: Mapping[str, bool]) -> Response:
    """Return which entities are gone; Collect counts children, so nothing may stand between them."""
    root = etree.Element("data")
    entities = etree.SubElement(root, "entities")
    for entity, is_gone in deleted.items():
        entry = etree.SubElement(entities, "entity", id=entity)
        etree.SubElement(entry, "deleted").text = "true" if is_gone else "false"
    return xml(root)


def key_address(token: str) -> str:
    """Return the public address of a worker's key, without a slash at the end.

    Never the Host header's: a phone must be sent where the operator says.
    """
    settings: Settings = current_app.extensions["ruhu_settings"]
    return f"{settings.public_url.rstrip('/')}/key/{token}"


def cacheable(response: Response) -> Response:
    """Return an answer with a tag of its bytes, or word that the phone has these bytes."""
    response.add_etag()
    unchanged(response)
    return response


def unchanged(response: Response) -> bool:
    """Tell whether the phone has what this answer's tag names; then the answer says so and needs no bytes."""
    response.make_conditional(request)
    return response.status_code == HTTPStatus.NOT_MODIFIED


def xml(root: "etree._Element", status: int = 200) -> Response:
    """Return XML as phones want it."""
    return PhoneResponse(_written(root), status=status, content_type=XML_TYPE)


def _written(root: "etree._Element") -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))

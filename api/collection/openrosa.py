"""The phones' dialect, OpenRosa 1.0: its XML, and the headers that every answer carries, refusals included.

Source: OpenRosa HTTP Request API, Form Discovery API, Form Submission API and Metadata Schema
(docs.getodk.org/openrosa-http, -form-list, -form-submission), and what Collect 2026.3 makes of them.
"""

from collections.abc import Iterable
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request
from lxml import etree
from werkzeug.wsgi import get_input_stream

from api.collection.posting import Stream, discard
from api.collection.tables import FormVersion
from api.edge import Answer, language
from api.settings import Settings

PREFIX = "/key/"
# Collect takes application/xml for a captive portal's page
XML_TYPE = "text/xml; charset=utf-8"
RESPONSE = "http://openrosa.org/http/response"
FORM_LIST = "http://openrosa.org/xforms/xformsList"
MANIFEST = "http://openrosa.org/xforms/xformsManifest"
DISCARDED_BATCHES = 3  # a refused body is read and forgotten up to this many postings of the size phones keep to


def init_app(app: Flask) -> None:
    """Put OpenRosa's headers on every answer to a phone."""

    @app.after_request
    def mark(response: Response) -> Response:
        if request.path.startswith(PREFIX):
            limit = current_app.extensions["ruhu_settings"].submission_batch_bytes
            response.headers["X-OpenRosa-Version"] = "1.0"
            response.headers["X-OpenRosa-Accept-Content-Length"] = str(limit)
            response.headers["Content-Language"] = language()
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


def form_list(forms: Iterable[FormVersion], address: str) -> Response:
    """Return the list of forms.

    Parameters
    ----------
    address
        Public address of the worker's key, without a slash at the end. Never the Host header's: a phone must be
        sent where the operator says.
    """
    root = etree.Element(f"{{{FORM_LIST}}}xforms", nsmap={None: FORM_LIST})
    for form in forms:
        entry = etree.SubElement(root, f"{{{FORM_LIST}}}xform")
        for tag, words in (
            ("formID", form.form_id),
            ("name", form.title),
            ("version", form.version),
            ("hash", f"md5:{form.md5}"),
            ("downloadUrl", f"{address}/forms/{quote(form.form_id, safe='')}/{quote(form.version, safe='')}"),
        ):
            etree.SubElement(entry, f"{{{FORM_LIST}}}{tag}").text = words
    return xml(root)


def manifest() -> Response:
    """Return the list of a form's own files; the house's forms have none yet."""
    return xml(etree.Element(f"{{{MANIFEST}}}manifest", nsmap={None: MANIFEST}))


def xml(root: "etree._Element", status: int = 200) -> Response:
    """Return XML as phones want it."""
    text = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Response(text, status=status, content_type=XML_TYPE)

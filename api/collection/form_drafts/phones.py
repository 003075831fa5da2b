"""What a phone asks for under a draft's key: the one form to try, its files, and sending trial records."""

from collections.abc import Iterable
from urllib.parse import quote

from flask import Blueprint, Response, current_app, request
from lxml import etree

from api.collection import openrosa
from api.collection.form_drafts.keys import draft_behind
from api.collection.form_drafts.media import draft_media, find_media
from api.collection.form_drafts.tables import FormDraft
from api.collection.form_drafts.trial import receive_trial, trial_blobs, understand_trial
from api.collection.posting import Limits, Posting, read_posting, too_large
from api.collection.serving import serve_blob
from api.database import database
from api.edge import text
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import BadRequest, TooLarge
from api.settings import Settings
from survey_forms.submission import MAX_BYTES

WAYS = ("draft",)

blueprint = Blueprint("draft_phones", __name__, url_prefix="/key/<token>/draft")


@blueprint.get("/formList")
@allow(Permission.FORM_READ, area="own", ways=WAYS)
def form_list(token: str) -> Response:
    """The draft, as the only form there is."""
    session = session_now()
    draft = draft_behind(session, viewer())
    told = {
        "formID": draft.form_id,
        "name": text("草稿：{title}", title=draft.title),
        "version": draft.version,
        "hash": f"md5:{draft.md5}",
        "downloadUrl": f"{_address(token)}/form",
    }
    if draft_media(session, draft):
        told["manifestUrl"] = f"{_address(token)}/manifest"
    root = etree.Element(f"{{{openrosa.FORM_LIST}}}xforms", nsmap={None: openrosa.FORM_LIST})
    _described(root, "xform", openrosa.FORM_LIST, told.items())
    return _cacheable(openrosa.xml(root))


@blueprint.get("/form")
@allow(Permission.FORM_READ, area="own", ways=WAYS)
def form(token: str) -> Response:  # noqa: ARG001 - the guard has looked at the token
    """The bytes that the list's hash was made of."""
    session = session_now()
    draft = draft_behind(session, viewer())
    return _cacheable(Response(_xform(draft), content_type=openrosa.XML_TYPE))


@blueprint.get("/manifest")
@allow(Permission.FORM_READ, area="own", ways=WAYS)
def manifest(token: str) -> Response:
    """The files of the draft; each is known by its content, so that a changed one is loaded again."""
    session = session_now()
    root = etree.Element(f"{{{openrosa.MANIFEST}}}manifest", nsmap={None: openrosa.MANIFEST})
    for kept in draft_media(session, draft_behind(session, viewer())):
        told = {
            "filename": kept.name,
            "hash": f"md5:{kept.md5}",
            "downloadUrl": f"{_address(token)}/media/{quote(kept.name, safe='')}",
        }
        _described(root, "mediaFile", openrosa.MANIFEST, told.items())
    return _cacheable(openrosa.xml(root))


@blueprint.get("/media/<name>")
@allow(Permission.FORM_READ, area="own", ways=WAYS)
def media(token: str, name: str) -> Response:  # noqa: ARG001 - the guard has looked at the token
    """One file of the draft."""
    session = session_now()
    kept = find_media(session, draft_behind(session, viewer()), name)
    return serve_blob(
        current_app.extensions["ruhu_blobs"], kept.sha256, name=kept.name, media_type=kept.media_type
    )  # fmt: skip


@blueprint.route("/submission", methods=["HEAD"])
@allow(Permission.FORM_READ, area="own", ways=WAYS)
def submission_asked(token: str) -> Response:  # noqa: ARG001 - the same
    """Say that sending is possible."""
    draft_behind(session_now(), viewer())
    return Response(status=204)


@blueprint.post("/submission")
@allow(Permission.FORM_READ, area="own", ways=WAYS)
def submission(token: str) -> Response:  # noqa: ARG001 - the same
    """Take in a trial record: bytes to the draft's folder, then one short transaction, then the answer."""
    settings = _settings()
    limits = Limits(settings.submission_limit_bytes, settings.submission_limit_files)
    if (request.content_length or 0) > limits.bytes_in_all:
        raise too_large(limits.bytes_in_all)
    with database().read() as reading:
        draft = draft_behind(reading, viewer())
        xform = _xform(draft)
    blobs = trial_blobs(settings.data_dir, draft)
    with read_posting(openrosa.body(), request.content_type or "", blobs, limits) as posting:
        new = _stored(posting, draft, xform)
    words = text("测试记录已收到，不会成为证据") if new else text("这条测试记录以前已经收到，无需再发")
    return openrosa.message(201 if new else 202, words, nature="submit_success")


def _stored(posting: Posting, draft: FormDraft, xform: bytes) -> bool:
    if posting.xml is None:
        raise BadRequest("没有收到答卷 (xml_submission_file), 请重新发送整份记录")
    if posting.xml.draft.size > MAX_BYTES:
        raise TooLarge("答卷文字过大，服务器无法接收，请联系乡镇管理员")
    answers = understand_trial(draft, xform, posting.xml.draft.read())
    posting.keep()
    session, sender = session_now(), viewer()
    held = draft_behind(session, sender, locked=True)  # one record of a draft at a time
    device_id = request.args.get("deviceID", "")
    return receive_trial(session, held, answers, posting.xml, posting.files, sender=sender, device_id=device_id)


def _described(root: "etree._Element", tag: str, namespace: str, told: Iterable[tuple[str, str]]) -> None:
    entry = etree.SubElement(root, f"{{{namespace}}}{tag}")
    for name, words in told:
        etree.SubElement(entry, f"{{{namespace}}}{name}").text = words


def _xform(draft: FormDraft) -> bytes:
    return draft.xform or b""


def _address(token: str) -> str:
    return f"{_settings().public_url.rstrip('/')}/key/{token}/draft"


def _cacheable(response: Response) -> Response:
    response.add_etag()
    response.make_conditional(request)
    return response


def _settings() -> Settings:
    found: Settings = current_app.extensions["ruhu_settings"]
    return found

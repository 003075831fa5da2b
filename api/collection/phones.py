"""What phones ask for under their key: the form list, forms, and sending submissions."""

import logging
from typing import Final

from flask import Blueprint, Response, current_app, g, make_response, request
from sqlalchemy.orm import Session

from api.collection import openrosa
from api.collection.arrival import Arrival, ArrivedFile, understand
from api.collection.blobs import Blobs
from api.collection.derive import Deriver
from api.collection.forms import form_bytes, forms_for, schema_of
from api.collection.posting import Limits, Posting, read_posting, too_large
from api.collection.quarantine.keep import glimpse, has_room, keep_aside
from api.collection.receive import LONGEST_DEVICE, Outcome, receive, when_alone
from api.collection.refusals import KeptAside, NoXml, broken
from api.collection.workers.contact import Contacts, Seen, hash_of, write_contact
from api.database import database
from api.edge import text
from api.people.guard import allow, session_now, somebody, viewer
from api.people.roles import Permission
from api.problems import Unavailable
from api.settings import Settings
from survey_forms.errors import TooLarge as XmlTooLarge
from survey_forms.submission import MAX_BYTES

log = logging.getLogger(__name__)

blueprint = Blueprint("phones", __name__, url_prefix="/key/<token>")

PHONE: Final = ("phone",)

SAID: Final = {
    Outcome.NEW: "已收到，感谢您的工作",
    Outcome.FILES_ADDED: "附件已收到",
    Outcome.EDIT: "修改已收到",
    Outcome.LATE_ORIGINAL: "已收到；这条记录之后的修改也已收到",
    Outcome.KNOWN: "这条记录以前已经收到，无需再发",
}


@blueprint.get("/formList")
@allow(Permission.FORM_READ, area="own", ways=PHONE)
def form_list(token: str) -> Response:
    """The forms of this worker; never an empty list by accident, phones delete what is not listed."""
    session = session_now()
    forms = forms_for(session, viewer())
    if not forms:
        raise Unavailable("还没有发布供您使用的表格，请联系乡镇管理员")
    g.forms_hash = hash_of(forms)
    if wanted := request.args.get("formID"):
        forms = [form for form in forms if form.form_id == wanted]
    listed = [(form, bool(schema_of(session, form).media)) for form in forms]
    return openrosa.cacheable(openrosa.form_list(listed, openrosa.key_address(token)))


@blueprint.get("/forms/<form_id>/<version>")
@allow(Permission.FORM_READ, area="own", ways=PHONE)
def form(token: str, form_id: str, version: str) -> Response:  # noqa: ARG001 - the guard has looked at the token
    """The exact bytes of a form that its hash in the list was made of."""
    found = form_bytes(session_now(), form_id, version, viewer().areas(Permission.FORM_READ))
    return openrosa.cacheable(openrosa.PhoneResponse(found.xform, content_type=openrosa.XML_TYPE))


@blueprint.route("/submission", methods=["HEAD"])
@allow(Permission.SUBMISSION_SEND, area="own", ways=PHONE)
def submission_asked(token: str) -> Response:  # noqa: ARG001 - the same
    """Say that sending is possible; a phone asks before every record."""
    return Response(status=204)


@blueprint.post("/submission")
@allow(Permission.SUBMISSION_SEND, area="own", ways=PHONE)
def submission(token: str) -> Response:  # noqa: ARG001 - the same
    """Take in one posting: bytes to the disk, then one short transaction, shared with others, then the answer."""
    settings = _settings()
    limits = Limits(settings.submission_limit_bytes, settings.submission_limit_files)
    if (request.content_length or 0) > limits.bytes_in_all:
        raise too_large(limits.bytes_in_all)
    with read_posting(openrosa.body(), request.content_type or "", _blobs(), limits) as posting:
        try:
            arrival = _arrival(posting)
            posting.keep()
            outcome = _received(arrival)
        except KeptAside as refusal:
            return _kept_aside(posting, refusal)
    return openrosa.message(outcome.status, text(SAID[outcome]), nature="submit_success")


def _arrival(posting: Posting) -> Arrival:
    """Read what came, before the database's write place is taken."""
    if posting.xml is None:
        raise NoXml("没有收到答卷 (xml_submission_file), 请重新发送整份记录")
    draft = posting.xml.draft
    if draft.size > MAX_BYTES:
        raise broken(XmlTooLarge("submission", f"{draft.size} bytes", "leave files out of the XML"))
    with database().read() as reading:
        found, answers = understand(reading, draft.read(), viewer())
    return Arrival(
        sender=viewer(),
        form=found,
        answers=answers,
        xml=draft.blob,
        files=tuple(ArrivedFile(name=part.name, blob=part.draft.blob, media_type=part.media_type)
                    for part in posting.files),
        device_id=_device_id(),
    )  # fmt: skip


def _received(arrival: Arrival) -> Outcome:
    """Receive a submission; a contact that is due goes along in its transaction."""
    derivers, seen, is_due = _derivers(), _seen(), _contacts().is_due(_seen())

    def write(session: Session) -> tuple[Outcome, bool]:
        outcome, _ = receive(session, arrival, derivers)
        return outcome, is_due and write_contact(session, seen)

    outcome, written = when_alone(session_now(), lambda: database().together(write))
    if written:
        _contacts().written(seen)
    return outcome


@blueprint.after_request
def note_contact(response: Response) -> Response:
    """Write down that a phone asked for something; while somebody else writes, it is left to the next request."""
    if request.method == "POST" or somebody() is None or not _contacts().is_due(seen := _seen()):
        return response
    if database().write_if_free(lambda session: write_contact(session, seen)):
        _contacts().written(seen)
    return response


def _kept_aside(posting: Posting, refusal: KeptAside) -> Response:
    """Put a refused posting into the quarantine, and refuse it: an answer that is returned is also committed."""
    session = session_now()
    session.rollback()
    sender, parts = viewer(), posting.parts
    with database().read() as reading:
        room = has_room(reading, sender, parts, _settings().quarantine_quota_bytes)
    if room:
        posting.keep()
    seen = glimpse(_blobs().read(posting.xml.draft.sha256)) if room and posting.xml else None
    row = when_alone(
        session,
        lambda: keep_aside(session, sender, parts, refusal, room=room, seen=seen, device_id=_device_id()),
    )
    if row.state == "released":  # an operator has let this very content in, in whatever shape: it is here
        return openrosa.message(Outcome.KNOWN.status, text(SAID[Outcome.KNOWN]), nature="submit_success")
    log.warning("kept aside: %s from token %s", refusal.reason, sender.token_id)
    return make_response(current_app.handle_user_exception(refusal))


def _device_id() -> str:
    return request.args.get("deviceID", "")[:LONGEST_DEVICE]


def _seen() -> Seen:
    sender = viewer()
    if sender.token_id is None:
        raise ValueError("a phone comes with its key")
    return Seen(
        token_id=sender.token_id,
        user_agent=request.headers.get("User-Agent", ""),
        device_id=request.args.get("deviceID", ""),
        forms_hash=g.get("forms_hash", ""),
    )


def _contacts() -> Contacts:
    found: Contacts = current_app.extensions["ruhu_contacts"]
    return found


def _settings() -> Settings:
    found: Settings = current_app.extensions["ruhu_settings"]
    return found


def _blobs() -> Blobs:
    found: Blobs = current_app.extensions["ruhu_blobs"]
    return found


def _derivers() -> list[Deriver]:
    found: list[Deriver] = current_app.extensions["ruhu_derivers"]
    return found

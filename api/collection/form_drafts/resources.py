"""The programming interface of drafts: upload, look over, try, publish."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response, current_app
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from api.collection.form_drafts.keep import Brought, ask_for_check, drafts_of, find_draft, new_content, new_draft
from api.collection.form_drafts.keys import end_key, issue_key, keys_of, settings_code
from api.collection.form_drafts.media import MOST_BYTES as MOST_MEDIA_BYTES
from api.collection.form_drafts.media import MediaFile, draft_media, find_media, keep_media, open_media, remove_media
from api.collection.form_drafts.opening import MOST_BYTES, open_upload
from api.collection.form_drafts.publish import Wanted, discard_draft, missing_files, publish_draft
from api.collection.form_drafts.schemas import (
    DraftCountySchema,
    DraftFileSchema,
    DraftKeySchema,
    DraftSchema,
    IssuedKeySchema,
    MediaFileSchema,
    PublishSchema,
    TesterSchema,
    TrialSchema,
)
from api.collection.form_drafts.tables import FormDraft, FormDraftMedia, FormDraftSubmission
from api.collection.form_drafts.trial import find_trial, trial_blobs, trials_of, would_show
from api.collection.form_versions.compare import compare
from api.collection.form_versions.listing import find_listed, in_force
from api.collection.form_versions.preview import questions_asked
from api.collection.form_versions.resources import BINARY, OCTETS, blobs_now, question_described, saved
from api.collection.form_versions.resources import described as form_described
from api.collection.form_versions.schemas import DifferenceSchema, FormSchema, MediaSchema, QuestionSchema
from api.collection.forms import schema_of
from api.collection.posting import XML_PART
from api.collection.serving import serve_blob
from api.database import database
from api.edge import language, text
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account, Token
from api.problems import NotFound
from api.settings import Settings
from api.smorest import Blueprint
from survey_forms.apart import compile_apart
from survey_forms.xform import read_schema

ITEMSETS = "itemsets.csv"

blueprint = Blueprint(
    "form_drafts", __name__, url_prefix="/api", description="表格草稿 · a county's own forms before they are published"
)


@blueprint.route("/form-drafts")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, DraftSchema(many=True))
def draft_list() -> list[dict[str, Any]]:
    """Drafts that are neither published nor discarded, the latest first."""
    return [described(session_now(), draft) for draft in drafts_of(session_now(), viewer())]


@blueprint.route("/form-drafts", methods=["POST"])
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.arguments(DraftCountySchema, location="form")
@blueprint.arguments(DraftFileSchema, location="files")
@blueprint.response(201, DraftSchema)
def draft_begin(wanted: dict[str, str], files: dict[str, FileStorage]) -> dict[str, Any]:
    """Upload a form: compiled at once, in a process of its own; what is wrong with it is in the answer."""
    return described(session_now(), begin(files["file"], wanted["county_code"]))


@blueprint.route("/form-drafts/<uuid:draft_id>")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, DraftSchema)
def draft_one(draft_id: UUID) -> dict[str, Any]:
    """One draft with what is wrong or doubtful."""
    return described(session_now(), find_draft(session_now(), viewer(), draft_id))


@blueprint.route("/form-drafts/<uuid:draft_id>", methods=["DELETE"])
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(204)
def draft_discard(draft_id: UUID) -> None:
    """Throw a draft away, with its keys and trial records."""
    discard_draft(session_now(), held(draft_id), by=viewer())


@blueprint.route("/form-drafts/<uuid:draft_id>/file", methods=["POST"])
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.arguments(DraftFileSchema, location="files")
@blueprint.response(200, DraftSchema)
def draft_file(files: dict[str, FileStorage], draft_id: UUID) -> dict[str, Any]:
    """Upload the mended form; keys, files and trial records stay."""
    return described(session_now(), mend(files["file"], draft_id))


@blueprint.route("/form-drafts/<uuid:draft_id>/source")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, BINARY, content_type=OCTETS)
def draft_source(draft_id: UUID) -> Response:
    """The file as it was uploaded."""
    draft = find_draft(session_now(), viewer(), draft_id)
    return saved(blobs_now().read(draft.source_sha256), draft.file_name)


@blueprint.route("/form-drafts/<uuid:draft_id>/xform")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, BINARY, content_type=OCTETS)
def draft_xform(draft_id: UUID) -> Response:
    """The XForm that was made of it."""
    draft = find_draft(session_now(), viewer(), draft_id)
    return saved(compiled_bytes(draft), f"{draft.form_id}-{draft.version}.xml")


@blueprint.route("/form-drafts/<uuid:draft_id>/questions")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, QuestionSchema(many=True))
def draft_questions(draft_id: UUID) -> list[dict[str, Any]]:
    """What the draft asks, in the order of the form."""
    xform = compiled_bytes(find_draft(session_now(), viewer(), draft_id))
    return [question_described(one) for one in questions_asked(xform, read_schema(xform))]


@blueprint.route("/form-drafts/<uuid:draft_id>/comparison")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, DifferenceSchema(many=True))
def draft_comparison(draft_id: UUID) -> list[dict[str, Any]]:
    """How the draft differs from the version that the county's phones have now, the dangerous differences first."""
    draft = find_draft(session_now(), viewer(), draft_id)
    new, before = read_schema(compiled_bytes(draft)), in_force(session_now(), draft.form_id, draft.county_code)
    if before is None:
        return []
    found = compare(schema_of(session_now(), before), new, language=language())
    return [asdict(difference) for difference in found]


@blueprint.route("/form-drafts/<uuid:draft_id>/check", methods=["POST"])
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(202, DraftSchema)
def draft_check(draft_id: UUID) -> dict[str, Any]:
    """Let ODK Validate look at it again."""
    draft = held(draft_id)
    ask_for_check(session_now(), draft, by=viewer())
    return described(session_now(), draft)


@blueprint.route("/form-drafts/<uuid:draft_id>/publish", methods=["POST"])
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.arguments(PublishSchema)
@blueprint.response(201, FormSchema)
def draft_publish(wanted: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    """Freeze it as the county's newest version; its trial records and keys end here."""
    form = publish_draft(session_now(), held(draft_id), Wanted(**wanted), by=viewer())
    return form_described(session_now(), find_listed(session_now(), viewer(), form.id))


@blueprint.route("/form-drafts/<uuid:draft_id>/media", methods=["POST"])
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.arguments(MediaFileSchema, location="files")
@blueprint.response(201, MediaSchema)
def draft_media_add(files: dict[str, FileStorage], draft_id: UUID) -> FormDraftMedia:
    """Add a file that the form needs on the phone, in the place of one of the same name."""
    return add_media(files["file"], draft_id)


@blueprint.route("/form-drafts/<uuid:draft_id>/media/<string:name>")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, BINARY, content_type=OCTETS)
def draft_media_one(draft_id: UUID, name: str) -> Response:
    """One file of the draft."""
    kept = find_media(session_now(), find_draft(session_now(), viewer(), draft_id), name)
    return serve_blob(blobs_now(), kept.sha256, name=kept.name, media_type=OCTETS)


@blueprint.route("/form-drafts/<uuid:draft_id>/media/<string:name>", methods=["DELETE"])
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(204)
def draft_media_remove(draft_id: UUID, name: str) -> None:
    """Take a file away from the draft."""
    remove_media(session_now(), held(draft_id), name, by=viewer())


@blueprint.route("/form-drafts/<uuid:draft_id>/keys")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, DraftKeySchema(many=True))
def draft_keys(draft_id: UUID) -> list[dict[str, Any]]:
    """Live keys with which phones try the draft, the latest first."""
    draft = find_draft(session_now(), viewer(), draft_id)
    return [key_described(token) for token in keys_of(session_now(), draft)]


@blueprint.route("/form-drafts/<uuid:draft_id>/keys", methods=["POST"])
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.arguments(TesterSchema)
@blueprint.response(201, IssuedKeySchema)
def draft_key_issue(wanted: dict[str, Any], draft_id: UUID) -> dict[str, Any]:
    """Make a key for one person's phone; its address and settings are in this answer and nowhere else."""
    return issue(draft_id, wanted["account_id"] or viewer().account_id)


@blueprint.route("/form-drafts/<uuid:draft_id>/keys/<uuid:token_id>", methods=["DELETE"])
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(204)
def draft_key_end(draft_id: UUID, token_id: UUID) -> None:
    """End one key, now."""
    end_key(session_now(), held(draft_id), token_id, by=viewer())


@blueprint.route("/form-drafts/<uuid:draft_id>/trials")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, TrialSchema(many=True))
def draft_trials(draft_id: UUID) -> list[dict[str, Any]]:
    """Records sent to try the draft, the latest first, with what they would show as evidence."""
    return trials_described(session_now(), find_draft(session_now(), viewer(), draft_id))


@blueprint.route("/form-drafts/<uuid:draft_id>/trials/<uuid:trial_id>/files/<string:name>")
@allow(Permission.FORM_MANAGE, area="rows")
@blueprint.response(200, BINARY, content_type=OCTETS)
def draft_trial_file(draft_id: UUID, trial_id: UUID, name: str) -> Response:
    """One file of a trial record, ``xml_submission_file`` for its answers, to be saved."""
    draft = find_draft(session_now(), viewer(), draft_id)
    trial = find_trial(session_now(), draft, trial_id)
    sha256 = trial.xml_sha256 if name == XML_PART else trial.files.get(name, {}).get("sha256")
    if sha256 is None:
        raise NotFound("这条测试记录没有文件 {name}", name=name)
    blobs = trial_blobs(settings_now().data_dir, draft)
    return serve_blob(blobs, sha256, name=name, media_type=OCTETS)


# What pages do, too.


def begin(upload: FileStorage, county_code: str) -> FormDraft:
    """Take in an uploaded form as a new draft."""
    viewer().demand(Permission.FORM_MANAGE, county_code)  # before anything of it is opened
    return new_draft(session_now(), bring(upload), county_code=county_code, by=viewer())


def mend(upload: FileStorage, draft_id: UUID) -> FormDraft:
    """Take in an uploaded form as the new content of a draft."""
    with database().read() as reading:
        find_draft(reading, viewer(), draft_id)
    brought = bring(upload)  # seconds, in which nobody else has to wait for the database
    return new_content(session_now(), held(draft_id), brought, by=viewer())


def bring(upload: FileStorage) -> Brought:
    """Open, keep and compile an uploaded form, before the database's write place is taken."""
    opened = open_upload(upload.filename or "", upload.stream.read(MOST_BYTES + 1))
    compilation = compile_apart(opened.for_compiler, opened.file_type)
    source = blobs_now().put(opened.content)
    itemsets = None
    if compilation.form is not None and compilation.form.itemsets is not None:
        file = MediaFile(ITEMSETS, compilation.form.itemsets, "text/plain")
        itemsets = (file, blobs_now().put(file.content))
    return Brought(upload=opened, source=source, compilation=compilation, itemsets=itemsets)


def add_media(upload: FileStorage, draft_id: UUID) -> FormDraftMedia:
    """Take in a file for a draft."""
    with database().read() as reading:
        find_draft(reading, viewer(), draft_id)
    file = open_media(upload.filename or "", upload.stream.read(MOST_MEDIA_BYTES + 1))
    blob = blobs_now().put(file.content)
    return keep_media(session_now(), held(draft_id), file, blob, by=viewer())


def issue(draft_id: UUID, account_id: UUID) -> dict[str, Any]:
    """Make a key for a draft, with the address and settings that it is good for."""
    draft = held(draft_id)
    token, key = issue_key(session_now(), draft, account_id, by=viewer())
    address = f"{settings_now().public_url.rstrip('/')}/key/{key}/draft"
    name = text("测试 {title}", title=draft.title)
    return {**key_described(token), "address": address, "settings": settings_code(address, name)}


def held(draft_id: UUID) -> FormDraft:
    """Return a draft of the asker's area, held until the end of the request."""
    return find_draft(session_now(), viewer(), draft_id, locked=True)


def compiled_bytes(draft: FormDraft) -> bytes:
    """Return the XForm of a draft.

    Raises
    ------
    NotFound
        Nothing in it compiled yet.
    """
    if draft.xform is None:
        raise NotFound("草稿还没有编译成功，改正并重新上传后再查看")
    return draft.xform


def described(session: Session, draft: FormDraft) -> dict[str, Any]:
    """Return a draft as programs see it, in the reader's language."""
    plain = ("id", "county_code", "file_name", "file_type", "state", "check_state", "check_said", "form_id", "version",
             "title", "created_at", "uploaded_at", "form_version_id")  # fmt: skip
    return {
        **{name: getattr(draft, name) for name in plain},
        "findings": [
            {**finding, "message": text(finding["message"], **finding["names"])} for finding in draft.findings
        ],
        "files_missing": missing_files(session, draft, draft.xform) if draft.xform is not None else [],
        "media": draft_media(session, draft),
        "trials": len(trials_of(session, draft)),
    }


def key_described(token: Token) -> dict[str, Any]:
    """Return a key without its secret."""
    return {
        "id": token.id,
        "account_name": token.account.display_name,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
    }


def trials_described(session: Session, draft: FormDraft) -> list[dict[str, Any]]:
    """Return the trial records of a draft with what they would show."""
    if draft.xform is None:
        return []
    schema = read_schema(draft.xform)
    blobs = trial_blobs(settings_now().data_dir, draft)

    def told(trial: FormDraftSubmission) -> dict[str, Any]:
        shown = would_show(trial, blobs.read(trial.xml_sha256), schema)
        plain = ("id", "instance_id", "form_version", "device_id", "received_at")
        return {
            **{name: getattr(trial, name) for name in plain},
            "account_name": session.get_one(Account, trial.account_id).display_name,
            "files": [{"name": name, **file} for name, file in trial.files.items()],
            "would_show": [{"role": role, "answer": answer} for role, answer in shown.fields],
            "problems": [{"path": path, "why": why} for path, why in shown.problems],
            "files_missing": list(shown.missing),
        }

    return [told(trial) for trial in trials_of(session, draft)]


def settings_now() -> Settings:
    """Return the running application's settings."""
    found: Settings = current_app.extensions["ruhu_settings"]
    return found
